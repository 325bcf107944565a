"""Functions of lists and tables.  Blank cells do not count, as in Excel."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cmp_to_key

from robots.errors import BusinessError
from robots.scenario.function import Function
from robots.scenario.operations import add, attribute, number_of, order, shown
from robots.values import Row, Value, number_in, text_of


def _list(value: Value) -> list[Value] | tuple[Value, ...]:
    if isinstance(value, list | tuple):
        return value
    raise BusinessError(f"{shown(value)} は一覧ではありません。", mend="一覧（表や [ ] で囲んだ値）を渡してください。")


def _column(values: Value, name: Value) -> list[tuple[Value, str]]:
    """The values that are not blank, each with where it comes from."""
    wanted = text_of(name)
    found: list[tuple[Value, str]] = []
    for value in _list(values):
        origin = value.origin if isinstance(value, Row) else ""
        cell = attribute(value, wanted, "行") if wanted else value
        if cell is not None and cell != "":
            found.append((cell, origin))
    return found


def _sum(values: Value, column: Value = "") -> Value:
    total: Value = 0
    for cell, origin in _column(values, column):
        total = add(total, number_of(cell, f"合計（{origin}）" if origin else "合計"))
    return total


def _count(values: Value) -> Value:
    if isinstance(values, Mapping):
        return len(values)
    return len(_list(values))


def _extreme(values: tuple[Value, ...], sign: int) -> Value:
    """The smallest (sign -1) or largest of several values, or of a list, perhaps by a column."""
    if len(values) <= 2 and isinstance(values[0], list | tuple):
        cells = _column(*values) if len(values) == 2 else _column(values[0], "")
    else:
        cells = _column(values, "")
    if not cells:
        raise BusinessError(
            "値が一つもないので、最小・最大を求められません。", mend="空の一覧でないことを確かめてください。"
        )
    best = max((cell for cell, _ in cells), key=cmp_to_key(lambda one, two: sign * order(one, two)))
    number = number_in(best)
    return best if number is None else number


def _min(*values: Value) -> Value:
    return _extreme(values, -1)


def _max(*values: Value) -> Value:
    return _extreme(values, 1)


FUNCTIONS = (
    Function(
        "sum",
        "合計",
        ("一覧", "列"),
        1,
        _sum,
        "数値の合計。表なら列の名前を書きます。空欄は数えません。",
        "合計([1, '2,000', ''])",
        "2001",
    ),
    Function("count", "件数", ("一覧",), 1, _count, "一覧や表の件数。", "件数([1, 2, 3])", "3"),
    Function(
        "min", "最小", ("値や一覧", "ほかの値か列…"), 1, _min, "いちばん小さい数値や早い日付。", "最小(3, 1, 2)", "1"
    ),
    Function(
        "max",
        "最大",
        ("値や一覧", "ほかの値か列…"),
        1,
        _max,
        "いちばん大きい数値や遅い日付。",
        "最大([3, '1,000'])",
        "1000",
    ),
)
