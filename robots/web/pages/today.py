"""今日: what ran, what failed, what waits for a person, tonight's plan, and the strays."""

from __future__ import annotations

from collections import Counter
from datetime import datetime, timedelta

from starlette.responses import Response

from robots.ledger.firings import open_firings
from robots.ledger.overview import left_over, runs_since
from robots.ledger.runs import run_counts
from robots.registry.strays import KINDS
from robots.web.look import Looked
from robots.web.page import EVERY_ROLE, Context, Page, Route
from robots.web.render import render

_BACK = timedelta(hours=24)
_AHEAD = timedelta(hours=24)
_MOST = 200
_SHOWN = 20
_BAD = ("failed", "interrupted", "stopped")


def _show(context: Context) -> Response:
    ran = runs_since(context.ledger, context.now - _BACK, _MOST)
    counts = run_counts(context.ledger, [row["id"] for row in ran])
    states = Counter(row["state"] for row in ran)
    done = sum(some.get("done", 0) for row in ran if not row["rehearsal"] for some in [counts[row["id"]]])
    left = left_over(context.ledger)
    looked = context.hall.look.last(context.read)
    plan = _plan(context, looked)
    strays = looked.strays if looked is not None else []
    return render(
        context,
        "today.html",
        ran=ran[:_SHOWN],
        total=len(ran),
        most=_MOST,
        counts=counts,
        bad=[row for row in ran if row["state"] in _BAD],
        failed=sum(states[state] for state in _BAD),
        running=states["running"],
        done=done,
        left=left,
        asked=[row for row in context.hall.register.rows(context.read) if row.asked],
        plan=plan,
        looked=looked,
        strays=strays[:_SHOWN],
        stray_count=len(strays),
        kinds=KINDS,
        names=_names(
            context, {one.scenario for one in left}, {id for _, id, _ in plan}, {one.subject for one in strays}
        ),
    )


def _names(context: Context, *wanted: set[str]) -> dict[str, str]:
    """What the scenarios of these ids are called."""
    entries = context.register.scenarios
    return {id: entries[id].name for id in set().union(*wanted) if id in entries}


def _plan(context: Context, looked: Looked | None) -> list[tuple[datetime, str, str]]:
    """What is due in the next day: when, which, and what holds it, in the order of time."""
    found = {
        (datetime.fromisoformat(row["due"]), row["scenario"]): row["reason"] for row in open_firings(context.ledger)
    }
    for at, scenario in looked.plan if looked is not None else ():
        if context.now < at <= context.now + _AHEAD:
            found.setdefault((at, scenario), "")
    return sorted((at, scenario, why) for (at, scenario), why in found.items())


PAGE = Page("today", "今日", (Route("/", _show, EVERY_ROLE),), order=10)
