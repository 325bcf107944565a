"""What every Workbooks does: one suite over the files on disk and the double in memory."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from openpyxl import Workbook

from robots.drivers.memory_workbook import MemorySheet, MemoryWorkbooks
from robots.drivers.openpyxl_workbook import OpenpyxlWorkbooks
from robots.drivers.workbook import AppendResult, Workbooks
from robots.drivers.workbook_header import Merge
from robots.errors import BusinessError, SystemFailure
from robots.values import Row, Value

Put = Callable[..., Path]


@pytest.fixture(params=["files", "memory"])
def workbooks(request: pytest.FixtureRequest) -> Workbooks:
    return OpenpyxlWorkbooks() if request.param == "files" else MemoryWorkbooks()


@pytest.fixture
def put(workbooks: Workbooks, tmp_path: Path) -> Put:
    """Puts a book 届出.xlsx of one sheet 受付 in place; merges as A1:B1."""

    def put(lines: Sequence[Sequence[Value]], merges: Sequence[str] = (), **more: Sequence[Sequence[Value]]) -> Path:
        path = tmp_path / "届出.xlsx"
        book = Workbook()
        book.remove(book["Sheet"])
        sheets = {"受付": lines, **more}
        memory: dict[str, MemorySheet] = {}
        for name, cells in sheets.items():
            sheet = book.create_sheet(name)
            for row, line in enumerate(cells, 1):
                for column, value in enumerate(line, 1):
                    sheet.cell(row, column, value)
            if name == "受付":
                for merge in merges:
                    sheet.merge_cells(merge)
            ranges = [Merge(r.min_row - 1, r.min_col - 1, r.max_row - 1, r.max_col - 1) for r in sheet.merged_cells]
            memory[name] = MemorySheet([list(line) for line in cells], ranges)
        if isinstance(workbooks, MemoryWorkbooks):
            workbooks.books[path] = memory
        else:
            book.save(path)
        return path

    return put


HEAD = ["番号", "氏名", "住所", "備考"]


def test_rows_come_by_heading_with_their_place(workbooks: Workbooks, put: Put) -> None:
    path = put([["住登外者 届出簿"], [], HEAD, ["001", "山田", "練習市1", None], ["002", "鈴木", "練習市2", "急ぎ"]])
    table = workbooks.read_table(path)
    assert table.columns == ("番号", "氏名", "住所", "備考")
    assert table[0] == {"番号": "001", "氏名": "山田", "住所": "練習市1", "備考": ""}
    assert table[1].origin == "届出.xlsx シート「受付」5行目"


def test_values_keep_their_kind_and_are_exact(workbooks: Workbooks, put: Put) -> None:
    put_values = ["ｶﾅ", 3, Decimal("0.1"), date(2026, 4, 1), datetime(2026, 4, 1, 9, 5), True, " 前後 "]  # noqa: DTZ001
    path = put([["文字", "整数", "小数", "日", "時刻", "可", "空白"], put_values])
    row = workbooks.read_table(path)[0]
    assert list(row.values()) == put_values
    assert [type(value) for value in row.values()] == [str, int, Decimal, date, datetime, bool, str]


def test_two_row_merged_headings_are_named_by_their_leaf(workbooks: Workbooks, put: Put) -> None:
    path = put(
        [
            ["届出簿"],
            ["番号", "異動者", None, "新住所", None, "備考"],
            [None, "氏名", "番号\n（宛名）", "郵便番号", "住所", None],
            ["1", "山田", "900", "000-0001", "練習市", "x"],
        ],
        ["A1:F1", "A2:A3", "B2:C2", "D2:E2", "F2:F3"],
    )
    assert workbooks.read_table(path)[0] == {
        "番号": "1", "氏名": "山田", "番号（宛名）": "900", "郵便番号": "000-0001", "住所": "練習市", "備考": "x"
    }  # fmt: skip


def test_a_leaf_that_is_not_unique_takes_its_parents_name(workbooks: Workbooks, put: Put) -> None:
    path = put(
        [["番号", "旧", None, "新", None], [None, "住所", "方書", "住所", "方書"], ["1", "a", "b", "c", "d"]],
        ["A1:A2", "B1:C1", "D1:E1"],
    )
    assert workbooks.read_table(path).columns == ("番号", "旧_住所", "旧_方書", "新_住所", "新_方書")


def test_headings_merged_as_wide_as_their_cells_are_single(workbooks: Workbooks, put: Put) -> None:
    path = put(
        [["番号", None, "氏名", None], ["1", None, "山田", None], ["2", None, "鈴木", None]],
        ["A1:B1", "C1:D1", "A2:B2", "C2:D2", "A3:B3", "C3:D3"],
    )
    assert list(workbooks.read_table(path)) == [{"番号": "1", "氏名": "山田"}, {"番号": "2", "氏名": "鈴木"}]


def test_two_columns_of_one_name_are_told_apart(workbooks: Workbooks, put: Put) -> None:
    path = put([["番号", "備考", "備考"], ["1", "a", "b"]])
    assert workbooks.read_table(path).columns == ("番号", "備考（B列）", "備考（C列）")


def test_blank_rows_notes_totals_and_repeated_headings_are_no_data(workbooks: Workbooks, put: Put) -> None:
    lines = [
        ["番号", "氏名", "金額"],
        ["R8-01", "山田", 100],
        [],
        ["R8-02", "鈴木", 200],
        ["番号", "氏名", "金額"],
        ["R8-03", "佐藤", 300],
        ["合　計", None, 600],
        ["※金額は円"],
        [],
        ["お問い合わせは市民課まで"],
    ]
    table = workbooks.read_table(put(lines))
    assert [row["番号"] for row in table] == ["R8-01", "R8-02", "R8-03"]
    assert len(table.left_out) == 4
    assert table.left_out[1] == "7行目: 「合計」の行"


@pytest.mark.parametrize(
    ("doubtful", "row"),
    [
        ([["臨時"], ["003", "佐藤", "x", "y"]], 4),
        ([[None, None, None, 300]], 4),
        ([["合計", None, "600円", None]], 4),
        ([[], ["区分", "1:転居", None, None]], 5),
    ],
)
def test_a_row_that_may_be_a_note_or_data_is_not_guessed(
    workbooks: Workbooks, put: Put, doubtful: list[list[Value]], row: int
) -> None:
    path = put([HEAD, ["001", "山田", "a", "b"], ["002", "鈴木", "a", "b"], *doubtful])
    with pytest.raises(BusinessError, match=f"{row}行目が、データの行か注記の行か分かりません"):
        workbooks.read_table(path)


def test_a_lone_name_under_the_table_is_not_taken_for_a_note(workbooks: Workbooks, put: Put) -> None:
    path = put([["氏名", "住所", "電話"], ["山田", "a", "1"], ["鈴木", "b", "2"], ["佐藤"]])
    with pytest.raises(BusinessError, match="4行目"):
        workbooks.read_table(path)


def test_a_row_with_its_number_alone_is_data(workbooks: Workbooks, put: Put) -> None:
    path = put([HEAD, ["R8-001", "山田", "a", "b"], ["R8-002", None, None, None]])
    assert workbooks.read_table(path)[1] == {"番号": "R8-002", "氏名": "", "住所": "", "備考": ""}


def test_a_vertically_merged_cell_stands_in_each_of_its_rows(workbooks: Workbooks, put: Put) -> None:
    path = put([["世帯", "氏名"], ["A", "山田一"], [None, "山田二"], ["B", "鈴木"]], ["A2:A3"])
    assert [row["世帯"] for row in workbooks.read_table(path)] == ["A", "A", "B"]


def test_required_columns_help_to_find_the_headings(workbooks: Workbooks, put: Put) -> None:
    path = put([["課名", "市民課", "係", "届出"], ["番号", 2026, 2027], ["1", 5, 6]])
    assert workbooks.read_table(path, columns=["番号", "2026"])[0] == {"番号": "1", "2026": 5, "2027": 6}


def test_a_missing_column_is_told_with_those_that_are_there(workbooks: Workbooks, put: Put) -> None:
    path = put([HEAD, ["001", "山田", "a", "b"]])
    with pytest.raises(BusinessError) as caught:
        workbooks.read_table(path, columns=["氏各", "住所"])
    assert "「氏各」" in caught.value.what
    assert "番号、氏名、住所、備考" in caught.value.what
    assert caught.value.guess == "氏名"


def test_the_heading_row_can_be_given(workbooks: Workbooks, put: Put) -> None:
    path = put([["a", "b", "c", "d", "e"], ["番号", "氏名"], ["1", "山田"]])
    assert workbooks.read_table(path, header=2)[0] == {"番号": "1", "氏名": "山田"}
    with pytest.raises(BusinessError, match="9行目に見出しがありません"):
        workbooks.read_table(path, header=9)


def test_a_sheet_is_named_where_there_are_several(workbooks: Workbooks, put: Put) -> None:
    path = put([["番号", "名"], ["1", "a"]], 処理済=[["番号", "名"], ["2", "b"]])
    assert workbooks.read_table(path, sheet="処理済")[0]["番号"] == "2"
    with pytest.raises(BusinessError, match="どれを読むか分かりません"):
        workbooks.read_table(path)
    with pytest.raises(BusinessError, match="シート「処理ずみ」がありません") as caught:
        workbooks.read_table(path, sheet="処理ずみ")
    assert caught.value.guess == "処理済"


def test_an_absent_book_is_a_system_failure(workbooks: Workbooks, tmp_path: Path) -> None:
    with pytest.raises(SystemFailure, match=r"ない\.xlsx がありません"):
        workbooks.read_table(tmp_path / "ない.xlsx")


RESULT: list[dict[str, Value]] = [
    {"番号": "001", "氏名": "山田", "日": date(2026, 4, 1)},
    {"番号": "002", "氏名": "鈴木", "日": None},
]


def test_appending_makes_the_book_and_repeats_nothing(workbooks: Workbooks, tmp_path: Path) -> None:
    path = tmp_path / "結果.xlsx"
    assert workbooks.append_rows(path, "結果", RESULT, key="番号") == AppendResult(2, 0)
    assert workbooks.append_rows(path, "結果", RESULT, key="番号") == AppendResult(0, 2)
    more: list[dict[str, Value]] = [*RESULT, {"番号": "003", "氏名": "佐藤", "日": date(2026, 4, 3)}]
    assert workbooks.append_rows(path, "結果", more, key="番号") == AppendResult(1, 2)
    table = workbooks.read_table(path)
    assert [dict(row) for row in table] == [{**row, "日": row["日"] or ""} for row in more]


def test_text_stays_text(workbooks: Workbooks, tmp_path: Path) -> None:
    path = tmp_path / "結果.xlsx"
    texts = ["007", "=1+1", "+81", "-5", "@x", "＝A1", "1.0", "2026-04-01", "#N/A", "TRUE", "_x0041_", "改\n行", " 空 "]
    rows = [{"番号": str(number), "値": text} for number, text in enumerate(texts)]
    workbooks.append_rows(path, "結果", rows[:3])
    workbooks.append_rows(path, "結果", rows[3:])
    assert [row["値"] for row in workbooks.read_table(path)] == texts


def test_numbers_are_written_exactly(workbooks: Workbooks, tmp_path: Path) -> None:
    path = tmp_path / "結果.xlsx"
    numbers = [0, -5, 10**14, Decimal("0.1"), Decimal("123456.789"), Decimal("-0.00001")]
    for number in numbers:
        workbooks.append_rows(path, "結果", [{"名": "x", "値": number}])
    assert [row["値"] for row in workbooks.read_table(path)] == numbers


def test_rows_go_under_the_headings_by_name(workbooks: Workbooks, put: Put) -> None:
    path = put([["受付簿"], ["備考", "氏名", "番号"], ["x", "山田", "1"], [], []])
    workbooks.append_rows(path, "受付", [{"番号": "2", "氏名": "鈴木"}])
    table = workbooks.read_table(path, columns=["番号"])
    assert table[1] == {"備考": "", "氏名": "鈴木", "番号": "2"}
    assert table[1].origin.endswith("4行目")


def test_a_column_that_the_sheet_lacks_is_named_and_nothing_written(workbooks: Workbooks, put: Put) -> None:
    path = put([["番号", "氏名"], ["1", "山田"]])
    with pytest.raises(BusinessError, match="「住所」がありません"):
        workbooks.append_rows(path, "受付", [{"番号": "2", "住所": "x"}])
    assert len(workbooks.read_table(path)) == 1


def test_notes_under_the_table_are_never_overwritten(workbooks: Workbooks, put: Put) -> None:
    path = put([["番号", "氏名"], ["1", "山田"], [], ["※注記"]])
    with pytest.raises(BusinessError, match="A4"):
        workbooks.append_rows(path, "受付", [{"番号": "2", "氏名": "a"}, {"番号": "3", "氏名": "b"}])
    assert [row["番号"] for row in workbooks.read_table(path)] == ["1"]


def test_two_rows_of_one_key_that_differ_are_refused(workbooks: Workbooks, tmp_path: Path) -> None:
    path = tmp_path / "結果.xlsx"
    rows: list[dict[str, Value]] = [{"番号": "1", "値": "a"}, {"番号": 1, "値": "b"}]
    with pytest.raises(BusinessError, match="キー「番号」が同じ「1」"):
        workbooks.append_rows(path, "結果", rows, key="番号")


def test_a_row_without_its_key_is_refused(workbooks: Workbooks, tmp_path: Path) -> None:
    rows = [Row({"番号": "", "値": "a"}, origin="元.xlsx 3行目")]
    with pytest.raises(BusinessError, match=r"キー「番号」が空です（元\.xlsx 3行目）"):
        workbooks.append_rows(tmp_path / "結果.xlsx", "結果", rows, key="番号")


def test_a_sheet_that_the_book_lacks_is_added(workbooks: Workbooks, put: Put) -> None:
    path = put([HEAD, ["1", "甲", "", ""]])
    rows = [Row({"番号": "011002", "登録日": date(2026, 4, 1)})]
    assert workbooks.append_rows(path, "2026年4月", rows, key="番号") == AppendResult(1, 0)
    assert workbooks.append_rows(path, "2026年5月", rows, key="番号") == AppendResult(1, 0)
    again = [*rows, Row({"番号": "011003", "登録日": date(2026, 4, 2)})]
    assert workbooks.append_rows(path, "2026年4月", again, key="番号") == AppendResult(1, 1)
    assert list(workbooks.read_table(path, sheet="2026年4月")) == again
    assert list(workbooks.read_table(path, sheet="2026年5月")) == rows
    assert [row["氏名"] for row in workbooks.read_table(path, sheet="受付")] == ["甲"]


@pytest.mark.parametrize(
    ("sheet", "row", "said"),
    [
        ("受 付", {"番号": "1"}, "よく似た「受付」"),
        ("一覧/4月", {"番号": "1"}, "シートの名前にできません"),
        ("新しい", {"番号": ["1"]}, "一覧"),
    ],
)
def test_a_sheet_in_doubt_is_not_added(
    workbooks: Workbooks, put: Put, sheet: str, row: dict[str, Value], said: str
) -> None:
    path = put([HEAD, ["1", "甲", "", ""]])
    with pytest.raises(BusinessError, match=said):
        workbooks.append_rows(path, sheet, [Row(row)])
    assert [one["氏名"] for one in workbooks.read_table(path)] == ["甲"], "the only sheet still"


def test_no_rows_change_nothing(workbooks: Workbooks, tmp_path: Path) -> None:
    assert workbooks.append_rows(tmp_path / "結果.xlsx", "結果", []) == AppendResult(0, 0)
    assert not (tmp_path / "結果.xlsx").exists()


def test_a_list_fits_in_no_cell(workbooks: Workbooks, tmp_path: Path) -> None:
    with pytest.raises(BusinessError, match="一覧"):
        workbooks.append_rows(tmp_path / "結果.xlsx", "結果", [{"番号": ["a"]}])


def test_single_cells_are_read_and_a_merged_range_is_one_cell(workbooks: Workbooks, put: Put) -> None:
    path = put([["申請書"], ["氏名", "山田", None], ["金額", 1500, date(2026, 4, 1)]], ["B2:C2"])
    found = workbooks.read_cells(path, {"氏名": "C2", "金額": "B3", "日": "C3", "空": "H9"})
    assert dict(found) == {"氏名": "山田", "金額": 1500, "日": date(2026, 4, 1), "空": ""}
    assert found.origin == "届出.xlsx シート「受付」"


def test_cells_are_written_one_by_one(workbooks: Workbooks, put: Put) -> None:
    path = put([["申請書"], ["氏名", "山田", None]], ["B2:C2"])
    workbooks.write_cells(path, {"B2": "鈴木", "E5": 3})
    assert dict(workbooks.read_cells(path, {"a": "B2", "b": "E5"})) == {"a": "鈴木", "b": 3}
    with pytest.raises(BusinessError, match="C2 は、結合されたセル（B2 から）の途中"):
        workbooks.write_cells(path, {"E5": 4, "C2": "x"})
    assert workbooks.read_cells(path, {"b": "E5"})["b"] == 3
    with pytest.raises(SystemFailure, match=r"ない\.xlsx がありません"):
        workbooks.write_cells(path.with_name("ない.xlsx"), {"A1": 1})


LIST = [["番号", "氏名", "状態"], ["1", "山田", ""], ["2", "鈴木", "済"], ["2", "佐藤", ""], [3, "田中", ""]]


def test_rows_are_updated_by_their_key(workbooks: Workbooks, put: Put) -> None:
    path = put(LIST)
    done = workbooks.update_rows(path, "受付", [{"番号": "1", "状態": "済"}, {"番号": "3", "状態": ""}], key="番号")
    assert (done.changed, done.same) == (1, 1)
    assert [row["状態"] for row in workbooks.read_table(path)] == ["済", "済", "", ""]


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ({"番号": "9", "状態": "済"}, "9 の行がありません"),
        ({"番号": "2", "状態": "済"}, "「2」の行がいくつもあります（3、4行目）"),
        ({"番号": " ", "状態": "済"}, "キー「番号」が空"),
        ({"番号": "1", "情態": "済"}, "「情態」がありません"),
    ],
)
def test_an_update_in_doubt_writes_nothing(workbooks: Workbooks, put: Put, row: dict[str, Value], said: str) -> None:
    path = put(LIST)
    with pytest.raises(BusinessError, match=said):
        workbooks.update_rows(path, "受付", [{"番号": "3", "状態": "済"}, row], key="番号")
    assert [one["状態"] for one in workbooks.read_table(path)] == ["", "済", "", ""]


TEMPLATE = [["${氏名} 様", "${日}"], [], ["品名", "数"], ["${行.品名}", "${ 行.数 }"], [], ["合計", "${計}"]]


def test_a_template_is_filled(workbooks: Workbooks, put: Put) -> None:
    path = put(TEMPLATE)
    made = path.with_name("できた.xlsx")
    values = {"氏名": "山田", "日": date(2026, 4, 1), "計": 3}
    rows = [{"品名": "a", "数": 1}, {"品名": "b", "数": 2}]
    assert workbooks.fill_template(path, made, values, rows)
    cells = {name: name for name in ("A1", "B1", "A4", "B4", "A5", "B5", "B6")}
    assert list(workbooks.read_cells(made, cells).values()) == ["山田 様", date(2026, 4, 1), "a", 1, "b", 2, 3]
    assert not workbooks.fill_template(path, made, values, rows)
    with pytest.raises(BusinessError, match="内容の違うファイル"):
        workbooks.fill_template(path, made, {**values, "計": 4}, rows)
    assert workbooks.fill_template(path, made, {**values, "計": 4}, rows, overwrite=True)
    assert workbooks.read_cells(path, {"a": "A1"})["a"] == "${氏名} 様"


def test_a_template_that_does_not_fit_is_refused(workbooks: Workbooks, put: Put) -> None:
    path = put(TEMPLATE)
    made = path.with_name("できた.xlsx")
    values = {"氏名": "山田", "日": "", "計": ""}
    row = {"品名": "a", "数": 1}
    with pytest.raises(BusinessError, match=r"3行を差し込めません.*2行"):
        workbooks.fill_template(path, made, values, [row] * 3)
    with pytest.raises(BusinessError, match=r"\$\{計\} に入れる値がありません"):
        workbooks.fill_template(path, made, {"氏名": "", "日": ""}, [row])
    with pytest.raises(BusinessError, match="差し込む行がありません"):
        workbooks.fill_template(path, made, values)
    with pytest.raises(BusinessError, match="しるしがありません"):
        workbooks.fill_template(put([["a"]]), made, values)
    with pytest.raises(SystemFailure):
        workbooks.read_table(made)
