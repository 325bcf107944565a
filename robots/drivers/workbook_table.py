"""What of a sheet is the table: its rows, told apart from notes, totals and blank lines.  Pure, and one pass."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import time, timedelta
from itertools import chain, islice
from typing import cast

from robots.drivers.workbook import Table
from robots.drivers.workbook_header import HEAD_LINES, Header, Line, Merge, Place, column_name, find_header
from robots.errors import BusinessError
from robots.values import Row, Value, number_from_cell

_CHUNK = 100
_SHOWN = 5
_MARKS = re.compile(r"[※＊*]|[（(〔【]?注(?:意|記)?[)）〕】：:\d０-９]|[（(〔【]?備考[)）〕】：:]|以上$")
_TOTALS = frozenset({"計", "合計", "小計", "総計", "総合計", "累計", "平均"})
_CODES = frozenset({"9", "A9", "A-9", "9-9", "A9-9", "A-9-9", "9-9-9"})
"""The makes (see ``_shape``) that no note has: a row with such a code alone is a row with its number only."""
_LEADING = frozenset("※＊*(（〔【注備以計合小総累平 　\t\n")
"""What the first cell of a row that may be no data begins with."""

Flaws = Mapping[tuple[int, int], str]
"""(row, column) from 0 → what is wrong with the cell: an error value, a formula that was never calculated."""


class Sheet:
    """A sheet being read: its lines from the first row on, once, and what is known about it.

    left: the column of each line's first cell.  flaws: cells that hold no value that can be used.
    """

    def __init__(
        self,
        lines: Iterable[Line],
        *,
        place: Place,
        left: int = 0,
        merges: Sequence[Merge] = (),
        flaws: Flaws | None = None,
    ) -> None:
        self.lines = iter(lines)
        self.place = place
        self.left = left
        self.merges = merges
        self.flaws = flaws or {}


class Body:
    """The table of a sheet: its header, and (by ``chunks``) its rows; ``left_out`` is whole after the last chunk."""

    def __init__(self, sheet: Sheet, *, header: int | None, columns: Sequence[str], strict: bool = True) -> None:
        """strict: whether a row in doubt is refused; else it is data where it stands right under data."""
        top = list(islice(sheet.lines, max(HEAD_LINES, (header or 0) + 10)))
        self._sheet = sheet
        self._strict = strict
        self._place = sheet.place
        self.header: Header = find_header(
            top, left=sheet.left, merges=sheet.merges, place=sheet.place, header=header, columns=columns
        )
        self._width = len(top[0])
        self._rest = chain(top[self.header.bottom + 1 :], sheet.lines)
        self.left_out: list[str] = []
        self._doubt: tuple[int, Value, bool] | None = None
        self._gap = False
        self._seen: tuple[list[Line], list[Line]] = ([], [])
        half = max(2.0, len(self.header.names) / 2)
        wide = (merge for merge in sheet.merges if merge.right - merge.left + 1 >= half)
        self._wide_rows = {row for merge in wide for row in range(merge.top, merge.bottom + 1)}
        self._leading = _LEADING | {self.header.names[0][:1]}

    def chunks(self) -> Iterator[tuple[list[int], list[Line]]]:
        """Row numbers (from 0) and the cells of the named columns, some rows at a time.

        Raises: BusinessError for a row that is neither surely data nor surely a note.
        """
        numbers: list[int] = []
        lines: list[Line] = []
        self._seen = (lines, lines)
        half, leading = len(self.header.names) / 2, self._leading
        for row, line in self._lines():
            first = line[0]
            plain = line.count("") < half and (not isinstance(first, str) or (first and first[0] not in leading))
            if plain or self._is_data(row, line):
                if self._doubt is not None:
                    self._refuse(self._doubt[0], self._doubt[1])
                self._gap = False
                numbers.append(row)
                lines.append(line)
                if len(lines) == _CHUNK:
                    yield numbers, lines
                    numbers, before, lines = [], lines, []
                    self._seen = (before, lines)
        if lines:
            yield numbers, lines
        self._settle()

    def _lines(self) -> Iterable[tuple[int, Line]]:
        """Each row's cells in the named columns; a vertically merged cell stands in each of its rows."""
        numbered = enumerate(self._rest, self.header.bottom + 1)
        places = [column - self._sheet.left for column in self.header.columns]
        starts, fills = self._merged_down()
        if places == list(range(self._width)) and not fills:
            return numbered
        return self._picked(numbered, places, starts, fills)

    def _picked(
        self,
        numbered: Iterable[tuple[int, Line]],
        places: Sequence[int],
        starts: Mapping[int, Sequence[int]],
        fills: Mapping[int, Sequence[tuple[int, int]]],
    ) -> Iterator[tuple[int, Line]]:
        kept: dict[tuple[int, int], Value] = {}
        for row, line in numbered:
            cells = [line[place] for place in places]
            for at in starts.get(row, ()):
                kept[(row, at)] = cells[at]
            if row in fills and any(cell != "" for cell in cells):
                for top, at in fills[row]:
                    cells[at] = kept[(top, at)]
            yield row, cells

    def _merged_down(self) -> tuple[dict[int, list[int]], dict[int, list[tuple[int, int]]]]:
        """Vertical merges among the rows: by first row the places, by each further row (first row, place)."""
        starts: dict[int, list[int]] = {}
        fills: dict[int, list[tuple[int, int]]] = {}
        place_of = {column: place for place, column in enumerate(self.header.columns)}
        for merge in self._sheet.merges:
            if merge.bottom > merge.top > self.header.bottom and merge.left in place_of:
                place = place_of[merge.left]
                starts.setdefault(merge.top, []).append(place)
                for row in range(merge.top + 1, merge.bottom + 1):
                    fills.setdefault(row, []).append((merge.top, place))
        return starts, fills

    def _is_data(self, row: int, cells: Line) -> bool:
        width = len(cells)
        count = width - cells.count("")
        if count == 0:
            self._gap = True
            return False
        leading = next(cell for cell in cells if cell != "")
        text = column_name(leading).replace(" ", "") if isinstance(leading, str) else ""
        if self._is_note(row, cells, count, text):
            return False
        filled = count * 2 > width and cells[0] != ""
        return filled or width == 1 or not self._may_be_note(row, cells, count)

    def _is_note(self, row: int, cells: Line, count: int, text: str) -> bool:
        others = [cell for cell in cells if cell != ""][1:]
        if text in _TOTALS:
            if any(isinstance(cell, str) for cell in others):
                return self._refuse(row, text)
            return self._leave(row, f"「{text}」の行")
        named = zip(cells, self.header.names, strict=True)
        if all(cell == "" or column_name(cell) == name.split("_")[-1] for cell, name in named):
            return self._leave(row, "見出しのくり返し")
        if count == 1 and (_MARKS.match(text) or row in self._wide_rows):
            return self._leave(row, f"注記「{text[:20]}」")
        if _MARKS.match(text) and count * 2 <= len(cells) and len(cells) > 2:
            return self._refuse(row, text)
        return False

    def _may_be_note(self, row: int, cells: Line, count: int) -> bool:
        """A row with few cells: True where it may be a note (settled at the end), False where it is data."""
        first = cells[0]
        if first == "" and (self._gap or count == 1):
            return self._refuse(row, next(cell for cell in cells if cell != ""))
        if count > 1:
            return self._gap and self._refuse(row, first)
        if not isinstance(first, str) or (shape := _shape(first)) in _CODES or (shape and shape in self._shapes()):
            return False
        if not self._gap and (len(cells) == 2 or not self._strict):
            return False
        if self._doubt is None:
            self._doubt = (row, first, self._gap)
        return self._leave(row, f"注記「{first[:20]}」")

    def _leave(self, row: int, why: str) -> bool:
        self.left_out.append(f"{row + 1}行目: {why}")
        self._gap = True
        return True

    def _settle(self) -> None:
        """A lone text under the table is a note where it stands apart, or where the column holds codes only."""
        if self._doubt is None:
            return
        row, value, apart = self._doubt
        shapes = self._shapes()
        if not apart and (not shapes or "" in shapes):
            self._refuse(row, value)

    def _shapes(self) -> set[str]:
        """The makes of what stood in the first column of late."""
        return {_shape(line[0]) for lines in self._seen for line in lines[-500:] if line[0] != ""}

    def _refuse(self, row: int, value: Value) -> bool:
        """Raises: BusinessError for a row in doubt; False (no note) where doubt is no matter."""
        if not self._strict:
            return False
        raise BusinessError(
            f"{self._place.row(row)}が、データの行か注記の行か分かりません（「{column_name(value)[:20]}」と書かれています）。",
            mend="データならほかの欄も埋めてください。注記なら先頭に「※」を付け、表との間に空白行を入れてください。",
        )


