"""What the pages show of the whole town at a glance: what waits for somebody, and what ran lately."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

import sqlalchemy as sa

from robots.clock import stamp
from robots.ledger.store import Ledger
from robots.ledger.tables import LEFT_STATES, approvals, items, review_tasks, runs, withdrawals

_LEFT = sa.text(f"items.state IN ({', '.join(repr(state) for state in LEFT_STATES)})")
"""Written out, so that the index of just these rows serves it."""


@dataclass(slots=True)
class Left:
    """Items of one scenario that wait for somebody, by their state, and open review tasks."""

    scenario: str
    counts: dict[str, int] = field(default_factory=dict)
    tasks: int = 0


@dataclass(frozen=True, slots=True)
class Decided:
    """A decision that the ledger remembers: an approval (with its digest), or a withdrawal (suspended, retired; why)."""

    what: str
    number: int
    person: str
    at: str
    digest: str = ""
    why: str = ""


def left_over(ledger: Ledger) -> list[Left]:
    """By scenario, in the order of their ids."""
    found: dict[str, Left] = {}
    counted = sa.select(items.c.scenario, items.c.state, sa.func.count()).where(_LEFT)
    open_tasks = sa.select(review_tasks.c.scenario, sa.func.count()).where(review_tasks.c.state == "open")
    with ledger.reading() as connection:
        for scenario, state, count in connection.execute(counted.group_by(items.c.scenario, items.c.state)):
            found.setdefault(scenario, Left(scenario)).counts[state] = count
        for scenario, count in connection.execute(open_tasks.group_by(review_tasks.c.scenario)):
            found.setdefault(scenario, Left(scenario)).tasks = count
    return [found[scenario] for scenario in sorted(found)]


def runs_since(ledger: Ledger, moment: datetime, limit: int) -> list[sa.RowMapping]:
    """Runs that began since then or still run, newest first."""
    query = sa.select(runs).where((runs.c.started_at >= stamp(moment)) | (runs.c.state == "running"))
    with ledger.reading() as connection:
        return list(connection.execute(query.order_by(runs.c.started_at.desc()).limit(limit)).mappings())


def decisions_of(ledger: Ledger, scenario: str) -> list[Decided]:
    """Every approval and withdrawal of a scenario, newest first."""
    with ledger.reading() as connection:
        found = [
            Decided("approved", row.number, row.person, row.at, row.digest)
            for row in connection.execute(sa.select(approvals).where(approvals.c.scenario == scenario))
        ]
        found += [
            Decided(row.state, row.number, row.person, row.at, why=row.why)
            for row in connection.execute(sa.select(withdrawals).where(withdrawals.c.scenario == scenario))
        ]
    return sorted(found, key=lambda one: one.at, reverse=True)


def item_counts(ledger: Ledger, scenario: str) -> dict[str, int]:
    """Items of a scenario by their present state."""
    query = sa.select(items.c.state, sa.func.count()).where(items.c.scenario == scenario).group_by(items.c.state)
    with ledger.reading() as connection:
        return {state: count for state, count in connection.execute(query)}
