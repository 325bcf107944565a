"""Runs and items as the pages list them: filtered and a part at a time; nothing here writes."""

from __future__ import annotations

from dataclasses import dataclass

import sqlalchemy as sa

from robots.ledger.store import Ledger
from robots.ledger.tables import failed_steps, items, run_items, runs, settlements

AGAIN_FROM = ("rejected", "failed")
"""States from which a person may send items back without having looked into the core system."""


@dataclass(frozen=True, slots=True)
class RunsWanted:
    """Which runs; an empty condition is none.

    text: a part of the scenario's id or of the name that it had; state: of RUN_STATES, or ``rehearsal``;
    since, until: days (2026-11-22), both included.
    """

    text: str = ""
    state: str = ""
    since: str = ""
    until: str = ""
    machine: str = ""

    def where(self) -> list[sa.ColumnElement[bool]]:
        """The conditions."""
        row = runs.c
        named = row.scenario.contains(self.text, autoescape=True) | row.scenario_name.contains(
            self.text, autoescape=True
        )
        of_state = row.rehearsal if self.state == "rehearsal" else (row.state == self.state) & ~row.rehearsal
        return [
            *([named] if self.text else []),
            *([of_state] if self.state else []),
            *([row.started_at >= self.since] if self.since else []),
            *([row.started_at < f"{self.until}U"] if self.until else []),  # "U" stands behind the "T" of that day
            *([row.machine == self.machine] if self.machine else []),
        ]


def find_runs(ledger: Ledger, wanted: RunsWanted, *, offset: int, limit: int) -> list[sa.RowMapping]:
    """A part of the runs, newest first."""
    query = sa.select(runs).where(*wanted.where()).order_by(runs.c.started_at.desc(), runs.c.id.desc())
    with ledger.reading() as connection:
        return list(connection.execute(query.offset(offset).limit(limit)).mappings())


def count_runs(ledger: Ledger, wanted: RunsWanted) -> int:
    """How many there are."""
    query = sa.select(sa.func.count()).select_from(runs).where(*wanted.where())
    with ledger.reading() as connection:
        return int(connection.execute(query).scalar() or 0)


def items_in_run(ledger: Ledger, run: str, *, state: str, offset: int, limit: int) -> list[sa.RowMapping]:
    """A part of a run's items in its order (of one state in it): run_items, with the item's key, origin and present state."""
    query = (
        sa.select(run_items, items.c.key, items.c.origin, items.c.state.label("present"), items.c.purged_at)
        .join(items, items.c.id == run_items.c.item)
        .where(run_items.c.run == run, *([run_items.c.state == state] if state else []))
        .order_by(run_items.c.ordinal, run_items.c.item)
    )
    with ledger.reading() as connection:
        return list(connection.execute(query.offset(offset).limit(limit)).mappings())


def left_in_run(ledger: Ledger, run: str) -> list[int]:
    """The items of a run that a person may send back as they are (rejected, failed) and that are still so, in order."""
    query = (
        sa.select(run_items.c.item)
        .join(items, items.c.id == run_items.c.item)
        .where(run_items.c.run == run, items.c.run == run, items.c.state.in_(AGAIN_FROM))
        .order_by(run_items.c.ordinal)
    )
    with ledger.reading() as connection:
        return list(connection.execute(query).scalars())


def find_items(ledger: Ledger, scenario: str, state: str, *, offset: int, limit: int) -> list[sa.RowMapping]:
    """A part of a scenario's items (of one state), the newest first."""
    where = [items.c.scenario == scenario, *([items.c.state == state] if state else [])]
    query = sa.select(items).where(*where).order_by(items.c.id.desc()).offset(offset).limit(limit)
    with ledger.reading() as connection:
        return list(connection.execute(query).mappings())


def get_item(ledger: Ledger, item: int) -> sa.RowMapping | None:
    """One item, or None."""
    with ledger.reading() as connection:
        return connection.execute(sa.select(items).where(items.c.id == item)).mappings().first()


def visits_of(ledger: Ledger, item: int) -> list[sa.RowMapping]:
    """What became of an item in each of its runs, newest first."""
    query = sa.select(run_items).where(run_items.c.item == item).order_by(run_items.c.at.desc())
    with ledger.reading() as connection:
        return list(connection.execute(query).mappings())


def settlements_of(ledger: Ledger, item: int) -> list[sa.RowMapping]:
    """What people decided of an item, newest first."""
    query = sa.select(settlements).where(settlements.c.item == item).order_by(settlements.c.id.desc())
    with ledger.reading() as connection:
        return list(connection.execute(query).mappings())


def failures(ledger: Ledger, *, run: str = "", item: int | None = None, limit: int = 50) -> list[sa.RowMapping]:
    """The latest failed steps of a run or of an item, newest first, each with its item's key and origin where it has one."""
    query = (
        sa.select(failed_steps, items.c.key, items.c.origin, runs.c.machine)
        .select_from(failed_steps.outerjoin(items, failed_steps.c.item == items.c.id))
        .join(runs, runs.c.id == failed_steps.c.run)
        .where(
            *([failed_steps.c.run == run] if run else []),
            *([failed_steps.c.item == item] if item is not None else []),
        )
        .order_by(failed_steps.c.id.desc())
        .limit(limit)
    )
    with ledger.reading() as connection:
        return list(connection.execute(query).mappings())


def get_failure(ledger: Ledger, number: int) -> sa.RowMapping | None:
    """One failed step with its run's scenario, or None."""
    query = (
        sa.select(failed_steps.c.run, failed_steps.c.evidence, runs.c.scenario)
        .join(runs, runs.c.id == failed_steps.c.run)
        .where(failed_steps.c.id == number)
    )
    with ledger.reading() as connection:
        return connection.execute(query).mappings().first()
