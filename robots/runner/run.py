"""The run: the main path, as a recipe.  prepare → gather the items → each one a transaction → finish."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import zip_longest
from pathlib import Path
from typing import Protocol

from robots.clock import today
from robots.drivers.browser import Browser
from robots.drivers.forms import Forms
from robots.drivers.mail import Mailer
from robots.drivers.workbook import Workbooks
from robots.errors import BankenError, SystemFailure
from robots.ledger import items as items_
from robots.ledger import runs as runs_
from robots.ledger.adopt import adopt_items
from robots.ledger.items import Item, Outcome
from robots.ledger.lookup import done_rows, items_in_flight
from robots.ledger.reviews import Answered, answers
from robots.ledger.store import Ledger
from robots.registry.gate import Approved
from robots.registry.model import minutes
from robots.runner.beside import Beside
from robots.runner.calls import grounds_of, only_moves
from robots.runner.evidence import failure_of
from robots.runner.gather import gather
from robots.runner.item import Pending, Worker
from robots.runner.lock import scenario_lock
from robots.runner.notes import Notes
from robots.runner.places import Places
from robots.runner.post import Post
from robots.runner.recover import left_by_a_dead_run, recover
from robots.runner.rehearsal import Ending, Rehearsed, planned_row, write_book
from robots.runner.report import Report, report_of, shown_counts
from robots.runner.session import Session
from robots.scenario.model import all_steps
from robots.settings import Home
from robots.step import RunFacts, Stopped
from robots.values import Row
from robots.vault import Credential, Vault


@dataclass(frozen=True, slots=True)
class Parts:
    """The concrete parts that a run works with; ``wiring`` puts them together."""

    home: Home
    ledger: Ledger
    workbooks: Workbooks
    forms: Forms
    mailer: Mailer
    vault: Vault
    open_browser: Callable[[Sequence[str], bool], Browser]
    """(addresses of the sites it may reach, headed) → a started browser."""
    practice: Credential | None
    """The practice town's own user; handed out for loopback sites only."""
    version: str


@dataclass(frozen=True, slots=True)
class Order:
    """What is to be run, and how."""

    approved: Approved
    inputs: Mapping[str, object]
    who: str
    rehearsal: bool = False
    headed: bool = False
    limit: int | None = None
    resume: str | None = None
    """The unfinished run to carry on, or None for a new one."""
    beside: Sequence[Beside] = ()
    """Who stands beside the steps, from the outside in."""


class Watch(Protocol):
    """Who looks on while a run goes."""

    # Scanned files are being read: so many are done, of so many.
    def reading(self, done: int, total: int) -> None: ...
    # The run has begun; its items are known.
    def begun(self, run: str, total: int) -> None: ...
    # An item has come to an outcome.
    def item(self, item: Item, outcome: Outcome) -> None: ...
    # Whether the run is to end after the present item.
    def stop_wanted(self) -> bool: ...


def run_scenario(order: Order, parts: Parts, watch: Watch) -> Report:
    """Runs an approved scenario and says what came of it.

    Raises: SystemFailure where the run can't even begin (ledger, lock); all else is in the report.
    """
    started = time.monotonic()
    with scenario_lock(parts.home.var, order.approved.id):
        run = _begin(order, parts)
        folder = parts.home.var / "runs" / run
        notes = Notes(order.approved.scenario, order.inputs)
        session = _session(order, parts, run, folder, watch, notes)
        rehearsed: Rehearsed | None = None
        failed: BankenError | None = None
        try:
            _prepare(session)
            if order.rehearsal:
                rehearsed = _rehearse(order, parts, session, watch, folder)
                runs_.end_run(parts.ledger, run, rehearsed.ended.state, rehearsed.ended.message)
            else:
                _finish(session, parts.ledger, _work(order, parts, session, watch, folder))
        except Stopped as stopped:  # by `prepare`: there is nothing to do this time
            runs_.end_run(parts.ledger, run, "ended", _ended_by(stopped.reason))
        except BankenError as error:
            failed = error
            failure = failure_of(session, error, item=None, state="failed", folder=folder)
            runs_.record_failure(parts.ledger, run, None, failure)
            runs_.end_run(parts.ledger, run, "failed", f"{failure.place}: {error}" if failure.place else str(error))
        finally:
            session.close()
    report = report_of(parts.ledger, run, seconds=time.monotonic() - started, evidence=str(folder))
    report = replace(report, system_failure=isinstance(failed, SystemFailure))
    if rehearsed:
        report = replace(report, planned=rehearsed.book, items=shown_counts(rehearsed.counts))
    if not order.beside:  # as the scenario is written, and by nobody led
        notes.keep(parts.home.var, report, digest=order.approved.digest, rehearsal=order.rehearsal)
    return report


def _begin(order: Order, parts: Parts) -> str:
    if order.resume is not None:
        runs_.take_up_run(parts.ledger, order.resume)
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
        ),
    )


