"""Items in the ledger: each a transaction, entered at most once.

The row (scenario, key) is unique for ever; whatever the source says, a key that is done is not entered again.

What a run's processes (its hands) write of an item goes beside what others write of theirs: each such transaction locks
its item's row first and the sums of its run last (docs/adr/0031).  hand: the process's number (hands.py), None where the
run has no process of its own.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa

from robots.clock import now, stamp
from robots.errors import SystemFailure
from robots.ledger.leases import check_held
from robots.ledger.reviews import Question, ask
from robots.ledger.rollups import count_done
from robots.ledger.runs import Failure, add_failure, nothing_else
from robots.ledger.store import Ledger
from robots.ledger.tables import items, run_items, settlements
from robots.values import Row, from_json, to_json


@dataclass(frozen=True, slots=True)
class NewItem:
    """An item as the source gives it."""

    key: str
    """What it is entered under; of a paper whose key can't be told yet, ``paper_key``."""
    origin: str
    values: Mapping[str, object]
    """What is certain of it."""
    refusal: str = ""
    """Why it can't even be begun (no key, key given twice)."""
    source: str = ""
    """What it was read from, see Row."""
    questions: tuple[Question, ...] = ()
    """What a person must answer before it may be entered."""
    left_out: str = ""
    """Why it is not to be entered though nothing is wrong with it (a person's decision, the same paper twice)."""

    @property
    def state(self) -> str:
        if self.left_out:
            return "skipped"
        if self.questions:
            return "waiting"
        return "rejected" if self.refusal else "ready"

    @property
    def reason(self) -> str:
        if self.questions and not self.left_out:
            asked = "、".join(one.field or ("ページ全体" if one.kind == "page" else "行全体") for one in self.questions)
            return f"人の確認を待っています: {asked}"
        return self.left_out or self.refusal


def paper_key(origin: str, source: str) -> str:
    """The key of a paper that has none of its own (yet): no other paper has it."""
    return f"（{origin} {source[:12]}）"


@dataclass(frozen=True, slots=True)
class Item:
    """An item as the ledger knows it."""

    id: int
    key: str
    state: str
    origin: str
    values: Row
    reason: str
    attempts: int
    result: Mapping[str, object] = field(default_factory=dict)
    """What its steps had saved when the commit was begun."""


OF_ITEM = [items.c[name] for name in ("id", "key", "state", "origin", "source", "values", "reason", "attempts")]
"""What ``item_of`` needs of a row."""


