"""Minutes that people still spend, and yen that is paid or saved, in the ledger."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import ROUND_HALF_UP, Decimal

import sqlalchemy as sa

from robots.clock import JST, now, stamp
from robots.ledger.rollups import UNITS, add_people
from robots.ledger.store import Ledger
from robots.ledger.tables import COST_KINDS, MINUTES_KINDS, costs, human_minutes

KINDS = MINUTES_KINDS
COSTS = COST_KINDS


@dataclass(frozen=True, slots=True)
class Minutes:
    """Minutes of a person for a scenario, a department (its key) or the whole town (*); run and item where they belong to one."""

    scenario: str
    kind: str
    minutes: Decimal
    """Kept to a ten-thousandth."""
    who: str
    note: str
    run: str | None = None
    item: int | None = None
    on: date | None = None
    """The day on which they were spent; None: now."""


@dataclass(frozen=True, slots=True)
class Cost:
    """Yen for a scenario, a department (its key) or the whole town (*).

    kind: licence, contract, equipment, or avoided: what is no longer paid since the work is automated.
    """

    scenario: str
    kind: str
    yen: Decimal
    initial: bool
    """Paid once at the beginning, not every year."""
    day: date
    who: str
    note: str


def book_minutes(ledger: Ledger, spent: Minutes) -> None:
    """Books them; they lower the net saving."""
    with ledger.writing() as connection:
        book(connection, spent)


def book(connection: sa.Connection, spent: Minutes) -> None:
    """The same inside a transaction."""
    at = stamp(now() if spent.on is None else datetime.combine(spent.on, time(), JST))
    kept = spent.minutes.quantize(Decimal(1) / UNITS, ROUND_HALF_UP)
    connection.execute(
        human_minutes.insert().values(
            scenario=spent.scenario,
            kind=spent.kind,
            minutes=format(spent.minutes if spent.minutes == kept else kept, "f"),
            who=spent.who,
            note=spent.note,
            run=spent.run,
            item=spent.item,
            at=at,
        )
    )
    add_people(connection, spent.scenario, spent.kind, at, kept, spent.run)


def book_cost(ledger: Ledger, cost: Cost) -> None:
    """Books yen that was paid, or that need not be paid any more."""
    with ledger.writing() as connection:
        connection.execute(
            costs.insert().values(
                scenario=cost.scenario,
                kind=cost.kind,
                yen=format(cost.yen, "f"),
                initial=cost.initial,
                day=cost.day.isoformat(),
                who=cost.who,
                note=cost.note,
                at=stamp(now()),
            )
        )
