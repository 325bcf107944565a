"""The savings report as a whole: what the command line, the web page and every export show."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from typing import Literal

from robots.clock import fiscal_year
from robots.ledger.behind import RunBehind, runs_behind
from robots.ledger.store import Ledger
from robots.ledger.tallies import TOWN, Span, Tally, fiscal_months, tallies
from robots.savings.figures import Hours, Line, hours_of, lines_of

_OLD_YEARS = 2
_RANKED = 5


@dataclass(frozen=True, slots=True)
class Expected:
    """What was estimated before a scenario was built: net hours a year, least, likeliest and most, and on which day."""

    low: Decimal
    net: Decimal
    high: Decimal
    on: date


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which report: of a fiscal year (None: all), by division, department, scenario, month or year."""

    organization: str
    year: int | None = None
    by: str = "scenario"
    starts: int = 4
    """The month in which the fiscal year begins."""
    day: date = date.max
    """The day on which it is drawn up; a baseline is old or not as of it."""
    expected: Mapping[str, Expected] = field(default_factory=dict)
    """Estimates kept in the register, by scenario."""
    departments: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    """Name and division by department key, for a department that has not run anything yet."""
    division: str = ""
    department: str = ""
    scenario: str = ""
    """Only what is of this division, of this department (its key), of this scenario; empty: of every one."""

    def takes(self, division: str, department: str, scenario: str) -> bool:
        """Whether something of these belongs to the report."""
        return (
            self.division in ("", division) and self.department in ("", department) and self.scenario in ("", scenario)
        )

    @property
    def scope(self) -> str:
        """What the report is of, where it is not of the whole town (Japanese); else empty."""
        department, _ = self.departments.get(self.department, (self.department, ""))
        return "・".join(one for one in (self.division, department, self.scenario) if one)


@dataclass(frozen=True, slots=True)
class Mark:
    """A scenario that must be looked at, and why (Japanese)."""

    scenario: str
    name: str
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Compared:
    """An estimate beside what came true, in hours a year."""

    scenario: str
    name: str
    expected: Expected
    came: Decimal
    """Net hours a year of the months in which it ran."""
    months: int

    @property
    def within(self) -> bool:
        """Whether it lies in the range that was estimated."""
        return self.expected.low <= self.came <= self.expected.high


@dataclass(frozen=True, slots=True)
class Statement:
    """The report."""

    wanted: Wanted
    lines: list[Line]
    total: Hours
    years: list[Line]
    """Every fiscal year of the ledger, whatever year is wanted."""
    months: list[Line]
    """The months of the wanted year (of all)."""
    best: list[Line]
    """The scenarios that save most, by net hours."""
    worst: list[Line]
    """Those that save least, the least first; none of ``best`` is among them."""
    marks: list[Mark]
    compared: list[Compared]

    @property
    def span(self) -> Span:
        """Its months."""
        return span_of(self.wanted)

    def marks_of(self, scenario: str) -> tuple[str, ...]:
        """Why a scenario is marked; empty where it is not."""
        return next((mark.reasons for mark in self.marks if mark.scenario == scenario), ())


def span_of(wanted: Wanted, each: Literal["month", "year"] = "month") -> Span:
    """The months of a report."""
    if wanted.year is None:
        return Span(each=each, starts=wanted.starts)
    return Span(*fiscal_months(wanted.year, wanted.starts), each=each, starts=wanted.starts)


def statement(ledger: Ledger, wanted: Wanted) -> Statement:
    """Draws the report up, from the ledger alone."""
    only = wanted.scenario or None
    # Months are many (every scenario has twelve a year): only what is told by month is made of them.
    chosen = _named(tallies(ledger, span_of(wanted, "year"), only), wanted)
    every = (
        chosen
        if wanted.year is None
        else _named(tallies(ledger, Span(each="year", starts=wanted.starts), only), wanted)
    )
    works = lines_of(chosen, "scenario")
    months = lines_of(_named(tallies(ledger, span_of(wanted), only), wanted), "month")
    lines = {"scenario": works, "month": months}.get(wanted.by)
    ranked = sorted((line for line in works if line.hours.items), key=lambda line: -line.hours.saved)
    best, rest = ranked[:_RANKED], ranked[_RANKED:]
    return Statement(
        wanted=wanted,
        lines=lines_of(chosen, wanted.by, wanted.starts) if lines is None else lines,
        total=hours_of(chosen),
        years=lines_of(every, "year", wanted.starts),
        months=months,
        best=best,
        worst=rest[::-1][:_RANKED],
        marks=_marks(works, chosen, wanted.day),
        compared=_compared(works, wanted.expected),
    )


