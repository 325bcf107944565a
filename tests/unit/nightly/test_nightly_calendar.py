"""banken calendar: the grid, why a day was moved, and the same as JSON."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.conftest import banken_here

_REGISTER = """\
organization: 練習市
departments: {shimin: {name: 市民課}}
people:
  s1: {name: 担当, department: shimin, roles: [author]}
  s2: {name: 係長, department: shimin, roles: [author]}
scenarios:
"""
_ENTRY = """\
  shimin/%s:
    name: 届の登録
    owner: s1
    deputy: s2
    runs_on: "*"
    stop: 止める
    data: none
    baseline: {minutes_per_item: 8, measured: 2026-05-01, how: 実測}
"""


@pytest.fixture
def root(tmp_path: Path) -> Path:
    schedules = {
        "a": '{on: "25日、前の開庁日", at: "19:00"}',
        "b": '{on: 25日, at: ["9:00", "13:00"]}',
        "c": "{after: [shimin/a]}",
    }
    text = (
        _REGISTER + "".join(_ENTRY % name + f"    schedule: {one}\n" for name, one in schedules.items()) + _ENTRY % "d"
    )
    (tmp_path / "registry.yaml").write_text(text, encoding="utf-8")
    return tmp_path


def test_a_grid_with_the_days_and_why_one_was_moved(root: Path) -> None:
    done = banken_here(root, "calendar", "shimin/a", "--from", "2026-09-01", "--to", "2026-10-31")
    assert done.code == 0 and "届の登録（shimin/a）: 25日、前の開庁日 19:00" in done.out
    assert " 21.  22.  23.  24  [25]  26.  27." in done.out
    assert " 19   20   21   22  [23*] 24.  25." in done.out
    assert "2026-10-23（金）: 10/25（日）は日曜日のため、前の開庁日" in done.out and "2 日" in done.out


def test_twelve_months_from_now(root: Path) -> None:
    done = banken_here(root, "calendar", "shimin/a")
    assert (done.code, done.out.count("  月   火   水   木   金   土   日")) == (0, 12)


def test_a_closed_day_that_is_run_on_is_pointed_out(root: Path) -> None:
    done = banken_here(root, "calendar", "shimin/b", "--from", "2026-10-01", "--to", "2026-10-31")
    assert "09:00・13:00" in done.out and "2026-10-25（日）: 日曜日ですが動かします。" in done.out


def test_the_same_as_json(root: Path) -> None:
    done = banken_here(root, "calendar", "shimin/a", "--from", "2026-10-01", "--to", "2026-10-31", "--json")
    document = json.loads(done.out)
    assert document["days"] == [
        {"day": "2026-10-23", "planned": "2026-10-25", "why": "10/25（日）は日曜日のため、前の開庁日", "closed": False}
    ]
    assert (document["at"], document["closed"]["2026-10-12"]) == (["19:00"], "祝日（スポーツの日）")


def test_holidays_that_are_not_official_yet_are_a_forecast(root: Path) -> None:
    done = banken_here(root, "calendar", "shimin/a", "--from", "2095-01-01", "--to", "2095-12-31")
    assert "まだ官報で公表されていません" in done.out
    refused = banken_here(root, "calendar", "shimin/a", "--from", "2100-01-01", "--to", "2100-12-31")
    assert refused.code == 1 and "2100年の祝日が分からない" in refused.err


@pytest.mark.parametrize(
    ("arguments", "code", "what"),
    [
        (["shimin/aa"], 2, "もしかして: shimin/a"),
        (["shimin/d"], 1, "予定（schedule）がありません"),
        (["shimin/a", "--from", "2026-10-01", "--to", "2026-09-01"], 2, "5 年以内"),
        (["shimin/a", "--from", "2026-13-01"], 1, "暦にない日付"),
    ],
)
def test_what_can_not_be_shown_is_said(root: Path, arguments: list[str], code: int, what: str) -> None:
    done = banken_here(root, "calendar", *arguments)
    assert done.code == code and what in done.err, done.err


def test_one_that_only_follows_has_no_days_of_its_own(root: Path) -> None:
    assert "shimin/a が正常に終わったら" in banken_here(root, "calendar", "shimin/c").out