def _shape(value: Value) -> str:
    """The make of a code: R8-012 → A9-9; empty for a text without digits."""
    text = column_name(value)
    if not re.search(r"\d", text):
        return ""
    return re.sub(r"[A-Za-zＡ-Ｚａ-ｚ]+", "A", re.sub(r"\d+", "9", text))


def read_rows(sheet: Sheet, *, header: int | None, columns: Sequence[str]) -> Table:
    """The table of a sheet, each row with its origin.

    Raises: BusinessError (see Workbooks.read_table).
    """
    body = Body(sheet, header=header, columns=columns)
    names, wanted = body.header.names, set(body.header.columns)
    rows: list[Row] = []
    start = str(sheet.place)
    for numbers, lines in body.chunks():
        if sheet.flaws:
            refuse_flaws(sheet, numbers, wanted)
        exact = zip(*map(exact_values, zip(*lines, strict=True)), strict=True)
        for number, cells in zip(numbers, exact, strict=True):
            row = Row.__new__(Row)  # its __init__ would cost a second call a row
            row.update(zip(names, cells, strict=False))
            row.origin = f"{start}{number + 1}行目"
            row.source = ""
            rows.append(row)
    return Table(rows, columns=names, left_out=body.left_out)


def refuse_flaws(sheet: Sheet, numbers: Sequence[int], wanted: set[int]) -> None:
    """Raises: BusinessError naming the cells of these rows and columns (from 0) that have no usable value."""
    rows = set(numbers)
    found = sorted(at for at in sheet.flaws if at[0] in rows and at[1] in wanted)
    if not found:
        return
    named = "、".join(f"{sheet.place.cell(*at)}（{sheet.flaws[at]}）" for at in found[:_SHOWN])
    more = f" ほか{len(found) - _SHOWN}個" if len(found) > _SHOWN else ""
    raise BusinessError(
        f"値として使えないセルがあります: {named}{more}。",
        mend="Excel でブックを開き、エラーのセルを直してから、上書き保存してください。",
    )


def exact_values(column: Sequence[Value]) -> Sequence[Value]:
    """The cells of one column as values: floats exactly, times of day and lengths of time as text 9:05."""
    kinds = set(map(type, column))
    if kinds == {float}:
        whole = list(map(int, cast("Sequence[float]", column)))
        if whole == list(column) and max(whole) < 10**15 and min(whole) > -(10**15):
            return whole
    if float in kinds:
        column = [number_from_cell(cell) if isinstance(cell, float) else cell for cell in column]
    if time in kinds or timedelta in kinds:
        column = [_clock(cell) for cell in column]
    return column


def _clock(cell: Value) -> Value:
    if isinstance(cell, timedelta):
        minutes, seconds = divmod(round(cell.total_seconds()), 60)
        return f"{minutes // 60}:{minutes % 60:02}" + (f":{seconds:02}" if seconds else "")
    if isinstance(cell, time):
        return f"{cell.hour}:{cell.minute:02}" + (f":{cell.second:02}" if cell.second else "")
    return cell