def item_of(row: Any) -> Item:
    """An item from its row."""
    values = from_json(row.values)
    known = Row(values if isinstance(values, dict) else {}, origin=row.origin, source=row.source or "")
    return Item(row.id, row.key, row.state, row.origin, known, row.reason, row.attempts)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of an item: its state, why, what it saved, how long it took, the step that failed, what it waits for."""

    state: str
    reason: str = ""
    result: Mapping[str, object] = field(default_factory=dict)
    seconds: float = 0.0
    failure: Failure | None = None
    questions: tuple[Question, ...] = ()


def visit(
    connection: sa.Connection, run: str, item: int, ordinal: int | None, state: str, reason: str, seconds: float = 0
) -> None:
    """What became of an item in a run: one row, brought up to date."""
    values: dict[str, object] = {"state": state, "reason": reason, "at": stamp(now())}
    if ordinal is not None:
        values["ordinal"] = ordinal
    if seconds:
        values["seconds"] = f"{seconds:.3f}"
    here = (run_items.c.run == run) & (run_items.c.item == item)
    if not connection.execute(run_items.update().where(here).values(**values)).rowcount:
        connection.execute(run_items.insert().values({"run": run, "item": item, "ordinal": 0, "seconds": "0"} | values))


def claim_next(ledger: Ledger, run: str, hand: int | None = None) -> Item | None:
    """The next item of a run, in the order of its source, that nobody works on: from now on this hand does.

    None where nothing is left.  No two hands ever get the same one, and none waits for another.
    """
    with ledger.writing(beside=True) as connection:
        return _claim_next(connection, run, hand)


def _claim_next(connection: sa.Connection, run: str, hand: int | None) -> Item | None:
    mine = (items.c.run == run) & (items.c.state == "ready") & items.c.turn.is_not(None)
    waiting = sa.select(items.c.id).where(mine).order_by(items.c.turn).limit(1)
    first = waiting.with_for_update(skip_locked=True, key_share=True)
    claimed = connection.execute(
        items.update()
        .where(items.c.id == first.scalar_subquery())
        .values(state="working", hand=hand, attempts=items.c.attempts + 1, updated_at=stamp(now()))
        .returning(*OF_ITEM)
    ).first()
    return None if claimed is None else item_of(claimed)


def intend_commit(ledger: Ledger, run: str, item: int, saved: Mapping[str, object], hand: int | None = None) -> None:
    """Puts the intent on disk, before anything that can't be taken back is done.

    saved: what the item's steps saved so far; already_done may need it after a crash.

    Raises: SystemFailure where the item is no longer this hand's to enter, or the hand has lost a lease that it works
    under (a login that only one may use).
    """
    at = stamp(now())
    with ledger.writing(beside=True) as connection:
        check_held(connection, run, hand)
        claimed = connection.execute(
            items.update()
            .where(items.c.id == item, items.c.state == "working", items.c.run == run, items.c.hand == hand)
            .values(state="committing", intent_at=at, result=to_json(dict(saved)), updated_at=at)
        )
        if claimed.rowcount != 1:
            raise SystemFailure(
                "この対象は、ほかの実行が扱っているか、すでに登録済みです。登録しませんでした。",
                mend="banken items で状態を確かめてください。",
            )
        visit(connection, run, item, None, "committing", "")


def withdraw_intent(ledger: Ledger, run: str, item: int, hand: int | None = None) -> None:
    """The commit was looked for and is not there: the item may be worked on again by this hand."""
    with ledger.writing(beside=True) as connection:
        _locked(connection, item)
        connection.execute(
            items.update()
            .where(items.c.id == item, items.c.state == "committing")
            .values(state="working", run=run, hand=hand, intent_at=None, updated_at=stamp(now()))
        )
        visit(connection, run, item, None, "working", "")


def settle_item(
    ledger: Ledger, run: str, item: int, outcome: Outcome, hand: int | None = None, *, claim: bool = False
) -> Item | None:
    """Puts an item's outcome on disk and, where wanted, claims the next one of the run in the same durable write.

    What is done stays done, and what another has begun to enter stays that one's: of an item that passed to another run
    only this run's own account (run_items) is written, of one that passed to another hand of the same run nothing.  What
    was found out of a dead one's commit counts.
    """
    at = stamp(now())
    done_at = sa.func.coalesce(items.c.done_at, at) if outcome.state == "done" else None
    ours = (items.c.run == run) & (items.c.hand == hand)
    if outcome.state in ("done", "in_doubt"):
        ours |= items.c.state == "committing"
    if outcome.state != "done":
        ours &= items.c.state != "done"
    values = {"state": outcome.state, "reason": outcome.reason, "result": to_json(dict(outcome.result))}
    values |= {"run": run, "hand": hand, "turn": None, "done_at": done_at, "updated_at": at}
    with ledger.writing(beside=True) as connection:
        before = _locked(connection, item)
        settled = connection.execute(items.update().where(items.c.id == item, ours).values(values)).rowcount
        if settled or before.run != run:
            visit(connection, run, item, None, outcome.state, outcome.reason, outcome.seconds)
            if outcome.failure is not None:
                add_failure(connection, run, item, outcome.failure)
        if settled and outcome.questions:
            ask(connection, run, before.scenario, item, before.origin, outcome.questions)
        following = _claim_next(connection, run, hand) if claim else None
        if settled and outcome.state == "done" and before.state != "done":
            count_done(connection, run)  # last: the hands of a run wait here for one another
    return following


def _locked(connection: sa.Connection, item: int) -> Any:
    """An item as it stands; nobody else writes it until the transaction ends."""
    told = (items.c.state, items.c.run, items.c.scenario, items.c.origin)
    return connection.execute(sa.select(*told).where(items.c.id == item).with_for_update(key_share=True)).one()


def settle_by_person(
    ledger: Ledger,
    item: int,
    decision: str,
    who: str,
    why: str,
    also: Callable[[sa.Connection, sa.RowMapping], None] = nothing_else,
) -> sa.RowMapping | None:
    """A person decides: ``done`` (it is in the core system) or ``again`` (it is not: enter it in the next run).

    ``done`` is for items in doubt; ``again`` for those in doubt, rejected or failed.  Returns the item, or None
    where there is no such item or its state does not allow the decision.  also: what is to be kept with it.
    """
    at = stamp(now())
    allowed = ("in_doubt",) if decision == "done" else ("in_doubt", "rejected", "failed")
    state = "done" if decision == "done" else "ready"
    with ledger.writing() as connection:
        row = connection.execute(sa.select(items).where(items.c.id == item).with_for_update()).mappings().first()
        if row is None or row["state"] not in allowed:
            return None
        connection.execute(
            items.update()
            .where(items.c.id == item)
            .values(state=state, turn=None, reason=why, done_at=at if state == "done" else None, updated_at=at)
        )
        connection.execute(settlements.insert().values(item=item, decision=decision, who=who, why=why, at=at))
        if state == "done":
            count_done(connection, row["run"])
        visit(connection, row["run"], item, None, state, why)
        also(connection, row)
    return row


def stored(values: Mapping[str, object]) -> dict[str, object]:
    """Values as JSON for the ledger."""
    return {name: to_json(value) for name, value in values.items()}


def digest_of(values: object) -> str:
    """A digest of an item's values as JSON, to see later whether the source changed."""
    text = json.dumps(values, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()