def runs_of(ledger: Ledger, drawn: Statement) -> list[RunBehind]:
    """The runs behind a report, oldest first."""
    wanted = drawn.wanted
    found = runs_behind(ledger, drawn.span, wanted.scenario or None)
    return [run for run in found if wanted.takes(run.division, run.department, run.scenario)]


def runs_of_lines(ledger: Ledger, drawn: Statement) -> list[list[RunBehind]]:
    """The runs behind each line of a report, in the lines' order."""
    groups: dict[tuple[str, ...], list[RunBehind]] = defaultdict(list)
    by, starts = drawn.wanted.by, drawn.wanted.starts
    for run in runs_of(ledger, drawn):
        month = run.started_at[:7]
        key = {
            "division": (run.division,),
            "department": (run.department,),
            "scenario": (run.department, run.scenario),
            "month": (month,),
            "year": (str(fiscal_year(date.fromisoformat(f"{month}-01"), starts)),),
        }[by]
        groups[key].append(run)
    return [groups[_key(line, by)] for line in drawn.lines]


def _key(line: Line, by: str) -> tuple[str, ...]:
    if by == "scenario":
        return (line.department, line.scenario)
    return ({"division": line.division, "department": line.department}.get(by, line.period),)


def _named(found: Sequence[Tally], wanted: Wanted) -> list[Tally]:
    """What no run has named yet is named as the register has it; what the report is not of is left out."""
    named = (_as_registered(one, wanted) for one in found)
    return [one for one in named if wanted.takes(one.division, one.department, one.scenario)]


def _as_registered(one: Tally, wanted: Wanted) -> Tally:
    if one.scenario == TOWN:
        return replace(one, scenario_name="全庁共通", department_name="全庁共通", division="全庁共通")
    if not one.department_name and one.department in wanted.departments:
        name, division = wanted.departments[one.department]
        return _as_registered(replace(one, department_name=name or one.department, division=division), wanted)
    return replace(one, scenario_name="（課の共通）") if one.scenario == one.department else one


def _marks(works: Sequence[Line], chosen: Sequence[Tally], day: date) -> list[Mark]:
    measured: dict[str, str] = {}
    for one in chosen:
        if one.items:
            measured[one.scenario] = max(one.measured, measured.get(one.scenario, ""))
    marks = []
    for line in works:
        reasons = []
        if line.hours.saved < 0:
            reasons.append("正味の削減時間がマイナスです")
        on = measured.get(line.scenario)
        if on == "":
            reasons.append("基準時間の測定日が記録されていません")
        elif on is not None and _years_after(date.fromisoformat(on)) < day:
            reasons.append(f"基準時間が{_OLD_YEARS}年より前（{on}）の測定です")
        if reasons:
            marks.append(Mark(line.scenario, line.scenario_name or line.scenario, tuple(reasons)))
    return marks


def _years_after(day: date) -> date:
    try:
        return day.replace(year=day.year + _OLD_YEARS)
    except ValueError:  # 29 February
        return day.replace(year=day.year + _OLD_YEARS, day=28)


def _compared(works: Sequence[Line], expected: Mapping[str, Expected]) -> list[Compared]:
    found = []
    for line in works:
        if line.scenario in expected and line.hours.months:
            running = line.hours.saved + line.hours.once  # what was spent once is no part of a year's net
            came = running / 60 / line.hours.months * 12
            name = line.scenario_name or line.scenario
            found.append(Compared(line.scenario, name, expected[line.scenario], came, line.hours.months))
    return found
