"""A row of a template repeated downwards, as Excel's fill-down does it: formats, formulas, merges, validation and all."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from lxml import etree
from openpyxl.formula.translate import Translator

from robots.drivers.workbook_cells import CellContent, reference
from robots.drivers.workbook_edit import SheetEdit
from robots.drivers.workbook_header import Place
from robots.drivers.workbook_package import Package
from robots.drivers.workbook_patch import Area
from robots.drivers.workbook_rewrite import xml_bytes
from robots.drivers.workbook_styles import Styles
from robots.errors import BusinessError


class RowRepeat(SheetEdit):
    """A sheet's XML with a row that is repeated.  ``formulas_added``: whether a formula was copied into a new row."""

    def __init__(self, root: etree._Element, place: Place, styles: Styles) -> None:
        super().__init__(root, place, styles)
        self.formulas_added = False
        self._model = self._last = -1

    def texts(self, shared: Sequence[str], text_in: Callable[[etree._Element], str]) -> dict[tuple[int, int], str]:
        """The cells that hold text (row and column from 0)."""
        found: dict[tuple[int, int], str] = {}
        for number, row in self._rows.items():
            for column, cell in self._cells(row):
                value, inline = cell.find(self._tag("v")), cell.find(self._tag("is"))
                if cell.get("t") == "s" and value is not None and (value.text or "").strip().isdecimal():
                    at = int((value.text or "").strip())
                    found[(number, column)] = shared[at] if at < len(shared) else ""
                elif inline is not None:
                    found[(number, column)] = text_in(inline)
        return found

    def fill_down(self, model: int, lines: Sequence[Mapping[int, CellContent]]) -> None:
        """The first line into the model's row, the others into the rows below it.

        Raises: BusinessError where something stands in their way.
        """
        self._model, self._last = model, model + len(lines) - 1
        formulas = self._formulas(model)
        self._refuse_in_the_way(model, lines, formulas)
        formats = {column: cell.get("s", "0") for column, cell in self._cells(self._rows[model])}
        merges = self._merges_of(model)
        for number, contents in enumerate(lines, model):
            row = self._rows.get(number)
            if row is None:
                row = self._new_row(number, self._rows[model])
            self._write(row, number, contents, formats)
            if number > model:
                self._copy_formulas(model, number, formulas)
                self._copy_merges(number, merges)
        self._stretch_dimension({number: formats for number in range(model, self._last + 1)})
        self._stretch_rules()

    def _formulas(self, model: int) -> dict[int, str]:
        """The formulas of the model's row by column, as text that begins with =."""
        found: dict[int, str] = {}
        for column, cell in self._cells(self._rows[model]):
            formula = cell.find(self._tag("f"))
            if formula is None:
                continue
            if formula.get("t") in ("array", "dataTable"):
                raise BusinessError(
                    f"{self._place.cell(model, column)} の配列数式は、くり返す行では使えません。",
                    mend="ふつうの数式にしてください。",
                )
            found[column] = self._whole_formula(formula, model, column)
        return found

    def _whole_formula(self, formula: etree._Element, row: int, column: int) -> str:
        """A formula's own text; one that shares another cell's is translated to its place."""
        if formula.text or formula.get("t") != "shared":
            return f"={formula.text or ''}"
        for one in self._data.iter(self._tag("f")):
            cell = one.getparent()
            if one.get("si") == formula.get("si") and one.text and cell is not None:
                return str(Translator(f"={one.text}", cell.get("r", "A1")).translate_formula(reference(row, column)))
        return "="

    def _refuse_in_the_way(
        self, model: int, lines: Sequence[Mapping[int, CellContent]], formulas: Mapping[int, str]
    ) -> None:
        columns = {column for line in lines for column in line}
        upright = [
            area
            for area in self._merges()
            if area.top != area.bottom and any(area.left <= c <= area.right for c in columns)
        ]
        for number in range(model, model + len(lines)):
            for column in sorted(columns | formulas.keys()):
                cell = self.cell(number, column) if number > model else None
                kept = cell is not None and column in formulas and cell.find(self._tag("f")) is not None
                here = Area(number, column, number, column)
                if (cell is not None and len(cell) and not kept) or any(area.meets(here) for area in upright):
                    raise BusinessError(
                        f"{self._place}に{len(lines)}行を差し込めません（{reference(number, column)} に何か書かれているか、"
                        f"縦に結合されていて、入るのは{number - model}行です）。",
                        mend="ひな形の、くり返す行の下に空の行を足してください。",
                    )

    def _copy_formulas(self, model: int, number: int, formulas: Mapping[int, str]) -> None:
        for column, text in formulas.items():
            cell = self.cell(number, column)
            if cell is None or cell.find(self._tag("f")) is not None or text == "=":
                continue
            moved = Translator(text, reference(model, column)).translate_formula(reference(number, column))
            for name in ("t", "cm", "vm"):
                cell.attrib.pop(name, "")
            etree.SubElement(cell, self._tag("f")).text = str(moved)[1:]
            self.formulas_added = True

    def _merges(self) -> list[Area]:
        found = self.root.iterfind(f"{self._tag('mergeCells')}/{self._tag('mergeCell')}")
        return [area for one in found if (area := Area.read(one.get("ref", ""))) is not None]

    def _merges_of(self, model: int) -> list[Area]:
        return [area for area in self._merges() if area.top == area.bottom == model]

    def _copy_merges(self, number: int, merges: Sequence[Area]) -> None:
        there = self._merges()
        holder = self.root.find(self._tag("mergeCells"))
        for merge in merges:
            wanted = Area(number, merge.left, number, merge.right)
            if holder is not None and not any(area.meets(wanted) for area in there):
                etree.SubElement(holder, self._tag("mergeCell")).set("ref", str(wanted))
                holder.set("count", str(len(holder)))

    def _stretch_rules(self) -> None:
        """Input rules and conditional formats that end with the model's row go on to the last copy."""
        for path in ("dataValidations/dataValidation", "conditionalFormatting"):
            for rule in self.root.iterfind("/".join(self._tag(part) for part in path.split("/"))):
                rule.set("sqref", " ".join(self._stretched(one) for one in rule.get("sqref", "").split()))

    def _stretched(self, text: str) -> str:
        area = Area.read(text)
        if area is None or not area.top <= self._model <= area.bottom or area.bottom >= self._last:
            return text
        return str(Area(area.top, area.left, self._last, area.right))

    def wider_tables(self, package: Package, part: str) -> dict[str, bytes | None]:
        """The tables (ListObjects) of the sheet that hold the model's row, stretched to its last copy."""
        found: dict[str, bytes | None] = {}
        for kind, target in package.relations(part):
            if kind != "table":
                continue
            table = package.xml(target)
            for one in (table, table.find("{*}autoFilter")):
                if one is not None and (wider := self._stretched(one.get("ref", ""))) != one.get("ref"):
                    one.set("ref", wider)
                    found[target] = b""
            if target in found:
                found[target] = xml_bytes(table)
        return found
