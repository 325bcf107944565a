"""Blind double entry: what two people entered for one task, neither seeing the other's, until they agree or a third decides."""

from __future__ import annotations

from dataclasses import dataclass

import sqlalchemy as sa

from robots.ledger.store import Ledger
from robots.ledger.tables import review_entries


@dataclass(frozen=True, slots=True)
class Entry:
    """What one person entered."""

    who: str
    text: str


def entries(ledger: Ledger, task: int) -> list[Entry]:
    """What was entered for a task so far, in order."""
    with ledger.reading() as connection:
        return entries_in(connection, task)


def entries_in(connection: sa.Connection, task: int) -> list[Entry]:
    """The same inside a transaction."""
    query = sa.select(review_entries.c.who, review_entries.c.text).where(review_entries.c.task == task)
    return [Entry(row.who, row.text) for row in connection.execute(query.order_by(review_entries.c.id))]


def agreed(connection: sa.Connection, task: int, who: str, text: str, at: str) -> bool:
    """Keeps what a person entered; whether the task is answered by it: the second agrees, or a third decides."""
    before = entries_in(connection, task)
    if len(before) > 1:
        return True
    connection.execute(review_entries.insert().values(task=task, who=who, text=text, at=at))
    return bool(before) and before[0].text == text
