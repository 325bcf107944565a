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
_LETTERS = re.compile(rb'r="([A-Z]{2,})')
_LAST_ROW = re.compile(rb'<row [^>]*?r="(\d+)"')
_FORMULA = re.compile(rb"<f[ >/]")
_NO_RESULT = re.compile(rb"(?:</f>|<f[^>]*/>)\s*(?:</c>|<v\s*/>|<v>\s*</v>)")
_RESULT = re.compile(rb"(?:<f[^>]*/>|<f[^>]*>[^<]*</f>)?\s*<v>([^<]*)</v>")
_CELL_REF = re.compile(rb' r="([A-Z]{1,3}[0-9]{1,7})"')
_CELL_KIND = re.compile(rb' t="(\w+)"')
UNCALCULATED = "数式がまだ計算されていません"


def is_plain(package: Package, part: str) -> bool:
    """Whether a sheet is large, written in the usual way, and surely reaches not too far, seen from its bytes.

    Any other sheet must be looked at cell by cell (``survey``) before it is read.
    """
    size = next((info.file_size for info in package.infos if info.filename.lower() == part.lower()), 0)
    if size <= _SMALL:
        return False
    before = last = b""
    letters: set[bytes] = set()
    for number, chunk in enumerate(_ahead(package.chunks(part))):
        last = before + chunk
        if number == 0 and not _is_usual(last):
            return False
        if _WIDE.search(last):
            letters.update(_LETTERS.findall(last))
        before = last[-16:]
    rows = _LAST_ROW.findall(last)
    columns = max((column_index_from_string(found.decode()) for found in letters if len(found) <= 3), default=0)
    return bool(rows) and int(rows[-1]) * max(columns, _FEW_COLUMNS) <= _MAX_CELLS


def survey_plain(package: Package, part: str, *, stale: bool) -> dict[tuple[int, int], str]:
    """``survey`` of a plain sheet, from its bytes: only what may be wrong is looked at closely."""
    flaws: dict[tuple[int, int], str] = {}
    rest = b""
    for chunk in package.chunks(part):
        piece, end, rest = (rest + chunk).rpartition(b"</row>")
        if not end:
            continue
        for start, close, kind, wrong in _suspects(piece, stale):
            match = _CELL_REF.search(piece, start, close)
            if match is None:
                return survey(package, part, stale=stale)
            at = _position(match[1].decode(), 0, 0)
            if kind == b"e":
                flaws[at] = wrong.decode(errors="replace") or "エラー"
            elif stale or kind != b"str":
                flaws[at] = UNCALCULATED
    return flaws


def _suspects(piece: bytes, stale: bool) -> Iterator[tuple[int, int, bytes, bytes]]:
    """Cells that hold an error or a formula without a result (stale: any formula): where the cell's tag begins and
    ends, its kind, and the error."""
    if b"<f" in piece:
        for match in (_FORMULA if stale else _NO_RESULT).finditer(piece):
            start = piece.rfind(b"<c ", 0, match.start())
            close = piece.find(b">", start)
            kind = _CELL_KIND.search(piece, start, close)
            yield start, close, kind[1] if kind else b"", b""
    at = piece.find(b' t="e"')
    while at >= 0:
        start = piece.rfind(b"<c ", 0, at)
        close = piece.find(b">", start)
        if start >= 0 and at < close:
            value = _RESULT.match(piece, close + 1)
            yield start, close, b"e", value[1] if value else b""
        at = piece.find(b' t="e"', at + 1)


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
