"""A look at a sheet's XML before it is read: how far its cells reach, and which of them hold no usable value.

The reader (calamine) gives error values and formulas that were never calculated as blanks, and makes room for
every cell up to the farthest one; so both are looked for here.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

from lxml import etree
from openpyxl.utils import column_index_from_string

from robots.drivers.workbook_package import Package, broken
from robots.errors import SystemFailure

_MAX_CELLS = 30_000_000
_SMALL = 200_000
_FEW_COLUMNS = 26
_REF = re.compile(r"([A-Z]{1,3})([0-9]{1,7})")
_WIDE = re.compile(rb'r="[A-Z]{2}')
_LAST_ROW = re.compile(rb'<row [^>]*?r="(\d+)"')
UNCALCULATED = "数式がまだ計算されていません"


def is_plain(package: Package, part: str) -> bool:
    """Whether a sheet is large, written in the usual way, and surely reaches not too far, seen from its bytes.

    Any other sheet must be looked at cell by cell (``survey``) before it is read.
    """
    size = next((info.file_size for info in package.infos if info.filename.lower() == part.lower()), 0)
    if size <= _SMALL:
        return False
    before = last = b""
    for number, chunk in enumerate(_ahead(package.chunks(part))):
        last = before + chunk
        if (number == 0 and not _is_usual(last)) or _WIDE.search(last):
            return False
        before = last[-16:]
    rows = _LAST_ROW.findall(last)
    return bool(rows) and int(rows[-1]) * _FEW_COLUMNS <= _MAX_CELLS


def survey_plain(package: Package, part: str, *, stale: bool) -> dict[tuple[int, int], str]:
    """``survey`` of a plain sheet, in no time where it has neither a formula nor an error value."""
    before = b""
    for chunk in package.chunks(part):
        piece = before + chunk
        if b"<f" in piece or b't="e"' in piece:
            return survey(package, part, stale=stale)
        before = piece[-16:]
    return {}


def _ahead(chunks: Iterator[bytes]) -> Iterator[bytes]:
    """The same pieces, the next one being unpacked while one is looked at."""
    with ThreadPoolExecutor(max_workers=1) as pool:
        following = pool.submit(next, chunks, None)
        while (chunk := following.result()) is not None:
            following = pool.submit(next, chunks, None)
            yield chunk


def _is_usual(start: bytes) -> bool:
    """Whether a sheet is written as Excel and the usual libraries write it: UTF-8, no prefix, double quotes."""
    head = start[:2000]
    return b"<worksheet" in head and b"<!" not in head and b"='" not in start.partition(b"<sheetData")[2][:100_000]


def survey(package: Package, part: str, *, stale: bool) -> dict[tuple[int, int], str]:
    """The cells without a usable value, by (row, column) from 0: what is wrong with each.

    stale: the results kept with the formulas can't be trusted (see ``is_stale``).
    Raises: SystemFailure where the cells reach so far that reading them would exhaust the machine.
    """
    flaws: dict[tuple[int, int], str] = {}
    rows = columns = 0
    row = column = -1
    stream = io.BytesIO(package.read(part))
    events = etree.iterparse(
        stream,
        events=("start", "end"),
        tag=("{*}row", "{*}c"),
        resolve_entities=False,
        no_network=True,
        huge_tree=False,
        load_dtd=False,
    )
    try:
        for event, element in events:
            is_row = element.tag.endswith("}row")
            if event == "start" and is_row:
                row, column = int(element.get("r", row + 2)) - 1, -1
            elif event == "end" and is_row:
                element.clear()
            elif event == "end":
                row, column = _position(element.get("r"), row, column)
                filled, flaw = _look(element, stale)
                if flaw:
                    flaws[(row, column)] = flaw
                if filled:
                    rows, columns = max(rows, row + 1), max(columns, column + 1)
                if rows * columns > _MAX_CELLS:
                    raise _too_far(package.name, element.get("r", ""))
                element.clear()
    except (etree.XMLSyntaxError, ValueError) as error:
        raise broken(package.name, f"部品 {part} が壊れています") from error
    return flaws


def _position(ref: str | None, row: int, column: int) -> tuple[int, int]:
    match = _REF.fullmatch(ref or "")
    if match is None:
        return row, column + 1
    return int(match[2]) - 1, column_index_from_string(match[1]) - 1


def _look(cell: etree._Element, stale: bool) -> tuple[bool, str]:
    """Whether a cell holds anything, and what is wrong with it ("" for nothing)."""
    formula = text = False
    value = ""
    for child in cell:
        local = str(child.tag).rpartition("}")[2]
        formula = formula or local == "f"
        text = text or local == "is"
        if local == "v":
            value = child.text or ""
    if cell.get("t") == "e":
        return True, value or "エラー"
    if formula and (stale or (not value and cell.get("t") != "str")):
        return True, UNCALCULATED
    return formula or text or bool(value), ""


def is_stale(package: Package) -> bool:
    """Whether Banken has added rows since the book was last calculated (see workbook_patch.mark_stale)."""
    calculation = package.xml(package.workbook_part).find("{*}calcPr")
    return calculation is not None and calculation.get("calcId") == "0" and calculation.get("fullCalcOnLoad") == "1"


def _too_far(name: str, ref: str) -> SystemFailure:
    return SystemFailure(
        f"{name} のシートが広すぎます（セル {ref} まで値があります）。",
        mend="表から遠く離れたセルに値が残っていれば消して、上書き保存してください。",
    )
