"""Minutes that people still spend, in the ledger."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

import sqlalchemy as sa

from robots.clock import now, stamp
from robots.ledger.store import Ledger
from robots.ledger.tables import human_minutes

KINDS = ("review", "mending", "authoring", "maintenance")


@dataclass(frozen=True, slots=True)
class Minutes:
    """Minutes of a person for a scenario; run and item where they belong to one."""

    scenario: str
    kind: str
    minutes: Decimal
    who: str
    note: str
    run: str | None = None
    item: int | None = None


def book_minutes(ledger: Ledger, spent: Minutes) -> None:
    """Books them; they lower the net saving."""
    with ledger.writing() as connection:
        book(connection, spent)


def book(connection: sa.Connection, spent: Minutes) -> None:
    """The same inside a transaction."""
    connection.execute(
        human_minutes.insert().values(
            scenario=spent.scenario,
            kind=spent.kind,
            minutes=format(spent.minutes, "f"),
            who=spent.who,
            note=spent.note,
            run=spent.run,
            item=spent.item,
            at=stamp(now()),
        )
    )
