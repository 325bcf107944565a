"""A sheet that is added to a book on disk: Excel finds it, and everything else in the book stays."""

from __future__ import annotations

import zipfile
from datetime import date
from pathlib import Path

import openpyxl
import pytest
import xlsxwriter  # type: ignore[import-untyped]

from robots.drivers.openpyxl_workbook import OpenpyxlWorkbooks
from robots.errors import BusinessError

ROWS = [{"番号": "011002", "登録日": date(2026, 4, 1), "氏名": "山田"}]


@pytest.fixture
def book(tmp_path: Path) -> Path:
    """A book with a chart sheet, a picture of a formula, validation, names and a print area."""
    path = tmp_path / "台帳.xlsx"
    with xlsxwriter.Workbook(str(path)) as made:
        sheet = made.add_worksheet("一覧")
        sheet.write_row(0, 0, ["番号", "金額"], made.add_format({"bold": True, "bg_color": "#E8EEF4"}))
        sheet.write_row(1, 0, ["1", 100])
        sheet.write_formula(2, 1, "=SUM(B2:B2)", None, 100)
        sheet.data_validation("A2:A9", {"validate": "list", "source": ["1", "2"]})
        sheet.print_area("A1:B9")
        made.define_name("税率", "=0.1")
        chart = made.add_chart({"type": "column"})
        chart.add_series({"values": "=一覧!$B$2:$B$2"})
        made.add_chartsheet("図").set_chart(chart)
    return path


def parts(path: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(path) as package:
        return {name: package.read(name) for name in package.namelist()}


def test_every_other_part_stays_as_it_was(book: Path) -> None:
    before = parts(book)
    OpenpyxlWorkbooks().append_rows(book, "5月", ROWS)
    after = parts(book)
    changed = {name for name in after if before.get(name) != after[name]}
    assert changed - {"xl/styles.xml"} == {
        "[Content_Types].xml", "xl/workbook.xml", "xl/_rels/workbook.xml.rels", "xl/worksheets/sheet2.xml",
    }  # fmt: skip
    assert set(before) <= set(after)
    read = openpyxl.load_workbook(book)
    assert read.sheetnames == ["一覧", "図", "5月"]
    page = read["5月"]
    assert [[cell.value for cell in row] for row in page.iter_rows()] == [
        ["番号", "登録日", "氏名"],
        ["011002", page["B2"].value, "山田"],
    ]
    assert page["B2"].is_date and page.freeze_panes == "A2"
    assert read.defined_names["税率"].value == "0.1" and read["一覧"].print_area == "'一覧'!$A$1:$B$9"


def test_a_chart_sheet_and_a_protected_book_are_left_alone(tmp_path: Path, book: Path) -> None:
    before = book.read_bytes()
    with pytest.raises(BusinessError, match="表を書けるシートではありません"):
        OpenpyxlWorkbooks().append_rows(book, "図", ROWS)
    assert book.read_bytes() == before
    read = openpyxl.load_workbook(book)
    read.security = openpyxl.workbook.protection.WorkbookProtection(lockStructure=True)
    read.save(tmp_path / "保護.xlsx")
    with pytest.raises(BusinessError, match="保護されている"):
        OpenpyxlWorkbooks().append_rows(tmp_path / "保護.xlsx", "5月", ROWS)
