"""Sums over the ledger: what each run did, as the savings report needs it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import sqlalchemy as sa

from robots.clock import JST
from robots.ledger.store import Ledger
from robots.ledger.tables import human_minutes, items, runs


@dataclass(frozen=True, slots=True)
class RunFigures:
    """One run (or human time that belongs to no run; run is empty then): its day in JST, done items, baseline, minutes of people."""

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
    """Every real run (of one scenario) by day, and human minutes that name no real run on the day they were booked for."""
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
        of_people = sa.true() if scenario is None else human_minutes.c.scenario == scenario
        people = connection.execute(sa.select(human_minutes).where(of_people).order_by(human_minutes.c.id)).all()
    known = {row.id for row in rows}
    spent: dict[str, Decimal] = {}
    for minutes in people:
        if minutes.run in known:
            spent[minutes.run] = spent.get(minutes.run, Decimal(0)) + Decimal(minutes.minutes)
    figures = [_of_no_run(minutes, rows) for minutes in people if minutes.run not in known]
    booked: set[str] = set()  # runs whose chain has its minutes_per_run already
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
                day=_day(row.started_at),
                done=count,
                minutes_per_item=Decimal(row.minutes_per_item),
                minutes_per_run=Decimal(row.minutes_per_run),
                books_run=bool(count) and not before,
                human_minutes=spent.get(row.id, Decimal(0)),
                built_by=row.built_by,
                hourly_cost=None if row.hourly_cost is None else Decimal(row.hourly_cost),
            )
        )
    return sorted(figures, key=lambda one: one.day)


def _of_no_run(minutes: sa.Row[Any], rows: Sequence[sa.Row[Any]]) -> RunFigures:
    """Minutes of their own (a scenario is made before it first runs), named and priced as the runs nearest to them are."""
    department = minutes.scenario.partition("/")[0]
    before = [row for row in rows if row.started_at <= minutes.at] or rows[:1]
    own = [row for row in before if row.scenario == minutes.scenario] or [
        row for row in rows if row.scenario == minutes.scenario
    ][:1]
    house = [row for row in rows if row.department == department]
    cost = (own or before)[-1].hourly_cost if own or before else None
    return RunFigures(
        run="",
        scenario=minutes.scenario,
        scenario_name=own[-1].scenario_name if own else "",
        department=department,
        department_name=house[-1].department_name if house else "",
        division=house[-1].division if house else "",
        day=_day(minutes.at),
        done=0,
        minutes_per_item=Decimal(0),
        minutes_per_run=Decimal(0),
        books_run=False,
        human_minutes=Decimal(minutes.minutes),
        built_by=own[-1].built_by if own else "",
        hourly_cost=None if cost is None else Decimal(cost),
    )


def _day(moment: str) -> date:
    return datetime.fromisoformat(moment).astimezone(JST).date()
