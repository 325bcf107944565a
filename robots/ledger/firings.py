"""Firings: the turns of schedules that came, each once for ever, and what became of them.

queued → running → ended | stopped | failed;  held (what it follows did not end well), refused (the gate), missed (its
time went by).  A held one that is not over may still be queued, a running one whose process died is queued again.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from robots.clock import now, stamp
from robots.errors import SystemFailure
from robots.ledger.leases import Lease, is_ours
from robots.ledger.store import Ledger
from robots.ledger.tables import firings, marks

WAITING = ("queued", "held")


@dataclass(frozen=True, slots=True)
class NewFiring:
    """A turn that came.  state: queued, held or missed; times are JST."""

    scenario: str
    due: datetime
    priority: int
    finish_by: datetime | None = None
    not_before: datetime | None = None
    state: str = "queued"
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Mark:
    """Up to when a scenario's turns have been dealt with, under which schedule (its digest)."""

    schedule: str
    upto: datetime


class NotLeading(SystemFailure):
    """Another scheduler leads by now; nothing was written."""


def check_leading(connection: sa.Connection, lead: Lease) -> None:
    """Raises: NotLeading."""
    if not is_ours(connection, lead):
        raise NotLeading("ほかの端末の夜間実行が先に立ちました。", mend="この端末は控えに回ります。")


def fire(ledger: Ledger, lead: Lease, come: Sequence[NewFiring], dealt_with: Mapping[str, Mark]) -> int:
    """Records turns that came, and up to when all have been dealt with, in one write; returns how many are new.

    A turn that is there already stays as it is.  Raises: NotLeading; SystemFailure where the ledger can't be written.
    """
    at = stamp(now())
    rows = {(one.scenario, stamp(one.due)): _row(one, at) for one in come}
    with ledger.writing() as connection:
        check_leading(connection, lead)
        dues = sorted({due for _, due in rows})
        there = connection.execute(sa.select(firings.c.scenario, firings.c.due).where(firings.c.due.in_(dues))).all()
        known = {(one.scenario, one.due) for one in there}
        new = [row for key, row in rows.items() if key not in known]
        if new:
            connection.execute(firings.insert(), new)
        _keep_marks(connection, dealt_with)
    return len(new)


def _row(one: NewFiring, at: str) -> dict[str, object]:
    return {
        "scenario": one.scenario,
        "due": stamp(one.due),
        "finish_by": None if one.finish_by is None else stamp(one.finish_by),
        "priority": one.priority,
        "state": one.state,
        "reason": one.reason,
        "not_before": stamp(one.not_before or one.due),
        "claims": 0,
        "fired_at": at,
        "ended_at": at if one.state == "missed" else None,
    }


def _keep_marks(connection: sa.Connection, dealt_with: Mapping[str, Mark]) -> None:
    if not dealt_with:
        return
    known = set(connection.execute(sa.select(marks.c.scenario)).scalars())
    rows = [(scenario, {"schedule": one.schedule, "upto": stamp(one.upto)}) for scenario, one in dealt_with.items()]
    if added := [{"scenario": scenario, **row} for scenario, row in rows if scenario not in known]:
        connection.execute(marks.insert(), added)
    if moved := [{"which": scenario, **row} for scenario, row in rows if scenario in known]:
        connection.execute(marks.update().where(marks.c.scenario == sa.bindparam("which")), moved)


def all_marks(ledger: Ledger) -> dict[str, Mark]:
    """The mark of every scenario that has one."""
    with ledger.reading() as connection:
        rows = connection.execute(sa.select(marks)).all()
    return {row.scenario: Mark(row.schedule, datetime.fromisoformat(row.upto)) for row in rows}


def open_firings(ledger: Ledger) -> list[sa.RowMapping]:
    """Those that are not over, in the order in which they are to start."""
    order = (firings.c.priority, firings.c.due, firings.c.scenario)
    with ledger.reading() as connection:
        return list(
            connection.execute(sa.select(firings).where(firings.c.ended_at.is_(None)).order_by(*order)).mappings()
        )


def latest_firing(ledger: Ledger, scenario: str, *, after: datetime | None, upto: datetime) -> sa.RowMapping | None:
    """The scenario's latest firing that was due after ``after`` (exclusive) and no later than ``upto``."""
    query = sa.select(firings).where(firings.c.scenario == scenario, firings.c.due <= stamp(upto))
    if after is not None:
        query = query.where(firings.c.due > stamp(after))
    with ledger.reading() as connection:
        return connection.execute(query.order_by(firings.c.due.desc()).limit(1)).mappings().first()


