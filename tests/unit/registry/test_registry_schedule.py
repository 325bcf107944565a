"""schedule and the town's days in the register: what is read, and every mistake at its line."""

from __future__ import annotations

from datetime import date

import pytest

from robots.registry.load import Loaded, read_register
from robots.registry.schedule import Missed

_HEAD = """\
organization: 練習市
resources: {gakumu-login: {holders: 1}}
departments: {shimin: {name: 市民課}}
people:
  s1: {name: 担当, department: shimin, roles: [author]}
  s2: {name: 係長, department: shimin, roles: [author]}
scenarios:
"""
_ENTRY = """\
  shimin/%s:
    name: 登録
    owner: s1
    deputy: s2
    runs_on: "*"
    stop: 止める
    data: none
    baseline: {minutes_per_item: 8, measured: 2026-05-01, how: 実測}
"""


def register(*schedules: str, head: str = _HEAD) -> str:
    """Scenarios shimin/a, shimin/b … with these schedules ("" for none)."""
    entries = [
        _ENTRY % name + (f"    schedule: {one}\n" if one else "") for name, one in zip("abc", schedules, strict=False)
    ]
    return head + "".join(entries)


def read(*schedules: str, head: str = _HEAD) -> Loaded:
    loaded = read_register(register(*schedules, head=head).encode())
    assert isinstance(loaded, Loaded), str(loaded)
    return loaded


def said(*schedules: str, head: str = _HEAD) -> str:
    return str(read_register(register(*schedules, head=head).encode()))


def test_a_schedule_in_either_language() -> None:
    english = (
        '{on: every open day, at: "19:00", finish_by: "06:00", resources: [gakumu-login], missed: skip, priority: 2}'
    )
    japanese = "{日: every open day, 時刻: 19時, 終了期限: 6:00, 資源: gakumu-login, 逃したとき: 実行しない, 優先度: 2}"
    entries = read(english, japanese).register.scenarios
    assert entries["shimin/a"].schedule == entries["shimin/b"].schedule
    schedule = entries["shimin/a"].schedule
    assert (
        schedule is not None
        and schedule.missed == Missed("skip")
        and [f"{one:%H:%M}" for one in schedule.times] == ["19:00"]
    )


def test_the_open_days_of_the_town() -> None:
    head = _HEAD.replace("resources:", "closed_days: [sun]\nclosed_extra: [2026-11-24]\nresources:")
    days = read("", head=head).register.open_days
    assert [days.is_open(day) for day in (_day(21), _day(22), _day(23), _day(24))] == [True, False, True, False]
    assert not read("").register.open_days.is_open(
        _day(23)
    )  # 勤労感謝の日: the law's days where the register says none


def _day(number: int) -> date:
    return date(2026, 11, number)


@pytest.mark.parametrize(
    ("schedule", "line", "what"),
    [
        ('{on: every opn day, at: "19:00"}', 16, "もしかして: every open day"),
        ('{on: 毎開庁び, at: "19:00"}', 16, "書けるのは 「毎開庁日」"),
        ("{on: 毎開庁日}", 16, "at（始める時刻）が必要です"),
        ('{at: "19:00"}', 16, "on（日の決まり）か after（先行）"),
        ('{on: 毎開庁日, at: "25:00"}', 16, "23:59"),
        ('{on: 毎開庁日, at: "19:00", finish_by: [6:00, 7:00]}', 16, "一つだけ"),
        ('{on: 毎開庁日, at: "19:00", resources: [gakumu-logon]}', 16, "もしかして: gakumu-login"),
        ('{on: 毎開庁日, at: "19:00", after: [shimin/z]}', 16, "「shimin/z」が scenarios にありません"),
        ('{on: 毎開庁日, at: "19:00", missed: run_al}', 16, "run_once（一度だけ実行）"),
        ('{on: 毎開庁日, at: "19:00", missed: {run_all: 0}}', 16, "1 から 100"),
        ('{on: 毎開庁日, at: "19:00", season: 13/01-03/31}', 16, "暦にない日"),
        ('{on: 毎開庁日, at: "19:00", priority: 0}', 16, "1 以上"),
        ('{on: 毎開庁日, at: "19:00", finsh_by: "06:00"}', 16, "もしかして: finish_by"),
        ("{on: 開庁日の9:00から17:00まで30分ごと, at: '19:00'}", 16, "at（時刻）を書けません"),
        ("{after: [shimin/a]}", 16, "輪になっています: shimin/a → shimin/a"),
    ],
    ids=lambda value: value if isinstance(value, str) and value.startswith("{") else "",
)
def test_a_mistake_is_told_at_its_line(schedule: str, line: int, what: str) -> None:
    told = said(schedule)
    assert told.startswith(f"registry.yaml:{line}:") and what in told, told


def test_one_may_only_follow_what_has_a_schedule_itself() -> None:
    assert "「shimin/b」には予定（schedule）がありません" in said("{after: [shimin/b]}", "")
    ring = said('{on: 毎日, at: "1:00", after: [shimin/b]}', '{on: 毎日, at: "1:00", after: [shimin/a]}')
    assert "先行（after）が輪になっています" in ring


@pytest.mark.parametrize("days", ["closed_days: [土よう]", "closed_extra: [2026-02-30]", "open_extra: [毎日]"])
def test_the_towns_days_are_checked(days: str) -> None:
    told = said("", head=_HEAD.replace("resources:", f"{days}\nresources:"))
    assert told.startswith("registry.yaml:2:"), told
