"""The gallery's input books: made again they are the same, and they fit the town."""

from __future__ import annotations

import zipfile
from datetime import datetime
from pathlib import Path

import pytest
from openpyxl import load_workbook
from openpyxl.worksheet.worksheet import Worksheet

from practice.books.jutogai import REPORT_COUNT, reports
from practice.samples import write_all
from practice.seed import creditors, residents

SCENARIOS = Path(__file__).parents[3] / "scenarios"


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    return {path.name: path for path in write_all(tmp_path_factory.mktemp("scenarios"))}


def sheet_of(path: Path) -> Worksheet:
    sheet = load_workbook(path).active
    assert isinstance(sheet, Worksheet)
    return sheet


def test_the_committed_books_are_what_the_script_makes(made: dict[str, Path]) -> None:
    committed = {path.name: path for path in SCENARIOS.glob("*/*/sample/*.xlsx")}
    for name, path in made.items():
        with zipfile.ZipFile(path) as new, zipfile.ZipFile(committed[name]) as old:
            assert {item: new.read(item) for item in new.namelist()} == {
                item: old.read(item) for item in old.namelist()
            }


def test_made_twice_the_bytes_are_equal(made: dict[str, Path], tmp_path: Path) -> None:
    for path in write_all(tmp_path):
        assert path.read_bytes() == made[path.name].read_bytes()


def test_the_reports_book_is_as_a_section_keeps_it(made: dict[str, Path]) -> None:
    sheet = sheet_of(made["住登外者異動届.xlsx"])
    assert {"G3:I3", "J3:L3", "A3:A4"} <= {str(area) for area in sheet.merged_cells.ranges}
    assert sheet.column_dimensions["F"].hidden
    rows = [row for row in sheet.iter_rows(min_row=5, values_only=True) if row[6]]
    assert len(rows) == REPORT_COUNT
    assert any(not any(row) for row in sheet.iter_rows(min_row=5, max_row=60, values_only=True))
    assert any(isinstance(row[1], datetime) for row in rows)
    assert any(not str(row[0]).isascii() for row in rows) and any("ｻﾄｳ" in str(row[7]) for row in rows)
    wrong = [row[0] for row in rows if row[2] == "令和8年2月30日" or row[10] is None or row[6] == "00999999"]
    assert wrong == ["26040018", "26040034", "26040049"]


def test_every_report_is_of_another_person_who_lives_in_the_town_books() -> None:
    known = {person.number for person in residents()}
    numbers = {report.person.number for report in reports()}
    assert len(numbers) == REPORT_COUNT and numbers <= known
    assert "00999999" not in known
    assert all(report.moved <= report.reported for report in reports())


def test_two_invoices_have_no_creditor(made: dict[str, Path]) -> None:
    known = {str(row[0]) for row in sheet_of(made["債権者台帳.xlsx"]).iter_rows(min_row=2, values_only=True)}
    assert known == {creditor.code for creditor in creditors()}
    invoices = list(sheet_of(made["請求書一覧.xlsx"]).iter_rows(min_row=4, values_only=True))
    assert len(invoices) == 24
    assert [row[0] for row in invoices if row[1] not in known] == ["S2605-009", "S2605-020"]


def test_the_seed_is_a_town_with_same_names() -> None:
    people = residents()
    assert len(people) >= 240 and len({person.number for person in people}) == len(people)
    hanako = [person for person in people if person.name == "佐藤　花子"]
    assert len({person.born for person in hanako}) == 12
