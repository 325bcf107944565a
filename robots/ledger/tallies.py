"""What the savings report adds up: tallies read from the ledger's sums, never from single items."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import lru_cache
from typing import Any, Literal

import sqlalchemy as sa

from robots.ledger.rollups import UNITS
from robots.ledger.store import Ledger
from robots.ledger.tables import costs, runs, savings_facts, savings_months, savings_people

TOWN = "*"
"""The scope of minutes and costs that belong to no department."""
ONCE = ("authoring", "training")
"""Kinds of minutes that are an investment; the others are spent again and again."""
_ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class Tally:
    """Done items, people's minutes and yen that share their facts, over one period."""

    scenario: str
    """Its id; a department's key or * for what belongs to no single scenario."""
    scenario_name: str
    department: str
    department_name: str
    division: str
    built_by: str
    measured: str
    """The day on which the baseline was measured; "" where it is not known."""
    period: str
    """2026-06, or the fiscal year 2026."""
    first: str
    last: str
    """The first and the last month in it."""
    items: int = 0
    runs: int = 0
    """How many runs book minutes_per_run: something was done, and by none of the runs that they carry on."""
    minutes_per_item: Decimal = _ZERO
    minutes_per_run: Decimal = _ZERO
    hourly_cost: Decimal | None = None
    running: Decimal = _ZERO
    """Minutes of people for review, mending and upkeep."""
    once: Decimal = _ZERO
    """Minutes of people for authoring and training."""
    cost: Decimal = _ZERO
    """Yen paid year by year."""
    initial: Decimal = _ZERO
    """Yen paid once."""
    avoided: Decimal = _ZERO
    """Yen that is no longer spent."""


@dataclass(frozen=True, slots=True)
class Span:
    """Which months, and how they are told apart.

    first, last: 2026-04, inclusive; None: open.  each: a tally a month, or a fiscal year that begins in month ``starts``.
    """

    first: str | None = None
    last: str | None = None
    each: Literal["month", "year"] = "month"
    starts: int = 4

    def period(self, month: sa.ColumnElement[str]) -> sa.ColumnElement[Any]:
        """The period of a month in SQL."""
        if self.each == "month":
            return month
        late = sa.case((sa.func.substr(month, 6, 2) >= f"{self.starts:02d}", 0), else_=1)
        return sa.cast(sa.func.substr(month, 1, 4), sa.Integer) - late

    def within(self, month: sa.ColumnElement[str]) -> sa.ColumnElement[bool]:
        """Whether a month is in it, in SQL."""
        return sa.and_(
            sa.true() if self.first is None else month >= self.first,
            sa.true() if self.last is None else month <= self.last,
        )


EVER = Span()
"""Every month."""


def fiscal_months(year: int, starts: int) -> tuple[str, str]:
    """The first and the last month of a fiscal year: (2026-04, 2027-03)."""
    last = (year, 12) if starts == 1 else (year + 1, starts - 1)
    return f"{year}-{starts:02d}", f"{last[0]}-{last[1]:02d}"


def tallies(ledger: Ledger, span: Span = EVER, scenario: str | None = None) -> list[Tally]:
    """Everything that counts in these months (for one scenario), oldest first."""
    with ledger.reading() as connection:
        worked = _worked(connection, span, scenario)
        apart = [*_people(connection, span, scenario), *_costs(connection, span, scenario)]
        known = _Known(connection, {one.scenario for one in apart}) if apart else None
    named = [known.named(one) for one in apart] if known else []
    return sorted([*worked, *named], key=lambda one: (one.period, one.scenario))


def run_tally(ledger: Ledger, run: str) -> Tally:
    """One run's own.  Raises: LookupError where there is no such run."""
    with ledger.reading() as connection:
        row = connection.execute(sa.select(runs).where(runs.c.id == run)).mappings().first()
    if row is None:
        raise LookupError(run)
    month = row["started_at"][:7]
    return _Facts.of(row).tally(month, month, month, row["done"], int(row["books_run"]), row["people"])


def _worked(connection: sa.Connection, span: Span, scenario: str | None) -> list[Tally]:
    of_scenario = sa.true() if scenario is None else savings_facts.c.scenario == scenario
    facts = {
        row["id"]: _Facts.of(row) for row in connection.execute(sa.select(savings_facts).where(of_scenario)).mappings()
    }
    month = savings_months.c.month
    sums = [savings_months.c[name] for name in ("items", "runs", "people")]
    query = sa.select(savings_months.c.facts, month, month, month, *sums).where(span.within(month))
    if span.each != "month":
        period = span.period(month).label("period")
        summed = (sa.func.sum(one) for one in sums)
        query = (
            sa.select(savings_months.c.facts, period, sa.func.min(month), sa.func.max(month), *summed)
            .where(span.within(month))
            .group_by(savings_months.c.facts, sa.literal_column("period"))
        )
    if scenario is not None:
        query = query.where(savings_months.c.facts.in_(list(facts)))
    return [
        facts[known].tally(str(when), first, last, int(items), int(booked), int(people))
        for known, when, first, last, items, booked, people in connection.execute(query)
    ]


