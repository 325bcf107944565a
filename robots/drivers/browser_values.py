"""What a value means to a form: its text, its options, its yes or no, its date by the Japanese calendar."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from robots.eras import Era, era_named, era_of, era_written, read_date
from robots.errors import BusinessError
from robots.values import Value, text_of

_MONTH = re.compile(r"(?:(令和|平成|昭和|[RHS])\s*(元|\d{1,2})|(\d{4}))\s*[年./-]\s*(\d{1,2})\s*月?")
_YES = {"はい", "true", "yes", "する", "有", "あり", "○", "◯", "〇", "✓", "レ"}
_NO = {"いいえ", "false", "no", "しない", "無", "なし", "×", ""}


def date_in(text: str) -> tuple[date, Era] | None:
    """The date that a text is, as a whole, and its era: the one written, else the one the day belongs to.

    None where it is no date, or one that can't be (令和8年2月30日, 昭和70年1月1日).
    """
    try:
        day = read_date(text)
        return day, era_written(text) or era_of(day)
    except BusinessError:
        return None


def _month_in(text: str, day: date | None) -> str | None:
    if day:
        return f"{day:%Y-%m}"
    found = _MONTH.fullmatch(unicodedata.normalize("NFKC", text).strip())
    if not found or not 1 <= int(found[4]) <= 12:
        return None
    year = int(found[3]) if found[3] else era_named(found[1]).base + (1 if found[2] == "元" else int(found[2]))
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
