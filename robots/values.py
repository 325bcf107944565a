"""The values that flow through a scenario, and how each of them reads as text.

A value is text (str), a whole number (int), a number (Decimal, never float), a date (datetime.date), a time
stamp (datetime.datetime), a yes/no (bool), nothing (None), a list, or a mapping.  A row of a table is a Row.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from decimal import Decimal

from robots.errors import BusinessError, ScenarioFault

Value = object


class Row(dict[str, Value]):
    """One row of a table by column name, with ``origin``: where a person finds it (book, sheet, row)."""

    __slots__ = ("origin",)

    def __init__(self, values: Mapping[str, Value] | Iterable[tuple[str, Value]] = (), *, origin: str = "") -> None:
        super().__init__(values)
        self.origin = origin


def number_from_cell(value: float) -> int | Decimal:
    """A spreadsheet's float as an exact number: 3.0 → 3, 0.1 → Decimal('0.1')."""
    return int(value) if value.is_integer() and abs(value) < 1e15 else Decimal(repr(value))


def text_of(value: Value) -> str:
    """How a value reads when it is put into text, a field on screen or a message.

    None is empty; a date is 2026-04-01; a number has no thousands separator and no trailing zeros of a
    fraction; yes/no is はい/いいえ.  A list or a mapping has no text: BusinessError.
    """
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "はい" if value else "いいえ"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, Decimal):
        text = format(value, "f")
        return text.rstrip("0").rstrip(".") if "." in text else text
    if isinstance(value, datetime):
        return (
            value.strftime("%Y-%m-%d %H:%M:%S")
            if (value.hour or value.minute or value.second)
            else value.strftime("%Y-%m-%d")
        )
    if isinstance(value, date):
        return value.isoformat()
    raise BusinessError(
        f"{'一覧' if isinstance(value, list | tuple) else '値のまとまり'}を文字として使おうとしました。",
        mend="一覧のうちのどの値を使うかを ${…} の中で指定してください（例: ${行.氏名}）。",
    )


def to_json(value: Value) -> Value:
    """A value as JSON can hold it without loss (dates and exact numbers are tagged); the twin of from_json."""
    if isinstance(value, datetime):
        return {"$time": value.isoformat()}
    if isinstance(value, date):
        return {"$date": value.isoformat()}
    if isinstance(value, Decimal):
        return {"$number": str(value)}
    if isinstance(value, Mapping):
        plain = {str(key): to_json(part) for key, part in value.items()}
        return {"$map": plain} if len(plain) == 1 and next(iter(plain)).startswith("$") else plain
    if isinstance(value, list | tuple):
        return [to_json(part) for part in value]
    return value


def from_json(value: Value) -> Value:
    """The twin of to_json."""
    if isinstance(value, dict):
        if len(value) == 1:
            ((tag, part),) = value.items()
            if tag == "$time":
                return datetime.fromisoformat(part)
            if tag == "$date":
                return date.fromisoformat(part)
            if tag == "$number":
                return Decimal(part)
            if tag == "$map":  # a mapping of the author's whose only name looks like a tag
                return {key: from_json(inner) for key, inner in part.items()}
        return {key: from_json(part) for key, part in value.items()}
    if isinstance(value, list):
        return [from_json(part) for part in value]
    return value


def truth_of(value: Value) -> bool:
    """A condition's value as yes or no; anything but a bool is a fault of the scenario, never a guess."""
    if isinstance(value, bool):
        return value
    shown = f"「{text_of(value)[:40]}」" if not isinstance(value, list | tuple | Mapping) else "値のまとまり"
    raise ScenarioFault(
        f"条件が はい・いいえ になりません（{shown} になりました）。",
        mend="${対象.区分 == '新規'} や ${対象.備考 != ''} のように、比べる式にしてください。",
    )
