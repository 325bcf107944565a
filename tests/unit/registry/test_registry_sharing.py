"""`share` of a schedule: how many may share, and what a scenario must not do whose items are shared."""

from __future__ import annotations

from pathlib import Path

import pytest

from robots.registry.approve import Request
from robots.registry.load import load_register
from robots.scenario.problem import Problems
from tests.conftest import banken_here
from tests.flow_town import ENTER, ID, ITEMS, TOP, FlowTown, open_flow_town

SCREENS = """\
名称: 届の登録
利用:
  サイト: {業務: "http://127.0.0.1:8710"}
  フォルダ: {受付: sample, 出力: var/out}
準備:
  - CSVを読む: {ファイル: "${フォルダ.受付}/届.csv"}
    保存名: 届
  - 値を決める: ${実行.date}
    保存名: 本日
  - 画面を開く: ${サイト.業務}/jumin/
"""
EACH = """\
各件:
  - 画面を開く: ${サイト.業務}/jumin/search?number=${対象.番号}&day=${本日}
  - 確定する:
      手順:
        - 押す: {ボタン: 登録}
"""
SHARED = '    schedule: {on: 毎日, at: "19:00", %s}\n'


@pytest.fixture
def town(tmp_path: Path) -> FlowTown:
    return open_flow_town(tmp_path / "town")


def schedule(town: FlowTown, written: str) -> None:
    """Gives the scenario a schedule with this in it."""
    register = town.home.register.read_text(encoding="utf-8")
    place = register.index("    baseline", register.index(f"  {ID}:"))
    text = register[:place] + SHARED % written + register[place:]
    town.home.register.write_text(text, encoding="utf-8")


def told(town: FlowTown, text: str, written: str = "share: 4") -> list[str]:
    """What stands against approving the scenario, each with its place."""
    town.write(text, accept=False)
    schedule(town, written)
    asked = town.request()
    return [] if isinstance(asked, Request) else [str(one) for one in asked]


@pytest.mark.parametrize("written", ["share: 4", "手分け: 2", "share: 16"])
def test_what_only_works_on_screens_may_be_shared(town: FlowTown, written: str) -> None:
    assert told(town, SCREENS + ITEMS + EACH, written) == []


@pytest.mark.parametrize(
    ("each", "what"),
    [
        ("各件:\n" + ENTER.replace("VALUE", "${行.氏名}"), "ファイルに書きます"),
        (EACH + '  - 画面を撮る: {ファイル: "${フォルダ.出力}/${対象.番号}.png"}\n', "ファイルに書きます"),
        (EACH.replace("各件:\n", "各件:\n  - 終える: もうない\n"), "実行全体を終えます"),
        (EACH.replace("${本日}", "${届[0].氏名}"), "準備で付けた名前「届」を使っています"),
    ],
)
def test_what_another_process_could_not_do_is_a_problem_at_its_line(town: FlowTown, each: str, what: str) -> None:
    (problem,) = told(town, SCREENS + ITEMS + each)
    assert what in problem and problem.startswith("scenario.yaml:") and "share" in problem


def test_what_prepare_opens_with_a_name_of_its_own_source_can_not_be_gone_through_by_others(town: FlowTown) -> None:
    (problem,) = told(town, SCREENS.replace("/jumin/\n", "/jumin/?from=${届[0].番号}\n") + ITEMS + EACH)
    assert "準備で付けた名前「届」" in problem


def test_without_a_key_nothing_is_shared(town: FlowTown) -> None:
    (problem,) = told(town, TOP + ITEMS.replace("  キー: ${対象.番号}\n", "") + "各件:\n  - 記録する: こんにちは\n")
    assert "キーのある「対象」がありません" in problem


def test_every_process_needs_a_place_at_each_resource(town: FlowTown) -> None:
    town.write(SCREENS + ITEMS + EACH, accept=False)
    schedule(town, "resources: [login, wide], share: 3")
    register = town.home.register.read_text(encoding="utf-8")
    resources = "resources: {login: {holders: 2}, wide: {holders: 3}}\n"
    town.home.register.write_text(resources + register, encoding="utf-8")
    loaded = load_register(town.home)
    assert isinstance(loaded, Problems)
    (problem,) = [str(one) for one in loaded]
    assert "3 つに手分けしますが、資源「login」を同時に使えるのは 2 つ" in problem


@pytest.mark.parametrize("share", ["1", "17", "たくさん"])
def test_a_share_is_from_2_to_16(town: FlowTown, share: str) -> None:
    town.write(SCREENS + ITEMS + EACH, accept=False)
    schedule(town, f"share: {share}")
    loaded = load_register(town.home)
    assert isinstance(loaded, Problems)
    assert "share" in str(next(iter(loaded)))


def test_check_says_so_as_soon_as_the_register_shares_it_though_no_file_has_changed(town: FlowTown) -> None:
    text = TOP + ITEMS + "各件:\n" + ENTER.replace("VALUE", "${行.氏名}")
    town.write(text, accept=False)
    assert banken_here(town.home.root, "check").code == 0
    schedule(town, "share: 2")
    done = banken_here(town.home.root, "check")
    assert (done.code != 0, "ファイルに書きます" in done.err + done.out) == (True, True), done


UPLOAD = '  - 添付する: {ラベル: 添付, ファイル: "${フォルダ.受付}/${対象.番号}.pdf"}\n'


@pytest.mark.parametrize(
    ("runs_on", "folder", "fine"),
    [
        ('["*"]', "sample", False),
        ("[robot-1, robot-2]", "sample", False),
        ("[robot-1]", "sample", True),
        ('["*"]', "/mnt/uketsuke", True),
        ('["*"]', "'\\\\server\\uketsuke'", True),
    ],
)
def test_what_lies_on_one_machine_is_not_shared_among_several(
    town: FlowTown, runs_on: str, folder: str, fine: bool
) -> None:
    text = (
        SCREENS.replace("受付: sample", f"受付: {folder}")
        + ITEMS
        + EACH.replace("  - 確定する", UPLOAD + "  - 確定する")
    )
    town.write(text, accept=False)
    register = town.home.register.read_text(encoding="utf-8")
    town.home.register.write_text(register.replace('runs_on: ["*"]', f"runs_on: {runs_on}"), encoding="utf-8")
    schedule(town, "share: 2")
    asked = town.request()
    told = [] if isinstance(asked, Request) else [str(one) for one in asked]
    assert ["端末ごとに違うフォルダ（受付）を使います" in one for one in told] == ([] if fine else [True])
