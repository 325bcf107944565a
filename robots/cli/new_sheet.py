"""The sheet that a new scenario reads: its columns, and a sample with made-up rows (never the sheet's own)."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from pathlib import Path

from robots.drivers.csv_file import read_csv, write_csv
from robots.errors import BusinessError
from robots.values import Row, Value
from robots.wiring import open_workbooks

BOOKS = (".xlsx", ".xlsm")
_NUMBER = re.compile(r"[+-]?\d[\d,]*(\.\d+)?")
_DATE = re.compile(r"\d{4}[-/]\d{1,2}[-/]\d{1,2}")
_ROWS = 3


def columns_of(path: Path) -> Mapping[str, Value]:
    """The columns of a sheet, each with a first value that tells of what kind it is ("" where all are blank).

    Raises: BusinessError where it is neither an Excel book nor a CSV file or has no table, SystemFailure where it can't be read.
    """
    suffix = path.suffix.lower()
    if suffix in BOOKS:
        rows: Sequence[Row] = open_workbooks().read_table(path)
    elif suffix == ".csv":
        rows = read_csv(path, encoding="auto", delimiter=",", columns=())
    else:
        raise BusinessError(f"{path.name} は表として読めません。", mend="Excel（.xlsx）か CSV を指定してください。")
    names = dict.fromkeys(name for row in rows for name in row)
    if not names:
        raise BusinessError(
            f"{path.name} に表の行がありません。",
            mend="見出しの下に一行以上あるファイルか、--columns を指定してください。",
        )
    return {name: next((row[name] for row in rows if row.get(name) not in (None, "")), "") for name in names}


def write_sample(path: Path, columns: Mapping[str, Value], key: str) -> None:
    """A small sheet with these columns and a few made-up rows."""
    rows = [
        Row({name: _made_up(kind, name, number, is_key=name == key) for name, kind in columns.items()})
        for number in range(1, _ROWS + 1)
    ]
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.suffix.lower() in BOOKS:
        open_workbooks().append_rows(path, "Sheet1", rows)
    else:
        write_csv(path, rows, columns=list(columns), encoding="utf-8")


def _made_up(kind: Value, name: str, number: int, *, is_key: bool) -> Value:
    text = kind if isinstance(kind, str) else ""
    if isinstance(kind, date) or _DATE.fullmatch(text):
        return date(2026, 4, number) if isinstance(kind, date) else f"2026-04-0{number}"
    if isinstance(kind, int | Decimal) or (_NUMBER.fullmatch(text) and not text.startswith("0")):
        return number if is_key or not text else str(number)
    return f"見本{number}" if is_key else f"{name}の見本"
