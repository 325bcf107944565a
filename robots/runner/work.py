"""The items of a run: each worked off as one transaction, or rehearsed; the commits cut off found out at the end."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from robots.clock import now
from robots.errors import SystemFailure
from robots.ledger import hands
from robots.ledger import items as items_
from robots.ledger.adopt import adopt_items
from robots.ledger.hands import Left
from robots.ledger.items import Item, Outcome
from robots.ledger.reviews import Answered, answers
from robots.ledger.runs import nothing_else
from robots.processes import end, gone_here
from robots.registry.moves import only_moves
from robots.runner.gather import gather
from robots.runner.guard import Guard
from robots.runner.item import Pending, Worker
from robots.runner.order import Order, Parts
from robots.runner.recover import left_by_a_dead_run, recover
from robots.runner.rehearsal import Ending, Rehearsed, planned_row, write_book
from robots.runner.session import Session
from robots.values import Row

_LOOK, _LOOK_BETWEEN = 1.0, 10.0  # seconds between two looks at what other hands have: at the end, and between items


@dataclass(slots=True)
class Shift:
    """One process's work on the items of a run; all of them claim in the same way, from the same ledger."""

    parts: Parts
    session: Session
    watch: Guard
    worker: Worker
    most: int | None = None
    """How many items it may still begin; None: all."""
    between: Callable[[], object] = nothing_else
    """What is done after each item."""

    def stop_wanted(self) -> bool:
        """Whether nothing more is to be begun."""
        return self.watch.stop_wanted() or self.worker.stopped is not None

    def work_off(self) -> list[Pending]:
        """Items that are ready, until none is left; returns those of whose commit only the core system can tell."""
        ledger, run, hand = self.parts.ledger, self.session.run.id, self.worker.hand
        pending: list[Pending] = []
        item = None if self.most == 0 or self.stop_wanted() else items_.claim_next(ledger, run, hand)
        while item is not None:
            outcome = self.worker.perform(item)
            if self.most is not None:
                self.most -= 1
            more = not self.stop_wanted() and self.most != 0
            if isinstance(outcome, Pending):
                pending.append(outcome)
                item = items_.claim_next(ledger, run, hand) if more else None
            else:
                # Behind a failure the watch looks first whether the run may go on at all: for a lost lease it may not.
                failed = outcome.state == "failed"
                following = items_.settle_item(ledger, run, item.id, outcome, hand, claim=more and not failed)
                self.watch.item(item, outcome)
                if failed and more and not self.stop_wanted():
                    following = items_.claim_next(ledger, run, hand)
                item = following
            self.between()
        return pending

    def find_out(self, pending: Sequence[Pending]) -> None:
        """What became of the commits that did not end well."""
        ledger, run = self.parts.ledger, self.session.run.id
        if any(isinstance(left.error, SystemFailure) for left in pending):
            self.worker.revive()  # whatever failed may have left the browser dead or a dialog open: ask with a fresh one
        for left in pending:
            if self.watch.stop_wanted() and left.error is None:
                continue  # asked to stop: what an earlier run left stays for the next one
            settle = self.parts.home.settings.settle_seconds
            outcome = recover(left, session=self.session, worker=self.worker, ledger=ledger, settle=settle)
            items_.settle_item(ledger, run, left.item.id, outcome, self.worker.hand)
            self.watch.item(left.item, outcome)


def work_items(order: Order, parts: Parts, session: Session, watch: Guard, folder: Path, hand: int) -> Ending:
    """Works all items off, and waits for those that other hands have; returns how the run ended."""
    ledger, scenario, run = parts.ledger, order.approved.id, session.run.id
    pending = _cut_off(take_back(parts, scenario, run, hand))
    answered = answers(ledger, scenario)
    adopted = adopt_items(ledger, run, scenario, gather(session, answered))
    ready = sum(item.state == "ready" for item in adopted)
    ready = ready if order.limit is None else min(ready, order.limit)
    settled = [item for item in adopted if item.state not in ("ready", "committing", "working")]
    watch.begun(run, len(settled) + ready + len(pending))
    for item in settled:
        watch.item(item, Outcome("skipped" if item.state == "done" else item.state, item.reason))
    worker = worker_of(parts, session, folder, answered, hand)
    looked, freed = time.monotonic(), 0

    def look() -> None:
        """What hands that died had not begun to enter is ready again long before all else is done."""
        nonlocal looked, freed
        if time.monotonic() - looked >= _LOOK_BETWEEN:
            freed += take_back(parts, scenario, run, hand).freed
            looked = time.monotonic()

    shift = Shift(parts, session, watch, worker, order.limit, look)
    while True:
        freed = 0
        shift.find_out([*shift.work_off(), *pending])
        left = take_back(parts, scenario, run, hand)
        freed += left.freed  # by the look behind the last item too: nobody had claimed it yet
        pending = _cut_off(left)
        on = not shift.stop_wanted() and shift.most != 0
        if not left.at_work and not (on and (freed or left.silent or pending)):
            break
        if not freed and not pending:
            time.sleep(_LOOK)
    if any(item.state in ("committing", "working") for item in adopted):
        hands.account_for(ledger, run)
    return _ending(watch, worker)


def take_back(parts: Parts, scenario: str, run: str, hand: int) -> Left:
    """What other hands leave to this one.  One on this machine whose commit is given up is ended, lest it wake up."""
    machine = parts.home.settings.machine
    left = hands.take_back(parts.ledger, scenario, run, hand, machine=machine, moment=now(), gone=gone_here(machine))
    for one in left.cut_off:
        if one.hung:
            end(one.hung)
    return left


def _cut_off(left: Left) -> list[Pending]:
    return [left_by_a_dead_run(one.item) for one in left.cut_off]


def rehearse(order: Order, parts: Parts, session: Session, watch: Guard, folder: Path, hand: int) -> Rehearsed:
    """All but the commits, and nothing in the ledger's items; writes the book of what would be entered."""
    answered = answers(parts.ledger, order.approved.id)
    found = gather(session, answered)[: order.limit]
    watch.begun(session.run.id, len(found))
    worker = worker_of(parts, session, folder, answered, hand)
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


def worker_of(parts: Parts, session: Session, folder: Path, answered: Mapping[str, Answered], hand: int) -> Worker:
    """A worker on the items of a session.  folder: for its evidence; answered: what people have answered."""
    called = {id: ground.scenario for id, ground in session.grounds.items()}

    def revive() -> None:
        """A fresh browser at the state that `prepare` left: its screen steps commit nothing and may be repeated."""
        session.close()
        session.end_items()
        session.run_steps([step for step in session.scenario.prepare if only_moves(step, called)])

    settings = parts.home.settings
    return Worker(
        session,
        parts.ledger,
        hand=hand,
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
