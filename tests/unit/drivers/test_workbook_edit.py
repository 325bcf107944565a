"""Single cells and rows changed, and templates filled: what a person made in the book is all still there, read back
from its parts."""

from __future__ import annotations

import zipfile
from datetime import date, datetime
from pathlib import Path

import openpyxl
import pytest
import xlsxwriter  # type: ignore[import-untyped]
from lxml import etree

from robots.drivers.openpyxl_workbook import OpenpyxlWorkbooks
from robots.errors import BusinessError, SystemFailure
from robots.values import Row, Value

BOOKS = OpenpyxlWorkbooks()
SHEET = "xl/worksheets/sheet1.xml"


def parts(path: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(path) as book:
        assert book.testzip() is None
        return {name: book.read(name) for name in book.namelist()}


def outline(path: Path, part: str = SHEET) -> dict[str, bytes]:
    """Everything of a sheet's part but its cells, by element."""
    root = etree.fromstring(parts(path)[part])
    return {
        etree.QName(one).localname: etree.tostring(one, method="c14n")
        for one in root
        if etree.QName(one).localname not in ("sheetData", "dimension")
    }


@pytest.fixture
def ledger(tmp_path: Path) -> Path:
    """A list as an office keeps it: formats, a formula column, input rules, a print area, page set-up, a total."""
    path = tmp_path / "進捗.xlsx"
    book = xlsxwriter.Workbook(path)
    sheet = book.add_worksheet("一覧")
    line = book.add_format({"border": 1, "bg_color": "#FFF2CC"})
    day = book.add_format({"num_format": "ge.m.d", "border": 1})
    sheet.write_row("A1", ["受付番号", "氏名", "状態", "登録日", "金額", "税込"], book.add_format({"bold": True}))
    for row in range(1, 6):
        sheet.write_string(row, 0, f"R8-{row:03}", line)
        sheet.write_string(row, 1, f"氏名{row}", line)
        sheet.write_blank(row, 2, None, line)
        sheet.write_blank(row, 3, None, day)
        sheet.write_number(row, 4, 100 * row, line)
        sheet.write_formula(row, 5, f"=E{row + 1}*1.1", line, 110 * row)
    sheet.write_formula("E8", "=SUM(E2:E6)", line, 1500)
    sheet.data_validation("C2:C6", {"validate": "list", "source": ["登録済", "保留"]})
    sheet.conditional_format("C2:C6", {"type": "text", "criteria": "containing", "value": "保留", "format": line})
    sheet.print_area("A1:F8")
    sheet.set_landscape()
    sheet.set_paper(9)
    sheet.repeat_rows(0)
    sheet.set_footer("&C&P ページ")
    sheet.freeze_panes(1, 1)
    sheet.set_column("B:B", 30)
    book.close()
    return path


def update(path: Path, *rows: dict[str, Value], **more: object) -> tuple[int, int]:
    done = BOOKS.update_rows(path, "一覧", list(rows), key="受付番号")
    return done.changed, done.same


def test_rows_are_updated_by_key_and_nothing_else_changes(ledger: Path) -> None:
    before, kept = parts(ledger), outline(ledger)
    assert update(ledger, {"受付番号": "R8-002", "状態": "登録済", "登録日": date(2026, 4, 1)}) == (1, 0)
    after = parts(ledger)
    assert {name for name in after if after[name] != before[name]} == {SHEET, "xl/workbook.xml"}
    assert outline(ledger) == kept
    assert {
        "dataValidations",
        "conditionalFormatting",
        "pageSetup",
        "headerFooter",
        "sheetViews",
        "cols",
    } <= kept.keys()
    sheet = openpyxl.load_workbook(ledger)["一覧"]
    assert [cell.value for cell in sheet[3]] == ["R8-002", "氏名2", "登録済", datetime(2026, 4, 1), 200, "=E3*1.1"]  # noqa: DTZ001 (a cell has no zone)
    assert sheet["C3"].fill.start_color.rgb == "FFFFF2CC" and sheet["D3"].number_format == "ge.m.d"
    assert sheet["E8"].value == "=SUM(E2:E6)"
    assert (sheet.print_area, sheet.print_title_rows) == ("'一覧'!$A$1:$F$8", "$1:$1")


def test_an_update_that_changes_nothing_does_not_touch_the_book(ledger: Path) -> None:
    update(ledger, {"受付番号": "R8-001", "氏名": "氏名1", "状態": "保留"})
    stood, moment = ledger.read_bytes(), ledger.stat().st_mtime_ns
    assert update(ledger, {"受付番号": "R8-001", "氏名": "氏名1", "状態": "保留"}) == (0, 1)
    assert (ledger.read_bytes(), ledger.stat().st_mtime_ns) == (stood, moment)


def test_a_value_is_emptied(ledger: Path) -> None:
    update(ledger, {"受付番号": "R8-001", "氏名": ""})
    cell = openpyxl.load_workbook(ledger)["一覧"]["B2"]
    assert cell.value is None and cell.fill.start_color.rgb == "FFFFF2CC"


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ({"受付番号": "R8-009", "状態": "登録済"}, r"キー「受付番号」が R8-009 の行がありません"),
        ({"受付番号": "", "状態": "登録済"}, "キー「受付番号」が空"),
        ({"受付番号": "R8-001", "税込": 5}, r"F2 には数式がある"),
        ({"受付番号": "R8-001", "状況": "x"}, "「状況」がありません"),
        ({"受付番号": "R8-001", "状態": ["a"]}, "C2.*一覧"),
    ],
)
def test_a_wrong_row_leaves_the_whole_book_as_it_was(ledger: Path, row: dict[str, Value], said: str) -> None:
    stood = ledger.read_bytes()
    with pytest.raises(BusinessError, match=said):
        update(ledger, {**row, "受付番号": "R8-003", "状態": "登録済"} if "状態" in row else row, row)
    assert ledger.read_bytes() == stood


