"""banken savings, savings book, estimate and the demo town, at the command line."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, cast

import pytest

from practice.towns import nagaoka
from tests.conftest import Done, banken_here

REGISTER = """organization: 練習市
hourly_cost: 3000
departments:
  kaikei: {name: 会計課, division: 出納室}
people:
  s1: {name: 担当, department: kaikei}
  s2: {name: 係長, department: kaikei}
scenarios:
  kaikei/shiharai:
    name: 支払
    owner: s1
    deputy: s2
    runs_on: ["*"]
    stop: 止める
    data: none
    baseline: {minutes_per_item: 6, measured: 2026-05-12, how: 実測}  # この行は残る
"""


@pytest.fixture
def hall(tmp_path: Path) -> Path:
    (tmp_path / "registry.yaml").write_text(REGISTER, encoding="utf-8")
    return tmp_path


def told(done: Done) -> dict[str, Any]:
    assert done.code == 0, done.err
    return cast("dict[str, Any]", done.json())


def test_minutes_and_yen_are_booked_and_stand_in_the_report(hall: Path) -> None:
    for arguments in (
        ("kaikei/shiharai", "--minutes", "90", "--kind", "authoring", "--on", "2026-04-02"),
        ("kaikei", "--minutes", "60", "--kind", "training", "--on", "2026-03-31"),
        ("全庁", "--cost", "1,200,000", "--kind", "licence", "--on", "2026-04-01"),
        ("全庁", "--cost", "500000", "--kind", "equipment", "--initial", "--on", "2026-04-01"),
        ("kaikei/shiharai", "--cost", "6596383.3", "--kind", "avoided", "--on", "2026-04-01"),
    ):
        done = banken_here(hall, "savings", "book", *arguments)
        assert done.code == 0, done.err
    report = told(banken_here(hall, "savings", "--year", "2026", "--json"))
    total = report["total"]
    assert (total["hours_after"], total["cost"], total["cost_initial"]) == (1.5, 1_200_000, 500_000)
    assert total["cost_avoided"] == 6596383.3
    assert [row["period"] for row in report["years"]] == ["2025", "2026"]
    rows = told(banken_here(hall, "savings", "--by", "division", "--json"))["rows"]
    assert [(row["division"], row["hours_after"]) for row in rows] == [("全庁共通", 0.0), ("出納室", 2.5)]
    assert told(banken_here(hall, "savings", "--recount", "--json"))["differences"] == []


@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        (("savings", "--by", "week"), "division"),
        (("savings", "--out", "r.doc"), ".pdf"),
        (("savings", "book", "kaikei", "--kind", "licence"), "どちらか一つ"),
        (("savings", "book", "kaikei", "--cost", "1", "--minutes", "1", "--kind", "licence"), "どちらか一つ"),
        (("savings", "book", "kaikei", "--cost", "1", "--kind", "review"), "avoided"),
        (("savings", "book", "kaikei", "--minutes", "1", "--kind", "licence"), "training"),
        (("savings", "book", "kaikei", "--minutes", "1", "--kind", "review", "--initial"), "--initial"),
        (("savings", "book", "kaikei", "--cost", "1e30", "--kind", "licence"), "正の数ではありません"),
        (("savings", "book", "kaikei", "--cost", "1", "--kind", "licence", "--on", "4/1"), "日付ではありません"),
        (("savings", "book", "zeimu", "--minutes", "1", "--kind", "review"), "台帳にありません"),
        (("estimate", "--items", "-5", "--minutes", "8"), "正の数ではありません"),
        (("estimate", "--items", "5", "--minutes", "8", "--keep"), "番号を付けて"),
        (("demo", "--town", "atlantis"), "nagaoka"),
    ],
)
def test_wrong_words_are_answered_with_the_right_ones(hall: Path, arguments: tuple[str, ...], word: str) -> None:
    done = banken_here(hall, *arguments)
    assert done.code in (1, 2)
    assert word in done.err


def test_an_estimate_is_kept_with_the_entry_and_nothing_else_changes(hall: Path) -> None:
    made = told(banken_here(hall, "estimate", "--items", "9600", "--minutes", "6", "--json"))
    assert made["low"]["hours_saved"] < made["likely"]["hours_saved"] < made["high"]["hours_saved"]
    assert made["likely"]["hours_before"] == 960.0
    done = banken_here(hall, "estimate", "kaikei/shiharai", "--items", "9600", "--minutes", "6", "--keep")
    assert done.code == 0, done.err
    after = (hall / "registry.yaml").read_text(encoding="utf-8")
    (line,) = [line for line in after.splitlines() if line.strip().startswith("estimate:")]
    assert after.replace(line + "\n", "") == REGISTER
    assert f"net: {made['likely']['hours_saved']:.1f}" in line
    again = banken_here(hall, "estimate", "kaikei/shiharai", "--items", "100", "--minutes", "6", "--keep")
    assert again.code == 0, "a later estimate takes its place"
    assert (hall / "registry.yaml").read_text(encoding="utf-8").count("estimate:") == 1


def test_the_demo_town_shows_a_year_that_opens_down_to_its_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    few = [work for work in nagaoka() if work.every == "month"][:3]
    monkeypatch.setattr("robots.cli.demo_nagaoka.nagaoka", lambda: few)
    done = banken_here(tmp_path, "demo", "--town", "nagaoka")
    assert done.code == 0, done.err
    assert "内訳・件数・人件費の単価は見本です" in done.out
    town = tmp_path / "banken-nagaoka"
    report = told(banken_here(town, "savings", "--json"))
    assert report["total"]["items"] == sum(work.items for work in few)
    assert report["total"]["hours_after"] == round(sum(work.people for work in few) / 60, 2)
    works = {row["scenario"]: row for row in report["rows"] if row["scenario"] != "*"}
    assert set(works) == {work.scenario for work in few}
    assert {len(row["runs"]) for row in works.values()} == {12}
    run = works[few[0].scenario]["runs"][0]
    assert json.dumps(run)[1:-1] in banken_here(town, "show", run).out
    assert told(banken_here(town, "savings", "--recount", "--json"))["items"] == report["total"]["items"]
    assert banken_here(town, "check").code == 0
    assert banken_here(tmp_path, "demo", "--town", "nagaoka").code == 0, "the town is there already"
    assert told(banken_here(town, "savings", "--json"))["total"] == report["total"]
