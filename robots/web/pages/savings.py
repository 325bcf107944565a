"""効果: the hours saved, gross and net, by year, month, division, department and scenario; each figure opens to its runs."""

from __future__ import annotations

import tempfile
from decimal import Decimal
from pathlib import Path
from urllib.parse import quote

from starlette.responses import Response

from robots.ledger.behind import costs_behind, minutes_behind, runs_behind
from robots.ledger.tallies import TOWN
from robots.savings.figures import BY, in_hours
from robots.savings.page import boxes, period_words, shown
from robots.savings.statement import Statement, Wanted
from robots.savings.table import BY_WORDS, FIRST_FIGURE, table_rows
from robots.web.page import EVERY_ROLE, Context, NotFound, Page, Route
from robots.web.pages._savings import down, drawn_up, month_asked, query_of, span_asked, wanted_of
from robots.web.render import Paged, render
from robots.wiring import print_page

_CHARTS = {"years": "年度ごとの時間", "months": "月ごとの削減時間", "best": "削減時間の多いシナリオ"}
_EXPORTS = {
    "xlsx": ("Excel", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    "pdf": ("PDF", "application/pdf"),
    "csv": ("CSV", "text/csv; charset=utf-8"),
    "json": ("JSON", "application/json"),
}
_MINUTES = {
    "review": "確認",
    "mending": "手直し",
    "authoring": "作成",
    "maintenance": "保守",
    "training": "研修",
}
_COSTS = {"licence": "使用料", "contract": "委託", "equipment": "機器", "avoided": "不要になった費用"}
_MOST_BOOKED = 200
_LINES_A_PAGE, _MOST_MARKS = 100, 30


def _show(context: Context) -> Response:
    drawn = drawn_up(context)
    wanted = drawn.wanted
    rows = table_rows(drawn.lines, drawn.total, wanted.by)
    names = list(rows[-1])
    first = names.index(FIRST_FIGURE)
    table = [([str(row[name]) for name in names[:first]], [shown(row[name]) for name in names[first:]]) for row in rows]
    return render(
        context,
        "savings.html",
        drawn=drawn,
        wanted=wanted,
        period=period_words(drawn),
        boxes=[(label, *_apart(text)) for label, text in boxes(drawn.total)],
        heads=names[:first],
        figures=names[first:],
        paged=Paged.of(
            context, list(zip(table[:-1], [down(wanted, line) for line in drawn.lines], strict=True)), _LINES_A_PAGE
        ),
        total=table[-1],
        years=[("", "すべての年度"), *((line.period, f"{line.period}年度") for line in drawn.years)],
        groups=[(by, BY_WORDS[by]) for by in BY],
        charts=[(name, _CHARTS[name], query_of(wanted)) for name in _charts_of(drawn)],
        exports=[(kind, label, query_of(wanted)) for kind, (label, _) in _EXPORTS.items()],
        whole=query_of(wanted, division=None, department=None, scenario=None),
        behind=query_of(wanted, by=None),
        most_marks=_MOST_MARKS,
        hours=in_hours,
    )


def _apart(text: str) -> tuple[str, str]:
    """A figure and its unit: 18,603.0 and 時間."""
    figure, _, unit = text.partition(" ")
    return figure, unit


def _charts_of(drawn: Statement) -> list[str]:
    found = ["years"] if len(drawn.years) > 1 else []
    return found + (["months"] if drawn.months else []) + (["best"] if len(drawn.best) > 1 else [])


def _chart(context: Context) -> Response:
    from robots.savings.charts import (  # noqa: PLC0415 (the charts' library loads slowly)
        monthly_chart,
        ranking_chart,
        svg,
        yearly_chart,
    )

    drawn, which = drawn_up(context), context.path["which"]
    if which not in _charts_of(drawn):
        raise NotFound
    if which == "years":
        chart = yearly_chart(drawn.years)
    elif which == "months":
        chart = monthly_chart(drawn.months)
    else:
        chart = ranking_chart(drawn.best)
    return Response(svg(chart), media_type="image/svg+xml")


def _export(context: Context) -> Response:
    from robots.savings.export import export  # noqa: PLC0415 (the charts and the Excel library load slowly)

    kind = context.path["kind"]
    if kind not in _EXPORTS:
        raise NotFound
    drawn = drawn_up(context)
    name = f"削減時間_{_period_of(drawn.wanted)}.{kind}"
    asked = {
        key: value
        for key in ("by", "year", "division", "department", "scenario")
        if (value := getattr(drawn.wanted, key))
    }
    context.audit.record("exported", who=context.person.id, subject="savings", detail={"file": name, **asked})
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder) / f"savings.{kind}"
        export(drawn, context.ledger, place, print_page)
        content = place.read_bytes()
    headers = {"Content-Disposition": f"attachment; filename*=UTF-8''{quote(name)}"}
    return Response(content, media_type=_EXPORTS[kind][1], headers=headers)


def _period_of(wanted: Wanted) -> str:
    return f"{wanted.year}年度" if wanted.year is not None else "全期間"


def _runs(context: Context) -> Response:
    wanted = wanted_of(context)
    span, month = span_asked(context, wanted), month_asked(context)
    only = wanted.scenario or None
    every = runs_behind(context.ledger, span, only)
    found = [run for run in every if wanted.takes(run.division, run.department, run.scenario)]
    booked = [
        one for one in minutes_behind(context.ledger, span, only) if one["run"] is None and _of(wanted, one["scenario"])
    ]
    paid = [one for one in costs_behind(context.ledger, span, only) if _of(wanted, one["scenario"])]
    register = context.register
    return render(
        context,
        "savings_runs.html",
        wanted=wanted,
        period=month or _period_of(wanted),
        back=query_of(wanted),
        paged=Paged.of(context, found),
        items=sum(run.items for run in found),
        gross=in_hours(sum((run.gross for run in found), Decimal(0))),
        people=in_hours(sum((run.people for run in found), Decimal(0))),
        booked=booked[-_MOST_BOOKED:][::-1],
        booked_hours=in_hours(sum((Decimal(one["minutes"]) for one in booked), Decimal(0))),
        paid=paid[-_MOST_BOOKED:][::-1],
        kinds=_MINUTES,
        costs=_COSTS,
        hours=in_hours,
        names={id: entry.name for id, entry in register.scenarios.items()} | {TOWN: "全庁共通"},
        people_names={id: person.name for id, person in register.people.items()},
    )


def _of(wanted: Wanted, scenario: str) -> bool:
    """Whether booked minutes or yen belong to the report; the register says which division a department is of."""
    department = scenario.partition("/")[0]
    _, division = wanted.departments.get(department, ("", "全庁共通" if scenario == TOWN else ""))
    return wanted.takes(division, department, scenario)


PAGE = Page(
    "savings",
    "効果",
    (
        Route("/savings", _show, EVERY_ROLE),
        Route("/savings/runs", _runs, EVERY_ROLE),
        Route("/savings/charts/{which}", _chart, EVERY_ROLE, examples={"which": "months"}),
        Route("/savings/export/{kind}", _export, EVERY_ROLE, examples={"kind": "csv"}),
    ),
    order=60,
)
