"""A sheet added to a book: one part more, and its three mentions; every other part as it was."""

from __future__ import annotations

import posixpath
import unicodedata
from collections.abc import Iterable, Mapping, Sequence

from lxml import etree

from robots.drivers.workbook_append import Rows, headings_of
from robots.drivers.workbook_new import check_sheet_name, width_of
from robots.drivers.workbook_package import Package, broken
from robots.drivers.workbook_rewrite import xml_bytes, zipped
from robots.errors import BusinessError
from robots.values import Value

_CONTENT = "application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"
_TYPES = "[Content_Types].xml"


def refuse_like(book: str, name: str, there: Iterable[str]) -> None:
    """Raises: BusinessError where the book has a sheet whose name differs from this one in width, case or spaces alone."""
    like = next((one for one in there if _folded(one) == _folded(name)), None)
    if like is not None:
        raise BusinessError(
            f"{book} にシート「{name}」はありませんが、よく似た「{like}」があります。",
            mend="同じシートのことなら名前をそろえ、新しいシートにするなら、違いの分かる名前にしてください。",
            guess=like,
        )


def _folded(name: str) -> str:
    return "".join(unicodedata.normalize("NFKC", name).casefold().split())


def with_sheet(package: Package, name: str, rows: Rows) -> Package:
    """The book with an empty sheet of this name at its end, as wide as these rows want it.

    Raises: BusinessError where Excel would not take the name, or the book's structure is protected.
    """
    check_sheet_name(name)
    workbook = package.xml(package.workbook_part)
    sheets = workbook.find("{*}sheets")
    if sheets is None:
        raise broken(package.name, "シートの一覧がありません")
    names = [one.get("name", "") for one in sheets]
    if name in names:
        raise BusinessError(
            f"{package.name} の「{name}」は表を書けるシートではありません。", mend="表のあるシートを指定してください。"
        )
    refuse_like(package.name, name, names)
    if any(one.get("lockStructure") in ("1", "true") for one in workbook.iterfind("{*}workbookProtection")):
        raise BusinessError(
            f"{package.name} はブックの構成が保護されているので、シート「{name}」を加えられません。",
            mend="Excel で「ブックの保護」を外すか、シートを先に作っておいてください。",
        )
    folder, file = posixpath.split(package.workbook_part)
    rels = posixpath.join(folder, "_rels", f"{file}.rels")
    number = next(n for n in range(1, 10**6) if not package.has(posixpath.join(folder, f"worksheets/sheet{n}.xml")))
    part = posixpath.join(folder, f"worksheets/sheet{number}.xml")
    relations, types = package.xml(rels), package.xml(_TYPES)
    id_ = _related(relations, f"worksheets/sheet{number}.xml", package.name)
    etree.SubElement(types, f"{{{etree.QName(types).namespace}}}Override", PartName=f"/{part}", ContentType=_CONTENT)
    _listed(sheets, name, id_)
    changed = {
        part: _empty(etree.QName(workbook).namespace or "", rows),
        rels: xml_bytes(relations),
        _TYPES: xml_bytes(types),
        package.workbook_part: xml_bytes(workbook),
    }
    return Package(zipped(package, changed), package.name)


def _related(relations: etree._Element, target: str, book: str) -> str:
    """Adds the relation, of the kind that the book's other sheets have; gives its id."""
    kind = next((one.get("Type", "") for one in relations if one.get("Type", "").endswith("/worksheet")), None)
    if kind is None:
        raise broken(book, "ワークシートがありません")
    taken = {one.get("Id") for one in relations}
    id_ = next(f"rId{n}" for n in range(1, 10**6) if f"rId{n}" not in taken)
    space = etree.QName(relations).namespace
    etree.SubElement(relations, f"{{{space}}}Relationship", Id=id_, Type=kind, Target=target)
    return id_


def _listed(sheets: etree._Element, name: str, id_: str) -> None:
    numbers = [int(one.get("sheetId", "0")) for one in sheets]
    sheet = etree.SubElement(sheets, f"{{{etree.QName(sheets).namespace}}}sheet")
    sheet.set("name", name)
    sheet.set("sheetId", str(max(numbers, default=0) + 1))
    key = next(key for one in sheets for key in one.attrib if str(key).endswith("}id"))  # in the book's own namespace
    sheet.set(key, id_)


def _empty(space: str, rows: Sequence[Mapping[str, Value]]) -> bytes:
    """A sheet without cells, its first row frozen."""
    sheet = etree.fromstring(f'<worksheet xmlns="{space}"/>')

    def add(parent: etree._Element, tag: str, **given: str) -> etree._Element:
        return etree.SubElement(parent, f"{{{space}}}{tag}", given)

    add(sheet, "dimension", ref="A1")
    view = add(add(sheet, "sheetViews"), "sheetView", workbookViewId="0")
    add(view, "pane", ySplit="1", topLeftCell="A2", activePane="bottomLeft", state="frozen")
    add(sheet, "sheetFormatPr", defaultRowHeight="18")
    columns = add(sheet, "cols")
    for at, heading in enumerate(headings_of(rows), 1):
        width = str(width_of(heading, rows))
        add(columns, "col", min=str(at), max=str(at), width=width, customWidth="1")
    add(sheet, "sheetData")
    return xml_bytes(sheet)
