"""実行: every run, by scenario, state, day and machine."""

from __future__ import annotations

import re

from starlette.responses import Response

from robots.ledger.listing import RunsWanted, count_runs, find_runs
from robots.ledger.runs import run_counts
from robots.runner.report import shown_counts
from robots.runner.words import RUN_STATES
from robots.web.page import EVERY_ROLE, Context, Page, Route
from robots.web.render import PER_PAGE, Paged, render

_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")


def _show(context: Context) -> Response:
    query = context.query
    wanted = RunsWanted(
        text=query.get("q", "")[:200].strip(),
        state=query.get("state", ""),
        since=day_of(query.get("since", "")),
        until=day_of(query.get("until", "")),
        machine=query.get("machine", "")[:200],
    )
    paged: Paged[object] = Paged(context, count_runs(context.ledger, wanted))
    rows = find_runs(context.ledger, wanted, offset=paged.offset, limit=PER_PAGE)
    paged.rows = rows
    counts = run_counts(context.ledger, [row["id"] for row in rows])
    return render(
        context,
        "runs.html",
        wanted=wanted,
        paged=paged,
        counts={run: shown_counts(one) for run, one in counts.items()},
        states=[("", "すべて"), *RUN_STATES.items(), ("rehearsal", "リハーサル")],
        machines=[("", "すべて"), *((one, one) for one in _machines(context, wanted.machine))],
    )


def day_of(text: str) -> str:
    """A day as a date field sends it; empty where it is anything else."""
    return text if _DAY.fullmatch(text) else ""


def _machines(context: Context, chosen: str) -> list[str]:
    """The machines that the register names, this one and the one that was asked for."""
    named = {one for entry in context.register.scenarios.values() for one in entry.runs_on if one != "*"}
    return sorted({*named, context.home.settings.machine, chosen} - {""})


PAGE = Page("runs", "実行", (Route("/runs", _show, EVERY_ROLE),), order=30)
