"""The report as one HTML page: to look at, to send, and to print on A4 for a council paper."""

from __future__ import annotations

from datetime import date

from altair import Chart
from jinja2 import Environment, PackageLoader, StrictUndefined

from robots.savings.charts import monthly_chart, ranking_chart, svg, yearly_chart
from robots.savings.figures import Hours, Line, as_json, in_hours
from robots.savings.statement import Statement
from robots.savings.table import FIRST_FIGURE, percent, table_rows
from robots.values import text_of

FONT_FILE = "BIZUDGothic-Regular.ttf"
"""The typeface that the page asks for beside itself when it is printed; ``ocr.font_data()`` has it."""


def page(drawn: Statement, *, printed: bool = False) -> str:
    """The page.

    printed: for the printer, with its typeface loaded from FONT_FILE beside it; else it needs nothing but itself.
    """
    environment = Environment(
        loader=PackageLoader("robots.savings"), autoescape=True, undefined=StrictUndefined, trim_blocks=True
    )
    rows = table_rows(drawn.lines, drawn.total, drawn.wanted.by)
    names = list(rows[-1])
    return environment.get_template("report.html").render(
        organization=drawn.wanted.organization,
        period=period_words(drawn),
        day=_day(drawn.wanted.day),
        font=FONT_FILE if printed else "",
        boxes=boxes(drawn.total),
        charts=[svg(chart) for chart in _charts(drawn)],
        names=names,
        first_figure=names.index(FIRST_FIGURE),
        rows=[[shown(row[name]) for name in names] for row in rows],
        best=[_ranked(line) for line in drawn.best],
        worst=[_ranked(line) for line in drawn.worst],
        marks=drawn.marks,
        compared=[
            (
                one.name,
                f"{one.expected.net:,.0f}（{one.expected.low:,.0f}～{one.expected.high:,.0f}）",
                f"{one.came:,.0f}",
                "範囲内" if one.within else "範囲外",
            )
            for one in drawn.compared
        ],
    )


def boxes(total: Hours) -> list[tuple[str, str]]:
    """The figures that matter most, each with its name."""
    figures = as_json(total)
    found = [
        ("自動化前の時間", f"{in_hours(total.before):,.1f} 時間"),
        ("人の作業時間", f"{in_hours(total.after):,.1f} 時間"),
        ("削減時間（正味）", f"{in_hours(total.saved):,.1f} 時間"),
        ("削減率", percent(figures["rate"]) or "―"),
        ("件数", f"{total.items:,} 件"),
        ("シナリオ", f"{total.works:,} 本"),
        ("内製率", percent(figures["in_house_rate"]) or "―"),
    ]
    if total.money is not None:
        found.append(("金額換算", f"{figures['money']:,} 円"))
    if total.cost or total.initial or total.avoided:
        found.append(("費用", f"{total.cost + total.initial:,.0f} 円"))
        if total.balance is not None:
            found.append(("差引効果", f"{total.balance:,.0f} 円"))
        if total.payback is not None:
            found.append(("回収", f"{total.payback} か月"))
    return found


def period_words(drawn: Statement) -> str:
    """「2026年度」, or from which month to which where every year is in it; and what the report is of, if not of the town."""
    return f"{_period(drawn)}（{drawn.wanted.scope}）" if drawn.wanted.scope else _period(drawn)


def _period(drawn: Statement) -> str:
    if drawn.wanted.year is not None:
        return f"{drawn.wanted.year}年度"
    if not drawn.months:
        return "全期間"
    return f"{drawn.months[0].period} から {drawn.months[-1].period} まで"


def shown(value: object) -> str:
    """A cell of the table for a person: thousands apart, hours with two decimals."""
    if isinstance(value, float):
        return f"{value:,.2f}"
    return f"{value:,}" if isinstance(value, int) else text_of(value)


def _charts(drawn: Statement) -> list[Chart]:
    found: list[Chart] = []
    if len(drawn.years) > 1 or not drawn.months:
        found.append(yearly_chart(drawn.years))
    if drawn.months:
        found.append(monthly_chart(drawn.months))
    if drawn.best:
        found.append(ranking_chart(drawn.best))
    return found


def _ranked(line: Line) -> tuple[str, str, str]:
    name = line.scenario_name or line.scenario
    return name, line.department_name or line.department, f"{in_hours(line.hours.saved):,.1f}"


def _day(day: date) -> str:
    return f"{day.year}年{day.month}月{day.day}日"
