"""What stands behind a figure of the savings report: its runs, their items, people's minutes and costs, row by row."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

import sqlalchemy as sa

from robots.ledger.rollups import UNITS
from robots.ledger.store import Ledger
from robots.ledger.tables import costs, human_minutes, items, runs
from robots.ledger.tallies import EVER, Span


@dataclass(frozen=True, slots=True)
class RunBehind:
    """One real run and what it adds to the report."""

    run: str
    scenario: str
    department: str
    division: str
    started_at: str
    items: int
    books_run: bool
    """Whether minutes_per_run is booked here."""
    minutes_per_item: Decimal
    minutes_per_run: Decimal
    people: Decimal
    """Minutes of people for this run."""

    @property
    def gross(self) -> Decimal:
        """Minutes by hand."""
        return self.items * self.minutes_per_item + (self.minutes_per_run if self.books_run else 0)


def runs_behind(ledger: Ledger, span: Span = EVER, scenario: str | None = None) -> list[RunBehind]:
    """The real runs that add anything in these months (of one scenario), oldest first."""
    row = runs.c
    query = (
        sa.select(
            row.id, row.scenario, row.department, row.division, row.started_at, row.done, row.books_run,
            row.minutes_per_item, row.minutes_per_run, row.people,
        )
        .where(
            ~row.rehearsal,
            (row.done > 0) | (row.people > 0),
            span.within(sa.func.substr(row.started_at, 1, 7)),
            sa.true() if scenario is None else row.scenario == scenario,
        )
        .order_by(row.started_at, row.id)
    )  # fmt: skip
    with ledger.reading() as connection:
        return [
            RunBehind(
                *one[:7],
                minutes_per_item=Decimal(one.minutes_per_item),
                minutes_per_run=Decimal(one.minutes_per_run),
                people=Decimal(one.people) / UNITS,
            )
            for one in connection.execute(query)
        ]


def items_behind(ledger: Ledger, run: str) -> list[sa.RowMapping]:
    """The done items of a run, oldest first: id, key, origin, done_at."""
    row = items.c
    query = (
        sa.select(row.id, row.key, row.origin, row.done_at)
        .where(row.run == run, row.state == "done")
        .order_by(row.done_at, row.id)
    )
    with ledger.reading() as connection:
        return list(connection.execute(query).mappings())


def minutes_behind(ledger: Ledger, span: Span = EVER, scenario: str | None = None) -> list[sa.RowMapping]:
    """People's minutes as they were booked: scenario, run, kind, minutes (text), who, note, at.

    Those of a run count in the month in which the run began, the others in the month of ``at``.
    """
    row = human_minutes.c
    month = sa.func.substr(sa.func.coalesce(runs.c.started_at, row.at), 1, 7)
    query = (
        sa.select(row.scenario, row.run, row.kind, row.minutes, row.who, row.note, row.at)
        .select_from(human_minutes.outerjoin(runs, (runs.c.id == row.run) & ~runs.c.rehearsal))
        .where(span.within(month), sa.true() if scenario is None else row.scenario == scenario)
        .order_by(row.id)
    )
    with ledger.reading() as connection:
        return list(connection.execute(query).mappings())


def costs_behind(ledger: Ledger, span: Span = EVER, scenario: str | None = None) -> list[sa.RowMapping]:
    """Yen as it was booked, by day."""
    query = (
        sa.select(costs)
        .where(
            span.within(sa.func.substr(costs.c.day, 1, 7)),
            sa.true() if scenario is None else costs.c.scenario == scenario,
        )
        .order_by(costs.c.day, costs.c.id)
    )
    with ledger.reading() as connection:
        return list(connection.execute(query).mappings())
