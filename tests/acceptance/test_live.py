"""check --live against screens that have changed, in a real browser: what is gone is named, with the line that mends it."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from practice.books.jutogai import reports
from practice.server import RunningTown, start_town
from robots.settings import open_home
from tests.conftest import JUTOGAI, CityHall, Done, banken_here, small_book

FILE = f"scenarios/{JUTOGAI}/scenario.yaml"
Found = dict[str, object]


@pytest.fixture(scope="module")
def well(gallery: Path, port: int, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The gallery after a good rehearsal of the scenario: its screens' outlines are kept."""
    root = tmp_path_factory.mktemp("well") / "city"
    shutil.copytree(gallery, root)
    with start_town(root.parent / "town.sqlite", port=port) as town:
        city = CityHall(open_home(root, {}), town)
        small_book(city, 2)
        done = city.banken("run", JUTOGAI, "--rehearse")
    assert done.code == 0, done.err
    return root


@pytest.fixture
def rehearsed(well: Path, town: RunningTown, tmp_path: Path) -> CityHall:
    """A copy of it."""
    root = tmp_path / "city"
    shutil.copytree(well, root)
    return CityHall(open_home(root, {}), town)


def look(city: CityHall) -> tuple[Done, dict[str, list[Found]]]:
    done = banken_here(city.home.root, "check", "--live", JUTOGAI, "--json")
    assert not city.arrived("jumin"), "a look enters nothing"
    return done, json.loads(done.out)


def lines(city: CityHall) -> list[str]:
    return (city.home.root / FILE).read_text(encoding="utf-8").splitlines()


def test_unchanged_screens_give_nothing_to_report(rehearsed: CityHall) -> None:
    for _ in range(2):
        done, found = look(rehearsed)
        assert done.code == 0, done.out
        assert found["whole"]
        assert (found["problems"], found["changed"], found["stopped"], found["concerned"]) == ([], [], [], [])


def test_what_is_kept_of_a_screen_holds_nothing_personal(rehearsed: CityHall) -> None:
    kept = (rehearsed.home.var / "outlines" / "shimin__jutogai-jusho.json").read_text(encoding="utf-8")
    assert len(kept) < 20_000
    assert '"/jumin/persons/*/address"' in kept
    assert {"新住所", "異動事由", "転入通知", "登録", "宛名番号"} <= set(kept.split('"'))
    names = {report.person.name for report in reports()[:2]}
    assert names and not any(name in kept for name in names)


def test_renamed_things_are_named_with_the_line_that_mends_them(rehearsed: CityHall) -> None:
    for old, new in (
        ("新住所", "転入先住所"),
        (">登録<", ">登録する<"),
        (">転居<", ">転居（市内）<"),
        (">住所変更<", ">住所の変更<"),
        ("<dt>生年月日", "<dt>誕生日"),
    ):
        rehearsed.town.faults.set("/jumin", "changed_label", old=old, new=new)
    before = lines(rehearsed)
    done, found = look(rehearsed)
    assert done.code == 1
    assert [(one["kind"], one["guess"], str(one["new"]).strip()) for one in found["problems"]] == [
        ("link", "住所の変更", "- 押す: {リンク: 住所の変更}"),
        ("label", "誕生日", "- 画面から読む: {ラベル: 誕生日}"),
        ("option", "転居（市内）", "異動事由: ${'転居（市内）' if 対象.異動事由 == '転居' else 対象.異動事由}"),
        ("field", "転入先住所", "転入先住所: ${対象.住所}"),
        ("button", "登録する", "- 押す: {ボタン: 登録する}"),
    ]
    for one in found["problems"]:
        assert isinstance(one["line"], int)
        assert before[one["line"] - 1] == one["old"]
    assert lines(rehearsed) == before, "a look never mends by itself"
    others = {(one["name"], one["scenario"]) for one in found["concerned"]}
    assert ("登録", "kaikei/seikyu-shiharai") in others

    mended = list(before)
    for one in found["problems"]:
        assert isinstance(one["line"], int)
        mended[one["line"] - 1] = str(one["new"])
    (rehearsed.home.root / FILE).write_text("\n".join(mended) + "\n", encoding="utf-8")
    rehearsed.approve(JUTOGAI)
    ran = banken_here(rehearsed.home.root, "run", JUTOGAI)
    assert ran.code == 0, ran.out + ran.err
    assert set(rehearsed.arrived("jumin").values()) == {1}


