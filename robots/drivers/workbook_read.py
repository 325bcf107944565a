"""Reads a sheet of a package through calamine, after a look at what calamine would not tell."""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import cast

import python_calamine
from rapidfuzz import process

from robots.drivers.workbook_header import Line, Merge, Place
from robots.drivers.workbook_package import Package, SheetPart, broken
from robots.drivers.workbook_survey import is_plain, is_stale, survey, survey_plain
from robots.drivers.workbook_table import Sheet
from robots.errors import BusinessError, SystemFailure


def choose_sheet(package: Package, name: str | None) -> SheetPart:
    """The sheet of a name, or the only visible sheet with content.

    Raises: BusinessError naming the sheets that are there.
    """
    sheets = package.sheets()
    if name is not None:
        for sheet in sheets:
            if sheet.name == name:
                return sheet
        raise no_such_sheet(package.name, name, [sheet.name for sheet in sheets])
    visible = [sheet for sheet in sheets if sheet.visible]
    filled = visible if len(visible) == 1 else [sheet for sheet in visible if _has_cells(package, sheet)]
    if len(filled) == 1:
        return filled[0]
    if not filled:
        raise BusinessError(
            f"{package.name} には、何か書かれたシートがありません。", mend="正しいブックか確かめてください。"
        )
    names = "、".join(f"「{sheet.name}」" for sheet in filled)
    raise BusinessError(
        f"{package.name} にはシートがいくつもあり、どれを読むか分かりません（{names}）。",
        mend="「シート」に、読むシートの名前を書いてください。",
    )


def no_such_sheet(book: str, name: str, there: Sequence[str]) -> BusinessError:
    """What to say when a book lacks a sheet."""
    near = process.extractOne(name, there, score_cutoff=50)
    return BusinessError(
        f"{book} にシート「{name}」がありません（あるシート: {'、'.join(there)}）。",
        mend="シートの名前を確かめてください。",
        guess=near[0] if near else None,
    )


def _has_cells(package: Package, sheet: SheetPart) -> bool:
    before = b""
    for chunk in package.chunks(sheet.part):
        if any(mark in before + chunk for mark in (b"<v>", b":v>", b"<is>", b"<f>", b"<f ")):
            return True
        before = chunk[-8:]
    return False


def open_sheet(package: Package, name: str | None) -> Sheet:
    """A sheet, ready to be read once.

    Raises: SystemFailure (damaged), BusinessError (which sheet).
    """
    part = choose_sheet(package, name)
    stale = is_stale(package)
    for shared in (package.one_of_kind("sharedStrings"), package.one_of_kind("styles")):
        if shared is not None and package.has(shared):
            for _ in package.chunks(shared):
                pass
    with ThreadPoolExecutor(max_workers=1) as pool:
        plain = pool.submit(is_plain, package, part.part)
        book = _opened(package)  # its texts and styles, looked at above; the sheet's cells only once they are known
        if plain.result():
            looked = pool.submit(survey_plain, package, part.part, stale=stale)
            sheet = _parsed(package, book, part.name)
            flaws = looked.result()
        else:
            flaws = survey(package, part.part, stale=stale)
            sheet = _parsed(package, book, part.name)
    left = sheet.start[1] if sheet.start else 0
    ranges = sheet.merged_cell_ranges or []
    merges = [Merge(top, first, bottom, last) for (top, first), (bottom, last) in ranges]
    lines = cast("Iterator[Line]", sheet.iter_rows()) if sheet.start else iter(())
    marked = _mark(lines, left, flaws) if flaws else lines
    return Sheet(marked, place=Place(package.name, part.name), left=left, merges=merges, flaws=flaws)


def _parsed(package: Package, book: python_calamine.CalamineWorkbook, name: str) -> python_calamine.CalamineSheet:
    try:
        return book.get_sheet_by_name(name)
    except (python_calamine.CalamineError, ValueError, OSError) as error:
        raise broken(package.name, "シートの中身が壊れています") from error


def _opened(package: Package) -> python_calamine.CalamineWorkbook:
    try:
        return python_calamine.load_workbook(io.BytesIO(package.data))
    except python_calamine.PasswordError as error:
        raise SystemFailure(
            f"{package.name} はパスワードで保護されています。", mend="パスワードを外して保存したものを使ってください。"
        ) from error
    except (python_calamine.CalamineError, ValueError, OSError) as error:
        raise broken(package.name, "シートの中身が壊れています") from error


def _mark(lines: Iterable[Line], left: int, flaws: Mapping[tuple[int, int], str]) -> Iterator[Line]:
    """The lines with what is wrong written into the cells that have no usable value."""
    by_row: dict[int, list[int]] = {}
    for row, column in flaws:
        by_row.setdefault(row, []).append(column)
    for row, line in enumerate(lines):
        if row in by_row:
            cells = list(line)
            for column in by_row[row]:
                if 0 <= column - left < len(cells):
                    cells[column - left] = flaws[(row, column)]
            yield cells
        else:
            yield line