@dataclass(frozen=True, slots=True)
class _Facts:
    """What the tallies of one row of savings_facts share."""

    texts: tuple[str, str, str, str, str, str, str]
    numbers: tuple[Decimal, Decimal, Decimal | None]

    @classmethod
    def of(cls, row: Mapping[Any, Any]) -> _Facts:
        cost = row["hourly_cost"]
        return cls(
            (
                row["scenario"],
                row["scenario_name"],
                row["department"],
                row["department_name"],
                row["division"],
                row["built_by"],
                row["measured"] or "",
            ),
            (
                _decimal(row["minutes_per_item"]),
                _decimal(row["minutes_per_run"]),
                None if cost is None else _decimal(cost),
            ),
        )

    def tally(self, period: str, first: str, last: str, items: int, booked: int, people: int) -> Tally:
        return Tally(*self.texts, period, first, last, items, booked, *self.numbers, Decimal(people) / UNITS)


@lru_cache(maxsize=10_000)
def _decimal(text: str) -> Decimal:
    return Decimal(text)


def _apart(scenario: str, period: object, first: str, last: str) -> Tally:
    """A tally of what no run did; its names are found later."""
    department = "" if scenario == TOWN else scenario.partition("/")[0]
    return Tally(scenario, "", department, "", "", "", "", str(period), first, last)


def _people(connection: sa.Connection, span: Span, scenario: str | None) -> list[Tally]:
    table = savings_people.c
    period = span.period(table.month).label("period")
    query = (
        sa.select(
            table.scenario,
            table.kind,
            period,
            sa.func.min(table.month),
            sa.func.max(table.month),
            sa.func.sum(table.people),
        )
        .where(span.within(table.month), sa.true() if scenario is None else table.scenario == scenario)
        .group_by(table.scenario, table.kind, sa.literal_column("period"))
    )
    found = []
    for of, kind, when, first, last, people in connection.execute(query):
        minutes = Decimal(int(people)) / UNITS
        one = _apart(of, when, first, last)
        found.append(replace(one, once=minutes) if kind in ONCE else replace(one, running=minutes))
    return found


def _costs(connection: sa.Connection, span: Span, scenario: str | None) -> list[Tally]:
    table = costs.c
    month = sa.func.substr(table.day, 1, 7)
    query = sa.select(table.scenario, table.kind, table.initial, table.yen, month, span.period(month)).where(
        span.within(month), sa.true() if scenario is None else table.scenario == scenario
    )
    found = []
    for of, kind, initial, yen, on, when in connection.execute(query):
        one, paid = _apart(of, when, on, on), Decimal(yen)
        if kind == "avoided":
            found.append(replace(one, avoided=paid))
        else:
            found.append(replace(one, initial=paid) if initial else replace(one, cost=paid))
    return found


class _Known:
    """What the runs say about scenarios and departments, for what no run did."""

    def __init__(self, connection: sa.Connection, scenarios: Iterable[str]) -> None:
        facts = savings_facts.c
        departments = {one.partition("/")[0] for one in scenarios}
        since = sa.func.min(savings_months.c.month).label("since")
        query = (
            sa.select(savings_facts, since)
            .join(savings_months, savings_months.c.facts == facts.id)
            .group_by(facts.id)
            .order_by(since, facts.id)
        )
        self._rows = list(connection.execute(query.where(facts.department.in_(departments))).mappings())
        prices = query.where(facts.hourly_cost.is_not(None)).order_by(None).order_by(since.desc(), facts.id).limit(1)
        latest = connection.execute(prices).mappings().first()
        self._price = None if latest is None else _decimal(latest["hourly_cost"])

    def named(self, one: Tally) -> Tally:
        """Named and priced as the runs nearest in time are: a scenario is made before it first runs."""
        own = [row for row in self._rows if row["scenario"] == one.scenario]
        near = ([row for row in own if row["since"] <= one.last] or own[:1])[-1:]
        house = near or [row for row in self._rows if row["department"] == one.department][-1:]
        if not house:
            return replace(one, hourly_cost=self._price)
        facts = house[0]
        price = facts["hourly_cost"] if near else None
        return replace(
            one,
            scenario_name=facts["scenario_name"] if near else "",
            department_name=facts["department_name"],
            division=facts["division"],
            built_by=facts["built_by"] if near else "",
            measured=(facts["measured"] or "") if near else "",
            hourly_cost=self._price if not near else None if price is None else _decimal(price),
        )
