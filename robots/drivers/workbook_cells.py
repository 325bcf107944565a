"""A value as a cell holds it: what text, number or date is written, and what can't be held exactly."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Literal

from robots.drivers.workbook_header import letters
from robots.errors import BusinessError
from robots.values import Value, text_of

MAX_ROWS, MAX_COLUMNS = 1_048_576, 16_384
_MAX_TEXT = 32_767
_MAX_DIGITS = 15
_DAY_ZERO, _FIRST_DAY = date(1899, 12, 30), date(1900, 3, 1)
_DAY_ZERO_1904, _FIRST_DAY_1904 = date(1904, 1, 1), date(1904, 1, 2)
_SECONDS_A_DAY = 86_400
_ODD = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\r\ufffe\uffff]|_(?=x[0-9A-Fa-f]{4}_)")


@dataclass(frozen=True, slots=True)
class CellContent:
    """What to write: the kind of cell, and its content as the XML holds it ("" with blank)."""

    kind: Literal["blank", "text", "number", "flag", "date", "moment"]
    content: str


def cell_content(value: Value, *, mac: bool = False) -> CellContent:
    """A value as a cell's content.  mac: the book counts days from 1904.

    Text is never a formula.  A number of more than 15 digits and a day that Excel can't count are written as text.
    Raises: BusinessError for a list or a mapping, and for a text that no cell holds.
    """
    if value is None or value == "":
        return CellContent("blank", "")
    if isinstance(value, bool):
        return CellContent("flag", str(int(value)))
    if isinstance(value, int | Decimal):
        return _number(value)
    if isinstance(value, date) and _day(value) >= (_FIRST_DAY_1904 if mac else _FIRST_DAY):
        days = (_day(value) - (_DAY_ZERO_1904 if mac else _DAY_ZERO)).days
        second = value.hour * 3600 + value.minute * 60 + value.second if isinstance(value, datetime) else 0
        if second:
            return CellContent("moment", f"{days + Decimal(second) / _SECONDS_A_DAY:.10f}")
        return CellContent("date", str(days))
    return CellContent("text", _text(text_of(value)))


def _day(value: date) -> date:
    return value.date() if isinstance(value, datetime) else value


def _number(value: int | Decimal) -> CellContent:
    exact = Decimal(value)
    digits = exact.normalize().as_tuple()
    if len(digits.digits) > _MAX_DIGITS or abs(exact.adjusted()) > 300:
        return CellContent("text", text_of(value))
    return CellContent("number", text_of(value))


def _text(text: str) -> str:
    if len(text) > _MAX_TEXT:
        raise BusinessError(
            f"文字が長すぎてセルに書けません（{len(text)}文字。「{text[:20]}…」）。",
            mend=f"{_MAX_TEXT}文字以下にしてください。",
        )
    if any("\ud800" <= letter <= "\udfff" for letter in text):
        raise BusinessError(
            f"セルに書けない文字があります（「{text[:20]!r}」）。", mend="元のデータの文字を直してください。"
        )
    return _ODD.sub(lambda match: f"_x{ord(match[0]):04X}_", text)


def reference(row: int, column: int) -> str:
    """A cell's name; row and column from 0: (0, 27) → AB1."""
    return f"{letters(column)}{row + 1}"
