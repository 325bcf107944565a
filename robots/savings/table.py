"""The savings report as a table for people: the same columns on screen, on paper, in csv and in xlsx."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal

from robots.savings.figures import Hours, Line, as_json, in_hours, in_yen
from robots.values import Row

BY_WORDS = {"division": "部", "department": "課", "scenario": "シナリオ", "month": "月", "year": "年度"}
FIRST_FIGURE = "件数"
FORMATS = (".xlsx", ".pdf", ".html", ".csv", ".json", ".svg", ".png")
"""The endings of the files that the report is written to (robots/savings/export.py)."""


def table_rows(lines: Sequence[Line], total: Hours, by: str) -> list[Row]:
    """One row a line and the total at the end, by Japanese column name; hours with two decimals, rates as text.

    A column of money is left out where there is nothing of it in the whole table.
    """
    every = [line.hours for line in lines] + [total]
    shown = _FIGURES | {name: find for name, (wanted, find) in _MONEY.items() if any(wanted(one) for one in every)}
    rows = [Row({**heading(line, by), **{name: find(line.hours) for name, find in shown.items()}}) for line in lines]
    names = list(heading(lines[0], by)) if lines else [BY_WORDS[by]]
    end = {name: "合計" if name == names[0] else "" for name in names}
    return [*rows, Row({**end, **{name: find(total) for name, find in shown.items()}})]


def json_rows(lines: Sequence[Line]) -> list[dict[str, object]]:
    """The lines with the published keys."""
    return [
        {
            "division": line.division,
            "department": line.department,
            "department_name": line.department_name,
            "scenario": line.scenario,
            "scenario_name": line.scenario_name,
            "period": line.period,
            **as_json(line.hours),
        }
        for line in lines
    ]


def heading(line: Line, by: str) -> dict[str, object]:
    """What names a line: {課: …, シナリオ: …}."""
    if by in ("month", "year"):
        return {BY_WORDS[by]: line.period}
    if by == "division":
        return {"部": line.division or "（部の名前なし）"}
    department: dict[str, object] = {"課": line.department_name or line.department}
    return department if by == "department" else department | {"シナリオ": line.scenario_name or line.scenario}


def percent(share: object) -> str:
    """0.776 as 77.6%; empty where there is none."""
    return f"{share * 100:.1f}%" if isinstance(share, float) else ""


def _or_blank(value: object) -> object:
    return "" if value is None else value


def _share(share: Decimal | None) -> str:
    return "" if share is None else percent(float(share))


_FIGURES: dict[str, Callable[[Hours], object]] = {
    FIRST_FIGURE: lambda hours: hours.items,
    "削減時間（総）": lambda hours: in_hours(hours.before),
    "人の作業時間": lambda hours: in_hours(hours.after),
    "削減時間（正味）": lambda hours: in_hours(hours.saved),
    "削減率": lambda hours: _share(hours.rate),
    "内製率": lambda hours: _share(hours.in_house_rate),
    "金額換算（円）": lambda hours: _or_blank(in_yen(hours.money)),
}
_MONEY: Mapping[str, tuple[Callable[[Hours], object], Callable[[Hours], object]]] = {
    "費用（円）": (lambda hours: hours.cost or hours.initial, lambda hours: in_yen(hours.cost + hours.initial)),
    "不要になった費用（円）": (lambda hours: hours.avoided, lambda hours: in_yen(hours.avoided)),
    "差引効果（円）": (
        lambda hours: hours.cost or hours.initial or hours.avoided,
        lambda hours: _or_blank(in_yen(hours.balance)),
    ),
    "回収（か月）": (lambda hours: hours.payback, lambda hours: _or_blank(hours.payback)),
}
"""Columns that are shown only where some line has anything in them: whether it has, and what."""
