"""Review tasks (確認) in the ledger: what a person must look at, and what was answered; each is answered once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal
from typing import Literal

import sqlalchemy as sa

from robots.clock import now, stamp
from robots.ledger.people import Minutes, book
from robots.ledger.store import Ledger
from robots.ledger.tables import items, review_tasks
from robots.values import Value, paper_value

Kind = Literal["text", "date", "choices", "page", "row"]
Decision = Literal["accept", "correct", "exclude"]

ASKED, LOOK = "ask:", "look:"
"""How the source of a question begins that a step asks: for an answer, or to have a value confirmed."""
_CONFIRMED = "確認が終わりました。次の実行で登録します。"


@dataclass(frozen=True, slots=True)
class Question:
    """What a person is asked about an item: one field of a paper, a page, a whole row, or what a step asks."""

    source: str
    """What was read: of a paper the SHA-256 of its file and the page, of a row of a book a digest of its values; of a
    step's question a digest of it and its item."""
    field: str
    """"" for a page or a row as a whole."""
    kind: Kind
    proposed: str
    why: tuple[str, ...]
    form: str = ""
    confidence: float = 0.0
    place: str = ""
    picture: str = ""
    options: tuple[str, ...] = ()
    """What may be answered; empty: anything of the kind."""


@dataclass(frozen=True, slots=True)
class Answered:
    """What people have answered about one source."""

    values: Mapping[str, Value] = field(default_factory=dict)
    """By field, as a scenario's value."""
    excluded: str = ""
    """Why it is not to be entered; "" where it is."""


@dataclass(frozen=True, slots=True)
class Answer:
    """A person's answer to one task."""

    decision: Decision
    text: str
    """The value, as a reading gives it; of an exclusion ""."""
    who: str
    why: str = ""
    """Of an exclusion: why."""
    seconds: float = 0.0
    """How long the person looked at it; 0 where nobody measured."""


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of an answer."""

    task: sa.RowMapping
    """The task as it stands now."""
    ours: bool
    """False where somebody had answered before, or the task was no longer asked."""
    left: int
    """Open tasks of the same item."""


def answers(ledger: Ledger, scenario: str) -> dict[str, Answered]:
    """Everything that was answered for a scenario, by source."""
    query = sa.select(review_tasks).where(review_tasks.c.scenario == scenario, review_tasks.c.state == "answered")
    values: dict[str, dict[str, Value]] = {}
    excluded: dict[str, str] = {}
    with ledger.reading() as connection:
        for row in connection.execute(query):
            if row.decision == "exclude":
                excluded[row.source] = _exclusion(row.who, row.why_so)
            of_source = values.setdefault(row.source, {})
            if row.decision != "exclude" and row.kind in ("text", "date", "choices"):
                of_source[row.field] = paper_value(row.kind, row.answer)
    return {source: Answered(fields, excluded.get(source, "")) for source, fields in values.items()}


def ask(
    connection: sa.Connection, run: str, scenario: str, item: int, origin: str, questions: Sequence[Question]
) -> None:
    """Brings an item's tasks up to date: each question is asked once, and what is no longer one is dropped."""
    rows = connection.execute(sa.select(review_tasks).where(review_tasks.c.item == item)).all()
    known = {(row.source, row.field): row for row in rows}
    for one in questions:
        told = {
            "item": item,
            "origin": origin,
            "form": one.form,
            "kind": one.kind,
            "proposed": one.proposed,
            "confidence": f"{one.confidence:.4f}",
            "why": list(one.why),
            "place": one.place,
            "picture": one.picture,
            "options": list(one.options),
            "state": "open",
        }
        row = known.pop((one.source, one.field), None)
        if row is None:
            where = {"scenario": scenario, "source": one.source, "field": one.field}
            connection.execute(review_tasks.insert().values(**where, run=run, asked_at=stamp(now()), **told))
        elif row.state != "answered":
            connection.execute(review_tasks.update().where(review_tasks.c.id == row.id).values(**told))
    if gone := [row.id for row in known.values() if row.state == "open"]:
        connection.execute(review_tasks.update().where(review_tasks.c.id.in_(gone)).values(state="dropped"))


def answer(ledger: Ledger, task: int, given: Answer) -> Taken | None:
    """The first answer to a task counts; the item is ready with its last one, or left out with an exclusion.

    None where there is no such task.  The person's time is booked as review time in the same durable write.
    """
    at = stamp(now())
    with ledger.writing() as connection:
        ours = connection.execute(
            review_tasks.update()
            .where(review_tasks.c.id == task, review_tasks.c.state == "open")
            .values(
                state="answered",
                decision=given.decision,
                answer=given.text,
                who=given.who,
                why_so=given.why,
                seconds=f"{given.seconds:.3f}",
                answered_at=at,
            )
        ).rowcount
        row = connection.execute(sa.select(review_tasks).where(review_tasks.c.id == task)).mappings().first()
        if row is None:
            return None
        if ours and given.decision == "exclude":
            connection.execute(
                review_tasks.update()
                .where(review_tasks.c.item == row["item"], review_tasks.c.state == "open")
                .values(state="dropped")
            )
        left = connection.execute(
            sa.select(sa.func.count()).where(review_tasks.c.item == row["item"], review_tasks.c.state == "open")
        ).scalar_one()
        if ours:
            _book(connection, row, given.seconds)
            if not left:
                _move_on(connection, row, at)
    return Taken(row, bool(ours), left)


def _book(connection: sa.Connection, row: sa.RowMapping, seconds: float) -> None:
    minutes = (Decimal(repr(seconds)) / 60).quantize(Decimal("0.0001"), ROUND_HALF_UP)
    if minutes:
        note = f"確認 {row['id']}: {row['origin']} {row['field']}".strip()
        book(connection, Minutes(row["scenario"], "review", minutes, row["who"], note, row["run"], row["item"]))


def _move_on(connection: sa.Connection, row: sa.RowMapping, at: str) -> None:
    """The item has no open task any more."""
    out = row["decision"] == "exclude"
    connection.execute(
        items.update()
        .where(items.c.id == row["item"], items.c.state == "waiting")
        .values(
            state="skipped" if out else "ready",
            reason=_exclusion(row["who"], row["why_so"]) if out else _CONFIRMED,
            updated_at=at,
        )
    )


def _exclusion(who: str, why: str) -> str:
    return f"人が除外しました（{who}: {why}）"


def tasks(ledger: Ledger, scenario: str | None = None, state: str | None = "open") -> list[sa.RowMapping]:
    """Tasks (of one scenario, of one state) with their item's key, an item's tasks together, oldest first."""
    query: sa.Select[*tuple[object, ...]] = (
        sa.select(review_tasks, items.c.key, items.c["values"].label("item_values"))
        .join(items, items.c.id == review_tasks.c.item)
        .order_by(review_tasks.c.scenario, review_tasks.c.item, review_tasks.c.id)
    )
    if scenario is not None:
        query = query.where(review_tasks.c.scenario == scenario)
    if state is not None:
        query = query.where(review_tasks.c.state == state)
    with ledger.reading() as connection:
        return list(connection.execute(query).mappings())
