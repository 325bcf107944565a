"""flow.try, flow.stop and loops in whole runs: what failed is told, what is entered stays entered, nothing is mixed up."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from robots.ledger.runs import get_run
from robots.scenario.problem import Problems
from robots.scenario.validate import read_scenario
from tests.flow_town import ID, ITEMS, TOP, FlowTown, enter, open_flow_town

TRY = f"""\
{TOP}{ITEMS}各件:
  - 試みる:
      手順:
        - 審査する:
            - {{条件: "${{対象.金額 != ''}}", さもなくば: "${{対象.氏名}}さんの金額がありません"}}
        - 値を決める: ${{対象.金額}}
          保存名: 値
      変数: 失敗
      失敗したとき:
        - 値を決める: 失敗（${{失敗}}）
          保存名: 値
{enter("${値}")}"""


@pytest.fixture
def town(tmp_path: Path) -> Iterator[FlowTown]:
    opened = open_flow_town(tmp_path / "town")
    yield opened
    opened.ledger.close()


def test_a_failure_is_told_and_the_item_goes_on(town: FlowTown) -> None:
    town.write(TRY)
    town.rows("1,山田,500", "2,鈴木,", "3,佐藤,7")
    report = town.run()
    assert report.items["done"] == 3 and report.evidence == ""
    entered = town.entered()
    assert (entered["1"], entered["3"]) == ("500", "7")
    assert entered["2"].startswith("失敗（") and "鈴木さんの金額がありません" in entered["2"]


def test_a_failure_of_the_world_is_caught_too_and_the_second_way_may_fail_by_itself(town: FlowTown) -> None:
    text = f"""\
{TOP}{ITEMS}各件:
  - 試みる:
      手順:
        - CSVを読む: {{ファイル: "${{フォルダ.受付}}/${{対象.氏名}}.csv"}}
          保存名: 明細
      失敗したとき:
        - 業務エラーにする: 明細がありません
{enter("${件数(明細)}")}"""
    town.write(text, files={"sample/山田.csv": "a\n1\n2\n"})
    town.rows("1,山田,", "2,鈴木,")
    report = town.run()
    assert (report.items["done"], report.items["rejected"]) == (1, 1)
    assert town.entered() == {"1": "2"} and "明細がありません" in town.reasons()["2"]


def test_the_authors_mistake_is_not_kept_back(town: FlowTown) -> None:
    text = f"""\
{TOP}{ITEMS}各件:
  - 試みる:
      手順:
        - CSVを書く: {{ファイル: "books/${{対象.氏名}}.csv", 行: "${{[対象]}}"}}
      失敗したとき:
        - 記録する: 続けます
{enter("x")}"""
    town.write(text)
    town.rows("1,山田,")
    report = town.run()
    assert report.items["failed"] == 1 and town.entered() == {}


def test_a_step_may_end_the_run_and_the_rest_stays_for_the_next(town: FlowTown) -> None:
    text = f"""\
{TOP}{ITEMS}各件:
  - 終える: 受付時間が過ぎました（${{対象.番号}}）
    条件: ${{対象.金額 == ''}}
{enter("${対象.金額}")}後始末:
  - CSVを書く: {{ファイル: "${{フォルダ.出力}}/完了.csv", 行: "${{完了分}}", 列: [番号]}}
"""
    town.write(text)
    town.rows("1,山田,5", "2,鈴木,", "3,佐藤,7")
    report = town.run()
    assert (report.state, report.items["done"], report.exit_code) == ("stopped", 1, 1)
    assert "受付時間が過ぎました（2）" in report.message
    assert town.states() == {"1": "done", "2": "ready", "3": "ready"}
    assert (town.home.var / "out" / "完了.csv").read_text(encoding="utf-8-sig").split() == ["番号", "1"]
    town.rows("1,山田,5", "2,鈴木,6", "3,佐藤,7")
    again = town.run()
    assert (again.state, again.exit_code) == ("ended", 0)
    assert town.entered() == {"1": "5", "2": "6", "3": "7"}


def test_a_run_may_end_before_it_has_begun(town: FlowTown) -> None:
    text = f"""\
{TOP}  - 終える: 今日の届はありません
    条件: ${{件数(届) == 0}}
{ITEMS}各件:
{enter("${対象.金額}")}後始末:
  - CSVを書く: {{ファイル: "${{フォルダ.出力}}/完了.csv", 行: "${{完了分}}", 列: [番号]}}
"""
    town.write(text)
    town.rows()
    report = town.run()
    assert (report.state, report.exit_code) == ("ended", 0)
    assert "今日の届はありません" in report.message
    assert not (town.home.var / "out" / "完了.csv").exists()
    town.rows("1,山田,5")
    assert town.run().items["done"] == 1
    row = get_run(town.ledger, town.run().run)
    assert row is not None and row["message"] == ""


def test_finish_may_end_early_too(town: FlowTown) -> None:
    text = f"""\
{TOP}{ITEMS}各件:
{enter("${対象.金額}")}後始末:
  - 終える: 送るものはありません
  - CSVを書く: {{ファイル: "${{フォルダ.出力}}/完了.csv", 行: "${{完了分}}", 列: [番号]}}
