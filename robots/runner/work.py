"""The items of a run: each worked off as one transaction, or rehearsed; the commits cut off found out at the end."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from itertools import zip_longest
from pathlib import Path

from robots.errors import SystemFailure
from robots.ledger import items as items_
from robots.ledger.adopt import adopt_items
from robots.ledger.items import Item, Outcome
from robots.ledger.lookup import items_in_flight
from robots.ledger.reviews import Answered, answers
from robots.runner.calls import only_moves
from robots.runner.gather import gather
from robots.runner.guard import Guard
from robots.runner.item import Pending, Worker
from robots.runner.order import Order, Parts
from robots.runner.recover import left_by_a_dead_run, recover
from robots.runner.rehearsal import Ending, Rehearsed, planned_row, write_book
from robots.runner.session import Session
from robots.values import Row


def work_items(order: Order, parts: Parts, session: Session, watch: Guard, folder: Path) -> Ending:
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
    if watch.stop_wanted():  # reading the papers may have taken long
        ready = []
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


def rehearse(order: Order, parts: Parts, session: Session, watch: Guard, folder: Path) -> Rehearsed:
    """All but the commits, and nothing in the ledger's items; writes the book of what would be entered."""
    answered = answers(parts.ledger, order.approved.id)
    found = gather(session, answered)[: order.limit]
    watch.begun(session.run.id, len(found))
    worker = _worker(parts, session, folder, answered)
    rows: list[Row] = []
    counts: Counter[str] = Counter()
    for number, new in enumerate(found, 1):
        item = Item(number, new.key, new.state, new.origin, Row(new.values, origin=new.origin), new.reason, 0)
        begun = new.state == "ready"
        outcome = worker.perform(item, rehearsal=True) if begun else Outcome(new.state, new.reason)
        assert isinstance(outcome, Outcome), "a rehearsal begins no commit"
        rows.append(planned_row(number, item, outcome, session.on_screen if begun else {}))
        counts[outcome.state] += 1
        watch.item(item, outcome)
        if watch.stop_wanted() or worker.stopped is not None:
            break
    return Rehearsed(write_book(parts.workbooks, folder, rows), counts, _ending(watch, worker))


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


def _ending(guard: Guard, worker: Worker) -> Ending:
    """How a run ends whose items were worked on: a withdrawal may have ended it, a step, or a person."""
    stop = guard.stop_wanted()
    if guard.why is not None:
        return Ending("stopped", guard.why)
    if worker.stopped is not None:
        return Ending("stopped", ended_by(worker.stopped))
    return Ending("stopped" if stop else "ended")


def ended_by(reason: str) -> str:
    return f"実行を終えました: {reason}"
