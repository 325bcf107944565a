"""Formulas calculated anew by LibreOffice: the values, never the book."""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path

import psutil
import pytest
import xlsxwriter  # type: ignore[import-untyped]

from robots.drivers import workbook_recalculate
from robots.drivers.openpyxl_workbook import OpenpyxlWorkbooks
from robots.drivers.workbook_recalculate import find_office
from robots.errors import BusinessError, SystemFailure

BOOKS = OpenpyxlWorkbooks()


@pytest.fixture
def stale(tmp_path: Path) -> Path:
    """A book whose stored results are old: the sum says 55, the cells make 153."""
    path = tmp_path / "月報 四月.xlsx"
    book = xlsxwriter.Workbook(path)
    sheet = book.add_worksheet("月報")
    for row, number in enumerate([99, *range(2, 11)]):
        sheet.write_number(row, 0, number)
    sheet.write_formula("A20", "=SUM(A1:A10)", None, 55)
    sheet.write_formula("A21", "=A1/0", None, 1)
    book.close()
    return path


@pytest.mark.skipif(find_office() is None, reason="there is no LibreOffice on this machine")
def test_stored_results_are_not_trusted_and_the_book_stays(stale: Path) -> None:
    stood = stale.read_bytes()
    assert BOOKS.read_cells(stale, {"計": "A20"})["計"] == 55
    with BOOKS.recalculated(stale, seconds=300) as copy:
        assert dict(BOOKS.read_cells(copy, {"計": "A20"})) == {"計": 153}
        with pytest.raises(BusinessError, match=r"月報 四月\.xlsx シート「月報」A21（#DIV/0!）"):
            BOOKS.read_cells(copy, {"x": "A21"})
    assert stale.read_bytes() == stood and not copy.exists()


def test_without_libreoffice_it_says_what_to_do(stale: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    for name in ("PROGRAMFILES", "PROGRAMFILES(X86)"):
        monkeypatch.delenv(name, raising=False)
    with (
        pytest.raises(SystemFailure, match="LibreOffice が、この端末にありません") as caught,
        BOOKS.recalculated(stale, seconds=1),
    ):
        pass
    assert "Excel" in caught.value.mend


@pytest.mark.skipif(os.name == "nt", reason="the stand-in is a script")
def test_a_libreoffice_that_hangs_is_ended_with_what_it_started(
    stale: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    office = tmp_path / "soffice"
    office.write_text(
        f"#!/bin/sh\n{sys.executable} -c 'import time; time.sleep(600)' &\necho $! > {tmp_path}/pid\nwait\n"
    )
    office.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    monkeypatch.setattr(workbook_recalculate, "_LEAST_SECONDS", 1.0)
    with pytest.raises(SystemFailure, match="時間内に終わりません"), BOOKS.recalculated(stale, seconds=1):
        pass
    child = int((tmp_path / "pid").read_text(encoding="utf-8"))
    until = time.monotonic() + 20  # killed, it may still have to be given a processor to die
    while _lives(child) and time.monotonic() < until:
        time.sleep(0.05)
    assert not _lives(child)


def _lives(process: int) -> bool:
    try:
        return psutil.Process(process).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def test_what_is_no_book_is_told_before_another_program_is_asked(tmp_path: Path) -> None:
    (tmp_path / "x.xlsx").write_bytes(b"no book")
    with pytest.raises(SystemFailure, match=r"x\.xlsx は Excel のブックとして読めません"):
        BOOKS.recalculated(tmp_path / "x.xlsx", seconds=1)
