"""The report's charts: SVG for pages, PNG for other documents; readable in grey print, in the type that the package carries."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import altair as alt
import vl_convert

import ocr
from robots.savings.figures import Line, in_hours

FONT = "BIZ UDGothic, BIZ UDPGothic, Yu Gothic, Noto Sans CJK JP, Noto Sans JP, sans-serif"
"""The package's own first; in a page the reader's machine may lack it."""
_DARK, _LIGHT = "#173a7a", "#b9c7e6"  # far apart in grey as well; every bar carries its number besides
_WIDTH = 620
_WIDEST = 60
"""Of a bar, in pixels: a single month is no wall."""
_HOURS = alt.Axis(format=",.1~f", tickMinStep=0.1)
_BEFORE, _AFTER = "自動化前（総）", "人の作業時間"


def yearly_chart(years: Sequence[Line]) -> alt.Chart:
    """Hours by hand and hours that people still spent, a pair of bars a fiscal year."""
    rows = [
        {"年度": f"{line.period}年度", "とき": when, "時間": in_hours(minutes)}
        for line in years
        for when, minutes in ((_BEFORE, line.hours.before), (_AFTER, line.hours.after))
    ]
    scale = alt.Scale(domain=[_BEFORE, _AFTER], range=[_DARK, _LIGHT])
    base = alt.Chart(_data(rows)).encode(
        x=alt.X("年度:N", title=None, axis=alt.Axis(labelAngle=0)),
        xOffset=alt.XOffset("とき:N", sort=[_BEFORE, _AFTER]),
        y=alt.Y("時間:Q", title="時間", axis=_HOURS),
    )
    bars = base.mark_bar(stroke="#222222", strokeWidth=0.6).encode(
        color=alt.Color("とき:N", scale=scale, sort=[_BEFORE, _AFTER], legend=alt.Legend(title=None, orient="top"))
    )
    return _dressed(bars + _numbers(base, rows), "年度ごとの時間")


def monthly_chart(months: Sequence[Line]) -> alt.Chart:
    """Net hours saved, a bar a month."""
    rows = [{"月": line.period, "時間": in_hours(line.hours.saved)} for line in months]
    base = alt.Chart(_data(rows)).encode(
        x=alt.X("月:N", title=None, axis=alt.Axis(labelAngle=0, labelOverlap=True)),
        y=alt.Y("時間:Q", title="時間", axis=_HOURS),
    )
    size = min(_WIDEST, 0.9 * _WIDTH / max(1, len(rows)))
    bars = base.mark_bar(color=_DARK, stroke="#222222", strokeWidth=0.6, size=size)
    return _dressed(bars + _numbers(base, rows) if len(rows) <= 18 else bars, "月ごとの削減時間（正味）")


def ranking_chart(lines: Sequence[Line], title: str = "削減時間（正味）の多いシナリオ") -> alt.Chart:
    """Net hours saved, a lying bar a scenario (or whatever the lines are), in the lines' order."""
    rows = [{"名前": _unique(line, place), "時間": in_hours(line.hours.saved)} for place, line in enumerate(lines, 1)]
    base = alt.Chart(_data(rows)).encode(
        y=alt.Y("名前:N", title=None, sort=None, axis=alt.Axis(labelLimit=260)),
        x=alt.X("時間:Q", title="時間", axis=_HOURS),
    )
    bars = base.mark_bar(color=_DARK, stroke="#222222", strokeWidth=0.6)
    numbers = base.mark_text(align="left", dx=4, fontSize=11).encode(text=alt.Text("時間:Q", format=",.1f"))
    return _dressed(bars + numbers, title, height=max(60, 24 * len(rows)))


def svg(chart: alt.Chart) -> str:
    """The chart as SVG with real text, to stand inside a page."""
    _know_font()
    return str(vl_convert.vegalite_to_svg(chart.to_json()))


def png(chart: alt.Chart, ppi: float = 200) -> bytes:
    """The chart as a picture."""
    _know_font()
    return bytes(vl_convert.vegalite_to_png(chart.to_json(), ppi=ppi))


def _data(rows: list[dict[str, Any]]) -> alt.InlineData:
    return alt.InlineData(values=rows)


def _know_font() -> None:
    vl_convert.register_font_directory(str(ocr.font_folder()))


def _unique(line: Line, place: int) -> str:
    return f"{place}. {line.scenario_name or line.scenario or line.department_name or line.division or line.period}"


def _numbers(base: Any, rows: list[dict[str, Any]]) -> Any:
    whole = all(row["時間"] == 0 or abs(row["時間"]) >= 10 for row in rows)
    return base.mark_text(dy=-7, fontSize=10).encode(text=alt.Text("時間:Q", format=",.0f" if whole else ",.1f"))


def _dressed(layers: Any, title: str, height: int = 220) -> alt.Chart:
    dressed = layers.properties(
        width=_WIDTH, height=height, title=alt.Title(title, anchor="start", fontSize=14), background="white"
    ).configure(font=FONT)
    return dressed.configure_axis(labelFontSize=11, gridColor="#dddddd").configure_view(stroke=None)  # type: ignore[no-any-return]
