"""Open days (開庁日): which days the office is open, counted forward and back.  Pure: no clock, no file, no network.

The register says when the office is closed (``closed_days``), and a town's own days on either side of that
(``open_extra``, ``closed_extra``).  Holidays come from the ``holidays`` package (国民の祝日に関する法律, with 振替休日
and 国民の休日); beyond the years that it knows it would answer "no holiday at all", so those years are refused here.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache

from robots.errors import BusinessError

STANDARD = ("sat", "sun", "holidays", "12/29-01/03")
"""When a municipality is closed unless it says otherwise (地方自治法第4条の2)."""
LONGEST_CLOSURE = 62
"""Days: an office that is closed for longer is a mistake in the register."""
_A_DAY = timedelta(days=1)
_WEEKDAYS = {name: number for number, name in enumerate(("mon", "tue", "wed", "thu", "fri", "sat", "sun"))}
_WEEKDAYS |= {f"{name}{end}": number for number, name in enumerate("月火水木金土日") for end in ("", "曜", "曜日")}
_HOLIDAYS = ("holidays", "holiday", "祝日", "祝")
_DATE = re.compile(r"(?:(\d{4})[-/])?(\d{1,2})[-/](\d{1,2})")
_RANGE = re.compile(rf"({_DATE.pattern})\s*(?:-|~|から)\s*({_DATE.pattern})(?:まで)?")
_LEAP = 2000
"""A year that has every month and day."""


class NotDays(ValueError):
    """What was written names no days; the text says, in Japanese, what may be written."""


@dataclass(frozen=True, slots=True)
class Span:
    """From a day to a day, both in it; ``yearly``: of every year (it may wrap the year's end, and 29 February is there
    in leap years only)."""

    first: date
    last: date
    yearly: bool

    def __contains__(self, day: date) -> bool:
        if not self.yearly:
            return self.first <= day <= self.last
        first, last, at = ((one.month, one.day) for one in (self.first, self.last, day))
        return first <= at <= last if first <= last else at >= first or at <= last


def read_span(written: str) -> Span:
    """12/29-01/03, 12/29, 2026-08-13, 2026/8/13〜2026/8/15.  Raises: NotDays."""
    text = unicodedata.normalize("NFKC", written).replace("〜", "~").strip()
    one, two = _DATE.fullmatch(text), _RANGE.fullmatch(text)
    if one is not None:
        return Span(_date(one.groups(), written), _date(one.groups(), written), one[1] is None)
    if two is None:
        raise NotDays(f"「{written}」は日の書き方ではありません。12/29、12/29-01/03、2026-08-13 のように書きます")
    start, end = two.groups()[1:4], two.groups()[5:8]
    if (start[0] is None) is not (end[0] is None):
        raise NotDays(f"「{written}」は、年を両方に書くか、どちらにも書かないでください")
    span = Span(_date(start, written), _date(end, written), start[0] is None)
    if not span.yearly and span.last < span.first:
        raise NotDays(f"「{written}」は、終わりが始まりより前です")
    return span


def _date(parts: Sequence[str | None], written: str) -> date:
    year, month, day = parts
    try:
        return date(int(year or _LEAP), int(month or 0), int(day or 0))
    except ValueError:
        raise NotDays(f"「{written}」は暦にない日です") from None


@dataclass(frozen=True, slots=True)
class _Closed:
    """``closed_days``, read."""

    weekdays: frozenset[int]
    holidays: bool
    spans: tuple[tuple[Span, str], ...]


def read_closed(written: Iterable[str]) -> _Closed:
    """[sat, sun, holidays, 12/29-01/03], also 土・日・祝日.  Raises: NotDays."""
    weekdays: set[int] = set()
    spans: list[tuple[Span, str]] = []
    with_holidays = False
    for text in written:
        word = unicodedata.normalize("NFKC", text).strip().lower()
        if word in _HOLIDAYS:
            with_holidays = True
        elif word in _WEEKDAYS:
            weekdays.add(_WEEKDAYS[word])
        elif not word[:1].isdecimal():
            raise NotDays(
                f"「{text}」は使えません。曜日（sat・sun・土・日）、holidays（祝日）、12/29-01/03 のような日を書きます"
            )
        else:
            spans.append((read_span(text), text))
    if len(weekdays) == 7:
        raise NotDays("すべての曜日が閉庁日になっています")
    return _Closed(frozenset(weekdays), with_holidays, tuple(spans))


class OpenDays:
    """The open days of a town.

    closed_days, open_extra, closed_extra: as the register writes them.  A day of ``closed_extra`` is closed whatever
    else is said of it; one of ``open_extra`` is open though ``closed_days`` closes it.
    Raises: NotDays (ValueError) where one of them can't be read.
    """

    def __init__(
        self, closed_days: Iterable[str] = STANDARD, open_extra: Iterable[str] = (), closed_extra: Iterable[str] = ()
    ) -> None:
        self._closed = read_closed(closed_days)
        self._open_extra = tuple(read_span(text) for text in open_extra)
        self._closed_extra = tuple(read_span(text) for text in closed_extra)
        self._known: dict[date, str] = {}

    def is_open(self, day: date) -> bool:
        """Raises: BusinessError where the holidays of its year are not known."""
        return not self.why_closed(day)

    def why_closed(self, day: date) -> str:
        """土曜日, 祝日（春分の日）, 12/29-01/03 …; empty on an open day.  Raises: as ``is_open``."""
        why = self._known.get(day)
        if why is None:
            why = self._known[day] = self._why_closed(day)
        return why

    def _why_closed(self, day: date) -> str:
        if any(day in span for span in self._closed_extra):
            return "臨時の閉庁日"
        if any(day in span for span in self._open_extra):
            return ""
        if self._closed.holidays and (name := holidays_of(day.year).get(day)):
            return f"祝日（{name}）"
        if day.weekday() in self._closed.weekdays:
            return f"{'月火水木金土日'[day.weekday()]}曜日"
        return next((f"閉庁日（{written}）" for span, written in self._closed.spans if day in span), "")

    def next(self, day: date) -> date:
        """The first open day after ``day``.  Raises: as ``is_open``; or where there is none for two months."""
        return self._seek(day, _A_DAY)

    def previous(self, day: date) -> date:
        """The last open day before ``day``.  Raises: as ``next``."""
        return self._seek(day, -_A_DAY)

    def on_or_after(self, day: date) -> date:
        """``day`` where it is open, else the next open day."""
        return day if self.is_open(day) else self.next(day)

    def on_or_before(self, day: date) -> date:
        """``day`` where it is open, else the open day before it."""
        return day if self.is_open(day) else self.previous(day)

    def shift(self, day: date, count: int) -> date:
        """So many open days on (back where negative), counted from the day itself, open or not; 0: ``on_or_after``."""
        if count == 0:
            return self.on_or_after(day)
        for _ in range(abs(count)):
            day = self.next(day) if count > 0 else self.previous(day)
        return day

    def between(self, first: date, last: date) -> list[date]:
        """The open days from ``first`` to ``last``, both included."""
        days = ((first + timedelta(days=number)) for number in range((last - first).days + 1))
        return [day for day in days if self.is_open(day)]

    def count(self, first: date, last: date) -> int:
        """How many open days there are from ``first`` to ``last``, both included."""
        return len(self.between(first, last))

    def _seek(self, day: date, direction: timedelta) -> date:
        for _ in range(LONGEST_CLOSURE):
            day += direction
            if self.is_open(day):
                return day
        raise BusinessError(
            f"{day} まで {LONGEST_CLOSURE} 日のあいだ、開庁日がありません。",
            mend="台帳の closed_days と closed_extra を確かめてください。",
        )


@lru_cache(maxsize=256)
def holidays_of(year: int) -> dict[date, str]:
    """The national holidays of a year with their Japanese names.  Raises: BusinessError where they are not known."""
    import holidays  # of all the world: only where a day is asked for

    national = holidays.country_holidays("JP", language="ja", years=year)
    if not national.start_year <= year <= national.end_year:
        raise BusinessError(
            f"{year}年の祝日が分からないので、開庁日を求められません。",
            mend=f"{national.start_year}年から{national.end_year}年までの日付にしてください。",
        )
    return dict(national)


def announced(today: date) -> int:
    """The last year whose holidays are official: each 1 February the next year's 暦要項 appears in the 官報
    (国立天文台).  Later years rest on the computed equinoxes and on the law as it stands."""
    return today.year + 1 if today >= date(today.year, 2, 1) else today.year
