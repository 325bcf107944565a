"""Who has which review task on the screen: two people never get the same one.

A hold is taken in one durable write and lasts a few minutes after the person's last key; a person has at most the task
on the screen and the one that comes next.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta

import sqlalchemy as sa

from robots.clock import JST, now, stamp
from robots.ledger.store import Ledger
from robots.ledger.tables import review_entries, review_tasks

HELD = timedelta(minutes=3)
"""How long a hold lasts after the person's last key."""
_ENTRIES = sa.select(sa.func.count()).where(review_entries.c.task == review_tasks.c.id).scalar_subquery()


@dataclass(frozen=True, slots=True)
class Seat:
    """Who sits at the desk of a scenario.

    settles: the person only decides where two entries differ.  field: only tasks of this field, alike proposals
    together; "": item by item.
    """

    scenario: str
    person: str
    settles: bool = False
    field: str = ""


@dataclass(frozen=True, slots=True)
class Waiting:
    """What waits at the desk of a scenario: open tasks, those on somebody's screen, and those whose two entries differ."""

    open: int = 0
    held: int = 0
    differ: int = 0


def take_next(
    ledger: Ledger,
    seat: Seat,
    viewed: Callable[[sa.Connection, sa.RowMapping], None],
    *,
    beside: int = 0,
    back: bool = False,
    keep: int | None = None,
) -> int | None:
    """The next free task behind ``beside`` (0: from the beginning), held for this person; None where there is none.

    After the last one come the ones that were skipped.  back: the one before.  keep: the task that stays on the screen;
    every other that the person held is free again.  viewed: what is to be kept when the person gets to see an item for
    the first time today.
    """
    moment = now()
    at = stamp(moment)
    with ledger.writing() as connection:
        _free(connection, seat.scenario, seat.person, {keep}, at)
        task = _next(connection, seat, beside, at, back=back)
        return task if task is not None and _hold(connection, seat, task, moment, viewed) else None


def take(ledger: Ledger, seat: Seat, task: int, viewed: Callable[[sa.Connection, sa.RowMapping], None]) -> bool:
    """Holds this very task, if it is free."""
    moment = now()
    with ledger.writing() as connection:
        _free(connection, seat.scenario, seat.person, {task}, stamp(moment))
        return _hold(connection, seat, task, moment, viewed)


def renew(ledger: Ledger, person: str, tasks: Sequence[int]) -> None:
    """The person is still busy with these; what has passed to somebody else stays there."""
    moment = now()
    mine = review_tasks.c.id.in_(tasks) & (review_tasks.c.held_by == person) & (review_tasks.c.state == "open")
    with ledger.writing() as connection:
        connection.execute(review_tasks.update().where(mine).values(held_until=stamp(moment + HELD)))


def release(ledger: Ledger, scenario: str, person: str) -> None:
    """The person has left the desk."""
    with ledger.writing() as connection:
        _free(connection, scenario, person, (), stamp(now()))


def held_by(person: str, at: str) -> dict[str, object]:
    """The columns of a hold that begins at this moment."""
    return {"held_by": person, "held_until": stamp(datetime.fromisoformat(at) + HELD)}


def waiting(ledger: Ledger, scenario: str = "") -> dict[str, Waiting]:
    """What waits at the desk, by scenario (of one alone)."""
    wanted = review_tasks.c.state == "open"
    if scenario:
        wanted &= review_tasks.c.scenario == scenario
    differs = sa.case((review_tasks.c.twice, sa.case((_ENTRIES > 1, 1), else_=0)), else_=0)
    # Both are read from their index alone: a task's row is long, and a turn must not pay for the queue's length.
    counted = sa.select(review_tasks.c.scenario, sa.func.count(), sa.func.sum(differs)).where(wanted)
    held = sa.select(review_tasks.c.scenario, sa.func.count()).where(wanted, review_tasks.c.held_until > stamp(now()))
    with ledger.reading() as connection:
        on_screens = {name: count for name, count in connection.execute(held.group_by(review_tasks.c.scenario))}
        rows = connection.execute(counted.group_by(review_tasks.c.scenario)).all()
    return {name: Waiting(count, on_screens.get(name, 0), differ) for name, count, differ in rows}


