"""Strays: the seeded town's are all found and none else; what is a look-alike by day and by word."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from bench.strays import measure
from robots.ledger.histories import History
from robots.registry.lookalikes import scan
from robots.registry.strays import Facts, Stray, strays
from robots.settings import Home
from tests.unit.registry.registry_help import DAY, ID, approve_it, edit_register, loaded

FLOW = "gakumu/flow"


def test_the_seeded_town_gives_up_all_its_strays_and_no_look_alike() -> None:
    found = measure(110, seed=7)
    assert (found["planted"], found["look_alikes"]) == (60, 40)
    assert (found["missed"], found["wrong"]) == ([], [])
    assert (found["precision"], found["recall"]) == (1.0, 1.0)


def facts(home: Home, **more: Any) -> Facts:
    register = loaded(home).register
    return replace(Facts(DAY, register, frozenset({ID, FLOW}), {}), **more)


def kinds(found: list[Stray], subject: str = ID) -> list[str]:
    return [one.kind for one in found if one.subject == subject]


@pytest.mark.parametrize(
    ("people", "words"),
    [
        ({"s1001": "left: 2026-05-31"}, ""),
        (
            {"s1001": "left: 2026-05-31", "s1002": "left: 2026-06-01"},
            "所有者（s1001 学務課の担当、2026-05-31 に離れた）も",
        ),
        ({"s1001": "left: 2026-06-02", "s1002": "left: 2026-06-02"}, ""),
        ({"s1002": "left: 2026-05-31"}, "副担当（s1002 学務課の係長、2026-05-31 に離れた）がいません"),
        ({"s1001": "away_until: 2026-09-30"}, ""),
        (
            {"s1001": "away_until: 2026-09-30", "s1002": "left: 2026-05-01"},
            "所有者（s1001 学務課の担当、2026-09-30 まで不在）も",
        ),
        ({"s1001": "away_until: 2026-05-31", "s1002": "away_until: 2026-09-30"}, ""),
    ],
)
def test_with_one_of_the_two_present_nothing_is_orphaned(home: Home, people: dict[str, str], words: str) -> None:
    for person, what in people.items():
        edit_register(home, f"\n    {person}: {{", f"\n    {person}: {{{what}, ")
    found = [one for one in strays(facts(home)) if one.subject == ID]
    assert bool(found) is bool(words)
    assert all(words in one.what and one.kind == "owner" for one in found)


@pytest.mark.parametrize(
    ("stop", "stray"),
    [
        ("未定", True),
        ("　なし。", True),
        ("(後日)", True),
        ("ＴＯＤＯ", True),
        ("", True),
        ("未定の日は学務課へ電話する", False),
    ],
)
def test_a_way_to_stop_that_says_nothing_is_none(home: Home, stop: str, stray: bool) -> None:
    edit_register(home, "stop: |\n            いまの対象が終わるのを待つ\n", f'stop: "{stop}"\n')
    assert ("stop" in kinds(strays(facts(home)))) is stray


@pytest.mark.parametrize(
    ("schedule", "last", "today", "stray"),
    [
        ('{on: 毎開庁日, at: "19:00"}', date(2026, 6, 1), date(2026, 6, 30), False),
        ('{on: 毎開庁日, at: "19:00"}', date(2026, 6, 1), date(2026, 7, 1), True),
        ('{on: 25日, at: "19:00"}', date(2026, 6, 1), date(2026, 7, 23), False),
        ('{on: 25日, at: "19:00"}', date(2026, 6, 1), date(2026, 7, 27), True),
        ('{on: 毎開庁日, at: "19:00", season: 10/01-03/31}', date(2026, 6, 1), date(2026, 9, 30), False),
        ('{on: 毎開庁日, at: "19:00", season: 10/01-03/31}', date(2026, 6, 1), date(2026, 11, 2), True),
        ('{on: 毎開庁日, at: "19:00", season: 04/01-05/31}', date(2026, 5, 31), date(2027, 3, 31), False),
        (None, date(2026, 6, 1), date(2027, 6, 1), False),
        (None, date(2026, 6, 1), date(2027, 8, 1), True),
    ],
)
def test_it_is_neglected_once_it_should_have_gone_well_for_twenty_open_days(
    home: Home, schedule: str | None, last: date, today: date, stray: bool
) -> None:
    written = f"        schedule: {schedule}\n" if schedule else ""
    edit_register(home, '        schedule: {on: every open day, at: "19:00"}\n', written)
    approve_it(home, until=date(2030, 3, 31))
    found = strays(facts(home, today=today, history=History(successes={ID: last})))
    assert ("neglected" in kinds(found)) is stray, [str(one) for one in found]


def test_two_years_to_the_day_are_not_yet_over(home: Home) -> None:
    measured = date(2026, 5, 12)
    assert kinds(strays(facts(home, today=date(2028, 5, 12)))) == []
    (old,) = (one for one in strays(facts(home, today=date(2028, 5, 13))) if one.subject == ID)
    assert str(measured) in old.what
    assert measured + timedelta(days=731) == date(2028, 5, 12)


def test_a_file_that_can_not_be_read_is_no_scenario_and_a_folder_that_can_not_is_told(tmp_path: Path) -> None:
    (tmp_path / "big.yaml").write_bytes(b"name: x\nprepare:\n  - browser.open: http://x\n" + b"#" * 1_100_000)
    (tmp_path / "binary.yaml").write_bytes(b"name: x\0prepare:\n")
    (tmp_path / "copy.yaml").write_text("name: x\nprepare:\n  - browser.open: http://x\n", encoding="utf-8")
    found, shut = scan([tmp_path, tmp_path / "gone"], [])
    assert [one.file.name for one in found] == ["copy.yaml"]
    assert [one.name for one in shut] == ["gone"]
    (tmp_path / "known").mkdir()
    (tmp_path / "copy.yaml").rename(tmp_path / "known" / "copy.yaml")
    assert scan([tmp_path], [tmp_path / "known"]) == ([], [])
