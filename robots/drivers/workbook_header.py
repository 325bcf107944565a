"""Where the headings of a table are, and what its columns are called.  Pure: works on lines of cells."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from rapidfuzz import process

from robots.errors import BusinessError
from robots.values import Value, number_from_cell, text_of

HEAD_LINES = 200
"""How far down the headings are looked for."""
_DEEPEST = 5
_WIDE_ENOUGH = 0.75

Line = Sequence[Value]


def letters(column: int) -> str:
    """A column's name; from 0: 27 → AB."""
    from openpyxl.utils import get_column_letter

    return get_column_letter(column + 1)


@dataclass(frozen=True, slots=True)
class Merge:
    """A merged range; rows and columns count from 0 in the sheet, ends included."""

    top: int
    left: int
    bottom: int
    right: int


@dataclass(frozen=True, slots=True)
class Place:
    """A sheet as messages name it."""

    book: str
    sheet: str

    def __str__(self) -> str:
        return f"{self.book} シート「{self.sheet}」"

    def row(self, row: int) -> str:
        """A row (from 0) as a person finds it."""
        return f"{self.book} シート「{self.sheet}」{row + 1}行目"

    def cell(self, row: int, column: int) -> str:
        """A cell (from 0) as a person finds it."""
        return f"{self.book} シート「{self.sheet}」{letters(column)}{row + 1}"


@dataclass(frozen=True, slots=True)
class Header:
    """The headings: the rows they take (from 0), each column's name and column number (from 0 in the sheet)."""

    top: int
    bottom: int
    names: tuple[str, ...]
    columns: tuple[int, ...]


def column_name(value: Value) -> str:
    """A heading as a name: line breaks and the spaces that spread Japanese text out (氏　名) are dropped."""
    text = text_of(number_from_cell(value) if isinstance(value, float) else value)
    return " ".join(re.sub(r"(?<=[^\x00-\x7f])\s+|\s+(?=[^\x00-\x7f])", "", text.strip()).split())


class _Head:
    """The first lines of a sheet with its merged ranges."""

    def __init__(self, lines: Sequence[Line], left: int, merges: Sequence[Merge]) -> None:
        self.lines = lines
        self.left = left
        self.width = max((len(line) for line in lines), default=0)
        self.merges = [merge for merge in merges if merge.top < len(lines)]
        self.merge_at = {
            (row, column): merge
            for merge in self.merges
            for row in range(merge.top, min(merge.bottom, len(lines) - 1) + 1)
            for column in range(max(merge.left, left), min(merge.right, left + self.width - 1) + 1)
        }

    def value(self, row: int, column: int) -> Value:
        merge = self.merge_at.get((row, column))
        if merge is not None:
            row, column = merge.top, merge.left
        at = column - self.left
        return self.lines[row][at] if 0 <= at < len(self.lines[row]) else ""

    def columns(self) -> range:
        return range(self.left, self.left + self.width)

    def parents(self, row: int) -> list[Merge]:
        """Headings of this row that span several columns and end in it."""
        spanning = {self.merge_at.get((row, column)) for column in self.columns()}
        return [
            merge
            for merge in spanning
            if merge and merge.right > merge.left and merge.bottom == row and self.value(row, merge.left) != ""
        ]

    def children_follow(self, top: int, bottom: int) -> bool:
        """Whether the row below the block holds the headings under its spanning headings."""
        below = bottom + 1
        parents = self.parents(bottom)
        if not parents or below >= len(self.lines) or (top == bottom and self._is_title(top, parents)):
            return False
        spanned = {column for merge in parents for column in range(merge.left, merge.right + 1)}
        under = False
        for column in self.columns():
            value = self.value(below, column)
            merge = self.merge_at.get((below, column))
            if merge and any((merge.left, merge.right) == (parent.left, parent.right) for parent in parents):
                return False
            if value == "":
                continue
            named_above = any(self.value(row, column) != "" for row in range(top, below))
            if not isinstance(value, str) or (named_above and column not in spanned):
                return False
            under = under or column in spanned
        return under

    def _is_title(self, row: int, parents: Sequence[Merge]) -> bool:
        """Whether a row says one thing only, over all that stands in the next row: a title, no heading."""
        span = range(parents[0].left, parents[0].right + 1)
        rows = (row, row + 1)
        return len(parents) == 1 and all(
            column in span for column in self.columns() for at in rows if self.value(at, column) != ""
        )

    def _all_text(self, rows: range) -> bool:
        return all(isinstance(self.value(row, column), str) for row in rows for column in self.columns())

    def block(self, top: int) -> Header:
        """The headings, were they to begin in this row."""
        bottom = top
        while bottom - top < _DEEPEST:
            ends = (merge.bottom for merge in self.merges if top <= merge.top <= bottom)
            deepest = min(max(ends, default=bottom), len(self.lines) - 1, top + _DEEPEST)
            if deepest > bottom and self._all_text(range(bottom + 1, deepest + 1)):
                bottom = deepest
            elif self.children_follow(top, bottom):
                bottom += 1
            else:
                break
        paths = [(column, path) for column in self.columns() if (path := self._path(column, top, bottom))]
        leaves = Counter(path[-1] for _, path in paths)
        names = [path[-1] if leaves[path[-1]] == 1 else "_".join(path) for _, path in paths]
        times = Counter(names)
        told_apart = [
            name if times[name] == 1 else f"{name}（{letters(column)}列）"
            for name, (column, _) in zip(names, paths, strict=True)
        ]
        return Header(top, bottom, tuple(told_apart), tuple(column for column, _ in paths))

    def _path(self, column: int, top: int, bottom: int) -> list[str]:
        """The headings over one column from the top down; empty where the last of them belongs to its left."""
        path: list[str] = []
        owner = column
        seen: Merge | None = None
        for row in range(top, bottom + 1):
            merge = self.merge_at.get((row, column))
            name = column_name(self.value(row, column))
            if not name or (merge is not None and merge is seen):
                continue
            path.append(name)
            owner = merge.left if merge else column
            seen = merge
        return path if owner == column else []

    def starts_here(self, row: int) -> bool:
        """Whether a block of headings of nothing but text can begin in this row."""
        if not self._all_text(range(row, row + 1)) or not any(self.lines[row]):
            return False
        covering = (self.merge_at.get((row, column)) for column in self.columns())
        return not any(merge is not None and merge.top < row for merge in covering)


