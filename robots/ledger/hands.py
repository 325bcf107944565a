"""Hands: the processes that work the items of one run off, the one that began it and those that came to share them.

Each has a number of its own, under which it claims items (items.py): what was taken back from one that died, or was not
heard of, is refused to it when it comes back, inside the transaction that begins a commit.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import sqlalchemy as sa

from robots.clock import now, stamp
from robots.ledger.items import OF_ITEM, Item, item_of, visit
from robots.ledger.leases import IN_FLIGHT, Gone, Lease, attach
from robots.ledger.store import Ledger
from robots.ledger.tables import firings, hands, items, run_items

SILENT = timedelta(seconds=30)
"""A hand that is not heard of for so long gives up what it has not begun to enter."""
_WORTH = 2
"""Ready items for each further hand."""
_BEGUN_AT_MOST = 3
"""Hands of one firing that may begin in all, in times of its share: one that can't sign in isn't begun for ever."""


@dataclass(frozen=True, slots=True)
class HandWanted:
    """How many more hands may begin now for the run of a firing."""

    firing: int
    scenario: str
    count: int


@dataclass(frozen=True, slots=True)
class HandSeen:
    """One hand of a run as people are shown it; items: those that it settled, was the last to work on or works on now."""

    machine: str
    began: str
    heard: str
    ended: str | None
    items: int


@dataclass(frozen=True, slots=True)
class CutOff:
    """An item whose commit was begun by a hand that is no more; hung: the process on this machine that may yet wake up."""

    item: Item
    hung: str = ""


@dataclass(frozen=True, slots=True)
class Left:
    """What other hands have of a scenario's items.

    freed: so many are ready again; cut_off: what became of them must be found out; at_work: so many are with hands that
    are heard of; silent: so many commits are with hands that are not, and may still be on their way.
    """

    freed: int = 0
    cut_off: Sequence[CutOff] = field(default_factory=list)
    at_work: int = 0
    silent: int = 0


def begin(connection: sa.Connection, run: str, firing: int | None, machine: str, process: str) -> int:
    """A process begins to work on a run; returns its number."""
    at = stamp(now())
    values = {"run": run, "firing": firing, "machine": machine, "process": process, "begun_at": at, "beat_at": at}
    return int(connection.execute(hands.insert().values(values).returning(hands.c.id)).scalar_one())


def join(
    ledger: Ledger, run: str, firing: int, share: int, machine: str, process: str, held: Sequence[Lease]
) -> int | None:
    """A further hand for the run of a firing, under these leases; None where the run is over or has hands enough."""
    with ledger.writing() as connection:
        going = (firings.c.id == firing) & (firings.c.run == run) & (firings.c.state == "running")
        found = connection.execute(sa.select(firings.c.id).where(going, firings.c.stop_at.is_(None))).first()
        if found is None or _living(connection, firing, now()) >= share:
            return None
        hand = begin(connection, run, firing, machine, process)
        attach(connection, run, held, hand)
        return hand


def beat(ledger: Ledger, hand: int, *, moment: datetime) -> bool:
    """The hand lives; returns whether it is to stop after its item: its firing was asked to, or is over."""
    with ledger.writing(beside=True) as connection:
        connection.execute(hands.update().where(hands.c.id == hand).values(beat_at=stamp(moment)))
        told = sa.select(firings.c.state, firings.c.stop_at).join(hands, hands.c.firing == firings.c.id)
        row = connection.execute(told.where(hands.c.id == hand)).first()
    # Queued: the process that began the run has died, and another will; meanwhile its hands go on.
    return row is not None and (row.stop_at is not None or row.state not in ("running", "queued"))


def hands_of(ledger: Ledger, run: str) -> list[HandSeen]:
    """The hands of a run in the order in which they began."""
    of_hand = sa.select(items.c.hand, sa.func.count().label("count")).where(items.c.run == run).group_by(items.c.hand)
    counts = of_hand.subquery()
    told = sa.select(
        hands.c.machine, hands.c.begun_at, hands.c.beat_at, hands.c.ended_at, sa.func.coalesce(counts.c.count, 0)
    ).select_from(hands.outerjoin(counts, counts.c.hand == hands.c.id))
    with ledger.reading() as connection:
        rows = connection.execute(told.where(hands.c.run == run).order_by(hands.c.id)).all()
    return [HandSeen(*row) for row in rows]


def end(ledger: Ledger, hand: int) -> None:
    """The hand is over: whatever it still has may be taken up at once."""
    with ledger.writing(beside=True) as connection:
        connection.execute(hands.update().where(hands.c.id == hand).values(ended_at=stamp(now())))


def take_back(
    ledger: Ledger, scenario: str, run: str, hand: int, *, machine: str, moment: datetime, gone: Gone
) -> Left:
    """Looks at what other hands have of a scenario's items, of this run or an earlier one, and takes back what it may.

    What was not begun to be entered is ready again where its hand is dead or silent (for this run, where the run knows
    the item).  A commit that was begun is left to a hand that may live, until what it sent can't be on its way any more.
    machine: this one; gone: tells who is surely dead.
    """
    theirs = (items.c.scenario == scenario) & items.c.state.in_(("working", "committing"))
    told = (items.c.hand, hands.c.machine, hands.c.process, hands.c.beat_at, hands.c.ended_at)
    query = sa.select(*OF_ITEM, *told).select_from(items.outerjoin(hands, hands.c.id == items.c.hand))
    with ledger.reading() as connection:
        rows = connection.execute(query.where(theirs, items.c.hand.is_distinct_from(hand)).order_by(items.c.id)).all()
    free: list[tuple[int, int | None]] = []
    cut_off: list[CutOff] = []
    at_work = silent = 0
    for row in rows:
        dead = row.machine is None or row.ended_at is not None or gone(row.machine, row.process)
        unheard = moment - datetime.fromisoformat(row.beat_at) if row.beat_at else timedelta.max
        if dead or unheard > (SILENT if row.state == "working" else IN_FLIGHT):
            if row.state == "working":
                free.append((row.id, row.hand))
            else:
                cut_off.append(CutOff(item_of(row), "" if dead or row.machine != machine else row.process))
        elif unheard > SILENT:
            silent += 1
        else:
            at_work += 1
    return Left(_freed(ledger, run, free), cut_off, at_work, silent)


def _freed(ledger: Ledger, run: str, found: Sequence[tuple[int, int | None]]) -> int:
    if not found:
        return 0
    known = sa.select(run_items.c.ordinal).where(run_items.c.run == run, run_items.c.item == items.c.id)
    freed = 0
    with ledger.writing() as connection:
        for item, hand in found:
            still = (items.c.id == item) & (items.c.state == "working") & (items.c.hand == hand)
            freed += connection.execute(items.update().where(still).values(state="ready")).rowcount
            mine = (items.c.id == item) & (items.c.state == "ready") & sa.exists(known)
            connection.execute(items.update().where(mine).values(run=run, turn=known.scalar_subquery()))
    return freed


def account_for(ledger: Ledger, run: str) -> None:
    """What hands of an earlier run have made of items that this run left to them stands in this run's account too."""
    left = run_items.c.state.in_(("working", "committing")) & (run_items.c.run == run) & (items.c.run != run)
    query = sa.select(items.c.id, items.c.state, items.c.reason).join(run_items, run_items.c.item == items.c.id)
    with ledger.writing() as connection:
        for row in connection.execute(query.where(left)).all():
            visit(connection, run, row.id, None, "skipped" if row.state == "done" else row.state, row.reason)


