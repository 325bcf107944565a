"""kill -9 at every boundary of a run, then resume: every item is in the core system exactly once, or in doubt."""

from __future__ import annotations

import shutil
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest
from openpyxl import load_workbook

from practice.server import start_town
from robots.ledger.lookup import scenario_items
from robots.ledger.store import open_ledger
from robots.settings import open_home
from tests.commands import in_a_process_of_its_own
from tests.conftest import JUTOGAI, CityHall, small_book
from tests.faults.killer import browser_lost, carried_on, killed

ITEMS = 2


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


def boundaries_of(city: CityHall) -> int:
    """How many boundaries a run that nobody kills has."""
    assert in_a_process_of_its_own(killed, city.home.root, JUTOGAI, 0) == 0
    return int((city.home.root / "boundaries.txt").read_text(encoding="utf-8"))


@pytest.mark.parametrize("first", [1, 2], ids=["odd boundaries", "even boundaries"])
def test_killed_at_every_boundary_each_item_is_entered_exactly_once(city: CityHall, tmp_path: Path, first: int) -> None:
    keys = small_book(city, ITEMS)
    boundaries = boundaries_of(city)
    assert boundaries >= 4 * ITEMS
    city.town.stop()
    lost, doubled = [], []
    for at in range(first, boundaries + 1, 2):
        folder = tmp_path / str(at)
        folder.mkdir()
        present = fresh(city, folder)
        with present.town:
            assert in_a_process_of_its_own(killed, present.home.root, JUTOGAI, at) != 0
            assert in_a_process_of_its_own(carried_on, present.home.root, JUTOGAI) == 0
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
    boundaries = boundaries_of(city)
    before = city.arrived("jumin")
    shutil.rmtree(city.home.var)
    states = []
    for at in range(1, boundaries):
        shutil.rmtree(city.home.var, ignore_errors=True)
        in_a_process_of_its_own(killed, city.home.root, JUTOGAI, at)
        ledger = open_ledger(city.home.database)
        rows = scenario_items(ledger, JUTOGAI, "committing")
        ledger.close()
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


def test_a_browser_that_dies_inside_the_last_commit_leaves_nothing_in_doubt(city: CityHall) -> None:
    keys = small_book(city, 1)
    assert in_a_process_of_its_own(browser_lost, city.home.root, JUTOGAI) == 0
    assert city.arrived("jumin") == Counter(keys)
    assert result_rows(city) == Counter(keys)


def without_probe(text: str) -> str:
    """The scenario with its already_done removed."""
    lines = text.splitlines(keepends=True)
    first = next(n for n, line in enumerate(lines) if line.strip().startswith("登録済みの確認:"))
    last = next(n for n, line in enumerate(lines) if n > first and line.startswith("後始末"))
    return "".join([*lines[:first], "\n", *lines[last:]])
