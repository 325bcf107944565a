"""Japanese eras: reading dates as people write them, and writing them back.

Eras begin on the day of the change of the law or edict; the day of a change belongs to both eras when read
and to the new one when written.  Before 1873-01-01 Japan kept another calendar, so such dates are refused.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import date, datetime


class NotADate(ValueError):
    """A text that is no date, an impossible day, an unknown era.  what and mend are Japanese sentences."""

    def __init__(self, what: str, *, mend: str) -> None:
        super().__init__(what)
        self.what = what
        self.mend = mend


@dataclass(frozen=True, slots=True)
class Era:
    """One era: its name, its first day, and the last day that may be written in it."""

    name: str
    letter: str
    first: date
    last: date

    @property
    def base(self) -> int:
        """What is added to the era's year to give the western one."""
        return self.first.year - 1


_GREGORIAN = date(1873, 1, 1)
ERAS = (
    Era("明治", "M", date(1868, 1, 25), date(1912, 7, 30)),
    Era("大正", "T", date(1912, 7, 30), date(1926, 12, 25)),
    Era("昭和", "S", date(1926, 12, 25), date(1989, 1, 7)),
    Era("平成", "H", date(1989, 1, 8), date(2019, 4, 30)),
    Era("令和", "R", date(2019, 5, 1), date.max),
)
_BY_NAME = {word: era for era in ERAS for word in (era.name, era.name[0], era.letter)}
_ERA = "明治|大正|昭和|平成|令和|[明大昭平令MTSHR]"
_PARTS = r"(?P<year>\d{{{years}}}|元)(?P<mark>年|[./-])(?P<month>\d{{1,2}})(?:月|(?P=mark))(?P<day>\d{{1,2}})日?"
_WITH_ERA = re.compile(f"(?P<era>{_ERA})" + _PARTS.format(years="1,2"))
_WITH_ERA_PACKED = re.compile(f"(?P<era>{_ERA})" + r"(?P<year>\d{2})(?P<month>\d{2})(?P<day>\d{2})")
_WESTERN = re.compile(_PARTS.format(years="4"))
_WESTERN_PACKED = re.compile(r"(?P<year>\d{4})(?P<month>\d{2})(?P<day>\d{2})")
_MEND = "令和8年4月1日、R8.4.1、2026/4/1、20260401 のような、暦にある日付にしてください。"
MAX_LENGTH = 40


def read_date(value: str | date | int, era: str = "") -> date:
    """The day that a text means.

    value: 令和8年4月1日, R8.4.1, R080401, 令和元年5月1日, 2026/4/1, 2026-04-01, 20260401, full width too; with
    ``era`` also 8.4.1 and 080401.  A date is taken as it is.
    Raises: NotADate for anything else, and for a day that the calendar or the era does not have.
    """
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, date):
        return value
    written = str(value)
    if len(written) > MAX_LENGTH:
        raise NotADate("日付として読むには長すぎる文字です。", mend=_MEND)
    text = re.sub(r"\s", "", unicodedata.normalize("NFKC", written))
    if not text:
        raise NotADate("日付が空欄です。", mend=_MEND)
    prefix = era_named(era).name if era else ""
    for pattern in (_WITH_ERA, _WITH_ERA_PACKED):
        found = pattern.fullmatch(text.upper() if not prefix else prefix + text)
        if found:
            return _in_era(found, written if not prefix else f"{prefix} {written}")
    found = None if prefix else _WESTERN.fullmatch(text) or _WESTERN_PACKED.fullmatch(text)
    if not found or found["year"] == "元":
        raise NotADate(f"「{written}」を日付として読めません。", mend=_MEND)
    return _day(int(found["year"]), found, written)


def era_named(name: str) -> Era:
    """The era of a name or letter: 令和, 令, R.  Raises: NotADate."""
    era = _BY_NAME.get(unicodedata.normalize("NFKC", name).strip().upper())
    if era is None:
        raise NotADate(
            f"「{name}」という元号はありません。", mend="明治・大正・昭和・平成・令和のどれかにしてください。"
        )
    return era


def _in_era(found: re.Match[str], written: str) -> date:
    era = _BY_NAME[found["era"]]
    year = 1 if found["year"] == "元" else int(found["year"])
    day = _day(era.base + year, found, written) if year else None
    if day is None or not era.first <= day <= era.last:
        raise NotADate(f"「{written}」は{era.name}にない日付です。", mend="元号と年を確かめてください。" + _span(era))
    return day


def _span(era: Era) -> str:
    last = f"{era.last.year - era.base}年{era.last.month}月{era.last.day}日まで" if era.last != date.max else ""
    return f"{era.name}は元年{era.first.month}月{era.first.day}日から{last}です。"


def _day(year: int, found: re.Match[str], written: str) -> date:
    try:
        day = date(year, int(found["month"]), int(found["day"]))
    except ValueError:
        raise NotADate(f"「{written}」は暦にない日付です。", mend="月と日を確かめてください。") from None
    if day < _GREGORIAN:
        raise NotADate(
            f"「{written}」は明治6年より前の日付なので扱えません。", mend="旧暦の日付は手で確かめてください。"
        )
    return day


def era_written(text: str) -> Era | None:
    """The era that a date's text names: 平成 for H31.4.1; None where it names none."""
    found = re.match(_ERA, re.sub(r"\s", "", unicodedata.normalize("NFKC", text)).upper())
    return _BY_NAME[found[0]] if found else None


def era_of(day: date) -> Era:
    """The era that a day is written in (the newer one on the day of a change)."""
    for era in reversed(ERAS):
        if day >= max(era.first, _GREGORIAN):
            return era
    raise NotADate(f"{day.isoformat()} は明治6年より前なので和暦にできません。", mend="日付を確かめてください。")
