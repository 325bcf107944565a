"""Excel books on disk: read by python-calamine, new books by openpyxl, existing books by patching their XML."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from robots.drivers.workbook import AppendResult, Table
from robots.drivers.workbook_package import open_package
from robots.drivers.workbook_read import open_sheet
from robots.drivers.workbook_table import read_rows
from robots.values import Value


class OpenpyxlWorkbooks:
    """Workbooks over files; keeps nothing between calls."""

    def read_table(
        self, path: Path, *, sheet: str | None = None, header: int | None = None, columns: Sequence[str] = ()
    ) -> Table:
        """See Workbooks."""
        return read_rows(open_sheet(open_package(path), sheet), header=header, columns=columns)

