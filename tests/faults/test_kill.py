"""kill -9 at every boundary of a run, then resume: every item is in the core system exactly once, or in doubt."""

from __future__ import annotations

import shutil
from collections import Counter

from bench.kill import boundaries_of, result_rows, sweep
from robots.ledger.lookup import scenario_items
from robots.ledger.store import open_ledger
from tests.commands import in_a_process_of_its_own
from tests.conftest import JUTOGAI, CityHall, small_book
from tests.faults.killer import browser_lost, killed


def test_killed_at_every_boundary_the_item_is_entered_exactly_once(city: CityHall) -> None:
    """Runs of more items are bench.kill's."""
    found = sweep(city, items=1)
    assert found["boundaries"] == found["points"] and int(str(found["points"])) >= 10
    assert (found["lost"], found["doubled"], found["wrong"]) == ([], [], [])


def test_without_a_probe_an_item_cut_off_in_its_commit_is_in_doubt_until_a_person_decides(city: CityHall) -> None:
    keys = small_book(city, 2)
    city.edit(JUTOGAI, without_probe)
    city.approve(JUTOGAI)
    clicks = [at for at, what in enumerate(boundaries_of(city), 1) if what == "click"]
    before = city.arrived("jumin")
    shutil.rmtree(city.home.var)
    # The commit's click is the last of the first item's; what ends before it is the writing of the intent.
    assert in_a_process_of_its_own(killed, city.home.root, JUTOGAI, clicks[len(clicks) // 2 - 1] - 1) != 0
    ledger = open_ledger(city.home.database)
    assert [row["key"] for row in scenario_items(ledger, JUTOGAI, "committing")] == keys[:1]
    ledger.close()
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
