"""引継書: what the next person must know of a scenario, as an Excel book that prints on A4."""

from __future__ import annotations

import io
import math
import unicodedata
from datetime import date

from openpyxl import Workbook
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.worksheet.worksheet import Worksheet

from robots.ledger.store import Ledger
from robots.registry.handover_facts import Part, parts_of_sheet, procedure_of
from robots.registry.load import Loaded
from robots.scenario.model import Scenario

SHEET, STEPS = "引継書", "手順"
_FONT = "BIZ UDゴシック"
_WIDTHS = (22, 72)
"""Columns' widths in half-width letters: together what a portrait A4 page holds at 10 points."""
_LINE = 14.5
"""Points that a line of text takes."""
_THIN = Side(style="thin", color="999999")
_EDGE = Border(left=_THIN, right=_THIN, top=_THIN, bottom=_THIN)
_HEAD = PatternFill("solid", fgColor="E6E6E6")
_SIGNED = ("前任者", "後任者", "課長", "推進室")


def handover_sheet(loaded: Loaded, scenario: Scenario, ledger: Ledger, today: date) -> bytes:
    """The book's bytes.  Raises: SystemFailure where the ledger can't be read."""
    book = Workbook()
    front = book.active
    assert isinstance(front, Worksheet)
    front.title = SHEET
    entry = loaded.register.scenarios[scenario.id]
    department = loaded.register.department_of(scenario.id)[1].name
    _title(
        front, f"引継書　{entry.name}", f"{department}　{scenario.id}　　{today} 作成（台帳と実行の記録から作りました）"
    )
    _signatures(front)
    for part in parts_of_sheet(loaded, scenario, ledger):
        _part(front, part)
    steps = book.create_sheet(STEPS)
    _title(steps, f"手順　{entry.name}", "台帳の内容のとおりに、上から順に行います。")
    _part(steps, Part("手順", tuple(procedure_of(scenario))))
    for sheet in (front, steps):
        _for_print(sheet, scenario.id)
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def _title(sheet: Worksheet, title: str, below: str) -> None:
    for column, width in zip("AB", _WIDTHS, strict=True):
        sheet.column_dimensions[column].width = width
    _put(sheet, 1, 1, title, size=16, bold=True)
    sheet.row_dimensions[1].height = 26
    _put(sheet, 2, 1, below, size=9)


def _signatures(sheet: Worksheet) -> None:
    """Where the two and their superiors put date and name."""
    row = sheet.max_row + 1
    for name in _SIGNED:
        row += 1
        _put(sheet, row, 1, name, fill=True, edge=True)
        _put(sheet, row, 2, "　　　　年　　月　　日　　氏名", edge=True)
        sheet.row_dimensions[row].height = 20


def _part(sheet: Worksheet, part: Part) -> None:
    row = sheet.max_row + 2
    _put(sheet, row, 1, f"■ {part.heading}", size=11, bold=True)
    for label, text in part.lines:
        row += 1
        _put(sheet, row, 1, label, fill=True, edge=True)
        _put(sheet, row, 2, text, edge=True)
        lines = max(_lines(label, _WIDTHS[0]), _lines(text, _WIDTHS[1]))
        sheet.row_dimensions[row].height = max(18.0, _LINE * lines + 4)


def _put(
    sheet: Worksheet,
    row: int,
    column: int,
    text: str,
    *,
    size: int = 10,
    bold: bool = False,
    fill: bool = False,
    edge: bool = False,
) -> None:
    cell = sheet.cell(row, column)
    cell.value = text
    cell.data_type = "s"  # a text that begins with = is a text
    cell.font = Font(name=_FONT, size=size, bold=bold)
    if edge:
        cell.alignment = Alignment(wrap_text=True, vertical="top")
        cell.border = _EDGE
    if fill:
        cell.fill = _HEAD


def _lines(text: str, width: int) -> int:
    """How many lines a text takes; a full-width letter is two wide, and a little is left at each end."""
    return sum(max(1, math.ceil(_wide(line) / width)) for line in text.split("\n"))


def _wide(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(one) in "FWA" else 1 for one in text)


def _for_print(sheet: Worksheet, id: str) -> None:
    """A4 portrait, as wide as the page, as long as it takes; the pages are numbered."""
    sheet.page_setup.paperSize = 9
    sheet.page_setup.orientation = "portrait"
    sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = 1, 0
    sheet.sheet_properties.pageSetUpPr.fitToPage = True  # type: ignore[union-attr]  # it is always there
    sheet.page_margins.left = sheet.page_margins.right = 0.6
    sheet.page_margins.top = sheet.page_margins.bottom = 0.7
    sheet.oddFooter.center.text = f"{id}　&P / &N"  # type: ignore[union-attr]  # it is always there
    sheet.sheet_view.showGridLines = False
    last = sheet.max_row
    sheet.print_area = f"A1:B{last}"


def sheet_name(id: str) -> str:
    """The file's name: 引継書_gakumu_shugaku-enjo.xlsx."""
    return f"引継書_{id.replace('/', '_')}.xlsx"
