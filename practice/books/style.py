"""What every book shares."""

from __future__ import annotations

from datetime import date

from openpyxl import Workbook
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.worksheet.worksheet import Worksheet

Value = str | int | date | None
_THIN = Side(style="thin", color="7F7F7F")
BORDER = Border(left=_THIN, right=_THIN, top=_THIN, bottom=_THIN)
_HEADER = PatternFill("solid", fgColor="DDEBF7")
ERA_FORMAT = '[$-411]ggge"年"m"月"d"日";@'
"""Excel shows such a date as 令和8年4月1日."""


def new_book(name: str) -> tuple[Workbook, Worksheet]:
    """A book with one sheet of that name."""
    book = Workbook()
    sheet = book.active
    assert isinstance(sheet, Worksheet)
    sheet.title = name
    return book, sheet


def title(sheet: Worksheet, row: int, columns: int, text: str, *, size: int) -> None:
    """A line across the table, merged and centred."""
    sheet.cell(row, 1, text).font = Font(size=size, bold=size > 10)
    sheet.merge_cells(start_row=row, end_row=row, start_column=1, end_column=columns)
    sheet.cell(row, 1).alignment = Alignment(horizontal="center")


def dress_header(sheet: Worksheet, row: int, columns: int) -> None:
    """Makes a row look like a header."""
    for column in range(1, columns + 1):
        cell = sheet.cell(row, column)
        cell.font = Font(bold=True)
        cell.fill = _HEADER
        cell.border = BORDER
        cell.alignment = Alignment(horizontal="center", vertical="center")


def widths(sheet: Worksheet, sizes: tuple[int, ...]) -> None:
    """Column widths from A on, in characters."""
    for column, width in zip("ABCDEFGHIJ", sizes, strict=False):
        sheet.column_dimensions[column].width = width
