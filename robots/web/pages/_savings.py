"""The savings report that a query asks for, and where each of its lines leads."""

from __future__ import annotations

import re
from dataclasses import replace
from urllib.parse import urlencode

from robots.ledger.tallies import TOWN, Span
from robots.registry.reporting import report_wanted
from robots.savings.figures import BY, Line
from robots.savings.statement import Statement, Wanted, span_of, statement
from robots.web.page import Context

PATH, RUNS = "/savings", "/savings/runs"
_MONTH = re.compile(r"\d{4}-(0[1-9]|1[0-2])")
_YEARS = range(1950, 2101)
_DOWN = {"division": "department", "department": "scenario", "scenario": "month", "year": "month"}
"""What a line opens: the next finer view; a month opens its runs."""


def wanted_of(context: Context) -> Wanted:
    """The report of ?year=…&by=…&division=…&department=…&scenario=…; what can't be is as if it were not there."""
    query = context.query
    year, by = query.get("year", ""), query.get("by", "")
    return report_wanted(
        context.register,
        context.now.date(),
        year=int(year) if year.isdecimal() and len(year) == 4 and int(year) in _YEARS else None,
        by=by if by in BY else "department",
        division=query.get("division", "")[:200],
        department=query.get("department", "")[:100],
        scenario=query.get("scenario", "")[:200],
    )


def drawn_up(context: Context) -> Statement:
    """The report, from the ledger."""
    return statement(context.ledger, wanted_of(context))


def query_of(wanted: Wanted, **changes: object) -> str:
    """The query of a report, with some of it changed; what is empty is left out."""
    names = {name: getattr(wanted, name) for name in ("year", "by", "division", "department", "scenario")}
    return urlencode({name: value for name, value in (names | changes).items() if value})


def down(wanted: Wanted, line: Line) -> str:
    """Where a line of the report leads: one step nearer to the runs."""
    by = wanted.by
    if by == "month":
        return f"{RUNS}?{query_of(wanted, by=None, year=None, month=line.period)}"
    own = {"division": "division", "department": "department", "scenario": "scenario", "year": "period"}[by]
    if line.scenario == TOWN or (by == "scenario" and line.scenario == line.department):
        return f"{RUNS}?{query_of(wanted, by=None, scenario=line.scenario)}"
    changes = {"year": line.period} if by == "year" else {by: getattr(line, own)}
    return f"{PATH}?{query_of(wanted, **{'by': _DOWN[by], **changes})}"


def span_asked(context: Context, wanted: Wanted) -> Span:
    """The months of the runs that are asked for: of one month, else of the report."""
    month = month_asked(context)
    return replace(span_of(wanted), first=month, last=month) if month else span_of(wanted)


def month_asked(context: Context) -> str:
    """?month=2026-06; else empty."""
    month = context.query.get("month", "")
    return month if _MONTH.fullmatch(month) else ""