def _session(order: Order, parts: Parts, run: str, folder: Path, watch: Watch, notes: Notes) -> Session:
    scenario = order.approved.scenario
    sites = list(scenario.uses.sites.values())
    facts = RunFacts(id=run, date=today(), scenario=order.approved.id, rehearsal=order.rehearsal)
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
        ),
        open_browser=lambda: parts.open_browser(sites, order.headed),
        workbooks=parts.workbooks,
        forms=parts.forms,
        reading=watch.reading,
        post=Post(parts.ledger, parts.mailer, facts, scenario.uses.mail),
        vault=parts.vault,
        practice=parts.practice if order.approved.practice_only else None,
        step_timeout=parts.home.settings.step_timeout,
        rehearsal_folder=folder / "rehearsal" if order.rehearsal else None,
        grounds=grounds_of(order.approved.callees, facts, var=parts.home.var, private=folder / "called"),
        beside=(*order.beside, *notes.beside),
    )


def _ended_by(reason: str) -> str:
    return f"実行を終えました: {reason}"


def _ending(watch: Watch, worker: Worker) -> Ending:
    """How a run ends whose items were worked on: a step may have ended it, or a person."""
    if worker.stopped is not None:
        return Ending("stopped", _ended_by(worker.stopped))
    return Ending("stopped" if watch.stop_wanted() else "ended")


def _prepare(session: Session) -> None:
    session.run_steps(session.scenario.prepare)
    session.keep_names()


def _worker(parts: Parts, session: Session, folder: Path, answered: Mapping[str, Answered]) -> Worker:
    def revive() -> None:
        """A fresh browser at the state that `prepare` left: its screen steps commit nothing and may be repeated."""
        session.close()
        session.end_items()
        session.run_steps([step for step in session.scenario.prepare if only_moves(step, session.grounds)])

    settings = parts.home.settings
    return Worker(
        session,
        parts.ledger,
        evidence=folder,
        retries=settings.item_retries,
        retry_wait=settings.retry_wait,
        revive=revive,
        answered=answered,
    )


def _work(order: Order, parts: Parts, session: Session, watch: Watch, folder: Path) -> Ending:
    """Works all items off and returns how the run ended."""
    ledger, scenario, run = parts.ledger, order.approved.id, session.run.id
    pending = [left_by_a_dead_run(item) for item in items_in_flight(ledger, scenario)]
    items_.free_claims(ledger, scenario)
    answered = answers(ledger, scenario)
    adopted = adopt_items(ledger, run, scenario, gather(session, answered))
    ready = [item for item in adopted if item.state == "ready"][: order.limit]
    settled = [item for item in adopted if item.state not in ("ready", "committing")]
    watch.begun(run, len(settled) + len(ready) + len(pending))
    for item in settled:
        watch.item(item, Outcome("skipped" if item.state == "done" else item.state, item.reason))
    worker = _worker(parts, session, folder, answered)
    if ready:
        items_.claim_item(ledger, run, ready[0].id)
    for item, following in zip_longest(ready, ready[1:]):
        outcome = worker.perform(item)
        stop = watch.stop_wanted() or worker.stopped is not None
        claim = None if stop or following is None else following.id
        if isinstance(outcome, Pending):
            pending.append(outcome)
            if claim is not None:
                items_.claim_item(ledger, run, claim)
        else:
            items_.settle_item(ledger, run, item.id, outcome, claim)
            watch.item(item, outcome)
        if stop:
            break
    settle = parts.home.settings.settle_seconds
    if any(isinstance(left.error, SystemFailure) for left in pending):
        worker.revive()  # whatever failed may have left the browser dead or a dialog open: ask with a fresh one
    for left in pending:
        if watch.stop_wanted() and left.error is None:
            continue  # asked to stop: what an earlier run left stays for the next one
        outcome = recover(left, session=session, worker=worker, ledger=ledger, settle=settle)
        items_.settle_item(ledger, run, left.item.id, outcome)
        watch.item(left.item, outcome)
    return _ending(watch, worker)


def _finish(session: Session, ledger: Ledger, ending: Ending) -> None:
    """`finish` gets every done item that no `finish` had; the run ends with it."""
    saves = [step.save_as for step in all_steps(session.scenario.each) if step.save_as is not None]
    done = done_rows(ledger, session.scenario.id, saves)
    session.end_items(done=list(done.values()))
    message = ending.message
    try:
        session.run_steps(session.scenario.finish)
    except Stopped as stopped:
        message = _ended_by(stopped.reason)
    runs_.finish_run(ledger, session.run.id, ending.state, done, message)


def _rehearse(order: Order, parts: Parts, session: Session, watch: Watch, folder: Path) -> Rehearsed:
    """All but the commits, and nothing in the ledger's items; writes the book of what would be entered."""
    answered = answers(parts.ledger, order.approved.id)
    found = gather(session, answered)[: order.limit]
    watch.begun(session.run.id, len(found))
    worker = _worker(parts, session, folder, answered)
    rows: list[Row] = []
    counts: Counter[str] = Counter()
    for number, new in enumerate(found, 1):
        item = Item(0, new.key, new.state, new.origin, Row(new.values, origin=new.origin), new.reason, 0)
        begun = new.state == "ready"
        outcome = worker.perform(item, rehearsal=True) if begun else Outcome(new.state, new.reason)
        assert isinstance(outcome, Outcome), "a rehearsal begins no commit"
        rows.append(planned_row(number, item, outcome, session.on_screen if begun else {}))
        counts[outcome.state] += 1
        watch.item(item, outcome)
        if watch.stop_wanted() or worker.stopped is not None:
            break
    return Rehearsed(write_book(parts.workbooks, folder, rows), counts, _ending(watch, worker))