def test_a_signed_book_is_not_changed_unasked(ledger: Path) -> None:
    with zipfile.ZipFile(ledger, "a") as book:
        book.writestr("_xmlsignatures/sig1.xml", b"<x/>")
    with pytest.raises(SystemFailure, match="電子署名"):
        update(ledger, {"受付番号": "R8-001", "状態": "登録済"})
    BOOKS.write_cells(ledger, {"C2": "登録済"}, lose=["電子署名"])
    assert openpyxl.load_workbook(ledger)["一覧"]["C2"].value == "登録済"


def test_cells_are_written_where_nothing_was_and_in_the_columns_format(ledger: Path) -> None:
    kept = outline(ledger)
    BOOKS.write_cells(ledger, {"h20": date(2026, 4, 1), "B2": 5, "C3": True, "G1": "=1+1"})
    assert outline(ledger) == kept
    sheet = openpyxl.load_workbook(ledger)["一覧"]
    assert (sheet["H20"].value, sheet["H20"].is_date) == (datetime(2026, 4, 1), True)  # noqa: DTZ001 (a cell has no zone)
    assert (sheet["B2"].value, sheet["C3"].value) == (5, True)
    assert (sheet["G1"].value, sheet["G1"].data_type) == ("=1+1", "s"), "text is never a formula"
    assert sheet.dimensions == "A1:H20"


def test_a_formula_is_never_overwritten(ledger: Path) -> None:
    with pytest.raises(BusinessError, match=r"E8 には数式"):
        BOOKS.write_cells(ledger, {"E8": 1})


def test_cells_are_read_by_name(ledger: Path) -> None:
    found = BOOKS.read_cells(ledger, {"番号": "A2", "合計": "$e$8", "空": "Z99", "全角": "Ｂ２"})
    assert dict(found) == {"番号": "R8-001", "合計": 1500, "空": "", "全角": "氏名1"}
    assert found.origin == "進捗.xlsx シート「一覧」"
    for bad in ("A1:B2", "A", "1", "A0", "ZZZZ1", "A1048577"):
        with pytest.raises(BusinessError, match="一つのセルの名前ではありません"):
            BOOKS.read_cells(ledger, {"x": bad})


