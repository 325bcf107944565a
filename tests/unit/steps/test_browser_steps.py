"""browser.* as an author writes them, over the browser without a browser."""

from __future__ import annotations

from pathlib import Path

import pytest

from robots.errors import BusinessError, NotMet, SystemFailure
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


def test_waiting_in_vain_is_no_verdict_about_an_entry() -> None:
    run(OPEN + "  - 画面を待つ: {文字: 申請入力}\n")
    with pytest.raises(SystemFailure, match="1 秒待ちました") as caught:
        run(OPEN + "  - 画面を待つ: {文字: 登録しました}\n    制限時間: 1s\n")
    assert not isinstance(caught.value, NotMet)


def test_a_key_is_pressed() -> None:
    saved = "  - 画面を確かめる: 登録しました\n"
    run(OPEN + "  - キーを押す: {キー: Ｆ５, 項目: 受付番号}\n" + saved)
    with pytest.raises(NotMet):  # it is the key that saves
        run(OPEN + saved)


def test_a_download_keeps_its_name_inside_the_folder_and_no_file_is_lost(tmp_path: Path) -> None:
    step = "  - ダウンロードする: {ボタン: 一覧, フォルダ: out, NAMED}\n    保存名: 場所\n"
    first = run(OPEN + step.replace(", NAMED", ""), tmp_path)
    assert first.names["場所"] == "out/一覧_8.csv" and "一覧_8.csv をダウンロードしました（3 バイト）。" in first.said
    (tmp_path / "out" / "一覧_8.csv").write_bytes(b"old")
    second = run(OPEN + step.replace(", NAMED", ""), tmp_path)
    assert second.names["場所"] == "out/一覧_8 (2).csv"
    with pytest.raises(BusinessError, match="すでにあります"):
        run(OPEN + step.replace("NAMED", "あるとき: 止める"), tmp_path)
    assert (tmp_path / "out" / "一覧_8.csv").read_bytes() == b"old"
    run(OPEN + step.replace("NAMED", "あるとき: 置き換える"), tmp_path)
    named = run(OPEN + step.replace("NAMED", 'ファイル名: "../${対象.番号}/?.csv"'), tmp_path)
    assert named.names["場所"] == "out/_.csv"
    kept = {path.name: path.read_bytes() for path in (tmp_path / "out").iterdir()}
    assert kept == dict.fromkeys(("一覧_8.csv", "一覧_8 (2).csv", "_.csv"), b"a,b")


def test_files_are_put_into_a_form(tmp_path: Path) -> None:
    for name in ("a.png", "b.png"):
        (tmp_path / name).write_bytes(b"x")
    done = run(OPEN + "  - 添付する: {ラベル: 添付, ファイル: [a.png, b.png]}\n", tmp_path)
    assert done.shown == {"添付": "a.png、b.png"}
    with pytest.raises(BusinessError, match=r"添付するファイル「c\.png」がありません"):
        run(OPEN + "  - 添付する: {ラベル: 添付, ファイル: c.png}\n", tmp_path)


def test_the_screen_is_kept_with_the_ending_it_needs(tmp_path: Path) -> None:
    done = run(
        OPEN
        + """  - 画面を撮る: 控え/${対象.番号}
    保存名: 絵
  - PDFに保存する: {ファイル: 控え/画面.PDF, 横向き: はい}
    保存名: 紙
""",
        tmp_path,
    )
    assert (done.names["絵"], done.names["紙"]) == ("控え/011002.png", "控え/画面.PDF")
    assert (tmp_path / "控え" / "011002.png").read_bytes().startswith(b"\x89PNG")
    assert (tmp_path / "控え" / "画面.PDF").read_bytes().startswith(b"%PDF")


@pytest.mark.parametrize(
    ("step", "said"),
    [
        ("キーを押す: Ctrl+Home+End", "というキーはありません"),
        ("キーを押す: 送信", "使えるのは Enter"),
        ("ダウンロードする: {ボタン: a}", "フォルダ"),
        ("ダウンロードする: {ボタン: a, フォルダ: ../外}", "外を指すパス"),
        ("ダウンロードする: {ボタン: a, フォルダ: b, あるとき: 消す}", "使えるのは number／番号を付ける"),
        ("添付する: {ラベル: a, ファイル: [b.pdf, /etc/passwd]}", "外を指すパス"),
        ("添付する: {ラベル: a}", "ファイル"),
        ("画面を撮る: ../a.png", "外を指すパス"),
        ('PDFに保存する: "C:/a.pdf"', "外を指すパス"),
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