def wanted(ledger: Ledger, shares: Mapping[str, int], moment: datetime) -> list[HandWanted]:
    """The runs under way that further hands may come to.  shares: scenario → how many hands may work on a run of it.

    Never more than the share allows (the process that began the run counts), nor more than the ready items are worth.
    """
    found: list[HandWanted] = []
    going = (firings.c.state == "running") & firings.c.stop_at.is_(None) & firings.c.scenario.in_(sorted(shares))
    with ledger.reading() as connection:
        query = sa.select(firings.c.id, firings.c.scenario, firings.c.run).where(going, firings.c.run.is_not(None))
        for row in connection.execute(query.order_by(firings.c.priority, firings.c.id)).all():
            share = shares[row.scenario]
            begun = connection.execute(sa.select(sa.func.count()).where(hands.c.firing == row.id)).scalar_one()
            waiting = (items.c.run == row.run) & (items.c.state == "ready") & items.c.turn.is_not(None)
            first = sa.select(items.c.id).where(waiting).limit(_WORTH * share).subquery()
            ready = connection.execute(sa.select(sa.func.count()).select_from(first)).scalar_one()
            room = min(share - _living(connection, row.id, moment), _BEGUN_AT_MOST * share - begun)
            if (count := min(room, ready // _WORTH)) > 0:
                found.append(HandWanted(row.id, row.scenario, count))
    return found


def further_hands(ledger: Ledger, machine: str) -> list[sa.RowMapping]:
    """The hands on a machine that have not said that they are over, but for the runs' own processes: id, process, and of
    the firing stop_at and ended_at."""
    told = (hands.c.id, hands.c.process, firings.c.stop_at, firings.c.ended_at)
    query = sa.select(*told).select_from(hands.join(firings, hands.c.firing == firings.c.id))
    mine = (hands.c.machine == machine) & hands.c.ended_at.is_(None)
    with ledger.reading() as connection:
        return list(
            connection.execute(query.where(mine, hands.c.process.is_distinct_from(firings.c.process))).mappings()
        )


def _living(connection: sa.Connection, firing: int, moment: datetime) -> int:
    heard = hands.c.ended_at.is_(None) & (hands.c.beat_at >= stamp(moment - SILENT))
    query = sa.select(sa.func.count()).where(hands.c.firing == firing, heard)
    return int(connection.execute(query).scalar_one())
