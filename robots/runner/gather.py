"""The work items of a run: from the scenario's source, filtered, each with its key and what is still to be asked."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from robots.errors import BusinessError, ScenarioFault, Unconfirmed
from robots.ledger.items import NewItem, digest_of, paper_key
from robots.ledger.reviews import Answered, Question
from robots.runner.session import Session
from robots.scenario.guess import nearest
from robots.scenario.model import ItemSource
from robots.values import Row, Unsure, Value, text_of, to_json

_NOTHING = Answered()
_KEYLESS = "キー（key）が空です。元データに番号などを入れてください。"
_CONFIRM_ROW = ("すべての行を人が確かめる決まりです",)


def gather(session: Session, answered: Mapping[str, Answered]) -> list[NewItem]:
    """The items in the source's order.

    answered: what people have answered, by source; it stands in place of what was read.  A row that holds
    something unconfirmed has its questions, and a key of its own until they are answered.  A row without a key, or
    whose key another row has with other values, is refused (業務エラー); rows that are equal in all values count
    once.  Raises: ScenarioFault, BusinessError where the source is no table or lacks a column that the scenario uses.
    """
    declared = session.scenario.items
    if declared is None:
        return []
    rows = _rows(session.evaluate(declared.from_))
    _check_columns(session, rows)
    found: dict[str, NewItem] = {}
    read: set[str] = set()
    for number, row in enumerate(rows, 1):
        if row.source and row.source in read:
            continue  # the very same file twice
        read.add(row.source)
        item = _item(session, declared, row, number, answered)
        if item is None:
            continue
        twin = found.get(item.key)
        if twin is None:
            found[item.key] = item
            continue
        same = digest_of(to_json(dict(twin.values))) == digest_of(to_json(dict(item.values)))
        if not same:
            both = _and(twin.origin, item.origin)
            reason = f"キー「{item.key}」が{both}にあり、内容が違います。どちらが正しいかを元データで決めてください。"
            found[item.key] = NewItem(item.key, twin.origin if twin.source else both, twin.values, reason, twin.source)
        if item.source:  # every paper has an item of its own
            own = paper_key(item.origin, item.source)
            again = f"{twin.origin}と同じ内容です（同じ紙をもう一度読み取ったもの）。登録は一度だけ行います。"
            found[own] = NewItem(
                own, item.origin, item.values, "" if same else reason, item.source, left_out=again if same else ""
            )
    return list(found.values())


def _rows(source: object) -> list[Row]:
    if isinstance(source, list) and all(isinstance(row, Mapping) for row in source):
        return [row if isinstance(row, Row) else Row(row) for row in source]
    raise ScenarioFault(
        "対象（items）の元（from）が表ではありません。",
        mend="excel.read_table や csv.read の結果を save_as で名付け、その名前を from に書いてください。",
    )


def _item(
    session: Session, declared: ItemSource, row: Row, number: int, answered: Mapping[str, Answered]
) -> NewItem | None:
    """One row as an item; None where `where` leaves it out."""
    origin = row.origin or f"{number}件目"
    known = answered.get(row.source, _NOTHING) if row.source else _NOTHING
    row = _confirmed(row, known)
    questions = tuple(_questions(row))
    own = paper_key(origin, row.source) if row.source else f"（{origin}）"
    if known.excluded:
        return NewItem(own, origin, _certain(row), source=row.source, left_out=known.excluded)
    session.begin_item(row)
    try:
        if declared.where is not None and not session.holds(declared.where):
            return None
        if questions:
            return NewItem(own, origin, _certain(row), source=row.source, questions=questions)
        # Without a key nothing is committed: every run works on every row.
        key = f"{session.run.id}/{number}" if declared.key is None else text_of(session.evaluate(declared.key)).strip()
    except Unconfirmed:
        return NewItem(own, origin, _certain(row), source=row.source, questions=questions)
    except BusinessError as error:
        return NewItem(own, origin, row, error.told, row.source)
    if not key:
        return NewItem(own, origin, row, _KEYLESS, row.source)
    if declared.review == "all" and not row.source:
        return _to_confirm(NewItem(key, origin, row), answered)
    return NewItem(key, origin, row, source=row.source)


def _to_confirm(item: NewItem, answered: Mapping[str, Answered]) -> NewItem:
    """A row of a book where a person confirms all: one question for the whole row, anew when it changes."""
    source = f"row:{digest_of(to_json(dict(item.values)))}"
    known = answered.get(source)
    if known is not None:
        return NewItem(item.key, item.origin, item.values, left_out=known.excluded)
    proposed = "\n".join(f"{name}: {_shown(value)}" for name, value in item.values.items())
    question = Question(source, "", "row", proposed, _CONFIRM_ROW)
    return NewItem(item.key, item.origin, item.values, questions=(question,))


def _shown(value: Value) -> str:
    return "、".join(map(_shown, value)) if isinstance(value, list | tuple) else text_of(value)


def _confirmed(row: Row, known: Answered) -> Row:
    """The row with people's answers in their places, whatever was read there."""

    def answered(leaf: str, value: Value) -> Value:
        if leaf in known.values:
            return known.values[leaf]
        if isinstance(value, list) and all(isinstance(one, Row) for one in value):
            return [inside(f"{leaf}[{number}].", one) for number, one in enumerate(value, 1)]
        return value

    def inside(before: str, whole: Row) -> Row:
        values = {name: answered(f"{before}{name}", value) for name, value in whole.items()}
        return Row(values, origin=whole.origin, source=whole.source)

    return inside("", row) if known.values else row


def _questions(row: Row) -> Iterator[Question]:
    """What is unsure in a row, its tables included; a page that was not read is asked about once."""
    asked: dict[str, Unsure] = {}
    for one in _unsure(row):
        asked.setdefault(one.field, one)
    for field, one in asked.items():
        yield Question(
            source=row.source,
            field=field,
            kind=one.kind if field else "page",
            proposed=one.proposed,
            why=one.why,
            form=one.form,
            confidence=one.confidence,
            place=one.place,
            picture=one.picture,
            twice=one.twice,
        )


def _unsure(value: Value) -> Iterator[Unsure]:
    if isinstance(value, Unsure):
        yield value
    elif isinstance(value, Mapping | list):
        for one in value.values() if isinstance(value, Mapping) else value:
            yield from _unsure(one)


def _certain(row: Row) -> Row:
    """Without what no person has looked at yet."""
    values = {name: value for name, value in row.items() if next(_unsure(value), None) is None}
    return Row(values, origin=row.origin, source=row.source)


def _check_columns(session: Session, rows: list[Row]) -> None:
    """Says before the first item that the source lacks a column, with the line that uses it."""
    if not rows:
        return
    present = {str(name) for row in rows for name in row}
    for name, positions in session.scenario.columns.items():
        if name not in present:
            raise ScenarioFault(
                f"{positions[0]}: 元データに「{name}」という列がありません。",
                guess=nearest(name, present),
                mend=f"ある列は {'、'.join(sorted(present))} です。シナリオの列名か、元データの見出しを直してください。",
            )


def _and(first: str, second: str) -> str:
    return f"{first}と{second}"
