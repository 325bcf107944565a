"""data.set, data.check, data.filter as a scenario writes them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from robots.errors import BusinessError, ScenarioFault
from robots.values import Row

RunStep = Callable[..., Any]

CHECK = """  - 審査する:
      - {条件: "${対象.氏名 != ''}", さもなくば: 氏名が空欄です}
      - {条件: "${日付(対象.届出日) <= 日付('2026-04-30')}", さもなくば: "届出日 ${対象.届出日} が期限の後です"}
      - {条件: "${対象.金額 > 0}", さもなくば: 金額が 0 以下です}
"""


def test_a_value_keeps_its_kind(run_step: RunStep) -> None:
    assert run_step("  - 値を決める: ${対象.金額 * 2}\n    保存名: 倍\n", 金額=3) == 6
    assert run_step("  - 値を決める: 計 ${対象.金額} 円\n    保存名: 文\n", 金額=3) == "計 3 円"


def test_data_that_meets_every_condition_passes(run_step: RunStep) -> None:
    assert run_step(CHECK, 氏名="山田", 届出日="2026-04-01", 金額=1) is None


def test_every_reason_is_told_at_once(run_step: RunStep) -> None:
    with pytest.raises(BusinessError) as caught:
        run_step(CHECK, 氏名="", 届出日="2026-05-01", 金額=0)
    assert caught.value.what == "氏名が空欄です／届出日 2026-05-01 が期限の後です／金額が 0 以下です"


def test_a_value_that_cannot_be_judged_is_a_reason_too(run_step: RunStep) -> None:
    with pytest.raises(BusinessError) as caught:
        run_step(CHECK, 氏名="", 届出日="令和8年2月30日", 金額=1)
    assert caught.value.what.startswith("氏名が空欄です／")
    assert "令和8年2月30日" in caught.value.what


def test_a_condition_that_is_no_condition_is_the_authors_fault(run_step: RunStep) -> None:
    with pytest.raises(ScenarioFault):
        run_step('  - 審査する:\n      - {条件: "${対象.氏名}", さもなくば: x}\n', 氏名="山田")


FILTER = '  - 絞り込む: {行: "${対象.表}", 条件: "${行.数 > 1 and 行.区 == 対象.区}"}\n    保存名: 結果\n'


def test_rows_are_filtered_by_their_own_values(run_step: RunStep) -> None:
    rows = [Row({"数": 1, "区": "a"}), Row({"数": 2, "区": "a"}, origin="x 2行目"), Row({"数": 3, "区": "b"})]
    kept = run_step(FILTER, 表=rows, 区="a")
    assert kept == [{"数": 2, "区": "a"}]
    assert kept[0].origin == "x 2行目"


def test_a_row_that_cannot_be_judged_is_named(run_step: RunStep) -> None:
    rows = [Row({"数": "なし", "区": "a"}, origin="届出.xlsx シート「受付」9行目")]
    with pytest.raises(BusinessError, match=r"届出\.xlsx シート「受付」9行目"):
        run_step(FILTER, 表=rows, 区="a")
