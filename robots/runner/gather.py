"""The work items of a run: from the scenario's source, filtered, each with its key."""

from __future__ import annotations

from collections.abc import Mapping

from robots.errors import BusinessError, ScenarioFault
from robots.ledger.items import NewItem, digest_of
from robots.runner.session import Session
from robots.scenario.guess import nearest
from robots.values import Row, text_of, to_json


def gather(session: Session) -> list[NewItem]:
    """The items in the source's order.

    A row without a key, or whose key another row has with other values, is refused (業務エラー); rows that are
    equal in all values count once.  Raises: ScenarioFault, BusinessError where the source is no table or lacks a
    column that the scenario uses.
    """
    declared = session.scenario.items
    if declared is None:
        return []
    rows = _rows(session.evaluate(declared.from_))
    _check_columns(session, rows)
    found: dict[str, NewItem] = {}
    for number, row in enumerate(rows, 1):
        item = _item(session, row, number)
        if item is None:
            continue
        twin = found.get(item.key)
        if twin is None:
            found[item.key] = item
        elif digest_of(to_json(dict(twin.values))) != digest_of(to_json(dict(item.values))):
            reason = f"キー「{item.key}」が{_and(twin.origin, item.origin)}にあり、内容が違います。どちらが正しいかを元データで決めてください。"
            found[item.key] = NewItem(item.key, _and(twin.origin, item.origin), twin.values, reason)
    return list(found.values())


def _rows(source: object) -> list[Row]:
    if isinstance(source, list) and all(isinstance(row, Mapping) for row in source):
        return [row if isinstance(row, Row) else Row(row) for row in source]
    raise ScenarioFault(
        "対象（items）の元（from）が表ではありません。",
        mend="excel.read_table や csv.read の結果を save_as で名付け、その名前を from に書いてください。",
    )


def _item(session: Session, row: Row, number: int) -> NewItem | None:
    """One row as an item; None where `where` leaves it out."""
    declared = session.scenario.items
    assert declared is not None
    session.begin_item(row)
    origin = row.origin or f"{number}件目"
    try:
        if declared.where is not None and not session.holds(declared.where):
            return None
        if declared.key is None:  # nothing is committed: every run works on every row
            return NewItem(f"{session.run.id}/{number}", origin, row)
        key = text_of(session.evaluate(declared.key)).strip()
    except BusinessError as error:
        return NewItem(f"（{origin}）", origin, row, error.told)
    if not key:
        return NewItem(f"（{origin}）", origin, row, "キー（key）が空です。元データに番号などを入れてください。")
    return NewItem(key, origin, row)


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
