"""excel.read_table and excel.append_rows as a scenario writes them, over real books."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from robots.drivers.openpyxl_workbook import OpenpyxlWorkbooks
from robots.errors import BusinessError
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
