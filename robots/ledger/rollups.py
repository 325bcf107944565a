"""Sums over the ledger: what each run did, as the savings report needs it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

import sqlalchemy as sa

from robots.clock import JST
from robots.ledger.store import Ledger
from robots.ledger.tables import human_minutes, items, runs


@dataclass(frozen=True, slots=True)
class RunFigures:
    """One run (or human time that belongs to no run): its day in JST, done items, baseline, minutes of people."""

    run: str
    scenario: str
    scenario_name: str
    department: str
    department_name: str
    division: str
    day: date
    done: int
    minutes_per_item: Decimal
    minutes_per_run: Decimal
    books_run: bool
    """Whether minutes_per_run is booked here: something was done, and by none of the runs that it carries on."""
    human_minutes: Decimal
    built_by: str
    hourly_cost: Decimal | None


def run_figures(ledger: Ledger, scenario: str | None = None) -> list[RunFigures]:
    """Every real run (of one scenario), oldest first; human minutes that name no run are put to the scenario's latest run before them."""
    with ledger.reading() as connection:
        wanted = sa.true() if scenario is None else runs.c.scenario == scenario
        rows = connection.execute(
            sa.select(runs).where(~runs.c.rehearsal, wanted).order_by(runs.c.started_at, runs.c.id)
        ).all()
        done = {
            run: count
            for run, count in connection.execute(
                sa.select(items.c.run, sa.func.count()).where(items.c.state == "done").group_by(items.c.run)
            )
        }
        people = connection.execute(
            sa.select(human_minutes.c.run, human_minutes.c.scenario, human_minutes.c.minutes, human_minutes.c.at)
        ).all()
    spent: dict[str, Decimal] = {}
    for minutes in people:
        run = minutes.run or next(
            (row.id for row in reversed(rows) if row.scenario == minutes.scenario and row.started_at <= minutes.at),
            None,
        )
        if run is not None:
            spent[run] = spent.get(run, Decimal(0)) + Decimal(minutes.minutes)
    booked: set[str] = set()  # runs whose chain has its minutes_per_run already
    figures = []
    for row in rows:
        before = row.continues in booked if row.continues else False
        count = done.get(row.id, 0)
        if count or before:
            booked.add(row.id)
        figures.append(
            RunFigures(
                run=row.id,
                scenario=row.scenario,
                scenario_name=row.scenario_name,
                department=row.department,
                department_name=row.department_name,
                division=row.division,
                day=datetime.fromisoformat(row.started_at).astimezone(JST).date(),
                done=count,
                minutes_per_item=Decimal(row.minutes_per_item),
                minutes_per_run=Decimal(row.minutes_per_run),
                books_run=bool(count) and not before,
                human_minutes=spent.get(row.id, Decimal(0)),
                built_by=row.built_by,
                hourly_cost=None if row.hourly_cost is None else Decimal(row.hourly_cost),
            )
        )
    return figures
