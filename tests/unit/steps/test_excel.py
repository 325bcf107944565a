"""excel.read_table and excel.append_rows as a scenario writes them, over real books."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from robots.drivers.openpyxl_workbook import OpenpyxlWorkbooks
from robots.drivers.workbook_recalculate import find_office
from robots.errors import BusinessError, ScenarioFault
from robots.values import Row

RunStep = Callable[..., Any]

APPEND = """  - 行を追加する:
      ブック: 結果.xlsx
      シート: 結果
      キー: 番号
      行: ${対象.行}
      列: {番号: "${行.受付番号}", 氏名: "${行.姓} ${行.名}", 日: "${行.日}", 課: 市民課}
"""


def test_what_is_appended_is_read(run_step: RunStep) -> None:
    rows = [Row({"受付番号": "007", "姓": "山田", "名": "花", "日": date(2026, 4, 1)})]
    run_step(APPEND, 行=rows)
    run_step(APPEND, 行=rows)
    table = run_step("  - Excel表を読む: {ブック: 結果.xlsx, シート: 結果, 列: [番号]}\n    保存名: 表\n")
    assert [dict(row) for row in table] == [{"番号": "007", "氏名": "山田 花", "日": date(2026, 4, 1), "課": "市民課"}]
    assert run_step("  - Excel表を読む: 結果.xlsx\n    保存名: 表\n") == table


def test_rows_without_columns_are_appended_as_they_are(run_step: RunStep, tmp_path: Path) -> None:
    run_step('  - 行を追加する: {ブック: a.xlsx, シート: S, 行: "${対象.行}"}\n', 行=[{"番号": "1"}, {"番号": "2"}])
    assert len(OpenpyxlWorkbooks().read_table(tmp_path / "a.xlsx")) == 2


def test_a_row_whose_value_cannot_be_made_is_named(run_step: RunStep, tmp_path: Path) -> None:
    step = '  - 行を追加する: {ブック: a.xlsx, シート: S, 行: "${対象.行}", 列: {額: "${行.額 * 2}"}}\n'
    with pytest.raises(BusinessError, match="元の3行目"):
        run_step(step, 行=[Row({"額": "なし"}, origin="元の3行目")])
    assert not (tmp_path / "a.xlsx").exists()


def test_cells_are_written_and_read(run_step: RunStep, tmp_path: Path) -> None:
    run_step(APPEND, 行=[Row({"受付番号": "007", "姓": "山田", "名": "花", "日": date(2026, 4, 1)})])
    run_step('  - セルに書く: {ブック: 結果.xlsx, シート: 結果, セル: {B2: "${対象.氏名}", F1: 計}}\n', 氏名="鈴木 一")
    found = run_step("  - セルを読む: {ブック: 結果.xlsx, セル: {氏名: B2, 日: C2, 計: F1}}\n    保存名: x\n")
    assert dict(found) == {"氏名": "鈴木 一", "日": date(2026, 4, 1), "計": "計"}


UPDATE = """  - 行を更新する:
      ブック: 結果.xlsx
      シート: 結果
      キー: 番号
      行: ${対象.行}
      列: {番号: "${行.受付番号}", 課: "${行.課}"}
"""


def test_a_row_is_updated_by_its_key(run_step: RunStep) -> None:
    run_step(APPEND, 行=[Row({"受付番号": one, "姓": "山田", "名": "花", "日": ""}) for one in ("007", "008")])
    run_step(UPDATE, 行=[{"受付番号": "008", "課": "税務課"}])
    table = run_step("  - Excel表を読む: 結果.xlsx\n    保存名: x\n")
    assert [(row["番号"], row["課"]) for row in table] == [("007", "市民課"), ("008", "税務課")]
    with pytest.raises(BusinessError, match="009 の行がありません"):
        run_step(UPDATE, 行=[{"受付番号": "007", "課": "x"}, {"受付番号": "009", "課": "x"}])
    with pytest.raises(BusinessError, match="元の3行目"):
        run_step(UPDATE.replace("行.課", "行.課 + 1"), 行=[Row({"受付番号": "007", "課": "x"}, origin="元の3行目")])


def test_a_template_is_filled_with_an_item_and_rows(run_step: RunStep, tmp_path: Path) -> None:
    template = [{"名": "${氏名} 様", "額": "${額}"}, {"名": "${行.品}", "額": "${行.額}"}]
    run_step('  - 行を追加する: {ブック: ひな形.xlsx, シート: S, 行: "${対象.行}"}\n', 行=template)
    step = '  - 差し込む: {ひな形: ひな形.xlsx, ブック: 出力/通知.xlsx, 値: "${対象}", 行: "${対象.明細}"}\n'
    details = [{"品": "給食", "額": 10}, {"品": "教材", "額": 20}]
    run_step(step, 氏名="山田", 額=30, 明細=details)
    run_step(step, 氏名="山田", 額=30, 明細=details)
    table = OpenpyxlWorkbooks().read_table(tmp_path / "出力" / "通知.xlsx")
    assert [tuple(row.values()) for row in table] == [("山田 様", 30), ("給食", 10), ("教材", 20)]
    with pytest.raises(BusinessError, match="内容の違うファイル"):
        run_step(step, 氏名="鈴木", 額=30, 明細=details)
    with pytest.raises(BusinessError, match="値のまとまりではありません"):
        run_step("  - 差し込む: {ひな形: ひな形.xlsx, ブック: x.xlsx, 値: 山田}\n")


@pytest.mark.skipif(find_office() is None, reason="there is no LibreOffice on this machine")
def test_a_book_that_was_written_to_is_calculated_and_read(run_step: RunStep, tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    sheet = book.worksheets[0]
    sheet.append(["品", "額", "倍"])
    sheet.append(["a", 1, "=B2*2"])
    book.save(tmp_path / "計.xlsx")
    run_step("  - セルに書く: {ブック: 計.xlsx, セル: {B2: '${21}'}}\n")
    read = "  - 再計算する: {ブック: 計.xlsx%s}\n    保存名: x\n    制限時間: 5m\n"
    assert [row["倍"] for row in run_step(read % "")] == [42]
    assert dict(run_step(read % ", セル: {倍: C2}")) == {"倍": 42}
    with pytest.raises(ScenarioFault, match="両方は書けません"):
        run_step(read % ", セル: {倍: C2}, 見出し行: 1")
