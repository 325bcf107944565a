"""The sheet whose rows are to be entered, and how a recorded value is read off its first row."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from robots.drivers.browser_values import date_in, wanted
from robots.errors import BusinessError
from robots.recorder.model import Entry, Given
from robots.scenario.all_functions import FUNCTIONS
from robots.scenario.names import is_name
from robots.values import Row, Value, text_of

_LISTED = re.compile(r"[、，,]")
_AMOUNT = re.compile(r"[-+]?\d{1,3}(,\d{3})+(\.\d+)?")
_READINGS = ("半角", "全角", "空白除去", "カタカナ", "ひらがな", "数字だけ")


@dataclass(frozen=True, slots=True)
class Sheet:
    """rows: at least one; the first is the one that was recorded."""

    path: Path
    rows: Sequence[Row]

    @property
    def columns(self) -> list[str]:
        return list(self.rows[0])

    @property
    def is_csv(self) -> bool:
        return self.path.suffix.lower() == ".csv"

    def first(self, column: str) -> str:
        """What the first row says there, as text."""
        return text_of(self.rows[0][column])

    def values(self, column: str) -> list[Value]:
        return [row[column] for row in self.rows]


def item(column: str) -> str:
    """A column of an item in an expression: 対象.受付番号, 対象['1年']."""
    return f"対象.{column}" if is_name(column) else f"対象[{quoted(column)}]"


def quoted(text: str) -> str:
    """A text as an expression writes it (which knows no escapes)."""
    return f'"{text}"' if "'" in text else f"'{text}'"


def literal(text: str) -> str:
    """A text of the scenario that holds no expression."""
    return text.replace("${", "$${")


def flat(text: str) -> str:
    """A text for comparing: width and spaces do not count."""
    return "".join(unicodedata.normalize("NFKC", text).split())


def reading_of(entry: Entry, sheet: Sheet, column: str) -> str | None:
    """The expression that gives what was put into the field from the first row's cell; None where it does not."""
    cell = sheet.rows[0][column]
    if isinstance(cell, list | tuple | dict):
        return None
    name, given = item(column), entry.given
    if isinstance(given, bool):
        return _flag(given, sheet, column)
    if entry.kind == "date":
        return _date(given, sheet, column)
    text = text_of(cell)
    if not isinstance(given, str):
        return name if text and {flat(one) for one in given} == {flat(one) for one in _LISTED.split(text)} else None
    if not given or not text:
        return None
    if entry.kind in ("select", "radio"):
        return name if flat(text) == flat(given) or text in entry.codes else None
    return next(_text(name, text, entry), None)


def _text(name: str, text: str, entry: Entry) -> Iterator[str]:
    given = str(entry.given)
    if text in (given, entry.typed) or _plain_number(text) == _plain_number(given):
        yield name
    for reading in _READINGS:
        try:
            if FUNCTIONS[reading].run(text) == given:
                yield f"{reading}({name})"
        except BusinessError:
            continue
    if re.fullmatch(r"\d{4}/\d{2}/\d{2}", given) and text == given.replace("/", "-"):
        yield f"置換({name}, '-', '/')"
    if (day := date_in(text)) and FUNCTIONS["和暦"].run(day[0]) == given:
        yield f"和暦({name})"
    # A book that holds numbers has lost the zeros before them.
    if re.fullmatch(r"0\d+", given) and text.isdecimal() and len(text) < len(given) and int(text) == int(given):
        yield f"右('{'0' * len(given)}' + 半角({name}), {len(given)})"


def _plain_number(text: str) -> str:
    bare = text.strip().removeprefix("¥").removesuffix("円")
    return bare.replace(",", "") if _AMOUNT.fullmatch(bare) else bare


def _flag(given: bool, sheet: Sheet, column: str) -> str | None:
    flags = [wanted(value)["flag"] for value in sheet.values(column)]
    if all(flag is not None for flag in flags):
        return item(column) if flags[0] == given else None
    text = sheet.first(column)
    return f"{item(column)} == {quoted(text)}" if given and text else None


def _date(given: Given, sheet: Sheet, column: str) -> str | None:
    day = date_in(str(given))
    cells = [_day(value) for value in sheet.values(column)]
    if day is None or cells[0] != day[0]:
        return None
    blank = any(text_of(value) == "" for value in sheet.values(column))
    return item(column) if blank else f"日付({item(column)})"


def _day(value: Value) -> date | None:
    if isinstance(value, date):
        return date(value.year, value.month, value.day)
    found = date_in(text_of(value))
    return found[0] if found else None