def firings_between(ledger: Ledger, first: datetime, last: datetime) -> list[sa.RowMapping]:
    """Every firing that was due from ``first`` to ``last``, by due time."""
    within = (firings.c.due >= stamp(first)) & (firings.c.due <= stamp(last))
    order = (firings.c.due, firings.c.priority, firings.c.scenario)
    with ledger.reading() as connection:
        return list(connection.execute(sa.select(firings).where(within).order_by(*order)).mappings())


def get_firing(ledger: Ledger, firing: int) -> sa.RowMapping | None:
    """One firing, or None."""
    with ledger.reading() as connection:
        return connection.execute(sa.select(firings).where(firings.c.id == firing)).mappings().first()


def claim(ledger: Ledger, firing: int, *, machine: str, process: str, moment: datetime) -> bool:
    """A process takes a queued firing up; False where it is not to be had (any more)."""
    with ledger.writing() as connection:
        taken = connection.execute(
            firings.update()
            .where(firings.c.id == firing, firings.c.state == "queued")
            .values(
                state="running",
                reason="",
                machine=machine,
                process=process,
                claims=firings.c.claims + 1,
                beat_at=stamp(moment),
                started_at=sa.func.coalesce(firings.c.started_at, stamp(moment)),
                stop_at=None,
                again=False,
            )
        )
        return taken.rowcount == 1


def begun(connection: sa.Connection, firing: int, run: str) -> None:
    """The run of a firing has its number."""
    connection.execute(firings.update().where(firings.c.id == firing).values(run=run))


def beat(ledger: Ledger, firing: int, *, process: str, moment: datetime) -> bool:
    """The process lives; returns whether it is asked to stop after its item (also where the firing is no longer its)."""
    mine = (firings.c.id == firing) & (firings.c.state == "running") & (firings.c.process == process)
    with ledger.writing() as connection:
        if connection.execute(firings.update().where(mine).values(beat_at=stamp(moment))).rowcount != 1:
            return True
        return connection.execute(sa.select(firings.c.stop_at).where(firings.c.id == firing)).scalar() is not None


def ask_to_stop(ledger: Ledger, firing: int, reason: str, *, again: bool = False) -> None:
    """The run of a firing is asked to stop after its item.  again: the firing is then queued again (``give_back``)."""
    with ledger.writing() as connection:
        wanted = (firings.c.id == firing) & (firings.c.state == "running") & firings.c.stop_at.is_(None)
        connection.execute(firings.update().where(wanted).values(stop_at=stamp(now()), reason=reason, again=again))


def give_back(ledger: Ledger, firing: int, *, process: str) -> bool:
    """A run that was asked to stop so that another process carries it on has stopped; False where it was not so asked."""
    mine = (firings.c.id == firing) & (firings.c.state == "running") & (firings.c.process == process)
    values = {"state": "queued", "not_before": stamp(now()), "stop_at": None, "again": False}
    with ledger.writing() as connection:
        return connection.execute(firings.update().where(mine & firings.c.again).values(**values)).rowcount == 1


def settle(
    ledger: Ledger, firing: int, state: str, reason: str, *, while_in: Iterable[str], process: str | None = None
) -> bool:
    """A firing is over: ended, stopped, failed, refused, missed (held: for good); False where it is in none of ``while_in``.

    process: settles it only while it is that one's.  A reason that stands there already (why it was asked to stop)
    stays before the new one.
    """
    where = firings.c.id == firing, firings.c.state.in_(tuple(while_in)), firings.c.ended_at.is_(None)
    with ledger.writing() as connection:
        row = connection.execute(sa.select(firings.c.reason, firings.c.process).where(*where)).first()
        if row is None or (process is not None and row.process != process):
            return False
        told = " ".join(dict.fromkeys(one for one in (row.reason, reason) if one))
        connection.execute(firings.update().where(*where).values(state=state, reason=told, ended_at=stamp(now())))
    return True


def put_back(
    ledger: Ledger,
    firing: int,
    reason: str,
    not_before: datetime,
    *,
    process: str | None = None,
    only_on: str | None = None,
) -> bool:
    """A running firing is queued again: its process died, or could not begin.

    only_on: the one machine that may carry it on.
    """
    mine = (firings.c.id == firing) & (firings.c.state == "running")
    if process is not None:
        mine &= firings.c.process == process
    values = {"state": "queued", "reason": reason, "not_before": stamp(not_before), "stop_at": None, "again": False}
    with ledger.writing() as connection:
        return connection.execute(firings.update().where(mine).values(**values, only_on=only_on)).rowcount == 1


def set_waiting(ledger: Ledger, firing: int, state: str, reason: str) -> None:
    """What a firing that has not begun waits for: queued or held, and why."""
    waits = (firings.c.id == firing) & firings.c.state.in_(WAITING)
    with ledger.writing() as connection:
        connection.execute(firings.update().where(waits).values(state=state, reason=reason))
