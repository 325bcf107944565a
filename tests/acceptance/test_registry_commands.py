"""The register's commands in a town of its own: list, strays, handover, the sheet, share."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from openpyxl import load_workbook

from tests.conftest import banken_here

ENJO = "gakumu/shugaku-enjo"
ROSTER = "職員番号,氏名,異動前,異動後,異動日,区分\ns4001,担当,学務課,税務課,{day},配置換\n"


@pytest.fixture
def hall(gallery: Path, tmp_path: Path) -> Path:
    """The approved gallery, without a practice town: nothing here runs."""
    root = tmp_path / "city"
    shutil.copytree(gallery, root)
    return root


def test_list_says_what_may_run_and_follows_every_change(hall: Path) -> None:
    for state in ("実行できます", "承認のあとで変わりました"):
        listed = {
            one["scenario"]: one["state"] for one in json.loads(banken_here(hall, "registry", "list", "--json").out)
        }
        assert state in listed[ENJO]
        assert f"{ENJO}  " in banken_here(hall, "registry", "list").out
        with (hall / "scenarios" / ENJO / "scenario.yaml").open("a", encoding="utf-8") as file:
            file.write("# 直した\n")


def test_strays_are_told_by_kind_with_how_to_mend_them(hall: Path, tmp_path: Path) -> None:
    share = tmp_path / "share"
    share.mkdir()
    shutil.copyfile(hall / "scenarios" / ENJO / "scenario.yaml", share / "写し.yml")
    before = banken_here(hall, "registry", "strays", "--json")
    assert all(one["kind"] == "unregistered" for one in json.loads(before.out)["strays"])
    with (hall / "scenarios" / ENJO / "scenario.yaml").open("a", encoding="utf-8") as file:
        file.write("# 直した\n")
    found = banken_here(hall, "registry", "strays", "--folder", str(share))
    assert found.code == 1
    assert "■ 承認のないまま変わった" in found.out and f"{ENJO}「就学援助申請内容入力」" in found.out
    assert "写し.yml" in found.out and "→" in found.out
    missing = banken_here(hall, "registry", "strays", "--folder", str(tmp_path / "ない"))
    assert missing.code == 2 and "フォルダではありません" in missing.err


def test_a_transfer_list_is_planned_first_and_then_applied(hall: Path, tmp_path: Path) -> None:
    file = tmp_path / "異動.csv"
    file.write_bytes(ROSTER.format(day="2026-04-01").encode("cp932"))
    register = (hall / "registry.yaml").read_bytes()
    told = banken_here(hall, "registry", "handover", "--roster", str(file))
    assert (told.code, (hall / "registry.yaml").read_bytes()) == (0, register)
    assert ENJO in told.out and "台帳はまだ変わっていません" in told.out
    assert banken_here(hall, "registry", "handover", "--roster", str(file), "--apply").code == 2
    words = ("handover", "--roster", str(file), "--apply", "--as", "d0001", "--sheets", str(tmp_path / "引継書"))
    done = banken_here(hall, "registry", *words)
    assert done.code == 0, done.err
    assert b'owner: "s4002"' in (hall / "registry.yaml").read_bytes()
    assert "承認のあとで変わりました" in banken_here(hall, "registry", "list").out
    sheet = load_workbook(tmp_path / "引継書" / "引継書_gakumu_shugaku-enjo.xlsx")["引継書"]
    assert "就学援助申請内容入力" in str(sheet["A1"].value)
    assert banken_here(hall, "registry", "handover-sheet", ENJO, "--out", str(tmp_path / "a.pdf")).code == 2
    assert banken_here(hall, "registry", "handover-sheet", "gakumu/nai", "--out", str(tmp_path / "a.xlsx")).code == 1


def test_a_scenario_goes_to_another_town_and_arrives_as_a_draft(hall: Path, tmp_path: Path) -> None:
    file = tmp_path / "就学援助.zip"
    declined = banken_here(hall, "share", "export", ENJO, "--out", str(file), typed="n\n")
    assert declined.code != 0 and not file.exists()
    sent = banken_here(hall, "share", "export", ENJO, "--out", str(file), "--yes")
    assert sent.code == 0 and "□ forms/shugaku-enjo.pdf" in sent.out, sent.err
    taken = banken_here(hall, "share", "import", str(file), "--yes")
    assert taken.code == 1 and "がもうあります" in taken.err
    arrived = banken_here(hall, "share", "import", str(file), "--as", "shimin/enjo", "--yes")
    assert arrived.code == 0, arrived.err
    assert banken_here(hall, "check", "shimin/enjo").code == 0
    listed = {one["scenario"]: one["state"] for one in json.loads(banken_here(hall, "registry", "list", "--json").out)}
    assert "まだ承認されていません" in listed["shimin/enjo"]
    file.write_bytes(b"not a zip")
    assert banken_here(hall, "share", "import", str(file), "--as", "shimin/other", "--yes").code == 1
