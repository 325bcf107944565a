"""Removing what is personal once the retention time is over; what was done stays done, and every sum stays as it is.

Of a finished item its row, its state, its times and the marks of its key and values stay: a key is never entered twice.
A person's exclusion stays too; other answers go, and a paper that turns up again is asked about anew.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from robots.ledger.store import Ledger
from robots.ledger.tables import (
    failed_steps,
    human_minutes,
    items,
    mails,
    review_entries,
    review_tasks,
    run_items,
    runs,
    settlements,
)

GONE = "（消去済み）"
"""What stands in the place of a key and an origin."""
_AT_ONCE = 500
_OVER = ("done", "rejected", "skipped")


@dataclass(frozen=True, slots=True)
class Due:
    """What is to be purged: ids of items, of runs and of mails."""

    items: Sequence[int]
    runs: Sequence[str]
    mails: Sequence[int]

    def __bool__(self) -> bool:
        return bool(self.items or self.runs or self.mails)


def due(ledger: Ledger, before: str) -> Due:
    """What ended before this time (ISO 8601, JST) and still holds something personal.

    An item that waits, failed or is in doubt is not over, and a done one is not until a `finish` has had it.
    """
    over = (
        items.c.state.in_(_OVER)
        & (items.c.updated_at < before)
        & ((items.c.state != "done") | items.c.finished)
        & items.c.purged_at.is_(None)
    )
    ended = runs.c.ended_at.is_not(None) & (runs.c.ended_at < before) & runs.c.purged_at.is_(None)
    sent = (mails.c.state != "sending") & (mails.c.at < before) & mails.c.purged_at.is_(None)
    with ledger.reading() as connection:
        return Due(
            *(
                connection.execute(sa.select(table.c.id).where(old).order_by(table.c.id)).scalars().all()
                for table, old in ((items, over), (runs, ended), (mails, sent))
            )
        )


def pictures(ledger: Ledger, wanted: Due) -> set[str]:
    """The pictures of doubtful places that these items were asked about with."""
    with ledger.reading() as connection:
        found: set[str] = set()
        for some in _batches(wanted.items):
            query = sa.select(review_tasks.c.picture).where(review_tasks.c.item.in_(some))
            found |= {picture for picture in connection.execute(query).scalars() if picture}
    return found


def asked_pictures(ledger: Ledger) -> set[str]:
    """The pictures of tasks that nobody has answered yet."""
    query = sa.select(review_tasks.c.picture).where(review_tasks.c.state == "open").distinct()
    with ledger.reading() as connection:
        return {picture for picture in connection.execute(query).scalars() if picture}


def purge(ledger: Ledger, wanted: Due, at: str) -> None:
    """Empties them, some at a time; a purge that was broken off is simply made again.  at: the time of purging."""
    for some in _batches(wanted.items):
        with ledger.writing() as connection:
            _purge_items(connection, some, at)
    for names in _batches(wanted.runs):
        with ledger.writing() as connection:
            told = {"inputs": {}, "message": "", "purged_at": at}
            connection.execute(runs.update().where(runs.c.id.in_(names)).values(told))
            of_runs = failed_steps.c.run.in_(names) & failed_steps.c.item.is_(None)
            connection.execute(failed_steps.update().where(of_runs).values(what="", mend="", place="", evidence=""))
    for numbers in _batches(wanted.mails):
        with ledger.writing() as connection:
            connection.execute(mails.update().where(mails.c.id.in_(numbers)).values(key=GONE, purged_at=at))


def _purge_items(connection: sa.Connection, some: Sequence[int], at: str) -> None:
    empty = {"key": GONE, "origin": GONE, "values": {}, "result": {}, "reason": "", "purged_at": at}
    connection.execute(items.update().where(items.c.id.in_(some)).values(empty))
    connection.execute(run_items.update().where(run_items.c.item.in_(some)).values(reason=""))
    told = {"what": "", "mend": "", "place": "", "evidence": ""}
    connection.execute(failed_steps.update().where(failed_steps.c.item.in_(some)).values(told))
    connection.execute(human_minutes.update().where(human_minutes.c.item.in_(some)).values(note=""))
    connection.execute(settlements.update().where(settlements.c.item.in_(some)).values(why=""))
    of_items = review_tasks.c.item.in_(some)
    asked_of_them = sa.select(review_tasks.c.id).where(of_items)
    connection.execute(review_entries.delete().where(review_entries.c.task.in_(asked_of_them)))
    asked = {"origin": GONE, "proposed": "", "why": [], "place": "", "picture": "", "answer": "", "why_so": ""}
    connection.execute(review_tasks.update().where(of_items).values(asked))
    # An answer without its text would stand for a blank field.
    answered = of_items & (review_tasks.c.state == "answered") & (review_tasks.c.decision != "exclude")
    connection.execute(review_tasks.update().where(answered).values(state="dropped"))


def _batches(all_of_them: Sequence[Any]) -> Iterator[Sequence[Any]]:
    for begin in range(0, len(all_of_them), _AT_ONCE):
        yield all_of_them[begin : begin + _AT_ONCE]
