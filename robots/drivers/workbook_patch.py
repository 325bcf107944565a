"""Rows added to a sheet by changing its XML alone, so that all else in the book stays byte for byte as it was."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from lxml import etree
from openpyxl.utils import column_index_from_string

from robots.drivers.workbook_cells import MAX_ROWS, CellContent, reference
from robots.drivers.workbook_header import Header, Place
from robots.drivers.workbook_styles import Styles
from robots.errors import BusinessError

_COPIED = ("s", "customFormat", "ht", "customHeight")
_RANGE = re.compile(r"\$?([A-Z]{1,3})\$?(\d+)(?::\$?([A-Z]{1,3})\$?(\d+))?")
_SPACE = "{http://www.w3.org/XML/1998/namespace}space"
_DESCENT = "{http://schemas.microsoft.com/office/spreadsheetml/2009/9/ac}dyDescent"


@dataclass(frozen=True, slots=True)
class Area:
    """A range of cells; rows and columns from 0, ends included."""

    top: int
    left: int
    bottom: int
    right: int

    @staticmethod
    def read(text: str) -> Area | None:
        """The range that a text such as B2:D9 names; None for anything else."""
        match = _RANGE.fullmatch(text)
        if match is None:
            return None
        left, top = column_index_from_string(match[1]) - 1, int(match[2]) - 1
        right = column_index_from_string(match[3]) - 1 if match[3] else left
        return Area(top, left, int(match[4]) - 1 if match[4] else top, right)

    def meets(self, other: Area) -> bool:
        """Whether the two have a cell in common."""
        rows = self.top <= other.bottom and other.top <= self.bottom
        return rows and self.left <= other.right and other.left <= self.right

    def __str__(self) -> str:
        return f"{reference(self.top, self.left)}:{reference(self.bottom, self.right)}"


@dataclass(frozen=True, slots=True)
class Addition:
    """Rows to write under a table: by column number from 0, the first of them in row ``first`` (from 0)."""

    first: int
    cells: Sequence[Mapping[int, CellContent]]

    @property
    def last(self) -> int:
        return self.first + len(self.cells) - 1


class SheetPatch:
    """A sheet's XML, to which rows are added under a table."""

    def __init__(self, root: etree._Element, place: Place, styles: Styles) -> None:
        self.root = root
        self._place = place
        self._styles = styles
        self._space = etree.QName(root).namespace
        data = root.find(self._tag("sheetData"))
        if data is None:
            raise BusinessError(f"{place}は表を書けるシートではありません。", mend="表のあるシートを指定してください。")
        self._data = data
        self._rows: dict[int, etree._Element] = {}
        number = -1
        for row in data:
            number = int(row.get("r", number + 2)) - 1
            row.set("r", str(number + 1))
            self._rows[number] = row

    def _tag(self, name: str) -> str:
        return f"{{{self._space}}}{name}" if self._space else name

    def add(self, addition: Addition, header: Header) -> None:
        """Writes the rows, in the formats of the row above them, and widens the sheet's ranges.

        Raises: BusinessError where something stands in the way.
        """
        self._refuse_obstacles(addition, header)
        model = self._rows.get(addition.first - 1) if addition.first - 1 > header.bottom else None
        formats = {column: cell.get("s", "0") for column, cell in self._cells(model)} if model is not None else {}
        for number, contents in enumerate(addition.cells, addition.first):
            row = self._rows.get(number)
            if row is None:
                row = self._new_row(number, model)
            self._write(row, number, contents, formats)
        self._widen(addition, header)

    def _refuse_obstacles(self, addition: Addition, header: Header) -> None:
        if addition.last >= MAX_ROWS:
            raise BusinessError(
                f"{self._place}の行がいっぱいです。", mend="古い行を別のブックへ移すか、新しいブックに書いてください。"
            )
        left, right = header.columns[0], header.columns[-1]
        for number in range(addition.first, addition.last + 1):
            row = self._rows.get(number)
            taken = [column for column, cell in self._cells(row) if left <= column <= right and len(cell)]
            if taken:
                raise self._obstacle(number, taken[0], addition)
        for merge in self.root.iterfind(f"{self._tag('mergeCells')}/{self._tag('mergeCell')}"):
            area = Area.read(merge.get("ref", ""))
            if area and area.meets(Area(addition.first, left, addition.last, right)):
                raise self._obstacle(area.top, area.left, addition)

    def _obstacle(self, row: int, column: int, addition: Addition) -> BusinessError:
        room = max(0, row - addition.first)
        return BusinessError(
            f"{self._place}の表の下に{len(addition.cells)}行を追加できません"
            f"（セル {reference(row, column)} に何か書かれているか、結合されていて、空きは{room}行です）。",
            mend="表の下の注記や合計を離れた所へ移すか、空の行を挿入して、上書き保存してください。",
        )

    def _cells(self, row: etree._Element | None) -> list[tuple[int, etree._Element]]:
        found: list[tuple[int, etree._Element]] = []
        column = -1
        for cell in row if row is not None else ():
            if cell.tag == self._tag("c"):
                area = Area.read(cell.get("r", ""))
                column = area.left if area else column + 1
                found.append((column, cell))
        return found

    def _new_row(self, number: int, model: etree._Element | None) -> etree._Element:
        row = etree.Element(self._tag("row"))
        row.set("r", str(number + 1))
        if model is not None:
            for name in (*_COPIED, _DESCENT):
                if (value := model.get(name)) is not None:
                    row.set(name, value)
        before = self._rows.get(number - 1)
        if before is None:
            earlier = [at for at in self._rows if at < number]
            before = self._rows[max(earlier)] if earlier else None
        if before is None:
            self._data.insert(0, row)
        else:
            before.addnext(row)
        self._rows[number] = row
        return row

    def _write(
        self, row: etree._Element, number: int, contents: Mapping[int, CellContent], formats: Mapping[int, str]
    ) -> None:
        row.attrib.pop("spans", "")
        cells = dict(self._cells(row))
        for column in sorted({*contents, *formats}):
            cell = cells.get(column)
            if cell is None:
                cell = etree.Element(self._tag("c"))
                cell.set("s", formats.get(column, row.get("s", "0")))
                later = [at for at in cells if at > column]
                if later:
                    cells[min(later)].addprevious(cell)
                else:
                    row.append(cell)
                cells[column] = cell
            cell.set("r", reference(number, column))
            if column in contents:
                self._fill(cell, contents[column])

    def _fill(self, cell: etree._Element, content: CellContent) -> None:
        for name in ("t", "cm", "vm"):
            cell.attrib.pop(name, "")
        del cell[:]
        if content.kind == "blank":
            return
        if content.kind == "text":
            cell.set("t", "inlineStr")
            text = etree.SubElement(etree.SubElement(cell, self._tag("is")), self._tag("t"))
            text.text = content.content
            text.set(_SPACE, "preserve")
            return
        if content.kind == "flag":
            cell.set("t", "b")
        if content.kind in ("date", "moment"):
            style = self._styles.showing_date(int(cell.get("s", "0")), moment=content.kind == "moment")
            cell.set("s", str(style))
        etree.SubElement(cell, self._tag("v")).text = content.content

    def _widen(self, addition: Addition, header: Header) -> None:
        dimension = self.root.find(self._tag("dimension"))
        area = Area.read(dimension.get("ref", "")) if dimension is not None else None
        if dimension is not None and area is not None:
            columns = {column for row in addition.cells for column in row}
            wide = Area(
                min(area.top, addition.first),
                min(area.left, *columns),
                max(area.bottom, addition.last),
                max(area.right, *columns),
            )
            dimension.set("ref", str(wide))
        filter_ = self.root.find(self._tag("autoFilter"))
        if filter_ is not None:
            widen_ref(filter_, addition, header)


