"""Hours saved (削減時間), from what the ledger says of each run; pure.

Rule (registry.md): gross = done items x minutes_per_item + minutes_per_run of the baseline as approved when it
ran; net = gross - the minutes that people still spent.  minutes_per_run is booked once for a run and those that
carried it on.  Only done items count.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from robots.clock import fiscal_year
from robots.ledger.rollups import RunFigures

BY = ("department", "scenario", "month", "year")


@dataclass(frozen=True, slots=True)
class Hours:
    """Exact minutes of some group of runs; hours are rounded only where they are shown (0.1 h)."""

    items: int
    before: Decimal
    """Minutes the work would have taken by hand: the gross saving."""
    after: Decimal
    """Minutes that people still spent."""
    money: Decimal | None
    """Yen of the net saving; None where no hourly cost was set."""

    @property
    def saved(self) -> Decimal:
        """Net minutes."""
        return self.before - self.after

    @property
    def rate(self) -> Decimal | None:
        """削減率: net over before; None where nothing was done."""
        return self.saved / self.before if self.before else None


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the report; the keys that it does not group by are empty."""

    department: str
    department_name: str
    scenario: str
    scenario_name: str
    period: str
    hours: Hours


def hours_of(runs: Iterable[RunFigures]) -> Hours:
    """Adds runs up.  ``runs`` must hold all runs of a chain that are to share one minutes_per_run."""
    items, before, after, money, priced = 0, Decimal(0), Decimal(0), Decimal(0), True
    for run in runs:
        gross = run.done * run.minutes_per_item + (run.minutes_per_run if run.books_run else 0)
        items += run.done
        before += gross
        after += run.human_minutes
        if run.hourly_cost is None:
            priced = priced and not (gross or run.human_minutes)
        else:
            money += (gross - run.human_minutes) / 60 * run.hourly_cost
    return Hours(items, before, after, money if priced else None)


def report(
    runs: Iterable[RunFigures], by: str, *, year: int | None = None, starts: int = 4
) -> tuple[list[Line], Hours]:
    """Lines grouped by department, scenario, month or (fiscal) year, and their total.

    year: only that fiscal year; None: all.  starts: the month in which the fiscal year begins.
    """
    chosen = [run for run in runs if year is None or fiscal_year(run.day, starts) == year]
    keys: dict[str, Callable[[RunFigures], tuple[str, ...]]] = {
        "department": lambda run: (run.department,),
        "scenario": lambda run: (run.department, run.scenario),
        "month": lambda run: (f"{run.day:%Y-%m}",),
        "year": lambda run: (str(fiscal_year(run.day, starts)),),
    }
    groups: dict[tuple[str, ...], list[RunFigures]] = defaultdict(list)
    for run in chosen:
        groups[keys[by](run)].append(run)
    lines = []
    for key in sorted(groups):
        latest = groups[key][-1]
        of_department, of_scenario = by in ("department", "scenario"), by == "scenario"
        lines.append(
            Line(
                department=latest.department if of_department else "",
                department_name=latest.department_name if of_department else "",
                scenario=latest.scenario if of_scenario else "",
                scenario_name=latest.scenario_name if of_scenario else "",
                period=key[0] if by in ("month", "year") else "",
                hours=hours_of(groups[key]),
            )
        )
    return lines, hours_of(chosen)


def in_hours(minutes: Decimal) -> float:
    """Minutes as hours with two decimals, for people and JSON."""
    return float((minutes / 60).quantize(Decimal("0.01"), ROUND_HALF_UP))


def as_json(hours: Hours) -> dict[str, object]:
    """The published keys of one line."""
    return {
        "items": hours.items,
        "hours_before": in_hours(hours.before),
        "hours_after": in_hours(hours.after),
        "hours_gross": in_hours(hours.before),
        "hours_saved": in_hours(hours.saved),
        "rate": None if hours.rate is None else float(hours.rate.quantize(Decimal("0.001"), ROUND_HALF_UP)),
        "money": None if hours.money is None else int(hours.money.to_integral_value(ROUND_HALF_UP)),
    }
