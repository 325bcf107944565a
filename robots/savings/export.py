"""The report in every format that it leaves the town in; a format is chosen by the file's ending."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path

from altair import Chart

import ocr
from robots.drivers.csv_file import write_csv
from robots.files import write_atomically
from robots.ledger.store import Ledger
from robots.savings.charts import monthly_chart, png, ranking_chart, svg, yearly_chart
from robots.savings.document import csv_rows, document
from robots.savings.page import FONT_FILE, page
from robots.savings.statement import Statement, runs_of
from robots.savings.workbook import workbook

Printer = Callable[[str, Mapping[str, bytes]], bytes]
"""Prints a page of HTML to PDF, given the files that it names (robots.wiring.print_page)."""


def export(drawn: Statement, ledger: Ledger, to: Path, print_page: Printer) -> None:
    """Writes the report to a file whose ending is one of robots.savings.table.FORMATS.

    Raises: BusinessError (csv: a character), SystemFailure (no browser to print with), OSError (can't be written).
    """
    suffix = to.suffix.lower()
    if suffix == ".csv":
        write_csv(to, csv_rows(drawn), columns=None, encoding="utf-8")
        return
    to.parent.mkdir(parents=True, exist_ok=True)
    write_atomically(to, _MADE[suffix](drawn, ledger, print_page))


def _main_chart(drawn: Statement) -> Chart:
    """The one chart of a picture file: the years, or the months of one year, or the best of what it is by."""
    if drawn.wanted.by == "year" or (drawn.wanted.year is None and len(drawn.years) > 1):
        return yearly_chart(drawn.years)
    if drawn.wanted.by == "month":
        return monthly_chart(drawn.months)
    if drawn.wanted.by == "scenario":
        return ranking_chart(drawn.best)
    return ranking_chart(sorted(drawn.lines, key=lambda line: -line.hours.saved), "削減時間（正味）")


def _xlsx(drawn: Statement, ledger: Ledger, _print: Printer) -> bytes:
    return workbook(drawn, runs_of(ledger, drawn))


def _pdf(drawn: Statement, _ledger: Ledger, print_page: Printer) -> bytes:
    return print_page(page(drawn, printed=True), {FONT_FILE: ocr.font_data()})


def _html(drawn: Statement, _ledger: Ledger, _print: Printer) -> bytes:
    return page(drawn).encode()


def _json(drawn: Statement, ledger: Ledger, _print: Printer) -> bytes:
    return (json.dumps(document(drawn, ledger), ensure_ascii=False, indent=2) + "\n").encode()


def _svg(drawn: Statement, _ledger: Ledger, _print: Printer) -> bytes:
    return svg(_main_chart(drawn)).encode()


def _png(drawn: Statement, _ledger: Ledger, _print: Printer) -> bytes:
    return png(_main_chart(drawn))


_MADE: Mapping[str, Callable[[Statement, Ledger, Printer], bytes]] = {
    ".xlsx": _xlsx,
    ".pdf": _pdf,
    ".html": _html,
    ".json": _json,
    ".svg": _svg,
    ".png": _png,
}
