"""予定: the calendar month by month; days that were moved and why; a day's turns and what came of them; tonight's plan."""

from __future__ import annotations

import re
from datetime import date, datetime, time, timedelta

from starlette.responses import Response

from robots.clock import JST
from robots.ledger.firings import firings_between
from robots.nightly.calendar import announced
from robots.nightly.facts import plan_night, tonight
from robots.web.page import EVERY_ROLE, Context, NotFound, Page, Role, Route, allowed
from robots.web.pages._months import month_of, times_of
from robots.web.render import Paged, render

_PLANNERS: frozenset[Role] = frozenset({"author", "approver", "admin"})
"""It asks the gate about every scenario of the night: not for everybody, as the calendar is."""
_SIGHTS = {
    "good": ("間に合う", "success"),
    "risky": ("間に合わないおそれ", "warning"),
    "late": ("間に合わない", "error"),
    "blocked": ("動かない", "error"),
}
_MONTH = re.compile(r"(\d{4})-(\d{2})")
_SHOWN = 4
_MOST_TURNS = 500
_A_DAY = timedelta(days=1)


def _show(context: Context) -> Response:
    register, scenario = context.register, context.query.get("scenario", "")
    department = context.query.get("department", "")
    if scenario and scenario not in register.scenarios:
        raise NotFound
    year, month = _wanted(context)
    entries = {
        id: entry
        for id, entry in register.scenarios.items()
        if (not scenario or id == scenario) and (not department or id.partition("/")[0] == department)
    }
    drawn = month_of(register, entries, year, month, context.now.date())
    schedule = register.scenarios[scenario].schedule if scenario else None
    return render(
        context,
        "plan.html",
        month=drawn,
        before=_link(context, _moved(year, month, -1)),
        after=_link(context, _moved(year, month, 1)),
        scenario=scenario,
        name=register.scenarios[scenario].name if scenario else "",
        schedule=schedule,
        times=times_of([f"{one:%H:%M}" for one in schedule.times]) if schedule is not None else "",
        names={id: entry.name for id, entry in register.scenarios.items()} if scenario else {},
        department=department,
        departments=[("", "すべて"), *((key, one.name) for key, one in register.departments.items())],
        follows=[
            (id, entry) for id, entry in entries.items() if entry.schedule is not None and entry.schedule.on is None
        ],
        shown=_SHOWN,
        planner=allowed(_PLANNERS, context.who),
        today=context.now.date(),
        announced=announced(context.now.date()),
    )


def _day(context: Context) -> Response:
    day = _date(context.path["day"])
    register = context.register
    drawn = month_of(register, register.scenarios, day.year, day.month, context.now.date())
    planned = next((one for one in drawn.days if one.day == day), None)
    begin = datetime.combine(day, time(), JST)
    turns = firings_between(context.ledger, begin, begin + _A_DAY - timedelta(milliseconds=1))
    return render(
        context,
        "plan_day.html",
        day=day,
        planned=planned,
        paged=Paged.of(context, planned.planned if planned is not None else []),
        trouble=drawn.trouble,
        turns=turns[:_MOST_TURNS],
        total=len(turns),
        names={id: entry.name for id, entry in register.scenarios.items()},
        before=day - _A_DAY,
        after=day + _A_DAY,
        today=context.now.date(),
    )


def _night(context: Context) -> Response:
    night = tonight(context.now)
    drawn = plan_night(context.home, context.read, context.ledger, night, context.now)
    return render(
        context,
        "plan_night.html",
        night=night,
        forecast=drawn,
        paged=Paged.of(context, drawn.told),
        sights=_SIGHTS,
    )


def _date(text: str) -> date:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise NotFound from None
    if not 1950 <= day.year <= 2100:
        raise NotFound
    return day


def _wanted(context: Context) -> tuple[int, int]:
    """The month of the query; the present one where it names none."""
    found = _MONTH.fullmatch(context.query.get("month", ""))
    if found is None or not 1950 <= int(found[1]) <= 2100 or not 1 <= int(found[2]) <= 12:
        return context.now.year, context.now.month
    return int(found[1]), int(found[2])


def _moved(year: int, month: int, by: int) -> str:
    number = year * 12 + month - 1 + by
    return f"{number // 12:04d}-{number % 12 + 1:02d}"


def _link(context: Context, month: str) -> str:
    return f"/plan?{context.request.url.include_query_params(month=month).query}"


PAGE = Page(
    "plan",
    "予定",
    (
        Route("/plan", _show, EVERY_ROLE),
        Route("/plan/night", _night, _PLANNERS),
        Route("/plan/{day}", _day, EVERY_ROLE, examples={"day": "2026-11-24"}),
    ),
    order=50,
)
