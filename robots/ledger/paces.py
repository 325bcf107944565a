"""How long runs took: what the plan of a night rests on (robots/nightly/pace.py)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

import sqlalchemy as sa

from robots.clock import JST
from robots.ledger.store import Ledger
from robots.ledger.tables import items, run_items, runs

LATEST = 60
"""Runs of a scenario that are looked at."""
_WORKED = ("done", "rejected", "failed", "in_doubt")


@dataclass(frozen=True, slots=True)
class Past:
    """One real run that went to its end: its day, how many items it worked on, seconds spent on them and besides."""

    day: date
    items: int
    on_items: float
    besides: float


def paces(ledger: Ledger, scenarios: Iterable[str]) -> dict[str, list[Past]]:
    """The latest such runs of each scenario, oldest first."""
    with ledger.reading() as connection:
        return {scenario: _paces(connection, scenario) for scenario in scenarios}


def _paces(connection: sa.Connection, scenario: str) -> list[Past]:
    latest = (
        sa.select(runs.c.id, runs.c.started_at, runs.c.ended_at)
        .where(runs.c.scenario == scenario, runs.c.state == "ended", ~runs.c.rehearsal, runs.c.ended_at.is_not(None))
        .order_by(runs.c.started_at.desc())
        .limit(LATEST)
    )
    rows = {row.id: row for row in connection.execute(latest)}
    spent = (
        sa.select(run_items.c.run, sa.func.count(), sa.func.sum(sa.cast(run_items.c.seconds, sa.Float)))
        .where(run_items.c.run.in_(list(rows)), run_items.c.state.in_(_WORKED))
        .group_by(run_items.c.run)
    )
    worked = {run: (int(count), float(seconds or 0)) for run, count, seconds in connection.execute(spent)}
    found: list[Past] = []
    for run, row in reversed(rows.items()):
        began, ended = datetime.fromisoformat(row.started_at), datetime.fromisoformat(row.ended_at)
        count, seconds = worked.get(run, (0, 0.0))
        total = max((ended - began).total_seconds(), 0.0)
        seconds = min(seconds, total)  # a run that was carried on began anew
        found.append(Past(began.astimezone(JST).date(), count, seconds, total - seconds))
    return found


def ready_items(ledger: Ledger, scenarios: Iterable[str]) -> dict[str, int]:
    """Items of each scenario that an earlier run has left ready."""
    query = (
        sa.select(items.c.scenario, sa.func.count())
        .where(items.c.scenario.in_(list(scenarios)), items.c.state == "ready")
        .group_by(items.c.scenario)
    )
    with ledger.reading() as connection:
        return {scenario: int(count) for scenario, count in connection.execute(query)}