"""
    town.write(text)
    town.rows("1,山田,5")
    report = town.run()
    assert (report.state, report.items["done"], report.exit_code) == ("ended", 1, 0)
    assert "送るものはありません" in report.message
    assert not (town.home.var / "out" / "完了.csv").exists()


def test_a_rehearsal_ends_where_the_run_would(town: FlowTown) -> None:
    town.write(f"{TOP}{ITEMS}各件:\n  - 終える: ここまで\n    条件: ${{対象.番号 == '2'}}\n{enter('x')}")
    town.rows("1,山田,5", "2,鈴木,", "3,佐藤,7")
    report = town.run(rehearsal=True)
    assert (report.items["done"], report.state) == (1, "stopped") and "ここまで" in report.message


LOOP = f"""\
{TOP}{ITEMS}各件:
  - 値を決める: ''
    保存名: 全部
  - くり返す:
      一覧: "${{['a', 'b', 'c']}}"
      変数: 字
      手順:
        - 値を決める: ${{字}}${{対象.番号}}
          条件: ${{字 != 対象.氏名}}
          保存名: 一つ
        - 値を決める: ${{全部}}${{一つ}}
          保存名: 全部
{enter("${全部}")}"""


def test_what_one_turn_of_a_loop_saved_is_not_there_in_the_next(town: FlowTown) -> None:
    town.write(LOOP)
    town.rows("1,なし,", "2,b,")
    report = town.run()
    assert town.entered() == {"1": "a1b1c1"}, "a name from outside is carried on from turn to turn"
    assert report.items["failed"] == 1 and "一つ" in town.reasons()["2"], "the second turn has no 一つ of its own"


def _said(text: str) -> str:
    found = read_scenario({"scenario.yaml": text.encode()}, ID)
    assert isinstance(found, Problems), "it was accepted"
    return str(found)


STEPS = {
    "試みる": "試みる: {手順: [{記録する: a}], 失敗したとき: [{記録する: b}]}",
    "除外する": "除外する: a",
    "終える": "終える: a",
    "人に尋ねる": "人に尋ねる: a",
    "人が確認する": "人が確認する: {値: {a: b}}",
}


@pytest.mark.parametrize("step", STEPS.values(), ids=STEPS)
@pytest.mark.parametrize("block", ["手順", "登録済みの確認"])
def test_nothing_that_could_hide_a_commits_outcome_stands_in_a_commit(step: str, block: str) -> None:
    blocks = {"手順": "[{記録する: x}]", "登録済みの確認": "[{記録する: x}]"} | {block: f"[{{{step}}}]"}
    text = f"{TOP}{ITEMS}各件:\n  - 確定する: {{手順: {blocks['手順']}, 登録済みの確認: {blocks['登録済みの確認']}}}\n"
    assert "「確定する」の中には書けません" in _said(text)


def test_a_commit_does_not_stand_in_what_is_only_tried() -> None:
    inner = "{確定する: {手順: [{記録する: x}]}}"
    for blocks in (
        f"手順: [{inner}], 失敗したとき: [{{記録する: b}}]",
        f"手順: [{{記録する: b}}], 失敗したとき: [{inner}]",
    ):
        assert "「試みる」の中に「確定する」は書けません" in _said(f"{TOP}{ITEMS}各件:\n  - 試みる: {{{blocks}}}\n")


def test_people_are_asked_before_the_commit_and_by_a_key() -> None:
    commit = "  - 確定する: {手順: [{記録する: x}]}\n"
    assert "「確定する」より前に書きます" in _said(f"{TOP}{ITEMS}各件:\n{commit}  - 人に尋ねる: a\n")
    assert "「key／キー」がありません" in _said(f"{TOP}対象:\n  元: ${{届}}\n各件:\n  - 人に尋ねる: a\n")
    assert "秘密にできません" in _said(f"{TOP}{ITEMS}各件:\n  - 人に尋ねる: a\n    秘密: はい\n")


def test_the_failures_name_is_known_only_where_there_is_a_failure() -> None:
    tried = "試みる: {手順: [{記録する: '${失敗}'}], 変数: 失敗, 失敗したとき: [{記録する: '${失敗}'}]}"
    said = _said(f"{TOP}{ITEMS}各件:\n  - {tried}\n")
    assert said.count("「失敗」という名前はありません") == 1
    after = "試みる: {手順: [{記録する: a}], 変数: 失敗, 失敗したとき: [{記録する: '${失敗}'}]}"
    assert "「失敗」という名前はありません" in _said(f"{TOP}{ITEMS}各件:\n  - {after}\n  - 記録する: ${{失敗}}\n")
