"""Makes the gallery's input books, always the same bytes, from the same people as the town: `python -m practice.samples`."""

from __future__ import annotations

import io
import re
import sys
import zipfile
from datetime import datetime
from pathlib import Path

from openpyxl import Workbook

from practice.books.jutogai import jutogai_book
from practice.books.meals import meal_book
from practice.books.payments import creditor_book, invoice_book

_SAVED = datetime(2026, 5, 29, 17, 15)  # noqa: DTZ001 - a book's properties know no zone


def write_all(scenarios: Path) -> list[Path]:
    """Writes the four books below `scenarios` and returns their paths."""
    books = {
        "shimin/jutogai-jusho/sample/住登外者異動届.xlsx": jutogai_book(),
        "kaikei/seikyu-shiharai/sample/請求書一覧.xlsx": invoice_book(),
        "kaikei/seikyu-shiharai/sample/債権者台帳.xlsx": creditor_book(),
        "kyoiku/kyushoku-shokusu/sample/給食食数.xlsx": meal_book(),
    }
    written = []
    for name, book in books.items():
        path = scenarios / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(_same_bytes(book))
        written.append(path)
    return written


def _same_bytes(book: Workbook) -> bytes:
    # openpyxl writes the time of saving into the book and into its zip entries; here that time stands still.
    book.properties.created = _SAVED
    raw = io.BytesIO()
    book.save(raw)
    steady = io.BytesIO()
    with zipfile.ZipFile(raw) as source, zipfile.ZipFile(steady, "w") as target:
        for name in source.namelist():
            data = source.read(name)
            if name == "docProps/core.xml":
                stamp = f"{_SAVED:%Y-%m-%dT%H:%M:%SZ}".encode()
                data = re.sub(rb"(<dcterms:modified[^>]*>)[^<]*", rb"\g<1>" + stamp, data)
            entry = zipfile.ZipInfo(name, _SAVED.timetuple()[:6])
            entry.create_system = 0
            entry.compress_type = zipfile.ZIP_DEFLATED
            target.writestr(entry, data)
    return steady.getvalue()


if __name__ == "__main__":
    for made in write_all(Path(sys.argv[1] if len(sys.argv) > 1 else "scenarios")):
        print(made)
