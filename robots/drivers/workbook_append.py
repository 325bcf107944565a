"""Which rows an append adds, and under which headings.  Pure; both drivers ask it."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain

from robots.drivers.workbook_cells import CellContent, cell_content
from robots.drivers.workbook_header import Header, Place, column_name
from robots.drivers.workbook_table import Body, Sheet, exact_values, refuse_flaws
from robots.errors import BusinessError
from robots.values import Row, Value, text_of

Rows = Sequence[Mapping[str, Value]]


def headings_of(rows: Rows) -> list[str]:
    """The headings that a new table for these rows has, in the order of their first coming."""
    return list(dict.fromkeys(name for row in rows for name in row))


@dataclass(frozen=True, slots=True)
class TableThere:
    """A table that rows are added to: its header, its last row of data (from 0), and the keys that stand in it.

    An empty sheet has a header without rows of its own (top and bottom -1).
    """

    header: Header
    last: int
    keys: frozenset[str]


def table_there(sheet: Sheet, rows: Rows, key: str | None) -> TableThere:
    """The table of a sheet, into which the rows must fit.

    Raises: BusinessError where it lacks a column of the rows or the key, or can't be understood with certainty.
    """
    names = headings_of(rows)
    wanted = [*names, *([key] if key is not None and key not in names else [])]
    head = next(sheet.lines, None)
    if head is None:
        check_key(rows, key, sheet.place)
        return TableThere(Header(-1, -1, tuple(names), tuple(range(len(names)))), -1, frozenset())
    sheet.lines = chain([head], sheet.lines)
    body = Body(sheet, header=None, columns=wanted, strict=False)
    at = body.header.names.index(column_name(key)) if key is not None else None
    last = body.header.bottom
    keys: set[str] = set()
    for numbers, lines in body.chunks():
        last = numbers[-1]
        if at is not None:
            refuse_flaws(sheet, numbers, {body.header.columns[at]})
            keys.update(key_text(value) for value in exact_values([line[at] for line in lines]))
    return TableThere(body.header, last, frozenset(keys - {""}))


def check_key(rows: Rows, key: str | None, place: Place) -> None:
    """Raises: BusinessError where a new table would have no column for the key."""
    if key is not None and key not in headings_of(rows):
        raise BusinessError(
            f"{place}に書く行に、キーの列「{key}」がありません（ある列: {'、'.join(headings_of(rows))}）。",
            mend="「キー」に、書く列の名前を一つ書いてください。",
        )


def cells_of(row: Mapping[str, Value], header: Header, *, mac: bool) -> dict[int, CellContent]:
    """What a row puts under the headings, by column number from 0.

    Raises: BusinessError naming the column whose value no cell holds.
    """
    columns = dict(zip(header.names, header.columns, strict=True))
    cells: dict[int, CellContent] = {}
    for name, value in row.items():
        try:
            cells[columns[column_name(name)]] = cell_content(value, mac=mac)
        except BusinessError as error:
            raise BusinessError(f"列「{name}」: {error.what}", mend=error.mend) from error
    return cells


def key_text(value: Value) -> str:
    """A key as it is compared: 12 and "12" are one key; spaces around it do not count."""
    return text_of(value).strip()


def new_rows(rows: Rows, key: str | None, there: Collection[str]) -> tuple[list[Mapping[str, Value]], int]:
    """The rows to add, and the number of those whose key stands there already.

    Raises: BusinessError for a row without a key, and for two different rows of one key.
    """
    if key is None:
        return list(rows), 0
    chosen: dict[str, Mapping[str, Value]] = {}
    already = 0
    for number, row in enumerate(rows, 1):
        text = key_text(row.get(key))
        if not text:
            raise BusinessError(
                f"追加する{number}行目のキー「{key}」が空です{origin_of(row)}。", mend="キーの列に値を入れてください。"
            )
        first = chosen.get(text)
        if text in there or (first is not None and dict(first) == dict(row)):
            already += 1
        elif first is None:
            chosen[text] = row
        else:
            raise BusinessError(
                f"追加する行のうち二つのキー「{key}」が同じ「{text}」で、内容が異なります{origin_of(row)}。",
                mend="どちらの行が正しいか確かめ、キーが重ならないようにしてください。",
            )
    return list(chosen.values()), already


def origin_of(row: Mapping[str, Value]) -> str:
    """Where a row comes from, in brackets; "" where nobody knows."""
    return f"（{row.origin}）" if isinstance(row, Row) and row.origin else ""
