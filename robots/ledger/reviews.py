"""Review tasks (確認) in the ledger: what a person must look at, and what was answered; each is answered once."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal
from typing import Literal

import sqlalchemy as sa

from robots.clock import now, stamp
from robots.ledger.entries import agreed, entries_in
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
    twice: bool = False
    """Two people enter it, neither seeing what the other did."""


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
    """False where it did not count: somebody had answered before or has it on the screen, or it was no longer asked."""
    left: int
    """Open tasks of the same item."""


def answers(ledger: Ledger, scenario: str, source: str | None = None) -> dict[str, Answered]:
    """Everything that was answered for a scenario (about one source alone), by source."""
    told = ("source", "field", "kind", "decision", "answer", "who", "why_so")
    query = sa.select(*(review_tasks.c[name] for name in told)).where(
        review_tasks.c.scenario == scenario, review_tasks.c.state == "answered"
    )
    if source is not None:
        query = query.where(review_tasks.c.source_mark == source)
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
    of_item = sa.select(*(review_tasks.c[name] for name in ("id", "source", "field", "state")))
    rows = connection.execute(of_item.where(review_tasks.c.item == item)).all()
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
            "twice": one.twice,
            "state": "open",
        }
        row = known.pop((one.source, one.field), None)
        if row is None:
            named = {"source": one.source, "source_mark": one.source, "field": one.field, "field_mark": one.field}
            connection.execute(
                review_tasks.insert().values(scenario=scenario, **named, run=run, asked_at=stamp(now()), **told)
            )
        elif row.state != "answered":
            connection.execute(review_tasks.update().where(review_tasks.c.id == row.id).values(**told))
    if gone := [row.id for row in known.values() if row.state == "open"]:
        connection.execute(review_tasks.update().where(review_tasks.c.id.in_(gone)).values(state="dropped"))


def answer(
    ledger: Ledger, task: int, given: Answer, also: Callable[[sa.Connection, sa.RowMapping], None]
) -> Taken | None:
    """The first answer to a task counts; the item is ready with its last one, or left out with an exclusion.

    A task that two people must enter stays open after the first, and after a second that differs; then a third decides.
    A task that somebody else holds is not answered.  None where there is no such task.  The person's time is booked as
    review time in the same durable write, and so is what ``also`` keeps.
    """
    at = stamp(now())
    with ledger.writing() as connection:
        wanted = sa.select(review_tasks).where(review_tasks.c.id == task)
        row = connection.execute(wanted.with_for_update()).mappings().first()
        if row is None:
            return None
        ours = _may_answer(connection, row, given.who, at)
        if ours:
            if given.decision == "exclude" or not row["twice"] or agreed(connection, task, given.who, given.text, at):
                _close(connection, row, given, at)
            else:
                connection.execute(review_tasks.update().where(review_tasks.c.id == task).values(held_until=at))
        left = connection.execute(
            sa.select(sa.func.count()).where(review_tasks.c.item == row["item"], review_tasks.c.state == "open")
        ).scalar_one()
        row = connection.execute(wanted).mappings().one()
        if ours:
            _book(connection, row, given)
            if not left:
                _move_on(connection, row, at)
            also(connection, row)
    return Taken(row, ours, left)


def _may_answer(connection: sa.Connection, row: sa.RowMapping, who: str, at: str) -> bool:
    held = row["held_by"] not in (None, who) and (row["held_until"] or "") > at
    before = entries_in(connection, row["id"]) if row["twice"] else []
    return row["state"] == "open" and not held and who not in {one.who for one in before}


def _close(connection: sa.Connection, row: sa.RowMapping, given: Answer, at: str) -> None:
    """It is answered; an exclusion drops what else is asked about the item, at the same moment (``undo``)."""
    connection.execute(
        review_tasks.update()
        .where(review_tasks.c.id == row["id"])
        .values(
            state="answered",
            decision=given.decision,
            answer=given.text,
            who=given.who,
            why_so=given.why,
            seconds=f"{given.seconds:.3f}",
            answered_at=at,
            held_until=at,
        )
    )
    if given.decision == "exclude":
        connection.execute(
            review_tasks.update()
            .where(review_tasks.c.item == row["item"], review_tasks.c.state == "open")
            .values(state="dropped", answered_at=at)
        )


def _book(connection: sa.Connection, row: sa.RowMapping, given: Answer) -> None:
    minutes = (Decimal(repr(given.seconds)) / 60).quantize(Decimal("0.0001"), ROUND_HALF_UP)
    if minutes:
        note = f"確認 {row['id']}: {row['origin']} {row['field']}".strip()
        book(connection, Minutes(row["scenario"], "review", minutes, given.who, note, row["run"], row["item"]))


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


_WITH_ITEM = sa.select(review_tasks, items.c.key, items.c["values"].label("item_values")).join(
    items, items.c.id == review_tasks.c.item
)


def tasks(ledger: Ledger, scenario: str | None = None, state: str | None = "open") -> list[sa.RowMapping]:
    """Tasks (of one scenario, of one state) with their item's key, an item's tasks together, oldest first."""
    query = _WITH_ITEM.order_by(review_tasks.c.scenario, review_tasks.c.item, review_tasks.c.id)
    if scenario is not None:
        query = query.where(review_tasks.c.scenario == scenario)
    if state is not None:
        query = query.where(review_tasks.c.state == state)
    with ledger.reading() as connection:
        return list(connection.execute(query).mappings())


def task_of(ledger: Ledger, task: int) -> sa.RowMapping | None:
    """One task, as ``tasks`` gives it."""
    with ledger.reading() as connection:
        return connection.execute(_WITH_ITEM.where(review_tasks.c.id == task)).mappings().first()
