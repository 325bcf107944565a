"""Sums that the savings report reads, kept in the very transactions that settle items and book people's minutes.

Two levels: each run has its own (done items, people's time, whether it books its minutes_per_run), and savings_months
adds them up by the facts of the run and the month in which it began.  A count never depends on rows that the retention
time may empty, and the report never counts items.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Mapping
from decimal import ROUND_HALF_UP, Decimal

import sqlalchemy as sa

from robots.ledger.tables import runs

UNITS = 10_000
"""People's time is kept in ten-thousandths of a minute (6 ms): whole numbers add up exactly in every database."""

FACTS = (
    "scenario",
    "scenario_name",
    "department",
    "department_name",
    "division",
    "built_by",
    "minutes_per_item",
    "minutes_per_run",
    "hourly_cost",
    "measured",
)
"""The columns of savings_facts, which stand in runs under the same names."""

# The same SQL in SQLite and PostgreSQL; two that add to a new month at once both count.
_ADD = sa.text(
    "INSERT INTO savings_months (facts, month, items, runs, people) VALUES (:facts, :month, :items, :runs, :people)"
    " ON CONFLICT (facts, month) DO UPDATE SET items = savings_months.items + excluded.items,"
    " runs = savings_months.runs + excluded.runs, people = savings_months.people + excluded.people"
)
_ADD_PEOPLE = sa.text(
    "INSERT INTO savings_people (scenario, month, kind, people) VALUES (:scenario, :month, :kind, :people)"
    " ON CONFLICT (scenario, month, kind) DO UPDATE SET people = savings_people.people + excluded.people"
)
_Months = Counter[tuple[str, str]]
"""(facts, month) → runs that book their minutes there more than before."""
_KNOW = sa.text(
    f"INSERT INTO savings_facts (id, {', '.join(FACTS)}) VALUES (:id, {', '.join(f':{name}' for name in FACTS)})"
    " ON CONFLICT (id) DO NOTHING"
)


def facts_id(values: Mapping[str, object]) -> str:
    """The name under which these facts stand in savings_facts."""
    text = json.dumps([values[name] for name in FACTS], ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def open_sums(connection: sa.Connection, facts: Mapping[str, object], started_at: str) -> str:
    """A real run begins: its facts and its month are known from now on.  Returns the facts' id."""
    known = facts_id(facts)
    connection.execute(_KNOW, {"id": known, **{name: facts[name] for name in FACTS}})
    add_to_month(connection, known, started_at[:7])
    return known


def count_done(connection: sa.Connection, run: str) -> None:
    """One more item of this run is done.  Call it exactly when an item's state turns to done, last in its transaction.

    Transactions of items go beside each other: rows are locked from the earlier run to the later, then the months'.
    """
    months: _Months = Counter()
    if not connection.execute(sa.select(runs.c.done).where(runs.c.id == run)).scalar_one():
        _lock_earlier(connection, run)
    row = connection.execute(
        runs.update()
        .where(runs.c.id == run)
        .values(done=runs.c.done + 1)
        .returning(runs.c.done, runs.c.facts, runs.c.started_at, runs.c.continues)
    ).one()
    if row.done == 1:
        _book_run(connection, run, row, months)
    months.setdefault((row.facts, row.started_at[:7]), 0)
    for facts, month in sorted(months):
        counted = int((facts, month) == (row.facts, row.started_at[:7]))
        add_to_month(connection, facts, month, items=counted, runs=months[facts, month])


def _lock_earlier(connection: sa.Connection, run: str) -> None:
    """Whether an earlier run has booked stays as it is until this transaction ends."""
    chain: list[str] = []
    before: str | None = run
    while before is not None:
        before = connection.execute(sa.select(runs.c.continues).where(runs.c.id == before)).scalar_one()
        chain += [before] if before is not None else []
    for earlier in reversed(chain):
        connection.execute(sa.select(runs.c.id).where(runs.c.id == earlier).with_for_update(key_share=True))


def add_people(connection: sa.Connection, scenario: str, kind: str, at: str, minutes: Decimal, run: str | None) -> None:
    """A person spent minutes: with a real run they belong to its month, else to the month of ``at`` (a stamp)."""
    units = units_of(minutes)
    row = None
    if run is not None:
        row = connection.execute(
            runs.update()
            .where(runs.c.id == run, ~runs.c.rehearsal)
            .values(people=runs.c.people + units)
            .returning(runs.c.facts, runs.c.started_at)
        ).first()
    if row is not None:
        add_to_month(connection, row.facts, row.started_at[:7], people=units)
    else:
        add_to_people(connection, scenario, at[:7], kind, people=units)


def units_of(minutes: Decimal) -> int:
    """Minutes in ten-thousandths, rounded half up."""
    return int((minutes * UNITS).to_integral_value(ROUND_HALF_UP))


def add_to_month(
    connection: sa.Connection, facts: str, month: str, *, items: int = 0, runs: int = 0, people: int = 0
) -> None:
    """Adds to the sums of these facts in this month."""
    connection.execute(_ADD, {"facts": facts, "month": month, "items": items, "runs": runs, "people": people})


def add_to_people(connection: sa.Connection, scenario: str, month: str, kind: str, *, people: int) -> None:
    """Adds to people's time that belongs to no real run."""
    connection.execute(_ADD_PEOPLE, {"scenario": scenario, "month": month, "kind": kind, "people": people})


def _book_run(
    connection: sa.Connection, run: str, row: sa.Row[tuple[int, str | None, str, str | None]], months: _Months
) -> None:
    """minutes_per_run is booked once for a run and those that carry it on: by the first of them that did anything."""
    before = row.continues
    while before is not None:
        earlier = connection.execute(sa.select(runs.c.done, runs.c.continues).where(runs.c.id == before)).one()
        if earlier.done:
            return
        before = earlier.continues
    _set_booking(connection, run, books=True)
    months[row.facts or "", row.started_at[:7]] += 1
    later = [run]
    while later:  # an item in doubt of a dead run may be found done after the run that carries it on has booked
        of_later = sa.select(runs.c.id, runs.c.facts, runs.c.started_at, runs.c.books_run)
        found = connection.execute(of_later.where(runs.c.continues.in_(later)).with_for_update(key_share=True)).all()
        for one in found:
            if one.books_run:
                _set_booking(connection, one.id, books=False)
                months[one.facts or "", one.started_at[:7]] -= 1
        later = [one.id for one in found]


def _set_booking(connection: sa.Connection, run: str, *, books: bool) -> None:
    connection.execute(runs.update().where(runs.c.id == run).values(books_run=books))
