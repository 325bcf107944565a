"""Single cells by their names, and rows of a table by their keys.  Pure; both drivers ask it."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from robots.drivers.workbook_append import Rows, headings_of, key_text, origin_of
from robots.drivers.workbook_cells import MAX_COLUMNS, MAX_ROWS, reference
from robots.drivers.workbook_header import Place, column_name
from robots.drivers.workbook_patch import Area
from robots.drivers.workbook_table import Body, Sheet, exact_values, refuse_flaws
from robots.errors import BusinessError
from robots.values import Row, Value

_SHOWN = 10


def cell_at(text: str) -> tuple[int, int]:
    """Row and column (from 0) of a cell's name: B3, $b$3, Ｂ３.  Raises: BusinessError for anything else."""
    area = Area.read(unicodedata.normalize("NFKC", text).strip().upper())
    single = area is not None and (area.top, area.left) == (area.bottom, area.right)
    if area is None or not single or not 0 <= area.top < MAX_ROWS or area.left >= MAX_COLUMNS:
        raise BusinessError(f"「{text}」は一つのセルの名前ではありません。", mend="B3 のように書いてください。")
    return area.top, area.left


def picked(sheet: Sheet, cells: Mapping[str, str]) -> Row:
    """The values of single cells; of a merged range any cell stands for all of it.

    Raises: BusinessError for a cell without a usable value.
    """
    wanted = {name: _of_merge(sheet, cell_at(text)) for name, text in cells.items()}
    for at in wanted.values():
        refuse_flaws(sheet, [at[0]], {at[1]})
    rows = {at[0] for at in wanted.values()}
    found: dict[tuple[int, int], Value] = {}
    for number, line in enumerate(sheet.lines):
        if number in rows:
            exact = [exact_values([cell])[0] for cell in line]
            found |= {(number, column): value for column, value in enumerate(exact, sheet.left)}
    values = {name: found.get(at, "") for name, at in wanted.items()}
    return Row(values, origin=str(sheet.place))


def _of_merge(sheet: Sheet, at: tuple[int, int]) -> tuple[int, int]:
    row, column = at
    for merge in sheet.merges:
        if merge.top <= row <= merge.bottom and merge.left <= column <= merge.right:
            return merge.top, merge.left
    return at


@dataclass(frozen=True, slots=True)
class Changes:
    """What an update writes: by row, by column (both from 0); and how many rows stood there so already."""

    cells: Mapping[int, Mapping[int, Value]]
    same: int


def changes(sheet: Sheet, rows: Rows, key: str) -> Changes:
    """Which cells of a table must change so that its rows are as these rows of the same keys say.

    Raises: BusinessError where a column or a key is missing, or a key does not name exactly one row.
    """
    wanted = _by_key(rows, key)
    names = headings_of(rows)
    body = Body(sheet, header=None, columns=[*names, *([key] if key not in names else [])], strict=False)
    at = body.header.names.index(column_name(key))
    there: dict[str, list[tuple[int, Sequence[Value]]]] = {}
    for numbers, lines in body.chunks():
        refuse_flaws(sheet, numbers, {body.header.columns[at]})
        for number, line in zip(numbers, lines, strict=True):
            text = key_text(exact_values([line[at]])[0])
            if text in wanted:
                there.setdefault(text, []).append((number, [exact_values([cell])[0] for cell in line]))
    _refuse_unclear(sheet.place, key, wanted, {text: [number for number, _ in found] for text, found in there.items()})
    cells: dict[int, dict[int, Value]] = {}
    for text, row in wanted.items():
        number, line = there[text][0]
        for name, value in row.items():
            place = body.header.names.index(column_name(name))
            if place != at and not _same(line[place], value):
                cells.setdefault(number, {})[body.header.columns[place]] = value
    return Changes(cells, len(wanted) - len(cells))


def _by_key(rows: Rows, key: str) -> dict[str, Mapping[str, Value]]:
    wanted: dict[str, Mapping[str, Value]] = {}
    for number, row in enumerate(rows, 1):
        text = key_text(row.get(key))
        if not text:
            raise BusinessError(
                f"更新する{number}行目のキー「{key}」が空です{origin_of(row)}。", mend="キーの列に値を入れてください。"
            )
        if text in wanted and dict(wanted[text]) != dict(row):
            raise BusinessError(
                f"更新する行のうち二つのキー「{key}」が同じ「{text}」で、内容が異なります{origin_of(row)}。",
                mend="どちらの行が正しいか確かめ、キーが重ならないようにしてください。",
            )
        wanted[text] = row
    return wanted


def _refuse_unclear(
    place: Place, key: str, wanted: Mapping[str, Mapping[str, Value]], there: Mapping[str, Sequence[int]]
) -> None:
    missing = [text for text in wanted if text not in there]
    if missing:
        more = f" ほか{len(missing) - _SHOWN}件" if len(missing) > _SHOWN else ""
        raise BusinessError(
            f"{place}に、キー「{key}」が {'、'.join(missing[:_SHOWN])}{more} の行がありません。何も書きませんでした。",
            mend="キーの値を確かめてください。新しい行なら「行を追加する」を使います。",
        )
    for text, numbers in there.items():
        if len(numbers) > 1:
            raise BusinessError(
                f"{place}に、キー「{key}」が「{text}」の行がいくつもあります"
                f"（{'、'.join(str(number + 1) for number in numbers)}行目）。何も書きませんでした。",
                mend="キーが一つずつになるようにブックを直してください。",
            )


def _same(there: Value, value: Value) -> bool:
    if there in (None, "") or value in (None, ""):
        return there in (None, "") and value in (None, "")
    return isinstance(there, bool) == isinstance(value, bool) and there == value


def refuse_merged(sheet: Sheet, cells: Mapping[int, Mapping[int, Value]]) -> None:
    """Raises: BusinessError where a cell is a part of a merged range that is not its first."""
    for row, values in cells.items():
        for column in values:
            first = _of_merge(sheet, (row, column))
            if first != (row, column):
                raise BusinessError(
                    f"{sheet.place.cell(row, column)} は、結合されたセル（{reference(*first)} から）の途中なので書けません。",
                    mend=f"結合を解くか、{reference(*first)} に書くようにしてください。",
                )
