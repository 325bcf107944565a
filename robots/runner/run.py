"""The run: the main path, as a recipe.  prepare → gather the items → each one a transaction → finish."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from robots.clock import today
from robots.errors import BankenError, SystemFailure
from robots.files import private_temp
from robots.ledger import items as items_
from robots.ledger import runs as runs_
from robots.ledger.lookup import done_rows
from robots.ledger.store import Ledger
from robots.registry.model import minutes
from robots.registry.standing import Standing
from robots.runner.account import Account
from robots.runner.beside import Beside
from robots.runner.calls import grounds_of
from robots.runner.discreet import Discreet, begin_masking
from robots.runner.elsewhere import check_place, mark_place
from robots.runner.evidence import failure_of
from robots.runner.guard import Guard
from robots.runner.hold import Hold, held
from robots.runner.lock import scenario_lock
from robots.runner.notes import Notes
from robots.runner.order import Order, Parts, Watch
from robots.runner.overlay import Overlay
from robots.runner.places import Places
from robots.runner.post import Post
from robots.runner.rehearsal import Ending, Rehearsed
from robots.runner.report import Report, report_of, shown_counts
from robots.runner.session import Session
from robots.runner.work import ended_by, rehearse, work_items
from robots.scenario.model import all_steps
from robots.step import RunFacts, Stopped


def run_scenario(order: Order, parts: Parts, watch: Watch) -> Report:
    """Runs an approved scenario and says what came of it.

    Raises: SystemFailure where the run can't even begin (ledger, lock); all else is in the report.
    """
    started = time.monotonic()
    with held(order, parts, watch) as hold, scenario_lock(parts.home.var, order.approved.id), private_temp():
        guard = Guard(Discreet(hold, parts.mask), Standing(parts.home, order.approved, parts.ledger))
        account = Account(parts.ledger, parts.audit, order.who)
        check_place(order, parts)
        run = _begin(order, parts, account, hold)
        folder = parts.home.var / "runs" / run
        if parts.ledger.shared:
            mark_place(folder)
        notes = Notes(order.approved.scenario, order.inputs, parts.ledger.sealer)
        session = session_of(order, parts, run, folder, guard, account, beside=(*order.beside, *notes.beside))
        begin_masking(parts.mask, order.approved, session)
        rehearsed: Rehearsed | None = None
        failed: BankenError | None = None
        try:
            session.run_steps(session.scenario.prepare)
            session.keep_names()
            if order.rehearsal:
                rehearsed = rehearse(order, parts, session, guard, folder, hold.hand)
                _end(session, parts.ledger, account, rehearsed.ended)
            else:
                ending = work_items(order, parts, session, guard, folder, hold.hand)
                # After a withdrawal nothing more is done: `finish` is owed to the run that is approved next.
                (_finish if guard.why is None else _end)(session, parts.ledger, account, ending)
        except Stopped as stopped:  # by `prepare`: there is nothing to do this time
            _end(session, parts.ledger, account, Ending("ended", ended_by(stopped.reason)))
        except BankenError as error:
            failed = error
            parts.mask.clean(error)
            failure = failure_of(session, error, item=None, state="failed", folder=folder)
            runs_.record_failure(parts.ledger, run, None, failure)
            why = f"{failure.place}: {error}" if failure.place else str(error)
            _end(session, parts.ledger, account, Ending("failed", why))
        finally:
            session.close()
    report = report_of(parts.ledger, run, seconds=time.monotonic() - started, evidence=str(folder))
    report = replace(report, system_failure=isinstance(failed, SystemFailure))
    if rehearsed:
        report = replace(report, planned=rehearsed.book, items=shown_counts(rehearsed.counts))
    if not order.beside:  # as the scenario is written, and by nobody led
        notes.keep(parts.home.var, report, digest=order.approved.digest, rehearsal=order.rehearsal)
    hold.ended(report)
    return report


def _begin(order: Order, parts: Parts, account: Account, hold: Hold) -> str:
    begun = hold.takes(account.begun(order.approved.id, rehearsal=order.rehearsal, digest=order.approved.digest))
    if order.resume is not None:
        runs_.take_up_run(parts.ledger, order.resume, begun)
        return order.resume
    approved, register = order.approved, order.approved.register
    department, of_department = register.department_of(approved.id)
    baseline = approved.entry.baseline
    cost = register.hourly_cost
    return runs_.begin_run(
        parts.ledger,
        runs_.RunStart(
            scenario=approved.id,
            scenario_name=approved.entry.name,
            department=department,
            department_name=of_department.name,
            division=of_department.division,
            rehearsal=order.rehearsal,
            inputs=items_.stored(order.inputs),
            digest=approved.digest,
            minutes_per_item=minutes(baseline.minutes_per_item),
            minutes_per_run=minutes(baseline.minutes_per_run),
            built_by=approved.entry.built_by,
            hourly_cost=None if cost is None else minutes(cost),
            version=parts.version,
            machine=parts.home.settings.machine,
            who=order.who,
            measured=baseline.measured.isoformat(),
        ),
        begun,
    )


def session_of(
    order: Order, parts: Parts, run: str, folder: Path, watch: Watch, account: Account, beside: Sequence[Beside] = ()
) -> Session:
    """The session of one process at a run.  folder: where it may keep what is its own."""
    scenario = order.approved.scenario
    sites = list(scenario.uses.sites.values())
    overlay = Overlay(folder / "rehearsal") if order.rehearsal else None
    facts = RunFacts(
        id=run,
        date=today(),
        scenario=order.approved.id,
        rehearsal=order.rehearsal,
        open_days=order.approved.register.open_days,
    )
    return Session(
        scenario,
        facts,
        order.inputs,
        places=Places(
            scenario=order.approved.folder,
            folders=scenario.uses.folders,
            var=parts.home.var,
            files=order.approved.files,
            private=folder / "approved",
            overlay=overlay,
        ),
        open_browser=lambda: parts.open_browser(sites, order.headed),
        workbooks=parts.workbooks,
        forms=parts.forms,
        reading=watch.reading,
        post=Post(parts.ledger, parts.mailer, facts, scenario.uses.mail),
        vault=parts.vault,
        mask=parts.mask,
        account=account,
        practice=parts.practice if order.approved.practice_only else None,
        step_timeout=parts.home.settings.step_timeout,
        grounds=grounds_of(
            order.approved.callees, facts, var=parts.home.var, private=folder / "called", overlay=overlay
        ),
        beside=beside,
    )


def _end(session: Session, ledger: Ledger, account: Account, ending: Ending) -> None:
    """The run ends without `finish`; the audit log knows it in the same write."""
    session.note_refused()
    also = account.ended(session.scenario.id, ending.state)
    runs_.end_run(ledger, session.run.id, ending.state, ending.message, also)


def _finish(session: Session, ledger: Ledger, account: Account, ending: Ending) -> None:
    """`finish` gets every done item that no `finish` had; the run ends with it."""
    saves = [step.save_as for step in all_steps(session.scenario.each) if step.save_as is not None]
    done = done_rows(ledger, session.scenario.id, saves)
    session.end_items(done=list(done.values()))
    message = ending.message
    try:
        session.run_steps(session.scenario.finish)
    except Stopped as stopped:
        message = ended_by(stopped.reason)
    session.note_refused()
    also = account.ended(session.scenario.id, ending.state)
    runs_.finish_run(ledger, session.run.id, ending.state, done, message, also)
