"""The report as plain data: for other programs (JSON) and for spreadsheets (csv)."""

from __future__ import annotations

from decimal import Decimal

from robots.ledger.store import Ledger
from robots.savings.figures import Line, as_json
from robots.savings.statement import Statement, runs_of_lines
from robots.savings.table import json_rows, table_rows
from robots.values import Row


def document(drawn: Statement, ledger: Ledger) -> dict[str, object]:
    """The report as JSON: {year, by, rows, total, …}; each row names the runs behind it."""
    wanted = drawn.wanted
    behind = runs_of_lines(ledger, drawn)
    rows = json_rows(drawn.lines)
    for row, runs in zip(rows, behind, strict=True):
        row["runs"] = [run.run for run in runs]
        row["marks"] = list(drawn.marks_of(str(row["scenario"]))) if row["scenario"] else []
    return {
        "year": wanted.year,
        "by": wanted.by,
        "rows": rows,
        "total": as_json(drawn.total),
        "years": _series(drawn.years),
        "months": _series(drawn.months),
        "best": [line.scenario for line in drawn.best],
        "worst": [line.scenario for line in drawn.worst],
        "marks": [{"scenario": one.scenario, "name": one.name, "reasons": list(one.reasons)} for one in drawn.marks],
        "estimates": [
            {
                "scenario": one.scenario,
                "expected": float(one.expected.net),
                "low": float(one.expected.low),
                "high": float(one.expected.high),
                "came": float(round(one.came, 2)),
                "months": one.months,
                "within": one.within,
            }
            for one in drawn.compared
        ],
    }


def csv_rows(drawn: Statement) -> list[Row]:
    """The table with exact decimals for csv."""
    rows = table_rows(drawn.lines, drawn.total, drawn.wanted.by)
    return [
        Row({name: Decimal(str(value)) if isinstance(value, float) else value for name, value in row.items()})
        for row in rows
    ]


def _series(lines: list[Line]) -> list[dict[str, object]]:
    """A row a period, each with its change of the net hours against the one before."""
    found: list[dict[str, object]] = []
    for before, line in zip([None, *lines], lines, strict=False):
        change = None if before is None else round(float((line.hours.saved - before.hours.saved) / 60), 2)
        found.append({"period": line.period, **as_json(line.hours), "change": change})
    return found
