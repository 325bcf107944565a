"""Single cells of a sheet changed in its XML; whatever a person made there (formats, formulas) stays."""

from __future__ import annotations

from collections.abc import Mapping

from lxml import etree

from robots.drivers.workbook_cells import CellContent, cell_content, reference
from robots.drivers.workbook_header import Place
from robots.drivers.workbook_package import Package, SheetPart
from robots.drivers.workbook_patch import Area, SheetPatch, mark_stale
from robots.drivers.workbook_rewrite import counts_from_1904, has_formulas, xml_bytes, zipped
from robots.drivers.workbook_styles import Styles
from robots.errors import BusinessError
from robots.values import Value

Cells = Mapping[int, Mapping[int, Value]]
"""Row, then column, both from 0."""


class SheetEdit(SheetPatch):
    """A sheet's XML whose cells are written one by one."""

    def put(self, cells: Mapping[int, Mapping[int, CellContent]]) -> None:
        """Writes the cells, each in the format that it has.  Raises: BusinessError where one holds a formula."""
        arrays = self._array_formulas()
        for number in sorted(cells):
            self._refuse_formulas(number, cells[number], arrays)
            row = self._rows.get(number)
            if row is None:
                row = self._new_row(number, None)
            formats = {column: self._column_style(column) for column in cells[number]} if row.get("s") is None else {}
            written = {column: formats.get(column, row.get("s", "0")) for column in cells[number]}
            self._write(row, number, cells[number], written)
        self._stretch_dimension(cells)

    def cell(self, number: int, column: int) -> etree._Element | None:
        """The element of a cell, if there is one."""
        return dict(self._cells(self._rows.get(number))).get(column)

    def _refuse_formulas(self, number: int, columns: Mapping[int, CellContent], arrays: list[Area]) -> None:
        for column in columns:
            cell = self.cell(number, column)
            here = Area(number, column, number, column)
            formula = cell is not None and cell.find(self._tag("f")) is not None
            if formula or any(area.meets(here) for area in arrays):
                raise BusinessError(
                    f"{self._place.cell(number, column)} には数式があるので、書き込みませんでした。",
                    mend="数式のないセルか列に書くようにするか、ブックの数式を消してください。",
                )

    def _array_formulas(self) -> list[Area]:
        found = (Area.read(one.get("ref", "")) for one in self._data.iter(self._tag("f")) if one.get("ref"))
        shared = {one.get("ref") for one in self._data.iter(self._tag("f")) if one.get("t") == "shared"}
        return [area for area in found if area is not None and str(area) not in shared]

    def _column_style(self, column: int) -> str:
        for one in self.root.iterfind(f"{self._tag('cols')}/{self._tag('col')}"):
            if int(one.get("min", "0")) <= column + 1 <= int(one.get("max", "0")):
                return one.get("style", "0")
        return "0"

    def _stretch_dimension(self, cells: Mapping[int, Mapping[int, object]]) -> None:
        dimension = self.root.find(self._tag("dimension"))
        area = Area.read(dimension.get("ref", "")) if dimension is not None else None
        columns = {column for row in cells.values() for column in row}
        if dimension is None or area is None or not columns:
            return
        wide = Area(
            min(area.top, *cells), min(area.left, *columns), max(area.bottom, *cells), max(area.right, *columns)
        )
        dimension.set("ref", str(wide))


def with_cells(package: Package, sheet: SheetPart, cells: Cells) -> bytes:
    """The book with these cells written.

    Raises: BusinessError where a cell holds a formula, or a value fits in no cell.
    """
    workbook = package.xml(package.workbook_part)
    mac = counts_from_1904(workbook)
    styles_part = package.one_of_kind("styles") or ""
    styles = Styles(package.xml(styles_part), package.name)
    place = Place(package.name, sheet.name)
    edit = SheetEdit(package.xml(sheet.part), place, styles)
    edit.put({number: contents_of(place, number, row, mac=mac) for number, row in cells.items()})
    changed: dict[str, bytes | None] = {sheet.part: xml_bytes(edit.root)}
    if styles.changed:
        changed[styles_part] = xml_bytes(styles.root)
    if has_formulas(package):
        mark_stale(workbook)
        changed[package.workbook_part] = xml_bytes(workbook)
    return zipped(package, changed)


def contents_of(place: Place, number: int, row: Mapping[int, Value], *, mac: bool) -> dict[int, CellContent]:
    """A row's values as cells hold them.  Raises: BusinessError naming the cell."""
    found: dict[int, CellContent] = {}
    for column, value in row.items():
        try:
            found[column] = cell_content(value, mac=mac)
        except BusinessError as error:
            raise BusinessError(f"セル {reference(number, column)}: {error.what}", mend=error.mend) from error
    return found
