"""Books in memory: the double of OpenpyxlWorkbooks for tests, rehearsals of the engine and benchmarks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path

from robots.drivers.memory_template import MemorySheet, filled_sheets
from robots.drivers.workbook import AppendResult, Table, UpdateResult
from robots.drivers.workbook_append import cells_of, new_rows, table_there
from robots.drivers.workbook_cells import reference
from robots.drivers.workbook_edit import contents_of
from robots.drivers.workbook_header import Place
from robots.drivers.workbook_new import check_sheet_name
from robots.drivers.workbook_pick import cell_at, changes, picked, refuse_merged
from robots.drivers.workbook_read import no_such_sheet
from robots.drivers.workbook_sheet import refuse_like
from robots.drivers.workbook_table import Sheet, read_rows
from robots.drivers.workbook_template import refuse_other_kind
from robots.errors import BusinessError, SystemFailure
from robots.values import Row, Value

__all__ = ["MemorySheet", "MemoryWorkbooks"]


class MemoryWorkbooks:
    """Workbooks over ``books``: by path, by sheet name."""

    def __init__(self) -> None:
        self.books: dict[Path, dict[str, MemorySheet]] = {}

    def read_table(
        self, path: Path, *, sheet: str | None = None, header: int | None = None, columns: Sequence[str] = ()
    ) -> Table:
        """See Workbooks."""
        return read_rows(self._open(path, self._choose(path, sheet)), header=header, columns=columns)

    def append_rows(
        self,
        path: Path,
        sheet: str,
        rows: Sequence[Mapping[str, Value]],
        *,
        key: str | None = None,
        lose: Sequence[str] = (),
    ) -> AppendResult:
        """See Workbooks; nothing is ever lost here, whatever ``lose`` says."""
        if not rows:
            return AppendResult(0, 0)
        place, pages = Place(path.name, sheet), self.books.get(path, {})
        if sheet not in pages:
            check_sheet_name(sheet)
            refuse_like(path.name, sheet, pages)
        page = pages.get(sheet, MemorySheet())
        there = table_there(_opened(page, place), rows, key)
        chosen, already = new_rows(rows, key, there.keys)
        lines = page.lines
        if there.header.top < 0:
            lines.append(list(there.header.names))
        first = there.last + 1 if there.header.top >= 0 else 1
        for row in chosen:
            cells_of(row, there.header, mac=False)
        free = [self._free_line(lines, number, place) for number in range(first, first + len(chosen))]
        for row, line in zip(chosen, free, strict=True):
            for title, column in zip(there.header.names, there.header.columns, strict=True):
                line.extend([""] * (column + 1 - len(line)))
                line[column] = row.get(title, "")
        if sheet not in pages and chosen:
            self.books[path] = {**pages, sheet: page}
        return AppendResult(len(chosen), already)

    def read_cells(self, path: Path, cells: Mapping[str, str], *, sheet: str | None = None) -> Row:
        """See Workbooks."""
        return picked(self._open(path, self._choose(path, sheet)), cells)

    def update_rows(
        self, path: Path, sheet: str, rows: Sequence[Mapping[str, Value]], *, key: str, lose: Sequence[str] = ()
    ) -> UpdateResult:
        """See Workbooks."""
        if not rows:
            return UpdateResult(0, 0)
        name = self._choose(path, sheet)
        found = changes(self._open(path, name), rows, key)
        self._write(path, name, found.cells)
        return UpdateResult(len(found.cells), found.same)

    def write_cells(
        self, path: Path, cells: Mapping[str, Value], *, sheet: str | None = None, lose: Sequence[str] = ()
    ) -> None:
        """See Workbooks."""
        wanted: dict[int, dict[int, Value]] = {}
        for text, value in cells.items():
            row, column = cell_at(text)
            wanted.setdefault(row, {})[column] = value
        self._write(path, self._choose(path, sheet), wanted)

    def _write(self, path: Path, name: str, cells: Mapping[int, Mapping[int, Value]]) -> None:
        sheet = self._open(path, name)
        refuse_merged(sheet, cells)
        for number, row in cells.items():
            contents_of(sheet.place, number, row, mac=False)
        for number, row in cells.items():
            for column, value in row.items():
                self._put(self.books[path][name].lines, number, column, value)

    def _put(self, lines: list[list[Value]], number: int, column: int, value: Value) -> None:
        lines.extend([] for _ in range(number + 1 - len(lines)))
        lines[number].extend([""] * (column + 1 - len(lines[number])))
        lines[number][column] = value

    def fill_template(
        self,
        template: Path,
        target: Path,
        values: Mapping[str, Value],
        rows: Sequence[Mapping[str, Value]] | None = None,
        *,
        overwrite: bool = False,
    ) -> bool:
        """See Workbooks."""
        refuse_other_kind(template, target)
        if template not in self.books:
            raise SystemFailure(f"{template.name} がありません。", mend="ファイルが置かれているか確かめてください。")
        made = filled_sheets(template.name, self.books[template], values, rows)
        there = self.books.get(target)
        if there is not None and there != made and not overwrite:
            raise BusinessError(
                f"{target.name} は、内容の違うファイルがもうあるので、書きませんでした。",
                mend="別の名前にするか、書き換えてよければ手順に「上書き: はい」と書いてください。",
            )
        self.books[target] = made
        return there != made

    def recalculated(self, path: Path, *, seconds: float) -> AbstractContextManager[Path]:
        """See Workbooks; cells in memory hold values, never formulas."""
        return nullcontext(path)

    def _free_line(self, lines: list[list[Value]], number: int, place: Place) -> list[Value]:
        lines.extend([] for _ in range(number + 1 - len(lines)))
        for column, value in enumerate(lines[number]):
            if value not in (None, ""):
                raise BusinessError(
                    f"{place}の表の下に行を追加できません（セル {reference(number, column)} に何か書かれています）。",
                    mend="表の下の注記や合計を離れた所へ移すか、空の行を挿入してください。",
                )
        return lines[number]

    def _choose(self, path: Path, name: str | None) -> str:
        if path not in self.books:
            raise SystemFailure(f"{path.name} がありません。", mend="ファイルが置かれているか確かめてください。")
        sheets = self.books[path]
        if name is None and len(sheets) == 1:
            return next(iter(sheets))
        if name is None:
            raise BusinessError(
                f"{path.name} にはシートがいくつもあり、どれを読むか分かりません（{'、'.join(sheets)}）。",
                mend="「シート」に、読むシートの名前を書いてください。",
            )
        if name not in sheets:
            raise no_such_sheet(path.name, name, list(sheets))
        return name

    def _open(self, path: Path, name: str) -> Sheet:
        return _opened(self.books[path][name], Place(path.name, name))


def _opened(page: MemorySheet, place: Place) -> Sheet:
    width = max(map(len, page.lines), default=0)
    lines = [["" if value is None else value for value in [*line, *[""] * (width - len(line))]] for line in page.lines]
    return Sheet(lines, place=place, merges=page.merges)