def fields_waiting(ledger: Ledger, seat: Seat) -> list[tuple[str, int]]:
    """The fields with tasks that this person may answer, and how many of each; most first."""
    grouped = (
        sa.select(sa.func.min(review_tasks.c.id), sa.func.count())
        .where(_theirs(seat, stamp(now())))
        .group_by(review_tasks.c.field_mark)
    )
    with ledger.reading() as connection:
        counts = {task: count for task, count in connection.execute(grouped)}
        named = sa.select(review_tasks.c.id, review_tasks.c.field).where(review_tasks.c.id.in_(counts))
        found = [(row.field, counts[row.id]) for row in connection.execute(named)]
    return sorted(found, key=lambda one: (-one[1], one[0]))


def _theirs(seat: Seat, at: str) -> sa.ColumnElement[bool]:
    """The open tasks that a person may answer and that nobody else holds."""
    own = sa.exists().where(review_entries.c.task == review_tasks.c.id, review_entries.c.who == seat.person)
    free = sa.or_(
        review_tasks.c.held_by.is_(None), review_tasks.c.held_by == seat.person, review_tasks.c.held_until <= at
    )
    wanted = (review_tasks.c.scenario == seat.scenario) & (review_tasks.c.state == "open") & free & ~own
    if seat.settles:
        wanted &= _ENTRIES > 1
    return wanted & (review_tasks.c.field_mark == seat.field) if seat.field else wanted


def _next(connection: sa.Connection, seat: Seat, beside: int, at: str, *, back: bool) -> int | None:
    """The task that is tried next behind ``beside``; that one itself only where there is no other."""
    if seat.field:
        return _next_alike(connection, seat, beside, at, back=back)
    item, task = review_tasks.c.item, review_tasks.c.id
    found = connection.execute(sa.select(item, task).where(task == beside)).first()
    query = sa.select(task).where(_theirs(seat, at))
    if found is None:
        return connection.execute(query.order_by(item, task).limit(1)).scalar()
    order = (item.desc(), task.desc()) if back else (item, task)
    place, here = sa.tuple_(item, task), sa.tuple_(*(sa.literal(one) for one in found))
    beyond = query.where(place < here if back else place > here).order_by(*order).limit(1)
    first: int | None = connection.execute(beyond).scalar()
    if first is not None:
        return first
    again: Sequence[int] = connection.execute(query.order_by(*order).limit(2)).scalars().all()
    return next((one for one in again if one != beside), next(iter(again), None))


def _next_alike(connection: sa.Connection, seat: Seat, beside: int, at: str, *, back: bool) -> int | None:
    """The same in the order of what was proposed, which lies sealed and can't be ordered in SQL."""
    proposed, task = review_tasks.c.proposed, review_tasks.c.id
    keys: list[tuple[str, int]] = sorted(
        (key, one) for key, one in connection.execute(sa.select(proposed, task).where(_theirs(seat, at)))
    )
    found = connection.execute(sa.select(proposed, task).where(task == beside)).first()
    if found is not None:
        here = bisect_left(keys, tuple(found))
        keys = keys[:here][::-1] + keys[here:][::-1] if back else keys[here:] + keys[:here]
    return next((one for _, one in keys if one != beside), beside if any(one == beside for _, one in keys) else None)


def _hold(
    connection: sa.Connection,
    seat: Seat,
    task: int,
    moment: datetime,
    viewed: Callable[[sa.Connection, sa.RowMapping], None],
) -> bool:
    at = stamp(moment)
    row = connection.execute(sa.select(review_tasks).where(review_tasks.c.id == task)).mappings().one()
    today = stamp(datetime.combine(moment.date(), time(), JST))
    of_item = (review_tasks.c.item == row["item"]) & (review_tasks.c.held_by == seat.person)
    seen = connection.execute(sa.select(review_tasks.c.id).where(of_item, review_tasks.c.held_until >= today).limit(1))
    new = seen.first() is None
    free = (review_tasks.c.id == task) & _theirs(seat, at)
    if not connection.execute(review_tasks.update().where(free).values(**held_by(seat.person, at))).rowcount:
        return False
    if new:
        viewed(connection, row)
    return True


def _free(connection: sa.Connection, scenario: str, person: str, keep: Collection[int | None], at: str) -> None:
    """What this person held in a scenario is anybody's again, but for what is kept."""
    mine = (review_tasks.c.scenario == scenario) & (review_tasks.c.state == "open")
    mine &= (review_tasks.c.held_by == person) & (review_tasks.c.held_until > at)
    kept = [task for task in keep if task]
    connection.execute(review_tasks.update().where(mine, review_tasks.c.id.not_in(kept)).values(held_until=at))
