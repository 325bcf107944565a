"""What a value means to a form: its text, its options, its yes or no, its date by the Japanese calendar."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, NamedTuple

from robots.errors import BusinessError
from robots.values import Value, text_of


class Era(NamedTuple):
    name: str
    letter: str
    base: int
    first_day: date
    last_day: date


ERAS = (
    Era("令和", "R", 2018, date(2019, 5, 1), date.max),
    Era("平成", "H", 1988, date(1989, 1, 8), date(2019, 4, 30)),
    Era("昭和", "S", 1925, date(1926, 12, 25), date(1989, 1, 7)),
    Era("大正", "T", 1911, date(1912, 7, 30), date(1926, 12, 25)),
    Era("明治", "M", 1867, date(1873, 1, 1), date(1912, 7, 30)),
)
"""Newest first.  The days of 1912 and 1926 on which the era changed are written in either.  Meiji begins with the
Gregorian calendar: an earlier day has no certain date."""

_ERA_DATE = re.compile(
    r"(令和|平成|昭和|大正|明治|[RHSTM])\s*(元|\d{1,2})\s*[年./-]\s*(\d{1,2})\s*[月./-]\s*(\d{1,2})\s*日?"
)
_DATE = re.compile(r"(\d{4})\s*[年./-]\s*(\d{1,2})\s*[月./-]\s*(\d{1,2})\s*日?|(\d{4})(\d{2})(\d{2})")
_MONTH = re.compile(r"(?:(令和|平成|昭和|[RHS])\s*(元|\d{1,2})|(\d{4}))\s*[年./-]\s*(\d{1,2})\s*月?")
_YES = {"はい", "true", "yes", "する", "有", "あり", "○", "◯", "〇", "✓", "レ"}
_NO = {"いいえ", "false", "no", "しない", "無", "なし", "×", ""}


def era_of(day: date) -> Era | None:
    """The era that a day belongs to; None before 1873."""
    return next((era for era in ERAS if era.first_day <= day), None)


def _era_named(text: str) -> Era:
    return next(era for era in ERAS if text in (era.name, era.letter))


def _year_in(era: str, year: str) -> int:
    return _era_named(era).base + (1 if year == "元" else int(year))


def date_in(text: str) -> tuple[date, Era | None] | None:
    """The date that a text is, as a whole, and its era: 令和8年4月1日, R8.4.1, 2026-04-01, 2026/4/1, 20260401.

    The era is the one written, else the one the day belongs to.  None where it is no date, or one that can't be
    (令和8年2月30日, 昭和70年1月1日).
    """
    folded = unicodedata.normalize("NFKC", text).strip()
    try:
        if found := _ERA_DATE.fullmatch(folded):
            era, day = _era_named(found[1]), date(_year_in(found[1], found[2]), int(found[3]), int(found[4]))
            return (day, era) if era.first_day <= day <= era.last_day else None
        if found := _DATE.fullmatch(folded):
            year, month, day_of_month = found.group(1, 2, 3) if found[1] else found.group(4, 5, 6)
            day = date(int(year), int(month), int(day_of_month))
            return day, era_of(day)
    except ValueError:
        return None
    return None


def _month_in(text: str, day: date | None) -> str | None:
    if day:
        return f"{day:%Y-%m}"
    found = _MONTH.fullmatch(unicodedata.normalize("NFKC", text).strip())
    if not found or not 1 <= int(found[4]) <= 12:
        return None
    year = int(found[3]) if found[3] else _year_in(found[1], found[2])
    return f"{year:04}-{int(found[4]):02}"


def _dated(value: Value, text: str) -> tuple[date | None, Era | None]:
    if isinstance(value, date):
        day = value.date() if isinstance(value, datetime) else value
        return day, era_of(day)
    return date_in(text) or (None, None)


def _flag_in(text: str) -> bool | None:
    folded = text.strip().lower()
    return True if folded in _YES else False if folded in _NO else None


def wanted(value: Value) -> dict[str, Any]:
    """The value as the page's script takes it: every reading that a control may need, as JSON data.

    Raises: BusinessError for a mapping (it has no place in one field).
    """
    if isinstance(value, Mapping):
        raise BusinessError(
            "一つの項目に値のまとまりを入れようとしました。",
            mend="まとまりのうちのどの値を入れるかを指定してください。",
        )
    if isinstance(value, list | tuple):
        texts = [text_of(one) for one in value]
        return {"text": "、".join(texts), "list": texts, "flag": None, "date": None}
    text = text_of(value)
    day, era = _dated(value, text)
    flag = value if isinstance(value, bool) else _flag_in(text)
    found: dict[str, Any] = {"text": text, "list": None, "flag": flag, "date": None, "month": _month_in(text, day)}
    if day:
        found |= {"date": [day.year, day.month, day.day], "iso": day.isoformat()}
        if era:
            found |= {"era": era.name, "letter": era.letter, "era_year": day.year - era.base}
    return found
