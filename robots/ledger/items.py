"""Items in the ledger: each a transaction, entered at most once.

The row (scenario, key) is unique for ever; whatever the source says, a key that is done is not entered again.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import sqlalchemy as sa

from robots.clock import now, stamp
from robots.errors import SystemFailure
from robots.ledger.leases import check_held
from robots.ledger.reviews import Question, ask
from robots.ledger.rollups import count_done
from robots.ledger.runs import Failure, add_failure, nothing_else
from robots.ledger.store import Ledger
from robots.ledger.tables import items, run_items, settlements
from robots.values import Row, to_json


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


def claim_item(ledger: Ledger, run: str, item: int) -> None:
    """The item is being worked on by this run."""
    with ledger.writing() as connection:
        _claim(connection, run, item)


def _claim(connection: sa.Connection, run: str, item: int) -> None:
    connection.execute(
        items.update()
        .where(items.c.id == item, items.c.state == "ready")
        .values(state="working", run=run, attempts=items.c.attempts + 1, updated_at=stamp(now()))
    )


def intend_commit(ledger: Ledger, run: str, item: int, saved: Mapping[str, object]) -> None:
    """Puts the intent on disk, before anything that can't be taken back is done.

    saved: what the item's steps saved so far; already_done may need it after a crash.

    Raises: SystemFailure where the item is no longer this run's to enter, or the run has lost a lease that it works
    under (a login that only one may use).
    """
    at = stamp(now())
    with ledger.writing() as connection:
        check_held(connection, run)
        claimed = connection.execute(
            items.update()
            .where(items.c.id == item, items.c.state == "working", items.c.run == run)
            .values(state="committing", intent_at=at, result=to_json(dict(saved)), updated_at=at)
        )
        if claimed.rowcount != 1:
            raise SystemFailure(
                "この対象は、ほかの実行が扱っているか、すでに登録済みです。登録しませんでした。",
                mend="banken items で状態を確かめてください。",
            )
        visit(connection, run, item, None, "committing", "")


def withdraw_intent(ledger: Ledger, run: str, item: int) -> None:
    """The commit was looked for and is not there: the item may be worked on again by this run."""
    with ledger.writing() as connection:
        connection.execute(
            items.update()
            .where(items.c.id == item, items.c.state == "committing")
            .values(state="working", run=run, intent_at=None, updated_at=stamp(now()))
        )
        visit(connection, run, item, None, "working", "")


def settle_item(ledger: Ledger, run: str, item: int, outcome: Outcome, claim: int | None = None) -> None:
    """Puts an item's outcome on disk and, in the same durable write, claims the next one of the run.

    What is done stays done, and what another run has begun to enter stays that run's: of such an item only
    this run's own account (run_items) is written.  What was found out of a dead run's commit counts.
    """
    at = stamp(now())
    done_at = sa.func.coalesce(items.c.done_at, at) if outcome.state == "done" else None
    ours = items.c.run == run
    if outcome.state in ("done", "in_doubt"):
        ours |= items.c.state == "committing"
    if outcome.state != "done":
        ours &= items.c.state != "done"
    with ledger.writing() as connection:
        counted = outcome.state != "done" or _is_done(connection, item)
        settled = connection.execute(
            items.update()
            .where(items.c.id == item, ours)
            .values(
                state=outcome.state,
                run=run,
                reason=outcome.reason,
                result=to_json(dict(outcome.result)),
                done_at=done_at,
                updated_at=at,
            )
        )
        visit(connection, run, item, None, outcome.state, outcome.reason, outcome.seconds)
        if settled.rowcount and not counted:
            count_done(connection, run)
        if settled.rowcount and outcome.questions:
            row = connection.execute(sa.select(items.c.scenario, items.c.origin).where(items.c.id == item)).one()
            ask(connection, run, row.scenario, item, row.origin, outcome.questions)
        if outcome.failure is not None:
            add_failure(connection, run, item, outcome.failure)
        if claim is not None:
            _claim(connection, run, claim)


def _is_done(connection: sa.Connection, item: int) -> bool:
    state = connection.execute(sa.select(items.c.state).where(items.c.id == item).with_for_update()).scalar()
    return state == "done"


def free_claims(ledger: Ledger, scenario: str) -> None:
    """Items that a dead run was working on, short of the commit, are ready again."""
    with ledger.writing() as connection:
        connection.execute(
            items.update().where(items.c.scenario == scenario, items.c.state == "working").values(state="ready")
        )


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
            .values(state=state, reason=why, done_at=at if state == "done" else None, updated_at=at)
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
