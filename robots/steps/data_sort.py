"""data.sort 並べる: rows in the order of some columns."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, datetime, time
from typing import Annotated, Any, ClassVar, Literal

from robots.errors import BusinessError
from robots.params import Params, Rows, Text, Words, param
from robots.step import StepContext, StepKind
from robots.values import Row, Value, number_in, text_of

_ORDERS = {"昇順": "ascending", "降順": "descending"}


class By(Params):
    bare: ClassVar[str | None] = "column"
    column: Text = param("列", "並べる列の名前。")
    order: Annotated[Literal["ascending", "descending"], Words(_ORDERS)] = param(
        "順", "昇順（小さいもの・早い日付が先）か 降順。", default="ascending"
    )


class SortParams(Params):
    rows: Rows = param("行", "並べる行の一覧。")
    by: By | list[By] = param("並べ方", "列の名前。いくつも書くと、前の列が同じ行を次の列で並べます。")


def run(params: SortParams, context: StepContext) -> list[Row]:
    rows = list(params.rows)
    for by in reversed([params.by] if isinstance(params.by, By) else params.by):
        filled = [row for row in rows if _cell(row, by.column) not in (None, "")]
        blank = [row for row in rows if _cell(row, by.column) in (None, "")]
        key = _key(filled, by.column)
        filled.sort(key=lambda row, by=by, key=key: key(row[by.column]), reverse=by.order == "descending")  # type: ignore[misc]
        rows = filled + blank
    return rows


def _cell(row: Row, column: str) -> Value:
    if column not in row:
        raise BusinessError(
            f"{row.origin or '行'}に列「{column}」がありません（ある列: {'、'.join(row)}）。",
            mend="列の名前を確かめてください。",
        )
    return row[column]


def _key(rows: Sequence[Row], column: str) -> Callable[[Value], Any]:
    """How the values of a column compare: all dates by day, all numbers by size, else as text, codes and all."""
    values = [row[column] for row in rows]
    dates = [isinstance(value, date) for value in values]
    if all(dates):
        return _moment
    if any(dates):
        odd = rows[dates.index(not dates[0])]
        raise BusinessError(
            f"列「{column}」に日付と日付でない値が混ざっていて、並べられません（{odd.origin or text_of(odd[column])}）。",
            mend="どの行も日付になるように、元のデータを直してください。",
        )
    if all(number_in(value) is not None for value in values):
        return number_in
    return text_of


def _moment(value: Value) -> datetime:
    if isinstance(value, datetime):
        return value
    assert isinstance(value, date)
    return datetime.combine(value, time())


STEP = StepKind(
    name="data.sort",
    ja="並べる",
    summary="行の一覧を、列の値の順に並べます。空欄は最後です。列の値がすべて数値（1,000 のような文字も）か日付なら大きさで、ほかは文字の順で比べます。",
    params=SortParams,
    run=run,
    example="""
並べる: {行: "${届出}", 並べ方: [区分, {列: 届出日, 順: 降順}]}
保存名: 並べた届出
""",
    saves=True,
)
