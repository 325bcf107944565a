"""Excel books as steps see them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
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

    # Puts rows under the table of a sheet, by heading; creates the book where it is absent.  key: a heading; rows
    # whose key stands there already are not written again.  lose: what of the book may be lost, by its name.
    def append_rows(
        self,
        path: Path,
        sheet: str,
        rows: Sequence[Mapping[str, Value]],
        *,
        key: str | None = None,
        lose: Sequence[str] = (),
    ) -> AppendResult: ...
