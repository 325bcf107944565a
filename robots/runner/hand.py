"""A further hand of a run that goes: another process that works off items of the same run, and nothing else of it.

It moves to its screen as the run's own process did, claims, performs and settles until nothing is left, and finds out
itself what became of its own commits.  Source, books and `finish` are the run's own process's (run.py).
"""

from __future__ import annotations

from robots.errors import BankenError
from robots.files import private_temp
from robots.ledger.reviews import answers
from robots.ledger.runs import record_failure
from robots.registry.sharing import repeated
from robots.registry.standing import Standing
from robots.runner.account import Account
from robots.runner.discreet import Discreet, begin_masking
from robots.runner.evidence import failure_of
from robots.runner.guard import Guard
from robots.runner.hold import lent
from robots.runner.order import Order, Parts, Watch
from robots.runner.run import session_of
from robots.runner.work import Shift, worker_of
from robots.step import Stopped


def lend_hand(order: Order, parts: Parts, watch: Watch, run: str) -> bool:
    """Works off items of a run that was begun under the same approval (the caller compares the digests).

    Returns False where the run has ended meanwhile, or has hands enough: nothing was done.
    Raises: SystemFailure where a resource is in use; BankenError where it can't get to its screen, which the ledger knows.
    """
    with lent(order, parts, watch, run) as hold, private_temp():
        if hold is None:
            return False
        guard = Guard(Discreet(hold, parts.mask), Standing(parts.home, order.approved, parts.ledger))
        folder = parts.home.var / "runs" / run / f"hand-{hold.hand}"
        account = Account(parts.ledger, parts.audit, order.who, run)
        session = session_of(order, parts, run, folder, guard, account)
        begin_masking(parts.mask, order.approved, session)
        called = {id: one.scenario for id, one in order.approved.callees.items()}
        try:
            session.run_steps(repeated(session.scenario, called))
            session.keep_names()
            answered = answers(parts.ledger, order.approved.id)
            shift = Shift(parts, session, guard, worker_of(parts, session, folder, answered, hold.hand))
            shift.find_out(shift.work_off())
        except Stopped:  # by `prepare`: the run's own process has seen it too
            pass
        except BankenError as error:
            parts.mask.clean(error)
            failure = failure_of(session, error, item=None, state="failed", folder=folder)
            record_failure(parts.ledger, run, None, failure)
            raise
        finally:
            session.close()
            account.tell()
    return True