def test_a_formula_that_is_out_of_date_is_not_read(ledger: Path) -> None:
    BOOKS.write_cells(ledger, {"E2": 5})
    with pytest.raises(BusinessError, match=r"E8（数式がまだ計算されていません）"):
        BOOKS.read_cells(ledger, {"合計": "E8"})


@pytest.fixture
def template(tmp_path: Path) -> Path:
    """An invoice: marks in text, alone and joined; a row to repeat with a formula, a merge, a rule, room for five."""
    path = tmp_path / "請求書.xlsx"
    book = xlsxwriter.Workbook(path)
    sheet = book.add_worksheet("請求書")
    other = book.add_worksheet("控え")
    line = book.add_format({"border": 1})
    money = book.add_format({"border": 1, "num_format": "#,##0円"})
    day = book.add_format({"num_format": '[$-ja-JP]ggge"年"m"月"d"日"'})
    sheet.write("A1", "${氏名} 様", book.add_format({"bold": True, "font_size": 16}))
    sheet.write("D1", "${日付}", day)
    sheet.write_rich_string("A2", "番号 ", book.add_format({"bold": True}), "${受付番号}", line)
    sheet.write_row("A4", ["品名", "", "数量", "単価", "金額"], line)
    sheet.merge_range("A5:B5", "${行.品名}", line)
    sheet.write("C5", "${行.数量}", line)
    sheet.write("D5", "${行.単価}", money)
    sheet.write_formula("E5", "=C5*D5", money, 0)
    sheet.write_formula("E11", "=SUM(E5:E10)", money, 0)
    sheet.write("A11", "合計")
    sheet.data_validation("C5", {"validate": "integer", "criteria": ">", "value": 0})
    sheet.conditional_format("E5", {"type": "cell", "criteria": ">", "value": 1000, "format": line})
    sheet.print_area("A1:E11")
    sheet.set_paper(9)
    sheet.set_row(4, 25)
    other.write("A1", "${氏名}")
    other.write_formula("A2", "=請求書!E11", None, 0)
    book.close()
    return path


ITEM: dict[str, Value] = {"氏名": "山田 花子", "日付": date(2026, 4, 1), "受付番号": "007"}
LINES: list[Row] = [
    Row({"品名": "給食費", "数量": 2, "単価": 300}),
    Row({"品名": "=教材", "数量": 1, "単価": 1500}),
    Row({"品名": "見学", "数量": 3, "単価": 50}),
]


def fill(template: Path, rows: list[Row] | None = None, **values: Value) -> Path:
    made = template.with_name("できた.xlsx")
    BOOKS.fill_template(template, made, {**ITEM, **values}, LINES if rows is None else rows)
    return made


def test_a_template_is_filled_and_keeps_what_it_was(template: Path) -> None:
    before = parts(template)
    made = fill(template)
    assert parts(template) == before, "the template itself stays"
    after = parts(made)
    assert {name for name in before if after.get(name) != before[name]} <= {
        SHEET, "xl/worksheets/sheet2.xml", "xl/workbook.xml", "xl/calcChain.xml", "xl/_rels/workbook.xml.rels", "[Content_Types].xml"
    }  # fmt: skip
    book = openpyxl.load_workbook(made)
    sheet = book["請求書"]
    assert (sheet["A1"].value, sheet["A2"].value) == ("山田 花子 様", "番号 007")
    assert (sheet["D1"].value, sheet["D1"].number_format) == (datetime(2026, 4, 1), '[$-ja-JP]ggge"年"m"月"d"日"')  # noqa: DTZ001 (a cell has no zone)
    assert [[sheet.cell(row, column).value for column in (1, 3, 4, 5)] for row in (5, 6, 7, 8)] == [
        ["給食費", 2, 300, "=C5*D5"],
        ["=教材", 1, 1500, "=C6*D6"],
        ["見学", 3, 50, "=C7*D7"],
        [None, None, None, None],
    ]
    assert sheet["A6"].data_type == "s"
    assert sheet["E11"].value == "=SUM(E5:E10)"
    assert book["控え"]["A1"].value == "山田 花子" and book["控え"]["A2"].value == "=請求書!E11"