def widen_ref(element: etree._Element, addition: Addition, header: Header) -> bool:
    """Stretches an element's range over the new rows where it covers the table's headings; True where it did."""
    area = Area.read(element.get("ref", ""))
    if area is None or not (header.top <= area.top <= header.bottom) or area.bottom >= addition.last:
        return False
    if area.right < header.columns[0] or area.left > header.columns[-1]:
        return False
    element.set("ref", str(Area(area.top, area.left, addition.last, area.right)))
    return True


def mark_stale(workbook: etree._Element) -> None:
    """Has Excel calculate the whole book when it opens it; until then ``is_stale`` says so."""
    calculation = workbook.find("{*}calcPr")
    if calculation is None:
        space = etree.QName(workbook).namespace
        calculation = etree.Element(f"{{{space}}}calcPr")
        before = [part for part in workbook if etree.QName(part).localname in _BEFORE_CALCULATION]
        before[-1].addnext(calculation)
    calculation.set("calcId", "0")
    calculation.set("fullCalcOnLoad", "1")


_BEFORE_CALCULATION = frozenset(
    (
        "fileVersion",
        "fileSharing",
        "workbookPr",
        "workbookProtection",
        "bookViews",
        "sheets",
        "functionGroups",
        "externalReferences",
        "definedNames",
    )
)
