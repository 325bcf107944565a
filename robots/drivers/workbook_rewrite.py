"""A book's bytes with rows added: the changed parts are written anew, every other part as it was."""

from __future__ import annotations

import copy
import io
import zipfile
from collections.abc import Mapping, Sequence

from lxml import etree

from robots.drivers.workbook_append import Rows, TableThere, cells_of
from robots.drivers.workbook_cells import CellContent
from robots.drivers.workbook_header import Place
from robots.drivers.workbook_package import Package, SheetPart
from robots.drivers.workbook_patch import Addition, SheetPatch, mark_stale, widen_ref
from robots.drivers.workbook_styles import Styles
from robots.errors import SystemFailure

SIGNATURE = "電子署名"


def refuse_losses(package: Package, lose: Sequence[str]) -> None:
    """Raises: SystemFailure naming what adding rows would lose, where ``lose`` does not name it.

    Rows are added by changing the sheet's XML alone, so a signature over the book is the only thing that ends.
    """
    signed = any(part.lower().startswith("_xmlsignatures/") for part in package.parts())
    if signed and SIGNATURE not in lose:
        raise SystemFailure(
            f"{package.name} に書き込むと、{SIGNATURE}が無効になるため、書き込みませんでした。",
            mend=f"無効になってよければ、手順の「失ってよいもの」に「{SIGNATURE}」と書いてください。",
        )


def with_rows(package: Package, sheet: SheetPart, there: TableThere, rows: Rows) -> bytes:
    """The book with the rows under the table of the sheet.

    Raises: BusinessError where something stands in their way or a value fits in no cell.
    """
    workbook = package.xml(package.workbook_part)
    mac = counts_from_1904(workbook)
    cells: list[Mapping[int, CellContent]] = [cells_of(row, there.header, mac=mac) for row in rows]
    if there.header.top < 0:
        heads = zip(there.header.columns, there.header.names, strict=True)
        cells.insert(0, {column: CellContent("text", name) for column, name in heads})
    addition = Addition(there.last + 1, cells)
    changed: dict[str, bytes | None] = {}
    styles_part = package.one_of_kind("styles") or ""
    styles = Styles(package.xml(styles_part), package.name)
    patch = SheetPatch(package.xml(sheet.part), Place(package.name, sheet.name), styles)
    patch.add(addition, there.header)
    changed[sheet.part] = xml_bytes(patch.root)
    if styles.changed:
        changed[styles_part] = xml_bytes(styles.root)
    for kind, target in package.relations(sheet.part):
        if kind == "table" and (table := _wider_table(package, target, addition, there)) is not None:
            changed[target] = table
    if has_formulas(package):
        mark_stale(workbook)
        changed[package.workbook_part] = xml_bytes(workbook)
    return zipped(package, changed)


def counts_from_1904(workbook: etree._Element) -> bool:
    """Whether the book counts days from 1904, as Excel on a Mac once did."""
    settings = workbook.find("{*}workbookPr")
    return settings is not None and settings.get("date1904") in ("1", "true")


def _wider_table(package: Package, part: str, addition: Addition, there: TableThere) -> bytes | None:
    table = package.xml(part)
    if not widen_ref(table, addition, there.header):
        return None
    filter_ = table.find("{*}autoFilter")
    if filter_ is not None:
        widen_ref(filter_, addition, there.header)
    return xml_bytes(table)


def has_formulas(package: Package) -> bool:
    """Whether any sheet holds a formula."""
    for sheet in package.sheets():
        before = b""
        for chunk in package.chunks(sheet.part):
            if any(mark in before + chunk for mark in (b"<f>", b"<f ", b":f>", b":f ")):
                return True
            before = chunk[-4:]
    return False


def xml_bytes(root: etree._Element) -> bytes:
    """A part as it is stored."""
    return etree.tostring(root.getroottree(), xml_declaration=True, encoding="UTF-8", standalone=True)


def zipped(package: Package, changed: Mapping[str, bytes | None]) -> bytes:
    """The book with some parts written anew (None: left out) or added at its end; every other part as it was."""
    wanted = {part.lower(): data for part, data in changed.items()}
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as target:
        for info in package.infos:
            name = info.filename.replace("\\", "/").lower()
            kept = copy.copy(info)
            data = wanted[name] if name in wanted else package.read(name)
            if data is not None:
                target.writestr(kept, data)
        for part, data in changed.items():
            if data is not None and not package.has(part):
                added = zipfile.ZipInfo(part)  # of 1980: the same book gives the same bytes
                added.compress_type = zipfile.ZIP_DEFLATED
                target.writestr(added, data)
    return stream.getvalue()