def test_a_moved_button_and_a_new_column_are_told_and_nothing_need_be_mended(rehearsed: CityHall) -> None:
    rehearsed.town.faults.set("/jumin/search", "new_column", old="住所", new="地区")
    rehearsed.town.faults.set("/jumin/persons", "moved_button", old="登録", new="操作")
    done, found = look(rehearsed)
    assert done.code == 0, done.out
    assert found["problems"] == []
    assert {(one["kind"], one["name"]) for one in found["changed"]} == {("column", "地区"), ("moved", "登録")}


def test_a_cell_by_the_number_of_its_column_is_mended_when_a_column_comes_before_it(city: CityHall) -> None:
    small_book(city, 2)
    step = '  - 画面から読む: {CSS: "tbody td:nth-child(6)"}\n    保存名: 画面の住所\n'
    city.edit(JUTOGAI, lambda text: text.replace("  - 範囲を絞る:\n", step + "  - 範囲を絞る:\n"))
    city.approve(JUTOGAI)
    assert banken_here(city.home.root, "run", JUTOGAI, "--rehearse").code == 0
    city.town.faults.set("/jumin/search", "new_column", old="性別", new="続柄")
    done, found = look(city)
    assert done.code == 1
    (problem,) = found["problems"]
    assert "列「住所」ではない列" in str(problem["what"])
    assert str(problem["new"]).strip() == '- 画面から読む: {CSS: "tbody td:nth-child(7)"}'


def test_a_person_reads_the_proposal_as_a_diff(rehearsed: CityHall) -> None:
    rehearsed.town.faults.set("/jumin", "changed_label", old="届出区分", new="届出人区分")
    done = banken_here(rehearsed.home.root, "check", "--live", JUTOGAI)
    assert done.code == 1
    assert (
        f"{FILE}:53:7: ラベル「届出区分」が画面（/jumin/persons/*/address）にありません（もしかして: 届出人区分）"
        in done.err
    )
    assert "@@ -53 +53 @@\n-      届出区分: ${対象.届出区分}\n+      届出人区分: ${対象.届出区分}" in done.out


def test_only_a_registered_scenario_is_looked_at(city: CityHall, tmp_path: Path) -> None:
    assert banken_here(city.home.root, "check", "--live", "shimin/nai").code == 3
    assert banken_here(city.home.root, "check", "--live", JUTOGAI, JUTOGAI).code == 2


def test_impact_names_every_scenario_that_a_change_concerns(rehearsed: CityHall) -> None:
    def concerned(*asked: str) -> set[str]:
        done = banken_here(rehearsed.home.root, "registry", "impact", *asked, "--json")
        assert done.code == 0, done.err
        return {row["scenario"] for row in json.loads(done.out)}

    assert concerned("--label", "新住所") == {JUTOGAI}
    assert concerned("--label", "転入通知") == {JUTOGAI}, "an option that only the kept outline knows"
    assert concerned("--label", "登録") > {JUTOGAI, "kaikei/seikyu-shiharai"}
    assert concerned("--label", "登録", "--site", "財務") == {"kaikei/seikyu-shiharai"}
    assert concerned("--screen", "/jumin/persons/00104005/address") == {JUTOGAI}
    assert concerned("--form", "shugaku-enjo") == {"gakumu/shugaku-enjo"}
    assert concerned("--file", "債権者台帳.xlsx") == {"kaikei/seikyu-shiharai"}
    assert concerned("--label", "どこにもない文字") == set()
    assert banken_here(rehearsed.home.root, "registry", "impact").code == 2
