"""banken demo from nothing: outside the repository, from the wheel alone."""

from __future__ import annotations

import csv
import os
import re
import shutil
import subprocess
import sys
import zipfile
from collections import Counter
from pathlib import Path
from typing import cast

import pytest
from openpyxl import load_workbook

from japan.eras import read_date
from practice.server import start_town
from tests.conftest import JUTOGAI, ROOT, banken_here


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel's content, as pip would lay it out, and nothing else of the project."""
    folder = tmp_path_factory.mktemp("wheel")
    command = [
        sys.executable,
        "-m",
        "pip",
        "wheel",
        "--quiet",
        "--no-deps",
        "--no-build-isolation",
        "-w",
        str(folder),
        str(ROOT),
    ]
    subprocess.run(command, check=True, timeout=600, capture_output=True)
    (wheel,) = folder.glob("banken-*.whl")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(folder / "site")
    return folder / "site"


def demo(installed: Path, folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """``banken demo`` in an empty folder, with the wheel's own code."""
    return subprocess.run(
        [sys.executable, "-P", "-m", "robots", "demo", *arguments],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(installed), "PYTHONUTF8": "1"},
        capture_output=True,
        encoding="utf-8",
        timeout=600,
        check=False,
    )


@pytest.fixture(scope="module")
def demonstrated(
    installed: Path, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Path, subprocess.CompletedProcess[str]]:
    """The first demo in an empty folder: the folder, and how it went."""
    folder = tmp_path_factory.mktemp("demo")
    return folder, demo(installed, folder)


def test_the_demo_tells_its_story_from_the_wheel_and_enters_nothing_twice(
    installed: Path, demonstrated: tuple[Path, subprocess.CompletedProcess[str]]
) -> None:
    folder, first = demonstrated
    assert first.returncode == 0, first.stdout + first.stderr
    assert "就学援助申請書 30 枚" in first.stdout
    assert "デモでは見本の正解を職員の答えとして使います" in first.stdout
    entered = re.search(
        r"届いた申請: (\d+) 件（二重登録 0 件、届いていないもの 0 件、紙と違う値 0 か所）", first.stdout
    )
    assert entered and int(entered[1]) >= 28, first.stdout
    assert "完了 57 件" in first.stdout
    assert "業務エラー 3 件" in first.stdout
    assert re.search(r"届いた異動: 57 件（二重登録 0 件、届いていないもの 0 件）", first.stdout)
    assert "3.97" in first.stdout
    town = folder / "banken-demo"
    book = town / "var" / "out" / "jutogai-jusho" / "住所変更の登録結果.xlsx"
    assert str(book) in first.stdout
    assert load_workbook(book)["登録結果"].max_row == 58
    second = demo(installed, folder)
    assert second.returncode == 0, second.stdout + second.stderr
    assert "除外・登録済み 57 件" in second.stdout
    assert f"届いた申請: {entered[1]} 件（二重登録 0 件" in second.stdout
    assert "届いた異動: 57 件（二重登録 0 件" in second.stdout


def expected() -> list[dict[str, object]]:
    """What the gallery says is entered, field by field, as the town keeps it."""
    table = ROOT / "scenarios" / JUTOGAI / "expected" / "登録予定.csv"
    with table.open(encoding="utf-8-sig", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["結果"] == "登録予定"]
    plain = ("受付番号", "異動事由", "届出区分", "郵便番号", "新住所", "方書", "備考")
    return [
        {name: row[name] for name in plain}
        | {name: read_date(row[name]).isoformat() for name in ("届出日", "異動日")}
        | {"本人確認": row["本人確認書類を確認した"] == "はい"}
        for row in rows
    ]


def test_what_the_demo_leaves_stands_item_by_item(
    demonstrated: tuple[Path, subprocess.CompletedProcess[str]],
) -> None:
    root = demonstrated[0] / "banken-demo"
    with start_town(root / "var" / "practice.sqlite") as town:
        entries = town.entries("jumin")
    arrived = Counter(str(entry["key"]) for entry in entries)
    assert len(arrived) == 57
    assert set(arrived.values()) == {1}
    meant = expected()
    entered = [cast("dict[str, object]", entry["values"]) for entry in entries]
    assert [{name: values[name] for name in meant[0]} for values in entered] == meant

    rows = banken_here(root, "items", JUTOGAI, "--state", "rejected", "--json").json()
    assert isinstance(rows, list)
    rejected = {row["key"]: row for row in rows}
    assert "暦にない日付" in rejected["26040018"]["reason"]
    assert "25行目" in rejected["26040018"]["origin"]
    assert "住所が空欄" in rejected["26040034"]["reason"]
    assert "00999999" in rejected["26040049"]["reason"]

    sheet = load_workbook(root / "var" / "out" / "jutogai-jusho" / "住所変更の登録結果.xlsx")["登録結果"]
    results = list(sheet.iter_rows(values_only=True))
    assert results[0] == ("受付番号", "宛名番号", "氏名", "異動日", "新住所", "受理番号", "登録日時")
    assert len(results) == 58
    assert all(str(row[5]).startswith("J") for row in results[1:])


def test_a_change_of_the_copied_scenario_is_refused_there_too(
    installed: Path, demonstrated: tuple[Path, subprocess.CompletedProcess[str]], tmp_path: Path
) -> None:
    shutil.copytree(demonstrated[0], tmp_path, dirs_exist_ok=True)
    scenario = tmp_path / "banken-demo" / "scenarios" / "shimin" / "jutogai-jusho" / "scenario.yaml"
    scenario.write_bytes(scenario.read_bytes().replace("人違い".encode(), "ひと違い".encode(), 1))
    changed = demo(installed, tmp_path)
    assert changed.returncode == 3
    assert "scenario.yaml が変わっています" in changed.stderr
