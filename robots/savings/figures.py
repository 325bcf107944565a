"""Hours saved (削減時間), from the ledger's tallies; pure.

Rule (registry.md): gross = done items x minutes_per_item + minutes_per_run of the baseline as approved when it
ran; net = gross - the minutes that people still spent.  minutes_per_run is booked once for a run and those that
carried it on.  Only done items count.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_CEILING, ROUND_HALF_UP, Decimal
from functools import lru_cache

from robots.clock import fiscal_year
from robots.ledger.tallies import Tally

BY = ("division", "department", "scenario", "month", "year")
_ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class Hours:
    """Exact minutes and yen of some group of tallies; hours are rounded only where they are shown (0.01 h)."""

    items: int = 0
    before: Decimal = _ZERO
    """Minutes the work would have taken by hand: the gross saving."""
    after: Decimal = _ZERO
    """Minutes that people still spent."""
    once: Decimal = _ZERO
    """Those of ``after`` that are an investment: authoring, training."""
    money: Decimal | None = _ZERO
    """Yen of the net saving; None where no hourly cost was set."""
    once_money: Decimal | None = _ZERO
    """Yen of ``once``."""
    cost: Decimal = _ZERO
    """Yen paid for licences, contracts and equipment year by year."""
    initial: Decimal = _ZERO
    """Yen paid for them once."""
    avoided: Decimal = _ZERO
    """Yen that is no longer spent."""
    works: int = 0
    """Scenarios that did something."""
    in_house: int = 0
    """Those of them that the town's own staff wrote."""
    months: int = 0
    """From the first to the last month in which anything was done."""

    @property
    def saved(self) -> Decimal:
        """Net minutes."""
        return self.before - self.after

    @property
    def rate(self) -> Decimal | None:
        """削減率: net over before; None where nothing was done."""
        return self.saved / self.before if self.before else None

    @property
    def in_house_rate(self) -> Decimal | None:
        """内製率: works that the town's own staff wrote, of all that did something."""
        return Decimal(self.in_house) / self.works if self.works else None

    @property
    def balance(self) -> Decimal | None:
        """差引効果: yen of the net hours and of what is no longer spent, less every cost."""
        return None if self.money is None else self.money + self.avoided - self.cost - self.initial

    @property
    def payback(self) -> int | None:
        """回収期間: whole months until what was spent once is earned; None where nothing was, it never is, or can't be told.

        What was spent once (authoring, training, initial costs) over the mean monthly gain (all else) of the months in
        which the work ran.
        """
        if self.balance is None or self.once_money is None or not self.months:
            return None
        invested = self.once_money + self.initial
        monthly = (self.balance + invested) / self.months
        if not invested:
            return None
        return int((invested / monthly).to_integral_value(ROUND_CEILING)) if monthly > 0 else None


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the report; the keys that it does not group by are empty."""

    division: str
    department: str
    department_name: str
    scenario: str
    scenario_name: str
    period: str
    hours: Hours


def hours_of(tallies: Iterable[Tally]) -> Hours:
    """Adds tallies up.  Most have no yen and nothing spent once, and there may be tens of thousands of them."""
    items, before, after, once, cost, initial, avoided = 0, _ZERO, _ZERO, _ZERO, _ZERO, _ZERO, _ZERO
    net_at: dict[Decimal | None, Decimal] = {}
    once_at: dict[Decimal | None, Decimal] = {}
    built: dict[str, str] = {}
    first, last = "9999-12", ""
    for tally in tallies:
        gross, people, price = gross_of(tally), tally.running, tally.hourly_cost
        if tally.once:
            people += tally.once
            once += tally.once
            once_at[price] = once_at.get(price, _ZERO) + tally.once
        if gross or people:
            before += gross
            after += people
            net_at[price] = net_at.get(price, _ZERO) + gross - people
        if tally.cost or tally.initial or tally.avoided:
            cost += tally.cost
            initial += tally.initial
            avoided += tally.avoided
        if tally.items:
            items += tally.items
            built[tally.scenario] = tally.built_by
        if tally.items or tally.cost or tally.avoided:
            first = min(first, tally.first)
            last = max(last, tally.last)
    priced = None not in net_at
    return Hours(
        items,
        before,
        after,
        once,
        _yen(net_at) if priced else None,
        _yen(once_at) if priced else None,
        cost,
        initial,
        avoided,
        works=len(built),
        in_house=sum(by == "in_house" for by in built.values()),
        months=months_between(first, last) if last else 0,
    )


def _yen(minutes_at: Mapping[Decimal | None, Decimal]) -> Decimal:
    """What minutes cost, each at the hourly cost of their time."""
    return sum((minutes / 60 * price for price, minutes in minutes_at.items() if price is not None), _ZERO)


def gross_of(tally: Tally) -> Decimal:
    """Minutes that its done items would have taken by hand."""
    gross = tally.items * tally.minutes_per_item
    return gross + tally.runs * tally.minutes_per_run if tally.runs else gross


def months_between(first: str, last: str) -> int:
    """How many months there are from one to the other, both counted: 2026-04 to 2027-03 is 12."""
    return (int(last[:4]) - int(first[:4])) * 12 + int(last[5:7]) - int(first[5:7]) + 1


def lines_of(tallies: Sequence[Tally], by: str, starts: int = 4) -> list[Line]:
    """Lines grouped by division, department, scenario, month or fiscal year (which begins in month ``starts``), in order."""
    key_of: Callable[[Tally], tuple[str, ...]] = {
        "division": lambda tally: (tally.division,),
        "department": lambda tally: (tally.department,),
        "scenario": lambda tally: (tally.department, tally.scenario),
        "month": lambda tally: (tally.period,),
        "year": lambda tally: (_year_of(tally.period, starts),),
    }[by]
    groups: dict[tuple[str, ...], list[Tally]] = defaultdict(list)
    for tally in tallies:
        groups[key_of(tally)].append(tally)
    lines = []
    for key in sorted(groups):
        latest = next((one for one in reversed(groups[key]) if one.items), groups[key][-1])
        of_department, of_scenario = by in ("department", "scenario"), by == "scenario"
        lines.append(
            Line(
                division=latest.division if by == "division" or of_department else "",
                department=latest.department if of_department else "",
                department_name=latest.department_name if of_department else "",
                scenario=latest.scenario if of_scenario else "",
                scenario_name=latest.scenario_name if of_scenario else "",
                period=key[0] if by in ("month", "year") else "",
                hours=hours_of(groups[key]),
            )
        )
    return lines


@lru_cache(maxsize=1_000)
def _year_of(period: str, starts: int) -> str:
    """The fiscal year of a month, or of itself."""
    if "-" not in period:
        return period
    return str(fiscal_year(date.fromisoformat(f"{period}-01"), starts))


def in_hours(minutes: Decimal) -> float:
    """Minutes as hours with two decimals, for people and JSON."""
    return float((minutes / 60).quantize(Decimal("0.01"), ROUND_HALF_UP))


def in_yen(yen: Decimal | None) -> int | None:
    """Whole yen, rounded half up."""
    return None if yen is None else int(yen.to_integral_value(ROUND_HALF_UP))


def as_json(hours: Hours) -> dict[str, object]:
    """The published keys of one line.  Yen that was booked is exact (it may have a fraction); yen of hours is whole."""
    return {
        "items": hours.items,
        "works": hours.works,
        "hours_before": in_hours(hours.before),
        "hours_after": in_hours(hours.after),
        "hours_gross": in_hours(hours.before),
        "hours_saved": in_hours(hours.saved),
        "rate": _share(hours.rate),
        "in_house_rate": _share(hours.in_house_rate),
        "money": in_yen(hours.money),
        "cost": _exact(hours.cost),
        "cost_initial": _exact(hours.initial),
        "cost_avoided": _exact(hours.avoided),
        "balance": None if hours.balance is None else _exact(hours.balance.quantize(Decimal("0.1"), ROUND_HALF_UP)),
        "payback_months": hours.payback,
    }


def _share(share: Decimal | None) -> float | None:
    return None if share is None else float(share.quantize(Decimal("0.001"), ROUND_HALF_UP))


def _exact(yen: Decimal) -> int | float:
    return int(yen) if yen == yen.to_integral_value() else float(yen)
