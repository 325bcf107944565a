"""data.set, data.check, data.filter as a scenario writes them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
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


ROWS = [
    Row({"番号": "2", "額": "1,000", "日": date(2026, 4, 2), "区": "新規"}, origin="名簿 2行目"),
    Row({"番号": "10", "額": "900", "日": date(2026, 4, 1), "区": "継続"}, origin="名簿 3行目"),
    Row({"番号": "1", "額": "", "日": "", "区": "新規"}, origin="名簿 4行目"),
]


def sort(run_step: RunStep, by: str, rows: list[Row] | None = None) -> list[str]:
    step = f'  - 並べる: {{行: "${{対象.表}}", 並べ方: {by}}}\n    保存名: 結果\n'
    return [row["番号"] for row in run_step(step, 表=ROWS if rows is None else rows)]


def test_rows_are_sorted_by_size_by_day_and_by_text_with_blanks_last(run_step: RunStep) -> None:
    assert sort(run_step, "番号") == ["1", "2", "10"]
    assert sort(run_step, "額") == ["10", "2", "1"]
    assert sort(run_step, "{列: 額, 順: 降順}") == ["2", "10", "1"]
    assert sort(run_step, "日") == ["10", "2", "1"]
    assert sort(run_step, "[{列: 区, 順: 降順}, {列: 番号, 順: 降順}]") == ["10", "2", "1"]
    assert sort(run_step, "区") == ["2", "1", "10"], "rows of one value keep their order"
    assert sort(run_step, "番号", [Row({"番号": one}) for one in ("A10", "9", "0010")]) == ["0010", "9", "A10"]


def test_what_cannot_be_put_in_order_is_named(run_step: RunStep) -> None:
    with pytest.raises(BusinessError, match=r"日付でない値が混ざっていて.*名簿 9行目"):
        sort(run_step, "日", [*ROWS, Row({"番号": "3", "日": "未定"}, origin="名簿 9行目")])
    with pytest.raises(BusinessError, match=r"名簿 2行目に列「名」がありません（ある列: 番号"):
        sort(run_step, "名")


GROUP = """  - 集計する:
      行: ${対象.表}
      まとめる列: 区
      列: {件数: "${件数(行)}", 額計: "${合計(行, '額')}", 注: 集計}
    保存名: 結果
"""


def test_groups_are_counted_and_summed_in_the_order_in_which_they_come(run_step: RunStep) -> None:
    rows = run_step(GROUP, 表=ROWS)
    assert [dict(row) for row in rows] == [
        {"区": "新規", "件数": 2, "額計": 1000, "注": "集計"},
        {"区": "継続", "件数": 1, "額計": 900, "注": "集計"},
    ]
    assert rows[0].origin == "名簿 2行目 ほか1行"
    whole = GROUP.replace("      まとめる列: 区\n", "")
    assert [row["件数"] for row in run_step(whole, 表=ROWS)] == [3]
    assert [row["件数"] for row in run_step(whole, 表=[])] == [0]
    assert run_step(GROUP, 表=[]) == []


def test_a_group_that_cannot_be_summed_is_named(run_step: RunStep) -> None:
    rows = [Row({"区": "新規", "額": "不明"}, origin="名簿 7行目")]
    with pytest.raises(
        BusinessError,
        match=r"集計「新規」の列「額計」:.*「不明」は数値ではない.*名簿 7行目|集計「新規」の列「額計」: 「不明」 は数値",
    ):
        run_step(GROUP, 表=rows)


def join(run_step: RunStep, left: list[Row], right: list[Row], more: str = "") -> dict[str, Any]:
    step = f'  - 突き合わせる: {{左: "${{対象.左}}", 右: "${{対象.右}}", キー: 番号{more}}}\n    保存名: 結果\n'
    found = run_step(step, 左=left, 右=right)
    assert isinstance(found, Row)
    return found


def test_two_tables_are_compared_and_every_row_is_somewhere_once(run_step: RunStep) -> None:
    left = [Row({"番号": one, "氏名": f"左{one}"}, origin=f"左 {one}") for one in ("1", " 2 ", "3", "4", "4", "")]
    right = [Row({"番号": one, "氏名": f"右{one}", "所得": 0}) for one in (1, 2, 5, "4", None, "3", "3")]
    found = join(run_step, left, right)
    assert [dict(row) for row in found["一致"]] == [
        {"番号": "1", "氏名": "左1", "氏名（右）": "右1", "所得": 0},
        {"番号": " 2 ", "氏名": "左 2 ", "氏名（右）": "右2", "所得": 0},
    ]
    assert found["一致"][0].origin == "左 1"
    assert [row["番号"] for row in found["左だけ"]] == [""]
    assert [row["番号"] for row in found["右だけ"]] == [None, 5]
    assert [(row["キー"], len(row["左"]), len(row["右"])) for row in found["重複"]] == [("3", 1, 2), ("4", 2, 1)]
    assert (found["matched"], found["ambiguous"]) == (found["一致"], found["重複"])
    counted = len(found["一致"]) + len(found["左だけ"]) + sum(len(row["左"]) for row in found["重複"])
    assert counted == len(left)


def test_many_to_one_is_a_decision_of_the_author(run_step: RunStep) -> None:
    left = [Row({"番号": "1", "子": "一郎"}), Row({"番号": "1", "子": "二郎"})]
    right = [Row({"世帯": "1", "所得": 5})]
    found = join(run_step, left, right, ", 右のキー: 世帯, 多対一: はい")
    assert [(row["子"], row["所得"]) for row in found["一致"]] == [("一郎", 5), ("二郎", 5)]
    assert join(run_step, left, right, ", 右のキー: 世帯")["重複"]
    both = join(run_step, left, [*right, *right], ", 右のキー: 世帯, 多対一: はい")
    assert not both["一致"] and len(both["重複"]) == 1, "two partners are never one"


def test_a_join_names_what_is_missing(run_step: RunStep) -> None:
    with pytest.raises(BusinessError, match=r"右の行に列「番号」がありません（ある列: 世帯）"):
        join(run_step, [Row({"番号": "1"})], [Row({"世帯": "1"})])
    with pytest.raises(ScenarioFault, match="列の数が合いません"):
        join(run_step, [], [], ", 右のキー: [a, b]")
