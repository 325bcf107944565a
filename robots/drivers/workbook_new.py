"""A new book for rows, by openpyxl: plain and readable."""

from __future__ import annotations

import io
import unicodedata
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import cast

from openpyxl import Workbook
from openpyxl.cell import Cell
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.properties import PageSetupProperties
from openpyxl.worksheet.worksheet import Worksheet

from robots.drivers.workbook_cells import cell_content
from robots.errors import BusinessError
from robots.values import Value, text_of

_FONT = "游ゴシック"
_LINE = Side(style="thin", color="BFBFBF")
_BORDER = Border(left=_LINE, right=_LINE, top=_LINE, bottom=_LINE)
_GUARDED = "=+-@＝＋－＠"
_FILL = PatternFill("solid", start_color="E8EEF4")
_FORMATS = {"date": "yyyy/mm/dd", "moment": "yyyy/mm/dd hh:mm"}
_PLAIN, _BOLD = Font(name=_FONT), Font(name=_FONT, bold=True)
_CENTERED = Alignment(horizontal="center", vertical="center", wrap_text=True)
_WRAPPED = Alignment(vertical="center", wrap_text=True)
_NARROWEST, _WIDEST, _LONGEST_NAME = 8, 60, 31


def new_book(sheet: str, names: Sequence[str], rows: Sequence[Mapping[str, Value]]) -> bytes:
    """The bytes of a book of one sheet: the headings in bold, frozen, the rows under them.

    Raises: BusinessError for a sheet name that Excel does not take, or a value that no cell holds.
    """
    check_sheet_name(sheet)
    book = Workbook()
    page = cast(Worksheet, book.active)
    page.title = sheet
    for column, name in enumerate(names, 1):
        cell = _put(page, 1, column, name)
        cell.font = _BOLD
        cell.fill = _FILL
        cell.alignment = _CENTERED
        page.column_dimensions[get_column_letter(column)].width = width_of(name, rows)
    for number, row in enumerate(rows, 2):
        for column, name in enumerate(names, 1):
            cell = _put(page, number, column, row.get(name))
            cell.font = _PLAIN
            cell.alignment = _WRAPPED
    page.freeze_panes = "A2"
    page.print_title_rows = "1:1"
    page.page_setup.orientation = "landscape"
    page.page_setup.fitToHeight = 0
    page.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def check_sheet_name(name: str) -> None:
    """Raises: BusinessError for a name that Excel does not take."""
    quoted = name.startswith("'") or name.endswith("'")
    if len(name) > _LONGEST_NAME or not name or quoted or set(name) & set("\\*?:/[]"):
        raise BusinessError(
            f"「{name}」はシートの名前にできません。",
            mend=f"{_LONGEST_NAME}文字以内で、\\ * ? : / [ ] を使わず、' で始まったり終わったりしない名前にしてください。",
        )


def width_of(heading: str, rows: Sequence[Mapping[str, Value]]) -> int:
    """How wide a column is to be, in characters."""
    texts = [heading, *(text_of(row.get(heading)) for row in rows[:200])]
    width = max(_width(line) for text in texts for line in (text.splitlines() or [""]))
    return min(_WIDEST, max(_NARROWEST, width + 2))


def _put(page: Worksheet, row: int, column: int, value: Value) -> Cell:
    cell = cast(Cell, page.cell(row, column))
    content = cell_content(value)
    cell.border = _BORDER
    if content.kind == "text":
        cell.value = content.content
        cell.data_type = "s"
        cell.quotePrefix = content.content[0] in _GUARDED
    elif content.kind == "flag":
        cell.value = bool(value)
    elif content.kind != "blank":
        cell.value = Decimal(content.content)
    if content.kind in _FORMATS:
        cell.number_format = _FORMATS[content.kind]
    return cell


def _width(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(letter) in "WFA" else 1 for letter in text)