def test_repeated_rows_have_the_formats_merges_and_rules_of_the_first(template: Path) -> None:
    sheet = openpyxl.load_workbook(fill(template))["請求書"]
    assert {str(one) for one in sheet.merged_cells.ranges} == {"A5:B5", "A6:B6", "A7:B7"}
    assert [sheet.cell(row, 4).number_format for row in (5, 6, 7)] == ["#,##0円"] * 3
    assert [sheet.cell(row, 1).border.left.style for row in (5, 6, 7)] == ["thin"] * 3
    assert [sheet.row_dimensions[row].height for row in (5, 6, 7)] == [24.75] * 3
    assert [str(one.sqref) for one in sheet.data_validations.dataValidation] == ["C5:C7"]
    assert [str(one.sqref) for one in sheet.conditional_formatting] == ["E5:E7"]
    assert sheet.print_area == "'請求書'!$A$1:$E$11" and sheet.page_setup.paperSize == 9


def test_no_rows_leave_the_row_empty(template: Path) -> None:
    sheet = openpyxl.load_workbook(fill(template, []))["請求書"]
    assert [sheet.cell(5, column).value for column in (1, 3, 4, 5)] == [None, None, None, "=C5*D5"]


def test_rows_without_room_are_refused_and_nothing_is_made(template: Path) -> None:
    with pytest.raises(BusinessError, match=r"7行を差し込めません（A11|7行を差し込めません（E11"):
        fill(template, [LINES[0]] * 7)
    assert not template.with_name("できた.xlsx").exists()
    assert openpyxl.load_workbook(fill(template, [LINES[0]] * 6))["請求書"]["E10"].value == "=C10*D10"


def test_the_same_book_is_not_made_twice_and_another_is_not_overwritten(template: Path) -> None:
    made = fill(template)
    assert BOOKS.fill_template(template, made, ITEM, LINES) is False
    with pytest.raises(BusinessError, match="内容の違うファイルがもうある"):
        fill(template, 氏名="鈴木")
    assert BOOKS.fill_template(template, made, {**ITEM, "氏名": "鈴木"}, LINES, overwrite=True) is True
    assert openpyxl.load_workbook(made)["請求書"]["A1"].value == "鈴木 様"


def test_a_mark_without_a_value_is_named_with_what_was_meant(template: Path) -> None:
    with pytest.raises(
        BusinessError, match=r"請求書\.xlsx シート「請求書」A1 の \$\{氏名\} に入れる値がありません"
    ) as caught:
        BOOKS.fill_template(template, template.with_name("x.xlsx"), {"氏 各": "a", "日付": "", "受付番号": ""}, LINES)
    assert caught.value.guess
    with pytest.raises(BusinessError, match="差し込む行がありません"):
        BOOKS.fill_template(template, template.with_name("x.xlsx"), ITEM)
    with pytest.raises(BusinessError, match=r"\$\{行\.単価\}"):
        fill(template, [Row({"品名": "a", "数量": 1})])


def test_a_book_without_marks_is_no_template(ledger: Path) -> None:
    with pytest.raises(BusinessError, match="しるしがありません"):
        BOOKS.fill_template(ledger, ledger.with_name("x.xlsx"), ITEM)
    with pytest.raises(BusinessError, match=r"名前の終わりを \.xlsx"):
        BOOKS.fill_template(ledger, ledger.with_name("x.xlsm"), ITEM)


def test_a_table_and_the_print_area_grow_with_the_rows(tmp_path: Path) -> None:
    path = tmp_path / "表.xlsx"
    book = xlsxwriter.Workbook(path)
    sheet = book.add_worksheet("表")
    sheet.add_table("A1:B2", {"columns": [{"header": "品名"}, {"header": "数量"}]})
    sheet.write_row("A2", ["${行.品名}", "${行.数量}"])
    sheet.print_area("A1:B2")
    book.close()
    made = tmp_path / "できた.xlsx"
    BOOKS.fill_template(path, made, {}, LINES)
    filled = openpyxl.load_workbook(made)["表"]
    assert filled.tables["Table1"].ref == "A1:B4" and filled.print_area == "'表'!$A$1:$B$4"
    assert BOOKS.read_table(made)[2] == {"品名": "見学", "数量": 3}
