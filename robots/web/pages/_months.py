"""One month of the calendar: which scenario runs on which day, which days were moved and why, which are closed."""

from __future__ import annotations

import calendar
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta

from robots.errors import BusinessError
from robots.nightly.calendar import OpenDays, Span
from robots.nightly.rules import Rule, Town, Turn
from robots.registry.model import Entry, Register, state_of

_WEEKDAYS = "月火水木金土日"


@dataclass(frozen=True, slots=True)
class Planned:
    """A scenario on a day.  times: 19:00, or from when to when and how often; why: the day was moved, or empty."""

    scenario: str
    name: str
    times: str
    why: str
    state: str
    """Of the register, as it is today: only ``approved`` runs."""


@dataclass(slots=True)
class Day:
    """One day of the grid.  closed: why the office is closed, or empty."""

    day: date
    closed: str
    inside: bool
    """Whether it belongs to the month (a week may begin in the one before)."""
    planned: list[Planned] = field(default_factory=list)

    @property
    def weekday(self) -> str:
        return _WEEKDAYS[self.day.weekday()]

    @property
    def moved(self) -> list[Planned]:
        """Those that fell on it because another day was closed."""
        return [one for one in self.planned if one.why]


@dataclass(frozen=True, slots=True)
class Month:
    """weeks: Monday first; trouble: why days could not be told (unknown holidays), or empty."""

    year: int
    month: int
    weeks: list[list[Day]]
    trouble: str

    @property
    def days(self) -> list[Day]:
        """Those of the month itself."""
        return [day for week in self.weeks for day in week if day.inside]


def month_of(register: Register, entries: Mapping[str, Entry], year: int, month: int, today: date) -> Month:
    """The month, for these entries."""
    first = date(year, month, 1)
    last = first.replace(day=calendar.monthrange(year, month)[1])
    town = Town(register.open_days, register.fiscal_year_starts)
    try:
        grid = _grid(first, last, town.open_days)
        _fill(grid, entries, first, last, town, today)
        trouble = ""
    except BusinessError as error:
        grid, trouble = {}, error.told
    days = list(grid.values())
    return Month(year, month, [days[at : at + 7] for at in range(0, len(days), 7)], trouble)


def _grid(first: date, last: date, open_days: OpenDays) -> dict[date, Day]:
    begin = first - timedelta(days=first.weekday())
    end = last + timedelta(days=6 - last.weekday())
    every = (begin + timedelta(days=number) for number in range((end - begin).days + 1))
    return {day: Day(day, open_days.why_closed(day), first <= day <= last) for day in every}


def _fill(grid: dict[date, Day], entries: Mapping[str, Entry], first: date, last: date, town: Town, today: date) -> None:
    """Puts every scenario on its days.  Thousands share a few rules, so each rule's days are worked out once."""
    known: dict[tuple[Rule, Span | None], list[Turn]] = {}
    for scenario, entry in entries.items():
        schedule = entry.schedule
        if schedule is None or schedule.on is None or entry.retired is not None:
            continue
        key = (schedule.on, schedule.season)
        if key not in known:
            known[key] = schedule.on.turns(first, last, town, schedule.season)
        times = times_of([f"{one:%H:%M}" for one in schedule.times])
        for turn in known[key]:
            state = state_of(entry, today)
            grid[turn.day].planned.append(Planned(scenario, entry.name, times, turn.why, state))
    for day in grid.values():
        day.planned.sort(key=lambda one: (one.times, one.scenario))


def times_of(times: list[str]) -> str:
    """The times of a day in words."""
    return "・".join(times) if len(times) <= 4 else f"{times[0]}～{times[-1]}（{len(times)} 回）"
