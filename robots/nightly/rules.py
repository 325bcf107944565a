"""On which days a schedule falls: the rules in plain words, Japanese or English, and the days of each.  Pure.

A closed table of phrases, so that what is not understood is refused and never guessed.  A rule's days are those that
it names, whether the office is open or not; where it says what becomes of a closed day (「、前の開庁日」), the day is
moved and the turn says why.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, time, timedelta
from typing import Literal, Protocol, runtime_checkable

from robots.nightly.calendar import LONGEST_CLOSURE, OpenDays, Span

_A_DAY = timedelta(days=1)
_MARGIN = timedelta(days=LONGEST_CLOSURE)
Move = Literal["", "before", "after", "skip"]
Period = Literal["month", "fiscal_year"]


@dataclass(frozen=True, slots=True)
class Town:
    """What the days of a rule depend on: the town's open days and the month that its fiscal year begins with."""

    open_days: OpenDays
    fiscal_year_starts: int = 4

    def periods(self, kind: Period, first: date, last: date) -> Iterator[tuple[date, date]]:
        """(first day, last day) of every month or fiscal year that has a day from ``first`` to ``last``."""
        months = 1 if kind == "month" else 12
        year, month = first.year, first.month
        if months == 12:
            year, month = year - (month < self.fiscal_year_starts), self.fiscal_year_starts
        start = date(year, month, 1)
        while start <= last:
            following = _months_on(start, months)
            yield start, following - _A_DAY
            start = following


def _months_on(start: date, months: int) -> date:
    number = start.year * 12 + start.month - 1 + months
    return date(number // 12, number % 12 + 1, 1)


@dataclass(frozen=True, slots=True)
class Turn:
    """One day of a rule; ``planned`` is the day that it names, and ``why`` says why it fell on another (or empty)."""

    day: date
    planned: date
    why: str = ""


@runtime_checkable  # pydantic wants to be able to ask
class Days(Protocol):
    """The days that a rule names."""

    # Every such day from `first` to `last` (a few outside may be among them), in no order.
    def named(self, first: date, last: date, town: Town) -> Iterator[Turn]: ...


@dataclass(frozen=True, slots=True)
class EveryDay:
    """毎日, and 毎開庁日 where ``open_only``."""

    open_only: bool

    def named(self, first: date, last: date, town: Town) -> Iterator[Turn]:
        for number in range((last - first).days + 1):
            day = first + timedelta(days=number)
            if not self.open_only or town.open_days.is_open(day):
                yield Turn(day, day)


@dataclass(frozen=True, slots=True)
class Weekdays:
    """月曜日; 0 is Monday."""

    numbers: frozenset[int]

    def named(self, first: date, last: date, town: Town) -> Iterator[Turn]:
        for number in range((last - first).days + 1):
            day = first + timedelta(days=number)
            if day.weekday() in self.numbers:
                yield Turn(day, day)


@dataclass(frozen=True, slots=True)
class MonthDays:
    """25日; 31: 月末.  A month without the day has its last day instead (as 民法第143条第2項 has it)."""

    numbers: tuple[int, ...]

    def named(self, first: date, last: date, town: Town) -> Iterator[Turn]:
        for start, end in town.periods("month", first, last):
            for number in self.numbers:
                day = start.replace(day=min(number, end.day))
                why = f"{start.month}月に{number}日がないため、月の末日" if number > end.day and number != 31 else ""
                yield Turn(day, day, why)


@dataclass(frozen=True, slots=True)
class NthOpenDay:
    """月の第3開庁日; counted from the end where negative (-1: 最後の開庁日)."""

    period: Period
    count: int

    def named(self, first: date, last: date, town: Town) -> Iterator[Turn]:
        for start, end in town.periods(self.period, first, last):
            found = town.open_days.between(start, end)
            if abs(self.count) <= len(found):
                day = found[self.count - 1 if self.count > 0 else self.count]
                yield Turn(day, day)


@dataclass(frozen=True, slots=True)
class OpenDaysBefore:
    """月末の3開庁日前: so many open days before the period's last day, counted as 開庁日(日付, -3) does; with
    ``from_last_open`` before its last open day, which is another day where the last day is closed."""

    period: Period
    count: int
    from_last_open: bool

    def named(self, first: date, last: date, town: Town) -> Iterator[Turn]:
        for _, end in town.periods(self.period, first, last + timedelta(days=3 * self.count) + _MARGIN):
            base = town.open_days.on_or_before(end) if self.from_last_open else end
            day = town.open_days.shift(base, -self.count)
            yield Turn(day, day)


@dataclass(frozen=True, slots=True)
class Once:
    """2026-12-25."""

    day: date

    def named(self, first: date, last: date, town: Town) -> Iterator[Turn]:
        yield Turn(self.day, self.day)


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule: its days, what becomes of a closed one, and its times of day where it has its own (every 30 minutes …)."""

    written: str
    days: Days
    move: Move = ""
    times: tuple[time, ...] = ()

    def turns(self, first: date, last: date, town: Town, season: Span | None = None) -> list[Turn]:
        """The rule's days from ``first`` to ``last``, in order, each once.

        season: the part of the year in which it holds; it is the named day that must lie in it.
        Raises: BusinessError where the holidays of a year that it needs are not known.
        """
        margin = _MARGIN if self.move in ("before", "after") else timedelta()
        found: dict[date, Turn] = {}
        for turn in sorted(self.days.named(first - margin, last + margin, town), key=lambda one: one.planned):
            if season is not None and turn.planned not in season:
                continue
            moved = self._moved(turn, town)
            if moved is not None and first <= moved.day <= last:
                found.setdefault(moved.day, moved)
        return [found[day] for day in sorted(found)]

    def _moved(self, turn: Turn, town: Town) -> Turn | None:
        closed = town.open_days.why_closed(turn.day) if self.move else ""
        if not closed:
            return turn
        if self.move == "skip":
            return None
        before = self.move == "before"
        day = town.open_days.previous(turn.day) if before else town.open_days.next(turn.day)
        weekday = "月火水木金土日"[turn.day.weekday()]
        named = f"{turn.why}。" if turn.why else ""
        why = f"{turn.day.month}/{turn.day.day}（{weekday}）は{closed}のため、{'前' if before else '後'}の開庁日"
        return Turn(day, turn.planned, named + why)
