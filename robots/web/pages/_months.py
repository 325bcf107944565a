"""The calendar, a month or a year of it: which scenario runs on which day, which days were moved and why, which are closed."""

from __future__ import annotations

import calendar
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, time, timedelta
from heapq import merge
from itertools import islice

from robots.errors import BusinessError
from robots.nightly.calendar import OpenDays, Span
from robots.nightly.rules import Rule, Town
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


@dataclass(frozen=True, slots=True)
class _Group:
    """Scenarios that run on the same days at the same times, by id: thousands share a few rules.  state: as in Planned."""

    times: str
    members: list[tuple[str, str, str]] = field(default_factory=list)

    def planned(self, why: str) -> Iterator[Planned]:
        return (Planned(scenario, name, self.times, why, state) for scenario, name, state in self.members)


@dataclass(slots=True)
class Day:
    """One day of the grid.  closed: why the office is closed, or empty."""

    day: date
    closed: str
    inside: bool
    """Whether it belongs to the month (a week may begin in the one before)."""
    groups: list[tuple[_Group, str]] = field(default_factory=list)
    """Those that run on it, each with why it was moved to this day."""

    @property
    def weekday(self) -> str:
        return _WEEKDAYS[self.day.weekday()]

    @property
    def count(self) -> int:
        """How many scenarios run on it."""
        return sum(len(group.members) for group, _ in self.groups)

    def first(self, most: int) -> list[Planned]:
        """So many of them, by time and id."""
        return list(islice(self._every(self.groups), most))

    @property
    def planned(self) -> list[Planned]:
        """All of them."""
        return list(self._every(self.groups))

    def moved(self, most: int) -> list[Planned]:
        """So many of those that fell on it because another day was closed."""
        return list(islice(self._every([one for one in self.groups if one[1]]), most))

    @property
    def moved_count(self) -> int:
        return sum(len(group.members) for group, why in self.groups if why)

    @staticmethod
    def _every(groups: list[tuple[_Group, str]]) -> Iterator[Planned]:
        return merge(*(group.planned(why) for group, why in groups), key=lambda one: (one.times, one.scenario))


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


def year_of(register: Register, scenario: str, entry: Entry, today: date) -> list[Month]:
    """The twelve months from the present one, for one scenario; empty where it has no days of its own."""
    if entry.schedule is None or entry.schedule.on is None or entry.retired is not None:
        return []
    numbers = range(today.year * 12 + today.month - 1, today.year * 12 + today.month + 11)
    return [month_of(register, {scenario: entry}, number // 12, number % 12 + 1, today) for number in numbers]


def _grid(first: date, last: date, open_days: OpenDays) -> dict[date, Day]:
    begin = first - timedelta(days=first.weekday())
    end = last + timedelta(days=6 - last.weekday())
    every = (begin + timedelta(days=number) for number in range((end - begin).days + 1))
    return {day: Day(day, open_days.why_closed(day), first <= day <= last) for day in every}


def _fill(
    grid: dict[date, Day], entries: Mapping[str, Entry], first: date, last: date, town: Town, today: date
) -> None:
    """Puts every scenario on its days; the days of a rule are worked out once."""
    groups: dict[tuple[Rule, Span | None, tuple[time, ...]], _Group] = {}
    for scenario, entry in sorted(entries.items()):
        schedule = entry.schedule
        if schedule is None or schedule.on is None or entry.retired is not None:
            continue
        key = (schedule.on, schedule.season, schedule.times)
        if key not in groups:
            groups[key] = _Group(times_of([f"{one:%H:%M}" for one in schedule.times]))
        groups[key].members.append((scenario, entry.name, state_of(entry, today)))
    for (rule, season, _), group in groups.items():
        for turn in rule.turns(first, last, town, season):
            grid[turn.day].groups.append((group, turn.why))


def times_of(times: list[str]) -> str:
    """The times of a day in words."""
    return "・".join(times) if len(times) <= 4 else f"{times[0]}～{times[-1]}（{len(times)} 回）"
