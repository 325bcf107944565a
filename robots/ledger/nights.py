"""What the ledger tells of a night that is over: for the morning report and for those who watch the machine."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa

from robots.clock import stamp
from robots.ledger.store import Ledger
from robots.ledger.tables import audit_tip, failed_steps, firings, items, runs


def runs_of_night(ledger: Ledger, first: datetime, last: datetime) -> list[sa.RowMapping]:
    """Real runs that began from ``first`` on and before ``last``, in order."""
    within = (runs.c.started_at >= stamp(first)) & (runs.c.started_at < stamp(last)) & ~runs.c.rehearsal
    with ledger.reading() as connection:
        return list(connection.execute(sa.select(runs).where(within).order_by(runs.c.started_at)).mappings())


def ended_firings(ledger: Ledger, first: datetime, last: datetime) -> list[sa.RowMapping]:
    """Firings that were over from ``first`` on and before ``last``, and those that still go or wait, by due time."""
    over = (firings.c.ended_at >= stamp(first)) & (firings.c.ended_at < stamp(last))
    query = sa.select(firings).where(over | firings.c.ended_at.is_(None)).order_by(firings.c.due, firings.c.scenario)
    with ledger.reading() as connection:
        return list(connection.execute(query).mappings())


def steps_that_failed(ledger: Ledger, wanted: list[str]) -> dict[str, dict[str, int]]:
    """Of these runs, the steps that failed and how often: {run: {step: count}}."""
    query = (
        sa.select(failed_steps.c.run, failed_steps.c.step, sa.func.count())
        .where(failed_steps.c.run.in_(wanted))
        .group_by(failed_steps.c.run, failed_steps.c.step)
        .order_by(sa.func.count().desc())
    )
    found: dict[str, dict[str, int]] = {}
    with ledger.reading() as connection:
        for run, step, count in connection.execute(query):
            found.setdefault(run, {})[step] = int(count)
    return found


def audit_end(ledger: Ledger) -> tuple[int, str]:
    """The last audit record: its number and its hash."""
    with ledger.reading() as connection:
        row = connection.execute(sa.select(audit_tip.c.number, audit_tip.c.hash)).first()
    return (int(row.number), str(row.hash)) if row is not None else (0, "")


def runs_left_running(ledger: Ledger, machine: str) -> list[sa.RowMapping]:
    """Real runs of this machine that are marked running, and that no firing stands for."""
    tended = sa.select(firings.c.run).where(firings.c.ended_at.is_(None), firings.c.run.is_not(None))
    query = sa.select(runs).where(
        runs.c.state == "running", runs.c.machine == machine, ~runs.c.rehearsal, runs.c.id.not_in(tended)
    )
    with ledger.reading() as connection:
        return list(connection.execute(query.order_by(runs.c.started_at)).mappings())


def runs_without_rest(ledger: Ledger, before: datetime) -> list[str]:
    """Runs that were over before then and none of whose items waits for anybody: their evidence may go."""
    waiting = sa.select(items.c.run).where(items.c.state.in_(("waiting", "failed", "in_doubt", "committing")))
    query = sa.select(runs.c.id).where(runs.c.ended_at < stamp(before), runs.c.id.not_in(waiting))
    with ledger.reading() as connection:
        return list(connection.execute(query.order_by(runs.c.id)).scalars())


def latest_stamp(ledger: Ledger) -> str:
    """The latest moment that any run or firing has written; empty where there is none."""
    with ledger.reading() as connection:
        found = [
            connection.execute(sa.select(sa.func.max(column))).scalar()
            for column in (runs.c.started_at, firings.c.fired_at)
        ]
    return max((one for one in found if one), default="")
