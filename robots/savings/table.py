"""The savings report as a table for people: the same columns on screen, in csv and in xlsx."""

from __future__ import annotations

from collections.abc import Sequence

from robots.savings.figures import Hours, Line, as_json
from robots.values import Row

_PERIOD = {"month": "月", "year": "年度"}


def table_rows(lines: Sequence[Line], total: Hours, by: str) -> list[Row]:
    """One row a line and the total at the end, by Japanese column name; hours with two decimals."""
    rows = [Row({**_heading(line, by), **_figures(line.hours)}) for line in lines]
    first = next(iter(_heading(lines[0], by))) if lines else _PERIOD.get(by, "課")
    names = list(_heading(lines[0], by)) if lines else [first]
    return [*rows, Row({**{name: "合計" if name == first else "" for name in names}, **_figures(total)})]


def json_rows(lines: Sequence[Line]) -> list[dict[str, object]]:
    """The lines with the published keys."""
    return [
        {
            "department": line.department,
            "department_name": line.department_name,
            "scenario": line.scenario,
            "scenario_name": line.scenario_name,
            "period": line.period,
            **as_json(line.hours),
        }
        for line in lines
    ]


def _heading(line: Line, by: str) -> dict[str, object]:
    if by in _PERIOD:
        return {_PERIOD[by]: line.period}
    department: dict[str, object] = {"課": line.department_name or line.department}
    return department if by == "department" else department | {"シナリオ": line.scenario_name or line.scenario}


def _figures(hours: Hours) -> dict[str, object]:
    figures = as_json(hours)
    rate = hours.rate
    return {
        "件数": figures["items"],
        "削減時間（総）": figures["hours_gross"],
        "人の作業時間": figures["hours_after"],
        "削減時間（正味）": figures["hours_saved"],
        "削減率": "" if rate is None else f"{rate * 100:.1f}%",
        "金額換算（円）": "" if figures["money"] is None else figures["money"],
    }
