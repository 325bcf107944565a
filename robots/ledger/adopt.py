"""Bringing the items of a run into the ledger: one row a key, one row a paper, and none is ever lost.

A paper is known by what it was read from; a key is known once it is certain.  Where both lead to different rows,
the paper was scanned again, or two papers claim one number (docs/adr/0009).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, cast

import sqlalchemy as sa

from robots.clock import now, shown, stamp
from robots.ledger.items import Item, NewItem, digest_of, paper_key, visit
from robots.ledger.reviews import ask
from robots.ledger.seal import sealer_of
from robots.ledger.store import Ledger
from robots.ledger.tables import items, review_tasks, runs
from robots.values import Row, to_json

_AT_ONCE = 500
_KNOWN = [
    items.c[name]
    for name in (
        *("id", "key", "key_mark", "source", "state", "run", "origin"),
        *("values_digest", "reason", "attempts", "done_at"),
    )
]
_SETTLED = ("done", "in_doubt", "committing", "working")
"""States that an adoption leaves alone; working and committing ones are a living hand's (hands.py)."""
_UNCHANGED = "（前回と同じ内容のため、やり直していません。元データを直すか、banken settle 番号 --again で戻せます）"


def adopt_items(ledger: Ledger, run: str, scenario: str, found: Sequence[NewItem]) -> list[Item]:
    """Brings a run's items into the ledger, in their order, and tells what state each is in now.

    New keys, and those left over by earlier runs, become ready.  Done ones stay done (``skipped`` in a later
    run); in doubt ones stay so until a person decides; rejected ones stay rejected unless their values, or the
    approved scenario, changed since.  What a person must look at waits, with its questions asked.
    """
    with ledger.writing() as connection:
        adoption = _Adoption(connection, run, scenario, found)
        return [adoption.adopt(ordinal, new) for ordinal, new in enumerate(found, 1)]


