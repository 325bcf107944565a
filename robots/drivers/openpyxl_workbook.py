"""Excel books on disk: read by python-calamine, new books by openpyxl, existing books by patching their XML."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

from robots.drivers.folder import put_file
from robots.drivers.workbook import AppendResult, Table, UpdateResult
from robots.drivers.workbook_append import Rows, check_key, headings_of, new_rows, table_there
from robots.drivers.workbook_edit import Cells, with_cells
from robots.drivers.workbook_header import Place
from robots.drivers.workbook_new import new_book
from robots.drivers.workbook_package import open_package
from robots.drivers.workbook_pick import cell_at, changes, picked, refuse_merged
from robots.drivers.workbook_read import choose_sheet, open_sheet
from robots.drivers.workbook_recalculate import recalculated_copy
from robots.drivers.workbook_rewrite import refuse_losses, with_rows
from robots.drivers.workbook_save import Stamp, only_writer, refuse_if_open, save_whole, stamp_of
from robots.drivers.workbook_sheet import with_sheet
from robots.drivers.workbook_table import Sheet, read_rows
from robots.drivers.workbook_template import filled_book, refuse_other_kind
from robots.errors import BusinessError
from robots.values import Row, Value


@contextmanager
def _collector_at_rest() -> Iterator[None]:
    """While rows come to be the cyclic collector would walk them again and again; they hold no cycle to find."""
    collects = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collects:
            gc.enable()


class OpenpyxlWorkbooks:
    """Workbooks over files; keeps nothing between calls."""

    def read_table(
        self, path: Path, *, sheet: str | None = None, header: int | None = None, columns: Sequence[str] = ()
    ) -> Table:
        """See Workbooks."""
        with _collector_at_rest():
            return read_rows(open_sheet(open_package(path), sheet), header=header, columns=columns)

    def append_rows(
        self,
        path: Path,
        sheet: str,
        rows: Sequence[Mapping[str, Value]],
        *,
        key: str | None = None,
        lose: Sequence[str] = (),
    ) -> AppendResult:
        """See Workbooks."""
        if not rows:
            return AppendResult(0, 0)
        with only_writer(path):
            refuse_if_open(path)
            before = stamp_of(path)
            if before is None:
                return _create(path, sheet, rows, key)
            return _extend(path, sheet, rows, key, lose, before)

    def read_cells(self, path: Path, cells: Mapping[str, str], *, sheet: str | None = None) -> Row:
        """See Workbooks."""
        return picked(open_sheet(open_package(path), sheet), cells)

    def update_rows(
        self, path: Path, sheet: str, rows: Sequence[Mapping[str, Value]], *, key: str, lose: Sequence[str] = ()
    ) -> UpdateResult:
        """See Workbooks."""
        same = 0

        def wanted(there: Sheet) -> Cells:
            nonlocal same
            found = changes(there, rows, key)
            same = found.same
            return found.cells

        return UpdateResult(_edit(path, sheet, wanted, lose), same) if rows else UpdateResult(0, 0)

    def write_cells(
        self, path: Path, cells: Mapping[str, Value], *, sheet: str | None = None, lose: Sequence[str] = ()
    ) -> None:
        """See Workbooks."""
        wanted: dict[int, dict[int, Value]] = {}
        for name, value in cells.items():
            row, column = cell_at(name)
            wanted.setdefault(row, {})[column] = value
        _edit(path, sheet, lambda there: wanted, lose)

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
        with only_writer(target):
            refuse_if_open(target)
            return put_file(target, filled_book(open_package(template), values, rows), overwrite=overwrite)

    def recalculated(self, path: Path, *, seconds: float) -> AbstractContextManager[Path]:
        """See Workbooks."""
        open_package(path)  # what is no book is told as such, before another program is asked
        return recalculated_copy(path, seconds=seconds)


def _edit(path: Path, sheet: str | None, wanted: Callable[[Sheet], Cells], lose: Sequence[str]) -> int:
    """Writes the cells that ``wanted`` names once it has seen the sheet; how many rows were changed."""
    with only_writer(path):
        refuse_if_open(path)
        before = stamp_of(path)
        package = open_package(path)
        there = open_sheet(package, sheet)
        cells = wanted(there)
        if cells:
            refuse_losses(package, lose)
            refuse_merged(there, cells)
            save_whole(path, with_cells(package, choose_sheet(package, sheet), cells), before=before)
        return len(cells)


def _create(path: Path, sheet: str, rows: Rows, key: str | None) -> AppendResult:
    if path.suffix.lower() != ".xlsx":
        raise BusinessError(
            f"{path.name} という名前では新しいブックを作れません。", mend="名前の終わりを .xlsx にしてください。"
        )
    check_key(rows, key, Place(path.name, sheet))
    chosen, already = new_rows(rows, key, ())
    save_whole(path, new_book(sheet, headings_of(rows), chosen), before=None)
    return AppendResult(len(chosen), already)


def _extend(path: Path, sheet: str, rows: Rows, key: str | None, lose: Sequence[str], before: Stamp) -> AppendResult:
    package = open_package(path)
    refuse_losses(package, lose)
    if sheet not in [one.name for one in package.sheets()]:
        package = with_sheet(package, sheet, rows)
    there = table_there(open_sheet(package, sheet), rows, key)
    chosen, already = new_rows(rows, key, there.keys)
    if chosen:
        save_whole(path, with_rows(package, choose_sheet(package, sheet), there, chosen), before=before)
    return AppendResult(len(chosen), already)
