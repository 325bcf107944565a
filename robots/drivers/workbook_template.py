"""A book from a template: its marks replaced in the XML, one of its rows repeated, everything else as the author made it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path

from lxml import etree

from robots.drivers.workbook_cells import CellContent, cell_content
from robots.drivers.workbook_filling import Filling, Rows, filled_sheet
from robots.drivers.workbook_header import Place
from robots.drivers.workbook_marks import has_marks
from robots.drivers.workbook_package import Package, SheetPart
from robots.drivers.workbook_patch import mark_stale
from robots.drivers.workbook_repeat import RowRepeat
from robots.drivers.workbook_rewrite import counts_from_1904, has_formulas, xml_bytes, zipped
from robots.drivers.workbook_styles import Styles
from robots.errors import BusinessError
from robots.values import Value

_PRINT_AREA = re.compile(r"(\$[A-Z]{1,3}\$)(\d+):(\$[A-Z]{1,3}\$)(\d+)")


def filled_book(package: Package, values: Mapping[str, Value], rows: Rows | None) -> bytes:
    """The template's bytes with everything filled in; the same input gives the same bytes.

    Raises: BusinessError where a mark has no value, the template has no marks, or the rows have no room.
    """
    filling = Filling(values, rows)
    workbook = package.xml(package.workbook_part)
    styles_part = package.one_of_kind("styles") or ""
    styles = Styles(package.xml(styles_part), package.name)
    texts = _shared_texts(package)
    changed: dict[str, bytes | None] = {}
    repeated = formulas = False
    for sheet in package.sheets():
        one = _SheetFilling(package, sheet, styles, texts, mac=counts_from_1904(workbook))
        if not one.marked:
            continue
        one.fill(filling)
        changed[sheet.part] = xml_bytes(one.repeat.root)
        if one.last is not None:
            repeated = True
            formulas = formulas or one.repeat.formulas_added
            changed |= one.repeat.wider_tables(package, sheet.part)
            _widen_print_area(workbook, sheet.name, one.model, one.last)
    filling.refuse_unmarked(package.name, marked=bool(changed), repeated=repeated)
    if styles.changed:
        changed[styles_part] = xml_bytes(styles.root)
    if has_formulas(package):
        mark_stale(workbook)
    changed[package.workbook_part] = xml_bytes(workbook)
    if formulas:
        changed |= _without_calculation_chain(package)
    return zipped(package, changed)


def refuse_other_kind(template: Path, target: Path) -> None:
    """Raises: BusinessError where the target's name does not end as the template's does."""
    if template.suffix.lower() != target.suffix.lower():
        raise BusinessError(
            f"{target.name} という名前では、ひな形 {template.name} からブックを作れません。",
            mend=f"名前の終わりを {template.suffix} にしてください。",
        )


def _shared_texts(package: Package) -> list[str]:
    part = package.one_of_kind("sharedStrings")
    if part is None or not package.has(part):
        return []
    return [_text(one) for one in package.xml(part).iterfind("{*}si")]


def _text(element: etree._Element) -> str:
    """The text of a shared or inline string, without its furigana."""
    parts = [one.text or "" for one in element.iterfind("{*}t")]
    parts += [one.text or "" for one in element.iterfind("{*}r/{*}t")]
    return "".join(parts)


class _SheetFilling:
    """One sheet of a template being filled.  ``last``: the last row that was repeated, None where there is none."""

    def __init__(self, package: Package, sheet: SheetPart, styles: Styles, texts: Sequence[str], *, mac: bool) -> None:
        self.place = Place(package.name, sheet.name)
        self.repeat = RowRepeat(package.xml(sheet.part), self.place, styles)
        self._mac = mac
        found = self.repeat.texts(texts, _text)
        self.marked = {at: text for at, text in found.items() if has_marks(text)}
        self.model = -1
        self.last: int | None = None

    def fill(self, filling: Filling) -> None:
        """Raises: BusinessError (see filled_book)."""
        found = filled_sheet(self.marked, self.place, filling)
        cells: dict[int, dict[int, CellContent]] = {}
        for (row, column), value in found.single.items():
            cells.setdefault(row, {})[column] = self._content(row, column, value)
        self.repeat.put(cells)
        if found.model is not None:
            lines = [
                {column: self._content(at, column, value) for column, value in line.items()}
                for at, line in enumerate(found.lines, found.model)
            ]
            self.repeat.fill_down(found.model, lines)
            self.model, self.last = found.model, found.model + len(lines) - 1

    def _content(self, row: int, column: int, value: Value) -> CellContent:
        try:
            return cell_content(value, mac=self._mac)
        except BusinessError as error:
            raise BusinessError(f"{self.place.cell(row, column)}: {error.what}", mend=error.mend) from error


def _widen_print_area(workbook: etree._Element, sheet: str, model: int, last: int) -> None:
    """A print area that reaches the repeated row reaches its copies too."""
    names = [one.get("name") for one in workbook.iter("{*}sheet")]
    for one in workbook.iter("{*}definedName"):
        if one.get("name") == "_xlnm.Print_Area" and one.get("localSheetId") == str(names.index(sheet)):
            one.text = _PRINT_AREA.sub(lambda match: _wider(match, model + 1, last + 1), one.text or "")


def _wider(match: re.Match[str], model: int, last: int) -> str:
    top, bottom = int(match[2]), int(match[4])
    return f"{match[1]}{top}:{match[3]}{max(bottom, last) if top <= model <= bottom else bottom}"


def _without_calculation_chain(package: Package) -> dict[str, bytes | None]:
    """The order of calculation, which Excel makes anew, does not know the new formulas: it goes."""
    part = package.one_of_kind("calcChain")
    if part is None:
        return {}
    folder, _, file = package.workbook_part.rpartition("/")
    rels = f"{folder}/_rels/{file}.rels" if folder else f"_rels/{file}.rels"
    relations, types = package.xml(rels), package.xml("[Content_Types].xml")
    for one in list(relations):
        if one.get("Type", "").endswith("/calcChain"):
            relations.remove(one)
    for one in list(types):
        if one.get("PartName", "").lstrip("/").lower() == part.lower():
            types.remove(one)
    return {part: None, rels: xml_bytes(relations), "[Content_Types].xml": xml_bytes(types)}
