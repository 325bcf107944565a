"""Counting everything again, item by item, against the sums that the report reads (rollups.py)."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from decimal import Decimal

import sqlalchemy as sa

from robots.ledger.rollups import UNITS, add_to_month, add_to_people, units_of
from robots.ledger.store import Ledger
from robots.ledger.tables import human_minutes, items, runs, savings_months, savings_people

_Sums = dict[tuple[str, ...], tuple[int, ...]]


@dataclass(frozen=True, slots=True)
class Difference:
    """A sum that is not what its rows say.

    what: run (done items, books its minutes, people), month (items, runs, people), people (people's time of no run).
    """

    what: str
    key: tuple[str, ...]
    kept: tuple[int, ...]
    counted: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Recount:
    """What the rows themselves say, and where the sums differ."""

    items: int
    before: Decimal
    """Gross minutes."""
    after: Decimal
    """People's minutes."""
    differences: list[Difference]


def recount(ledger: Ledger) -> Recount:
    """Counts all done items and minutes anew, in one consistent look; writes nothing.  Time: a scan of all items."""
    with ledger.reading() as connection:
        real = connection.execute(
            sa.select(
                runs.c.id, runs.c.facts, runs.c.started_at, runs.c.continues, runs.c.done, runs.c.books_run,
                runs.c.people, runs.c.minutes_per_item, runs.c.minutes_per_run,
            )
            .where(~runs.c.rehearsal)
            .order_by(runs.c.started_at, runs.c.id)
        ).all()  # fmt: skip
        done = _done(connection)
        bound, apart = _minutes(connection, {run.id for run in real})
        months: _Sums = {
            (row.facts, row.month): (row.items, row.runs, row.people)
            for row in connection.execute(sa.select(savings_months))
        }
        kept_apart: _Sums = {
            (row.scenario, row.month, row.kind): (row.people,) for row in connection.execute(sa.select(savings_people))
        }
    own: _Sums = {}
    summed: dict[tuple[str, ...], list[int]] = defaultdict(lambda: [0, 0, 0])
    before, booked = Decimal(0), set[str]()
    for run in real:
        count, earlier = done.get(run.id, 0), run.continues in booked
        if count or earlier:
            booked.add(run.id)
        own[(run.id,)] = counted = (count, int(bool(count) and not earlier), bound.get(run.id, 0))
        sums = summed[run.facts, run.started_at[:7]]
        for place, number in enumerate(counted):
            sums[place] += number
        before += count * Decimal(run.minutes_per_item) + counted[1] * Decimal(run.minutes_per_run)
    kept: _Sums = {(run.id,): (run.done, int(run.books_run), run.people) for run in real}
    differences = [
        *_differences("run", kept, own),
        *_differences("month", months, {key: tuple(sums) for key, sums in summed.items()}),
        *_differences("people", kept_apart, {key: (units,) for key, units in apart.items()}),
    ]
    after = Decimal(sum(bound.values()) + sum(apart.values())) / UNITS
    return Recount(sum(done.values()), before, after, differences)


def mend(ledger: Ledger, differences: list[Difference]) -> None:
    """Brings the sums to what was counted.  What was settled since the count stays counted: only differences are added."""
    runs_apart = [
        {
            "run": one.key[0],
            "more_done": one.counted[0] - one.kept[0],
            "books": bool(one.counted[1]),
            "more_people": one.counted[2] - one.kept[2],
        }
        for one in differences
        if one.what == "run"
    ]
    with ledger.writing() as connection:
        if runs_apart:
            connection.execute(
                runs.update()
                .where(runs.c.id == sa.bindparam("run"))
                .values(
                    done=runs.c.done + sa.bindparam("more_done"),
                    books_run=sa.bindparam("books"),
                    people=runs.c.people + sa.bindparam("more_people"),
                ),
                runs_apart,
            )
        for one in differences:
            more = tuple(counted - kept for counted, kept in zip(one.counted, one.kept, strict=True))
            if one.what == "month":
                add_to_month(connection, *one.key, items=more[0], runs=more[1], people=more[2])
            elif one.what == "people":
                add_to_people(connection, *one.key, people=more[0])


def _done(connection: sa.Connection) -> dict[str, int]:
    query = sa.select(items.c.run, sa.func.count()).where(items.c.state == "done").group_by(items.c.run)
    return {run: count for run, count in connection.execute(query)}


def _minutes(connection: sa.Connection, real: set[str]) -> tuple[dict[str, int], dict[tuple[str, ...], int]]:
    """People's time by real run, and by scenario, month and kind where it belongs to none."""
    table = human_minutes.c
    bound: dict[str, int] = defaultdict(int)
    apart: dict[tuple[str, ...], int] = defaultdict(int)
    for run, scenario, kind, minutes, at in connection.execute(
        sa.select(table.run, table.scenario, table.kind, table.minutes, table.at)
    ):
        units = units_of(Decimal(minutes))
        if run in real:
            bound[run] += units
        else:
            apart[scenario, at[:7], kind] += units
    return bound, apart


def _differences(what: str, kept: _Sums, counted: _Sums) -> list[Difference]:
    found = []
    for key in sorted({*kept, *counted}, key=str):
        nothing = (0,) * len(kept.get(key) or counted[key])
        before, after = tuple(kept.get(key, nothing)), tuple(counted.get(key, nothing))
        if before != after:
            found.append(Difference(what, key, before, after))
    return found
