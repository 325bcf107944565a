"""browser.* as an author writes them, over the browser without a browser."""

from __future__ import annotations

import pytest

from robots.errors import NotMet, SystemFailure
from robots.scenario.problem import Problems
from robots.scenario.validate import read_scenario
from tests.unit.steps.browser_context import run

OPEN = "  - 画面を開く: ${サイト.町}/form\n"


def test_a_form_from_opening_to_the_result() -> None:
    done = run(
        OPEN
        + """  - 一括入力する:
      受付番号: ${対象.番号}
      区分: 継続
  - チェックする: 確認した
  - ダイアログに答える: {押す: OK, 文: よろしいですか？}
  - 押す: {ボタン: 登録}
  - 画面を確かめる: {文字: 登録しました}
  - 画面から読む: 受理番号
    保存名: 受理番号
  - 画面の表を読む: {表: 一覧}
    保存名: 行たち
"""
    )
    assert done.shown == {"受付番号": "011002", "区分": "継続", "確認した": "はい"}
    assert done.names["受理番号"] == "A-1"
    assert done.names["行たち"] == [{"番号": "1", "氏名": "山田"}, {"番号": "2", "氏名": "鈴木"}]


def test_single_fields() -> None:
    done = run(
        OPEN
        + """  - 入力する: {ラベル: 受付番号, 値: "${1 + 1}"}
  - 選ぶ: {ラベル: 区分, 選択肢: 新規}
  - チェックする: 確認した
  - チェックを外す: 確認した
"""
    )
    assert done.shown == {"受付番号": "2", "区分": "新規", "確認した": "いいえ"}


def test_a_secret_is_covered_in_what_was_entered() -> None:
    done = run(OPEN + "  - 入力する: {ラベル: 暗証, 値: naisho}\n    秘密: はい\n")
    assert done.shown == {"暗証": "（秘密）"}


def test_within_narrows_the_steps_that_it_holds() -> None:
    done = run(
        OPEN
        + """  - 範囲を絞る:
      行: "1002"
      手順:
        - 押す: {リンク: 変更}
  - 画面を確かめる: 登録しました
"""
    )
    assert done.shown == {}


def test_signing_in_takes_the_credential_and_shows_nothing() -> None:
    done = run("  - ログインする: {サイト: 町, 資格情報: machi}\n  - 画面を確かめる: {文字: 登録しました}\n")
    assert done.shown == {}


def test_a_prepared_cancel_stays_on_the_page_and_an_expectation_is_not_met() -> None:
    with pytest.raises(NotMet, match="登録しました"):
        run(OPEN + "  - ダイアログに答える: キャンセル\n  - 押す: 登録\n  - 画面を確かめる: {文字: 登録しました}\n")


def test_a_dialog_without_an_answer_fails() -> None:
    with pytest.raises(SystemFailure, match="よろしいですか"):
        run(OPEN + "  - 押す: 登録\n")


@pytest.mark.parametrize(
    ("step", "said"),
    [
        ("押す: {ボタン: 登録, リンク: 登録}", "一つだけ"),
        ("押す: {}", "一つだけ"),
        ("入力する: {ラベル: 氏名}", "値"),
        ("ダイアログに答える: はい", "OK か キャンセル"),
        ("一括入力する: {}", "一つもありません"),
        ("範囲を絞る: {行: a, 手順: []}", "手順"),
        ("画面を確かめる: {項目: 氏名}", "値"),
        ("押す: {ボタン: 登録, 何番目: 0}", "1 から"),
    ],
)
def test_mistakes_are_found_before_anything_runs(step: str, said: str) -> None:
    text = f'名称: x\n対象: {{元: "${{[]}}", キー: "${{対象.番号}}"}}\n各件:\n  - {step}\n'
    found = read_scenario({"scenario.yaml": text.encode()}, "a/b")
    assert isinstance(found, Problems)
    assert any(said in f"{one.what}{one.mend}" for one in found), str(found)
    assert {one.line for one in found} == {4}
