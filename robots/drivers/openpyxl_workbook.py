"""Excel books on disk: read by python-calamine, new books by openpyxl, existing books by patching their XML."""

from __future__ import annotations

import gc
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from robots.drivers.workbook import AppendResult, Table
from robots.drivers.workbook_append import Rows, check_key, headings_of, new_rows, table_there
from robots.drivers.workbook_header import Place
from robots.drivers.workbook_new import new_book
from robots.drivers.workbook_package import open_package
from robots.drivers.workbook_read import choose_sheet, open_sheet
from robots.drivers.workbook_rewrite import refuse_losses, with_rows
from robots.drivers.workbook_save import Stamp, only_writer, refuse_if_open, save_whole, stamp_of
from robots.drivers.workbook_table import read_rows
from robots.errors import BusinessError
from robots.values import Value


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
    there = table_there(open_sheet(package, sheet), rows, key)
    chosen, already = new_rows(rows, key, there.keys)
    if chosen:
        save_whole(path, with_rows(package, choose_sheet(package, sheet), there, chosen), before=before)
    return AppendResult(len(chosen), already)
