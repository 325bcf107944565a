"""What an approver reads before signing: what is newly touched first, then keys, steps in words, files."""

from __future__ import annotations

from pathlib import Path

import pytest

from robots.registry.differences import Difference, difference_of
from robots.registry.versions import kept_version
from robots.settings import Home
from tests.unit.registry.registry_help import ID, approve_it, edit_register, loaded, make_town, request

SCENARIO = """\
名称: 就学援助申請
利用:
  サイト: {学務: "http://127.0.0.1:8710"}
  フォルダ: {受付: sample}
準備:
  - CSVを読む: {ファイル: "${フォルダ.受付}/届.csv"}
    保存名: 届
対象: {元: "${届}", キー: "${対象.番号}"}
各件:
  - 画面を開く: ${サイト.学務}/new
  - 一括入力する: {番号: "${対象.番号}"}
  - 確定する:
      手順:
        - 押す: {ボタン: 登録}
"""


@pytest.fixture
def home(tmp_path: Path) -> Home:
    made = make_town(tmp_path / "town")
    write(made, SCENARIO)
    return made


def write(home: Home, text: str) -> None:
    (home.scenarios / ID / "scenario.yaml").write_text(text, encoding="utf-8")


def changed(home: Home, before: str, after: str) -> None:
    assert before in SCENARIO
    write(home, SCENARIO.replace(before, after))


def shown(home: Home) -> tuple[Difference, dict[str, list[str]]]:
    difference = difference_of(home, request(home), loaded(home).register.scenarios[ID].approval)
    return difference, {section.title: section.lines for section in difference.sections}


def test_at_the_first_approval_everything_is_shown_touches_first(home: Home) -> None:
    difference, sections = shown(home)
    assert "はじめての承認" in difference.against
    assert next(iter(sections)) == "新しく触れるもの・取り消せない操作"
    touches = sections["新しく触れるもの・取り消せない操作"]
    assert touches[:2] == ["［＋］サイト「学務」http://127.0.0.1:8710", "［＋］フォルダ「受付」sample"]
    assert "［＋］確定（取り消せない操作）" in touches
    assert any("押す: ボタン＝登録" in line for line in touches)
    assert "［＋］基準時間（baseline.minutes_per_item）: 8.0" in sections["台帳の項目"]
    assert "［＋］［各件］画面を開く: ${サイト.学務}/new" in sections["手順"]
    assert "［＋］［準備］CSVを読む: ${フォルダ.受付}/届.csv　（保存名: 届）" in sections["手順"]


def test_nothing_changed_is_nothing_shown(home: Home) -> None:
    approve_it(home)
    difference, _ = shown(home)
    assert difference.same
    assert "2026-06-01 d0001" in difference.against


@pytest.mark.parametrize(
    ("before", "after", "line"),
    [
        ('"http://127.0.0.1:8710"}', '"http://127.0.0.1:8711"}', "［＋］サイト「学務」http://127.0.0.1:8711"),
        ("{受付: sample}", "{受付: sample, 出力: var/out}", "［＋］フォルダ「出力」var/out"),
        ("  フォルダ:", "  資格情報: [practice]\n  フォルダ:", "［＋］資格情報「practice」"),
        ("  フォルダ:", "  メール: [city.example.jp]\n  フォルダ:", "［＋］メールの宛先「city.example.jp」"),
        ("{ボタン: 登録}", "{ボタン: 一括登録}", "［→］確定（取り消せない操作）"),
    ],
)
def test_what_it_may_newly_touch_comes_first(home: Home, before: str, after: str, line: str) -> None:
    approve_it(home)
    changed(home, before, after)
    assert line in shown(home)[1]["新しく触れるもの・取り消せない操作"]


def test_a_step_that_changed_came_or_went_is_told_in_words(home: Home) -> None:
    approve_it(home)
    changed(home, '{番号: "${対象.番号}"}', '{番号: "${対象.番号}", 氏名: "${対象.氏名}"}')
    assert shown(home)[1]["手順"] == [
        "［→］［各件］一括入力する: 番号＝${対象.番号}",
        "  → ［各件］一括入力する: 番号＝${対象.番号}、氏名＝${対象.氏名}",
    ]
    changed(home, "  - 一括入力する:", "  - 記録する: 始め\n  - 一括入力する:")
    assert shown(home)[1]["手順"] == ["［＋］［各件］記録する: 始め"]
    changed(home, '  - 一括入力する: {番号: "${対象.番号}"}\n', "")
    assert shown(home)[1]["手順"] == ["［－］［各件］一括入力する: 番号＝${対象.番号}"]


def test_governed_keys_are_shown_old_and_new(home: Home) -> None:
    approve_it(home)
    edit_register(home, "minutes_per_item: 8.0", "minutes_per_item: 80.0")
    edit_register(home, "            - robot-2\n", "            - robot-3\n")
    assert shown(home)[1]["台帳の項目"] == [
        "［→］動かしてよい端末（runs_on）: robot-1、robot-2 → robot-1、robot-3",
        "［→］基準時間（baseline.minutes_per_item）: 8.0 → 80.0",
    ]


def test_files_are_shown_with_their_sizes(home: Home) -> None:
    approve_it(home)
    (home.scenarios / ID / "books" / "結果.xlsx").write_bytes(b"x" * 1000)
    (home.scenarios / ID / "forms" / "shinsei.yaml").unlink()
    (home.scenarios / ID / "memo.txt").write_bytes(b"1")
    assert shown(home)[1]["ほかのファイル"] == [
        "［→］books/結果.xlsx（17 → 1,000 バイト）",
        "［－］forms/shinsei.yaml",
        "［＋］memo.txt（1 バイト）",
    ]


def test_where_the_kept_version_is_gone_or_was_touched_everything_is_shown(home: Home) -> None:
    approve_it(home)
    approval = loaded(home).register.scenarios[ID].approval
    assert approval is not None
    (kept,) = (home.var / "approved").iterdir()
    assert kept_version(home.var, ID, approval.digest) is not None
    assert kept_version(home.var, "gakumu/flow", approval.digest) is None
    data = bytearray(kept.read_bytes())
    data[len(data) // 2] ^= 1
    kept.write_bytes(bytes(data))
    assert kept_version(home.var, ID, approval.digest) is None
    difference, sections = shown(home)
    assert "この端末にありません" in difference.against
    assert sections["手順"]
