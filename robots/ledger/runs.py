"""Runs in the ledger: begin, carry on, end, look at."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from string import ascii_lowercase

import sqlalchemy as sa

from robots.clock import now, stamp
from robots.ledger.rollups import open_sums
from robots.ledger.store import Ledger
from robots.ledger.tables import failed_steps, items, run_items, runs


@dataclass(frozen=True, slots=True)
class RunStart:
    """What is true when a run begins, kept with it for ever."""

    scenario: str
    scenario_name: str
    department: str
    department_name: str
    division: str
    rehearsal: bool
    inputs: Mapping[str, object]
    digest: str
    minutes_per_item: str
    minutes_per_run: str
    built_by: str
    hourly_cost: str | None
    version: str
    machine: str
    who: str
    measured: str | None = None
    """The day on which the baseline was measured (2026-05-12)."""


@dataclass(frozen=True, slots=True)
class Failure:
    """A step that failed: where it stands, what happened, where its evidence lies (a folder, or empty)."""

    step: str
    place: str
    what: str
    mend: str
    evidence: str


def nothing_else(*_: object) -> None:
    """What is kept with a write that nothing else is kept with."""


def new_run_id(moment: datetime) -> str:
    """Readable and sortable: 20261122-190012-kfwpaz.

    Letters only: hundreds may begin in one second, and digits here could make up twelve, which logs mask.
    """
    return f"{moment:%Y%m%d-%H%M%S}-{''.join(secrets.choice(ascii_lowercase) for _ in range(6))}"


def begin_run(ledger: Ledger, start: RunStart, also: Callable[[sa.Connection, str], None] = nothing_else) -> str:
    """Records a new run and returns its id.  also: what is to be kept with it, in the same transaction.

    A real run carries on the scenario's latest run whose `finish` is still owed (it died or was stopped): that one
    is marked interrupted.  The caller holds the scenario's lock, so a run still marked running is dead.
    """
    moment = now()
    run = new_run_id(moment)
    with ledger.writing() as connection:
        before = None if start.rehearsal else _owed(connection, start.scenario)
        owed = before["id"] if before is not None else None
        told = {name: getattr(start, name) for name in start.__slots__}
        facts = None if start.rehearsal else open_sums(connection, told, stamp(moment))
        connection.execute(
            runs.insert().values(
                id=run,
                state="running",
                started_at=stamp(moment),
                finished=False,
                continues=owed,
                message="",
                facts=facts,
                **told,
            )
        )
        connection.execute(
            runs.update()
            .where(runs.c.scenario == start.scenario, runs.c.state == "running", runs.c.id != run)
            .values(
                state="interrupted", ended_at=stamp(moment), message="途中で終わったため、次の実行が引き継ぎました。"
            )
        )
        also(connection, run)
    return run


def owed_run(ledger: Ledger, scenario: str) -> sa.RowMapping | None:
    """The latest real run of a scenario, if it died or stopped before its `finish` went through."""
    with ledger.reading() as connection:
        return _owed(connection, scenario)


def _owed(connection: sa.Connection, scenario: str) -> sa.RowMapping | None:
    latest = connection.execute(
        sa.select(runs)
        .where(runs.c.scenario == scenario, ~runs.c.rehearsal)
        .order_by(runs.c.started_at.desc(), runs.c.id.desc())
        .limit(1)
    )
    row = latest.mappings().first()
    return row if row is not None and not row["finished"] else None


def take_up_run(ledger: Ledger, run: str, also: Callable[[sa.Connection, str], None] = nothing_else) -> None:
    """Marks an unfinished run as running again (``banken resume``)."""
    with ledger.writing() as connection:
        connection.execute(runs.update().where(runs.c.id == run).values(state="running", ended_at=None, message=""))
        also(connection, run)


def finish_run(
    ledger: Ledger,
    run: str,
    state: str,
    had: Iterable[int],
    message: str = "",
    also: Callable[[sa.Connection], None] = nothing_else,
) -> None:
    """`finish` of this run, and of those it carries on, has gone through, and so the run ends (ended or stopped).

    had: the items that `finish` was given.
    """
    with ledger.writing() as connection:
        connection.execute(
            runs.update().where(runs.c.id == run).values(state=state, ended_at=stamp(now()), message=message)
        )
        connection.execute(runs.update().where(runs.c.id.in_(_chain(connection, run))).values(finished=True))
        if given := [{"item": item} for item in had]:
            connection.execute(items.update().where(items.c.id == sa.bindparam("item")).values(finished=True), given)
        also(connection)


def end_run(
    ledger: Ledger,
    run: str,
    state: str,
    message: str = "",
    also: Callable[[sa.Connection], None] = nothing_else,
) -> None:
    """Records how a run ended whose `finish` did not go through (failed), or that has none (a rehearsal)."""
    with ledger.writing() as connection:
        connection.execute(
            runs.update().where(runs.c.id == run).values(state=state, ended_at=stamp(now()), message=message)
        )
        also(connection)


def _chain(connection: sa.Connection, run: str) -> list[str]:
    """This run and, backwards, the unfinished runs that it carries on."""
    found = [run]
    while True:
        before = connection.execute(sa.select(runs.c.continues).where(runs.c.id == found[-1])).scalar()
        if before is None or connection.execute(sa.select(runs.c.finished).where(runs.c.id == before)).scalar():
            return found
        found.append(before)


def get_run(ledger: Ledger, run: str) -> sa.RowMapping | None:
    """One run, or None."""
    with ledger.reading() as connection:
        return connection.execute(sa.select(runs).where(runs.c.id == run)).mappings().first()


def latest_runs(ledger: Ledger, scenario: str | None, limit: int) -> list[sa.RowMapping]:
    """The latest runs, newest first, each with its counts by state as ``counts``-ready columns left to run_counts."""
    query = sa.select(runs).order_by(runs.c.started_at.desc(), runs.c.id.desc()).limit(limit)
    if scenario is not None:
        query = query.where(runs.c.scenario == scenario)
    with ledger.reading() as connection:
        return list(connection.execute(query).mappings())


def run_counts(ledger: Ledger, wanted: list[str]) -> dict[str, dict[str, int]]:
    """Items of each run by their state in it: {run: {state: count}}."""
    query = (
        sa.select(run_items.c.run, run_items.c.state, sa.func.count())
        .where(run_items.c.run.in_(wanted))
        .group_by(run_items.c.run, run_items.c.state)
    )
    counts: dict[str, dict[str, int]] = {run: {} for run in wanted}
    with ledger.reading() as connection:
        for run, state, count in connection.execute(query):
            counts[run][state] = count
    return counts


def record_failure(ledger: Ledger, run: str, item: int | None, failure: Failure) -> None:
    """Keeps a failed step of a run that concerns no item's outcome (prepare, finish)."""
    with ledger.writing() as connection:
        add_failure(connection, run, item, failure)


def add_failure(connection: sa.Connection, run: str, item: int | None, failure: Failure) -> None:
    """The same inside a transaction that also settles the item."""
    connection.execute(
        failed_steps.insert().values(
            run=run,
            item=item,
            at=stamp(now()),
            **{name: getattr(failure, name) for name in failure.__slots__},
        )
    )


def run_failures(ledger: Ledger, run: str) -> list[sa.RowMapping]:
    """The failed steps of a run in order, each with its item's key and origin where it has one."""
    query = (
        sa.select(failed_steps, items.c.key, items.c.origin)
        .select_from(failed_steps.outerjoin(items, failed_steps.c.item == items.c.id))
        .where(failed_steps.c.run == run)
        .order_by(failed_steps.c.id)
    )
    with ledger.reading() as connection:
        return list(connection.execute(query).mappings())
