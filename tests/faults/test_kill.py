"""kill -9 at every boundary of a run, then resume: every item is in the core system exactly once, or in doubt."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections import Counter
from dataclasses import replace
from pathlib import Path

from openpyxl import load_workbook

from practice.server import start_town
from robots.ledger.runs import latest_runs
from robots.ledger.store import open_ledger
from robots.settings import open_home
from tests.conftest import JUTOGAI, ROOT, CityHall, small_book

ITEMS = 2


def killed_run(city: CityHall, at: int) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "tests.faults.killer", str(city.home.root), JUTOGAI, str(at)],
        cwd=ROOT,
        env={**os.environ, "PYTHONUTF8": "1"},
        capture_output=True,
        encoding="utf-8",
        timeout=120,
        check=False,
    )


def fresh(city: CityHall, folder: Path) -> CityHall:
    """The same approved town without its past."""
    shutil.rmtree(city.home.var, ignore_errors=True)
    return replace(
        city, home=open_home(city.home.root, {}), town=start_town(folder / "town.sqlite", port=city.town.port)
    )


def result_rows(city: CityHall) -> Counter[str]:
    book = load_workbook(city.home.var / "out" / "jutogai-jusho" / "住所変更の登録結果.xlsx")
    column = [str(row[0]) for row in book["登録結果"].iter_rows(min_row=2, max_col=1, values_only=True)]
    return Counter(column)


def continue_run(city: CityHall) -> None:
    """What a person does next morning: resume the run that died, or run again where none had begun."""
    ledger = open_ledger(city.home.database)
    dead = [row["id"] for row in latest_runs(ledger, JUTOGAI, 1) if row["state"] == "running"]
    ledger.close()
    done = city.banken("resume", *dead) if dead else city.banken("run", JUTOGAI)
    assert done.code == 0, done.out + done.err


def test_killed_at_every_boundary_each_item_is_entered_exactly_once(city: CityHall, tmp_path: Path) -> None:
    keys = small_book(city, ITEMS)
    whole = killed_run(city, 0)
    assert whole.returncode == 0, whole.stderr
    boundaries = int(whole.stdout.split()[-1])
    assert boundaries >= 4 * ITEMS
    city.town.stop()
    lost, doubled = [], []
    for at in range(1, boundaries + 1):
        folder = tmp_path / str(at)
        folder.mkdir()
        present = fresh(city, folder)
        with present.town:
            assert killed_run(present, at).returncode != 0
            continue_run(present)
            arrived = present.arrived("jumin")
            lost += [(at, key) for key in keys if arrived[key] == 0]
            doubled += [(at, key) for key, count in arrived.items() if count > 1]
            assert result_rows(present) == Counter(keys), f"boundary {at}"
    print(f"points {boundaries}, lost {len(lost)}, doubled {len(doubled)}")
    assert (lost, doubled) == ([], [])


def test_without_a_probe_an_item_cut_off_in_its_commit_is_in_doubt_until_a_person_decides(city: CityHall) -> None:
    keys = small_book(city, ITEMS)
    city.edit(JUTOGAI, without_probe)
    city.approve(JUTOGAI)
    whole = killed_run(city, 0)
    assert whole.returncode == 0, whole.stderr
    before = city.arrived("jumin")
    shutil.rmtree(city.home.var)
    states = []
    for at in range(1, int(whole.stdout.split()[-1])):
        shutil.rmtree(city.home.var, ignore_errors=True)
        killed_run(city, at)
        rows = city.banken("items", JUTOGAI, "--state", "committing", "--json").json()
        assert isinstance(rows, list)
        if rows:
            states.append(at)
            break
    assert states, "some boundary lies inside a commit"
    done = city.banken("run", JUTOGAI, "--json")
    assert done.code == 1
    doubtful = city.banken("items", JUTOGAI, "--state", "in_doubt", "--json").json()
    assert isinstance(doubtful, list)
    assert [row["key"] for row in doubtful] == keys[:1]
    assert "already_done" in doubtful[0]["reason"]
    entered = city.arrived("jumin")[keys[0]]
    city.banken("run", JUTOGAI)
    assert city.arrived("jumin")[keys[0]] == entered, "an item in doubt is never tried again by itself"
    assert before[keys[0]] == 1
    settled = city.banken("settle", str(doubtful[0]["id"]), "--again", "--as", "s1001", "--why", "画面で未登録を確認")
    assert settled.code == 0, settled.err
    assert city.banken("run", JUTOGAI).code == 0
    assert city.arrived("jumin")[keys[0]] == entered + 1


def without_probe(text: str) -> str:
    """The scenario with its already_done removed."""
    lines = text.splitlines(keepends=True)
    first = next(n for n, line in enumerate(lines) if line.strip().startswith("登録済みの確認:"))
    last = next(n for n, line in enumerate(lines) if n > first and line.startswith("後始末"))
    return "".join([*lines[:first], "\n", *lines[last:]])