class _Adoption:
    """One run's adoption, inside one transaction."""

    def __init__(self, connection: sa.Connection, run: str, scenario: str, found: Sequence[NewItem]) -> None:
        self._connection = connection
        self._run = run
        self._scenario = scenario
        self._sources = {new.source for new in found if new.source}
        self._digest = connection.execute(sa.select(runs.c.digest).where(runs.c.id == run)).scalar_one()
        self._mark = sealer_of(connection.dialect).mark
        rows = self._known(found)
        still_open = (review_tasks.c.scenario == scenario) & (review_tasks.c.state == "open")
        self._asked = set(connection.execute(sa.select(review_tasks.c.item).where(still_open)).scalars())
        self._by_key = {row.key_mark: row for row in rows}
        self._by_source = {row.source: row for row in rows if row.source}

    def _known(self, found: Sequence[NewItem]) -> list[sa.Row[Any]]:
        """The rows that these items may already have, by their key or by their paper; no other is opened."""
        wanted = {
            items.c.key_mark: sorted({new.key for new in found}),
            items.c.source: sorted(self._sources),
        }
        rows: dict[int, sa.Row[Any]] = {}
        for column, texts in wanted.items():
            for begin in range(0, len(texts), _AT_ONCE):
                query = (
                    sa.select(*_KNOWN, runs.c.digest.label("run_digest"))
                    .join(runs, runs.c.id == items.c.run)
                    .where(items.c.scenario == self._scenario, column.in_(texts[begin : begin + _AT_ONCE]))
                )
                rows |= {row.id: row for row in self._connection.execute(query)}
        return list(rows.values())

    def adopt(self, ordinal: int, new: NewItem) -> Item:
        holder = self._by_key.get(self._mark(new.key))
        row = self._by_source.get(new.source) if new.source else holder
        if holder is not None and holder is not row and (row is None or row.state not in _SETTLED):
            if row is None and not holder.source and holder.state not in _SETTLED:
                row = holder  # a row of a book until now; from now on it is this paper
            else:
                new = self._against(new, holder)
        values = to_json(dict(new.values))
        same = row is not None and row.values_digest == self._mark(digest_of(values))
        state, reason, key = new.state, new.reason, new.key
        # What its own steps have asked of a person is still open: it waits on, and its screens are not gone through again.
        waits = (
            new.state == "ready"
            and row is not None
            and (row.state, row.run_digest) == ("waiting", self._digest)
            and same
            and row.id in self._asked
        )
        if row is None:
            identity, attempts = self._insert(new, values, ordinal), 0
        else:
            identity, attempts = row.id, row.attempts
            stays = new.state == "ready" and row.state == "rejected" and same and row.run_digest == self._digest
            if row.state in _SETTLED or waits or (stays and row.attempts):
                state, reason, key = row.state, _why_left(row, same), row.key
            else:
                fresh = self._fresh(new, values, ordinal)
                self._connection.execute(items.update().where(items.c.id == row.id).values(**fresh))
        questions = new.questions if state == "waiting" else ()
        if not waits and (questions or identity in self._asked):
            ask(self._connection, self._run, self._scenario, identity, new.origin, questions)
        elsewhere = row is not None and row.run != self._run
        seen = "skipped" if state == "done" and elsewhere else state
        visit(self._connection, self._run, identity, ordinal, seen, reason)
        values_row = Row(new.values, origin=new.origin, source=new.source)
        return Item(identity, key, state, new.origin, values_row, reason, attempts)

    def _fresh(self, new: NewItem, values: object, ordinal: int) -> dict[str, object]:
        return {
            "key": new.key,
            "key_mark": new.key,
            "source": new.source or None,
            "state": new.state,
            "run": self._run,
            "turn": ordinal if new.state == "ready" else None,
            "origin": new.origin,
            "values": values,
            "values_digest": digest_of(values),
            "reason": new.reason,
            "updated_at": stamp(now()),
        }

    def _insert(self, new: NewItem, values: object, ordinal: int) -> int:
        inserted = self._connection.execute(
            items.insert().values(
                scenario=self._scenario, result={}, attempts=0, finished=False, **self._fresh(new, values, ordinal)
            )
        )
        return int(cast("tuple[int]", inserted.inserted_primary_key)[0])

    def _against(self, new: NewItem, holder: Any) -> NewItem:
        """Another row has this paper's key: the paper yields to what is entered, and replaces what is not."""
        if holder.state not in _SETTLED:
            self._release(holder, new)
            return new
        same = holder.values_digest == self._mark(digest_of(to_json(dict(new.values))))
        key = paper_key(new.origin, new.source)
        if holder.state != "done":
            why = f"キー「{new.key}」は{holder.origin}の登録が済んだかどうか、まだ分かりません。先にそちらを確かめてください。"
            return replace(new, key=key, refusal=why)
        entered = f"キー「{new.key}」は{holder.origin}から登録済みです（{shown(holder.done_at)}）。"
        if same:
            return replace(new, key=key, left_out=f"{entered}同じ内容なので、登録しません。")
        return replace(new, key=key, refusal=f"{entered}内容が違います。どちらが正しいかを紙で確かめてください。")

    def _release(self, holder: Any, new: NewItem) -> None:
        """The key passes to a paper that was read later; the old row stays, under a key of its own."""
        del self._by_key[holder.key_mark]
        own = paper_key(holder.origin, holder.source or str(holder.id))
        gone: dict[str, object] = {"key": own, "key_mark": own}
        if holder.source not in self._sources:
            gone |= {"state": "skipped", "reason": f"キー「{new.key}」は、新しく読み取った{new.origin}に替わりました。"}
            ask(self._connection, self._run, self._scenario, holder.id, holder.origin, ())
        self._connection.execute(items.update().where(items.c.id == holder.id).values(**gone))


def _why_left(row: Any, same: bool) -> str:
    if row.state == "done":
        note = "" if same else "ただし、元データの内容が登録した時と違います。直す必要がないか確かめてください。"
        return f"登録済みです（{shown(row.done_at)}）。{note}"
    if row.state == "rejected":
        return str(row.reason).removesuffix(_UNCHANGED) + _UNCHANGED
    return str(row.reason)
