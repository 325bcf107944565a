"""Rows added to a rich book: everything else stays, byte for byte, and the sheet stays a sheet that Excel takes."""

from __future__ import annotations

import io
import zipfile
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

import openpyxl
import pytest
import xlsxwriter  # type: ignore[import-untyped]

from robots.drivers.openpyxl_workbook import OpenpyxlWorkbooks
from robots.errors import BusinessError, SystemFailure

SHEET = "xl/worksheets/sheet1.xml"


def parts(path: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(path) as book:
        assert book.testzip() is None
        return {name: book.read(name) for name in book.namelist()}


def change(path: Path, **changes: tuple[str, str] | bytes) -> None:
    """Replaces text in a part (old, new), or puts a part in."""
    held = parts(path)
    for name, how in changes.items():
        part = {"sheet": SHEET, "strings": "xl/sharedStrings.xml"}.get(name, name.replace("__", "/"))
        if isinstance(how, bytes):
            held[part] = how
        else:
            assert how[0] in held[part].decode()
            held[part] = held[part].decode().replace(*how).encode()
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as book:
        for part, data in held.items():
            book.writestr(part, data)
    path.write_bytes(stream.getvalue())


@pytest.fixture
def rich(tmp_path: Path) -> Path:
    """A book with what openpyxl would lose: furigana, rich text, text box, picture, sparkline, button, new formats."""
    path = tmp_path / "豊か.xlsx"
    book = xlsxwriter.Workbook(path)
    sheet = book.add_worksheet("台帳")
    other = book.add_worksheet("集計")
    bold, red = book.add_format({"bold": True}), book.add_format({"font_color": "red"})
    day = book.add_format({"num_format": "yyyy/mm/dd", "border": 1})
    line = book.add_format({"border": 1})
    for column, name in enumerate(["番号", "氏名", "日", "金額", "計算"]):
        sheet.write(0, column, name, bold)
    sheet.set_row(1, 30)
    sheet.write_string("A2", "001", line)
    sheet.write_rich_string("B2", "山", red, "田", line)
    sheet.write_datetime("C2", datetime(2026, 4, 1), day)  # noqa: DTZ001 (a cell has no zone)
    sheet.write_number("D2", 100, line)
    sheet.write_formula("E2", "=D2*2", line, 200)
    sheet.insert_textbox("H2", "枠の文")
    sheet.insert_button("H8", {"caption": "押す"})
    sheet.add_sparkline("G2", {"range": "台帳!D2:D9"})
    sheet.conditional_format("D2:D9", {"type": "data_bar", "data_bar_2010": True})
    sheet.data_validation("B2:B99", {"validate": "list", "source": ["山田", "鈴木"]})
    sheet.autofilter("A1:E2")
    other.write_formula("A1", "=SUM(台帳!D2:D99)", None, 100)
    book.close()
    change(path, strings=("</si></sst>", '</si><si><t>鈴木</t><rPh sb="0" eb="2"><t>スズキ</t></rPh></si></sst>'))
    return path


def append(path: Path, **values: object) -> None:
    OpenpyxlWorkbooks().append_rows(path, "台帳", [values])


def test_every_other_part_stays_byte_for_byte(rich: Path) -> None:
    before = parts(rich)
    append(rich, 番号="002", 氏名="鈴木", 日=date(2026, 4, 2), 金額=50)
    after = parts(rich)
    assert list(after) == list(before)
    assert {name for name in after if after[name] != before[name]} == {SHEET, "xl/workbook.xml"}
    added = after["xl/workbook.xml"].replace(b' fullCalcOnLoad="1"', b"").replace(b'calcId="0"', b"")
    assert b"calcPr" in added
    for kept in (b"x14:sparkline", b"x14:dataBar", b"<drawing", b"<legacyDrawing", b"dataValidation", b't="s"'):
        assert kept in after[SHEET]


def test_the_new_row_takes_the_formats_of_the_row_above(rich: Path) -> None:
    append(rich, 番号="002", 氏名="=1+1", 日=date(2026, 4, 2), 金額=Decimal("0.5"))
    sheet = openpyxl.load_workbook(rich)["台帳"]
    assert [cell.value for cell in sheet[3]][:5] == ["002", "=1+1", datetime(2026, 4, 2), 0.5, None]  # noqa: DTZ001 (a cell has no zone)
    assert sheet["B3"].data_type == "s"
    assert [sheet.cell(3, column).border.left.style for column in range(1, 6)] == ["thin"] * 5
    assert sheet["C3"].number_format == "yyyy/mm/dd"
    assert sheet.row_dimensions[3].height == 30
    assert sheet.auto_filter.ref == "A1:E3"
    assert sheet.dimensions == "A1:E3"


def test_a_formula_of_the_book_is_not_read_until_it_is_calculated_again(rich: Path) -> None:
    books = OpenpyxlWorkbooks()
    assert books.read_table(rich, sheet="台帳")[0]["計算"] == 200
    append(rich, 番号="002", 金額=50)
    with pytest.raises(BusinessError, match=r"E2（数式がまだ計算されていません）"):
        books.read_table(rich, sheet="台帳")


def test_a_date_shows_as_a_date_where_the_column_had_none(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    books = OpenpyxlWorkbooks()
    books.append_rows(path, "S", [{"番号": "1", "日": ""}])
    books.append_rows(path, "S", [{"番号": "2", "日": date(2026, 4, 2)}, {"番号": "3", "日": date(2026, 4, 3)}])
    assert [row["日"] for row in books.read_table(path)] == ["", date(2026, 4, 2), date(2026, 4, 3)]


def test_an_excel_table_grows_with_its_rows(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    book = xlsxwriter.Workbook(path)
    sheet = book.add_worksheet("台帳")
    sheet.add_table("B3:C4", {"columns": [{"header": "番号"}, {"header": "氏名"}], "data": [["1", "山田"]]})
    book.close()
    append(path, 番号="2", 氏名="鈴木")
    table = openpyxl.load_workbook(path)["台帳"].tables["Table1"]
    assert (table.ref, table.autoFilter.ref) == ("B3:C5", "B3:C5")


def test_prepared_blank_rows_are_filled_in_their_own_formats(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    book = xlsxwriter.Workbook(path)
    sheet = book.add_worksheet("台帳")
    lines = [book.add_format({"border": number}) for number in (1, 5, 6)]
    sheet.write_row("A1", ["番号", "氏名"])
    sheet.write_row("A2", ["1", "山田"], lines[0])
    sheet.write_row("A3", [None, None], lines[1])
    sheet.write_row("A4", ["※注記"])
    book.close()
    append(path, 番号="2", 氏名="鈴木")
    made = openpyxl.load_workbook(path)["台帳"]
    assert (made["A3"].value, made["A3"].border.left.style) == ("2", "thick")
    with pytest.raises(BusinessError, match="A4 に何か書かれているか"):
        append(path, 番号="3", 氏名="佐藤")
    assert openpyxl.load_workbook(path)["台帳"]["A4"].value == "※注記"


def test_an_empty_sheet_gets_its_headings(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    book = openpyxl.Workbook()
    book.active.title = "台帳"  # type: ignore[union-attr]
    book.save(path)
    append(path, 番号="1", 氏名="山田")
    assert [dict(row) for row in OpenpyxlWorkbooks().read_table(path)] == [{"番号": "1", "氏名": "山田"}]


def test_days_from_1904_are_counted_so(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    book = xlsxwriter.Workbook(path, {"date_1904": True})
    day = book.add_format({"num_format": 14})
    sheet = book.add_worksheet("台帳")
    sheet.write_row("A1", ["番号", "日"])
    sheet.write("A2", "1")
    sheet.write_datetime("B2", datetime(2026, 4, 1), day)  # noqa: DTZ001 (a cell has no zone)
    book.close()
    append(path, 番号="2", 日=date(2026, 4, 2))
    assert [row["日"] for row in OpenpyxlWorkbooks().read_table(path)] == [date(2026, 4, 1), date(2026, 4, 2)]


def test_a_signature_is_lost_only_where_the_step_says_so(rich: Path) -> None:
    change(rich, _xmlsignatures__sig1__xml=b"<Signature/>")
    before = rich.read_bytes()
    with pytest.raises(SystemFailure, match="電子署名が無効になる"):
        append(rich, 番号="002")
    assert rich.read_bytes() == before
    OpenpyxlWorkbooks().append_rows(rich, "台帳", [{"番号": "002"}], lose=["電子署名"])
    assert rich.read_bytes() != before


def test_macros_stay(rich: Path) -> None:
    path = rich.rename(rich.with_suffix(".xlsm"))
    change(path, xl__vbaProject=b"macro")
    append(path, 番号="002")
    assert parts(path)["xl/vbaProject"] == b"macro"


def test_a_sheet_name_that_excel_refuses_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BusinessError, match="シートの名前にできません"):
        OpenpyxlWorkbooks().append_rows(tmp_path / "a.xlsx", "4/1", [{"番号": "1"}])
