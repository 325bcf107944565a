"""Excel books as steps see them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from robots.values import Row, Value


class Table(list[Row]):
    """The rows of one table, its column names in order, and the rows that were taken for notes (and why)."""

    def __init__(self, rows: Iterable[Row] = (), *, columns: Sequence[str] = (), left_out: Sequence[str] = ()) -> None:
        super().__init__(rows)
        self.columns = tuple(columns)
        self.left_out = tuple(left_out)


@dataclass(frozen=True, slots=True)
class AppendResult:
    """What an append did: rows written, and rows whose key stood there already."""

    added: int
    already: int


@dataclass(frozen=True, slots=True)
class UpdateResult:
    """What an update did: rows that were changed, and rows that stood there so already."""

    changed: int
    same: int


class Workbooks(Protocol):
    """Reading and writing Excel books (.xlsx, .xlsm).

    Raises: SystemFailure where the file itself can't be read or written (damaged, encrypted, open elsewhere);
    BusinessError where what is written in the book is wrong or can't be understood with certainty.
    """

    # The rows of the table of a sheet (the only visible sheet with content where None).  header: the row number
    # in which the headings begin (found where None).  columns: names that must be among the headings.
    # A blank cell reads as "", a date as date, a number exactly, a time of day as text 9:05.
    def read_table(
        self, path: Path, *, sheet: str | None = None, header: int | None = None, columns: Sequence[str] = ()
    ) -> Table: ...

    # Puts rows under the table of a sheet, by heading; creates the book where it is absent, and the sheet at its end
    # (all else in the book stays).  key: a heading; rows whose key stands there already are not written again.  lose:
    # what of the book may be lost, by its name.  BusinessError where a sheet's name differs in width or case alone.
    def append_rows(
        self,
        path: Path,
        sheet: str,
        rows: Sequence[Mapping[str, Value]],
        *,
        key: str | None = None,
        lose: Sequence[str] = (),
    ) -> AppendResult: ...

    # The values of single cells: name → B3 gives name → value.  sheet, values: as read_table.
    def read_cells(self, path: Path, cells: Mapping[str, str], *, sheet: str | None = None) -> Row: ...

    # Writes into the rows of a sheet's table that have the rows' keys, by heading; all or nothing.  BusinessError where
    # a key is not there or stands there twice, or where a formula or a part of a merged cell would be overwritten.
    def update_rows(
        self, path: Path, sheet: str, rows: Sequence[Mapping[str, Value]], *, key: str, lose: Sequence[str] = ()
    ) -> UpdateResult: ...

    # Writes values into single cells (B3 → value); a formula or a part of a merged cell is never overwritten.
    def write_cells(
        self, path: Path, cells: Mapping[str, Value], *, sheet: str | None = None, lose: Sequence[str] = ()
    ) -> None: ...

    # A book from a template: ${name} in its cells becomes a value, and the row with ${行.name} is written once a row,
    # downwards into free rows.  False where the very same book stands there already; BusinessError where another does
    # (unless overwrite), where a name has no value, or where the rows have no room.
    def fill_template(
        self,
        template: Path,
        target: Path,
        values: Mapping[str, Value],
        rows: Sequence[Mapping[str, Value]] | None = None,
        *,
        overwrite: bool = False,
    ) -> bool: ...

    # A copy with every formula calculated anew, for reading values alone; it is gone when the block ends.
    def recalculated(self, path: Path, *, seconds: float) -> AbstractContextManager[Path]: ...
