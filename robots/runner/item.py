"""One item from begin to outcome: tried, tried again where the world failed, never where the data is wrong."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from robots.errors import BankenError, BusinessError, ScenarioFault, SystemFailure
from robots.ledger.items import Item, Outcome
from robots.ledger.reviews import Answered
from robots.ledger.store import Ledger
from robots.runner.asking import Inquiry, Waiting
from robots.runner.evidence import failure_of
from robots.runner.session import Session
from robots.runner.transaction import CommitReached, CommitUnknown, Transaction, rehearsed
from robots.step import Skipped, Stopped


@dataclass(frozen=True, slots=True)
class Pending:
    """An item whose commit did not end well: recover.py asks for it once the settle time is over."""

    item: Item
    outcome: Outcome
    """What it will be if the entry turns out not to be there: failed or rejected."""
    error: BankenError | None
    since: float
    """time.monotonic() of the moment it went wrong."""


class Worker:
    """Works the items of one run off, one after the other.  hand: this process's number in the ledger."""

    def __init__(
        self,
        session: Session,
        ledger: Ledger,
        *,
        hand: int,
        evidence: Path,
        retries: int,
        retry_wait: float,
        revive: Callable[[], None],
        answered: Mapping[str, Answered],
    ) -> None:
        self._session = session
        self._ledger = ledger
        self.hand = hand
        self._evidence = evidence
        self._retries = retries
        self._retry_wait = retry_wait
        self._answered = answered
        self.revive = revive
        self.stopped: str | None = None
        """Why a step has ended the run (終える)."""

    def perform(self, item: Item, *, rehearsal: bool = False) -> Outcome | Pending:
        """The outcome of an item, or Pending where only the core system can tell."""
        started = time.monotonic()
        for left in range(self._retries, -1, -1):
            try:
                self._session.tell_refused()  # before anything is entered: afterwards a failure here would enter it again
                return self._once(item, started, rehearsal=rehearsal)
            except SystemFailure as error:
                failure = failure_of(self._session, error, item=item, state="failed", folder=self._evidence)
                if not left:
                    return Outcome("failed", error.told, seconds=time.monotonic() - started, failure=failure)
                self._session.log(f"対象 {item.id} をやり直します: {error.told}")
                time.sleep(self._retry_wait)
                self.revive()
        raise AssertionError("unreachable: the last attempt returns")

    def _once(self, item: Item, started: float, *, rehearsal: bool) -> Outcome | Pending:
        """Raises: SystemFailure where nothing was entered and trying again may help."""
        session = self._session
        transaction = Transaction(self._ledger, session.run.id, self.hand, item.id, session)
        session.transaction = rehearsed if rehearsal else transaction
        session.begin_item(item.values, key=item.key)
        session.inquiry = Inquiry(self._answered, item.key, item.values)
        error: BankenError | None = None
        try:
            session.run_steps(session.scenario.each)
            session.check_screen()
            state, reason = "done", ""
        except CommitReached:
            return Outcome("done", seconds=time.monotonic() - started)
        except Skipped as skipped:
            state, reason = "skipped", skipped.reason
        except Stopped as stopped:
            self.stopped = stopped.reason
            state, reason = ("done", "") if transaction.committed else ("ready", f"実行を終えました: {stopped.reason}")
        except Waiting as waiting:
            if not transaction.committed:
                seconds = time.monotonic() - started
                return Outcome("waiting", waiting.reason, seconds=seconds, questions=waiting.questions)
            state, reason = "waiting", waiting.reason
        except CommitUnknown as unknown:
            return self._pending(item, unknown.error, started)
        except BusinessError as business:
            state, reason, error = "rejected", business.told, business
        except ScenarioFault as fault:
            state, reason, error = "failed", fault.told, fault
        except SystemFailure as world:
            if not transaction.committed:
                raise
            state, reason, error = "failed", world.told, world
        finally:
            session.transaction = session.inquiry = None
        if transaction.committed and state != "done":  # entered is entered, whatever came after
            state, reason = "done", f"登録は済みましたが、その後の手順が終わっていません: {reason}"
        failure = None if error is None else failure_of(session, error, item=item, state=state, folder=self._evidence)
        return Outcome(state, reason, dict(session.saved), time.monotonic() - started, failure)

    def _pending(self, item: Item, error: BankenError, started: float) -> Pending:
        failure = failure_of(self._session, error, item=item, state="in_doubt", folder=self._evidence)
        state = "rejected" if isinstance(error, BusinessError) else "failed"
        outcome = Outcome(state, error.told, dict(self._session.saved), time.monotonic() - started, failure)
        return Pending(item, outcome, error, time.monotonic())