def find_header(
    lines: Sequence[Line],
    *,
    left: int,
    merges: Sequence[Merge],
    place: Place,
    header: int | None,
    columns: Sequence[str],
) -> Header:
    """The headings of the table among the first lines of a sheet.

    lines: from the sheet's first row; left: the column of each line's first cell.  Where ``header`` (a row number
    from 1) is None, it is the first row that bears all ``columns``; without ``columns``, the first row of text
    that has at least 0.75 times as many headings as the widest one, so that title rows are passed over.

    Raises: BusinessError where there is none, or where a column is missing (with the names that are there).
    """
    head = _Head(lines, left, merges)
    wanted = [column_name(name) for name in columns]
    if header is not None:
        found = head.block(header - 1) if 0 < header <= len(lines) else None
        if found is None or not found.names:
            raise BusinessError(
                f"{place.row(header - 1)}に見出しがありません。",
                mend="「見出し行」に、見出しが書かれている行の番号を書いてください。",
            )
    else:
        found = _found(head, wanted, place)
    _require(found, wanted, place)
    return found


def _found(head: _Head, wanted: Sequence[str], place: Place) -> Header:
    if wanted:
        for row in range(len(head.lines)):
            block = head.block(row)
            if set(wanted) <= set(block.names):
                return block
    candidates = [head.block(row) for row in range(len(head.lines)) if head.starts_here(row)]
    widest = max((len(block.names) for block in candidates), default=0)
    for block in candidates:
        if block.names and len(block.names) >= _WIDE_ENOUGH * widest:
            return block
    raise BusinessError(
        f"{place}に見出しの行が見つかりません。",
        mend="表の見出しが書かれているか確かめるか、「見出し行」に見出しの行番号を書いてください。",
    )


def _require(header: Header, wanted: Sequence[str], place: Place) -> None:
    missing = [name for name in wanted if name not in header.names]
    if not missing:
        return
    near = [match[0] for name in missing if (match := process.extractOne(name, header.names, score_cutoff=50))]
    raise BusinessError(
        f"{place}に列{'、'.join(f'「{name}」' for name in missing)}がありません"
        f"（{header.top + 1}行目にある列: {'、'.join(header.names)}）。",
        mend="ブックの見出しか、シナリオに書いた列の名前を直してください。",
        guess="、".join(near) or None,
    )
