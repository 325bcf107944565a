"""The night over a real ledger, with a clock in hand and runs that are over when the test says so."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from robots.clock import JST
from robots.ledger.firings import claim, firings_between, get_firing, open_firings, settle
from robots.ledger.leases import Busy, Holder, take
from robots.ledger.store import Ledger, open_ledger
from robots.ledger.tables import firings
from robots.nightly.children import Child
from robots.nightly.service import Night
from robots.processes import this_process
from robots.settings import Home, open_home

_HEAD = """\
organization: 練習市
resources: {login: {holders: 1}}
departments: {yoru: {name: 夜間課}}
people:
  s1: {name: 担当, department: yoru, roles: [author]}
  s2: {name: 係長, department: yoru, roles: [author]}
scenarios:
"""
_ENTRY = """\
  yoru/%s:
    name: %s
    owner: s1
    deputy: s2
    runs_on: "%s"
    stop: 止める
    data: none
    schedule: %s
    baseline: {minutes_per_item: 8, measured: 2026-05-01, how: 実測}
"""


@dataclass
class Started:
    """A child that goes until it is told its exit code."""

    code: int | None = None
    words: str = ""

    def ended(self) -> int | None:
        return self.code

    def said(self) -> str:
        return self.words


@dataclass
class Town:
    """A register, a ledger, a clock and a scheduler; ``started`` is what was begun, in order."""

    home: Home
    ledger: Ledger
    moment: datetime = datetime(2026, 12, 1, 18, 0, tzinfo=JST)
    started: list[str] = field(default_factory=list)
    children: dict[int, Started] = field(default_factory=dict)
    nights: list[Night] = field(default_factory=list)

    def schedules(self, schedules: dict[str, str], *, runs_on: str = "*") -> None:
        entries = (_ENTRY % (name, name, runs_on, schedule) for name, schedule in schedules.items())
        self.home.register.write_text(_HEAD + "".join(entries), encoding="utf-8")

    def start(self, scenario: str, firing: int) -> Child:
        self.started.append(scenario.removeprefix("yoru/"))
        child = self.children[firing] = Started()
        return child

    def night(self) -> Night:
        """A scheduler that has seen the register once."""
        night = Night(self.home, self.ledger, self, clock=lambda: self.moment)
        self.nights.append(night)
        night.tick()
        return night

    def at(self, text: str) -> None:
        """Moves the clock (12-02 19:00) and lets every scheduler look."""
        self.moment = datetime.fromisoformat(f"2026-{text}").replace(tzinfo=JST)
        for night in self.nights:
            night.tick()

    def over(self, name: str, state: str = "ended") -> None:
        """The running child of a scenario takes its firing up and ends so."""
        for firing, child in self.children.items():
            row = get_firing(self.ledger, firing)
            if row is not None and row["scenario"] == f"yoru/{name}" and child.code is None:
                assert claim(self.ledger, firing, machine="robot-1", process=this_process(), moment=self.moment)
                settle(self.ledger, firing, state, "", while_in=["running"])
                child.code = 0

    def states(self) -> dict[str, str]:
        """The state of each scenario's latest firing."""
        start = datetime(2020, 1, 1, tzinfo=JST)
        rows = firings_between(self.ledger, start, self.moment + timedelta(days=9))
        return {row["scenario"].removeprefix("yoru/"): row["state"] for row in rows}

    def reason(self, name: str) -> str:
        rows = firings_between(self.ledger, datetime(2020, 1, 1, tzinfo=JST), self.moment)
        return str([row["reason"] for row in rows if row["scenario"] == f"yoru/{name}"][-1])


@pytest.fixture(scope="module")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("night")
    open_ledger(open_home(root, {"BANKEN_VAULT": "file"}).database).close()
    return root


@pytest.fixture
def town(migrated: Path, tmp_path: Path) -> Iterator[Town]:
    shutil.copytree(migrated / "var", tmp_path / "var")
    home = open_home(tmp_path, {"BANKEN_MACHINE": "robot-1", "BANKEN_VAULT": "file", "BANKEN_PARALLEL": "4"})
    ledger = open_ledger(home.database)
    yield Town(home, ledger)
    ledger.close()


NIGHTLY = '{on: 毎開庁日, at: "19:00", finish_by: "06:00"}'


def test_a_turn_is_started_once_and_again_the_next_night(town: Town) -> None:
    town.schedules({"a": NIGHTLY})
    town.night()
    town.at("12-01 18:59:59")
    assert town.started == []
    for second in (0, 10, 20):
        town.at(f"12-01 19:00:{second:02}")
    assert town.started == ["a"]
    town.over("a")
    town.at("12-01 19:05")
    town.at("12-02 19:00")
    assert town.started == ["a", "a"]


def test_a_new_schedule_and_a_changed_one_begin_from_now(town: Town) -> None:
    town.schedules({"a": '{on: 毎開庁日, at: "17:00"}'})
    town.night()
    town.schedules({"a": '{on: 毎開庁日, at: "17:30"}'})
    town.at("12-01 18:10")
    assert town.started == []
    town.at("12-02 17:30")
    assert town.started == ["a"]


def test_priorities_and_room(town: Town) -> None:
    names = [("late", 9), ("first", 1), ("mid", 5), ("mid2", 5), ("last", 9)]
    town.schedules({name: f'{{on: 毎日, at: "19:00", priority: {priority}}}' for name, priority in names})
    town.night()
    town.at("12-01 19:00")
    assert town.started == ["first", "mid", "mid2", "last"]
    town.over("mid")
    town.at("12-01 19:01")
    assert town.started[-1] == "late"


def test_one_at_a_time_at_a_login(town: Town) -> None:
    town.schedules({name: '{on: 毎日, at: "19:00", resources: [login]}' for name in "ab"})
    town.night()
    town.at("12-01 19:00")
    town.at("12-01 19:01")
    assert town.started == ["a"] and town.reason("b") == "「login」が空くのを待っています。"
    town.over("a")
    town.at("12-01 19:02")
    assert town.started == ["a", "b"]


def test_a_login_that_a_person_uses_is_waited_for(town: Town) -> None:
    town.schedules({"a": '{on: 毎日, at: "19:00", resources: [login]}'})
    town.night()
    person = Holder("x", "手で実行", "robot-2", "1@0")
    now = datetime(2026, 12, 1, 19, tzinfo=JST)
    assert not isinstance(take(town.ledger, {"login": 1}, person, moment=now, seconds=90, gone=lambda *_: False), Busy)
    town.at("12-01 19:01")
    assert town.started == []
    town.at("12-01 19:02")  # its lease has run out
    assert town.started == ["a"]


def test_what_follows_begins_after_all_have_ended_well(town: Town) -> None:
    after = "{after: [yoru/a, yoru/b]}"
    town.schedules({"a": NIGHTLY, "b": NIGHTLY, "c": after, "d": '{on: 毎日, at: "19:00", after: [yoru/c]}'})
    town.night()
    town.at("12-01 19:00")
    town.over("a")
    town.at("12-01 19:10")
    assert town.started == ["a", "b"] and town.reason("d") == "先行の yoru/c が終わるのを待っています。"
    town.over("b")
    town.at("12-01 19:20")
    assert town.started == ["a", "b", "c"]
    town.over("c")
    town.at("12-01 19:30")
    assert town.started == ["a", "b", "c", "d"]
    town.over("d")
    town.at("12-05 19:00")  # a Saturday: what it follows has no turn, so there is nothing to wait for
    assert town.started[4:] == ["d"]


def test_one_that_was_held_begins_when_what_it_follows_is_mended(town: Town) -> None:
    town.schedules({"a": NIGHTLY, "b": '{on: 毎開庁日, at: "19:00", finish_by: "06:00", after: [yoru/a]}'})
    town.night()
    town.at("12-01 19:00")
    town.over("a", "failed")
    town.at("12-01 19:10")
    assert town.states() == {"a": "failed", "b": "held"}
    with town.ledger.writing() as connection:
        connection.execute(firings.update().where(firings.c.scenario == "yoru/a").values(state="ended"))
    town.at("12-01 20:00")
    assert town.started == ["a", "b"]


def test_a_chain(town: Town) -> None:
    chained = '{on: 毎開庁日, at: "19:00", after: [yoru/a]}'
    town.schedules({"a": NIGHTLY, "b": chained, "c": "{after: [yoru/b]}", "free": NIGHTLY})
    town.night()
    town.at("12-01 19:00")
    assert town.started == ["a", "free"] and town.reason("b") == "先行の yoru/a が終わるのを待っています。"
    town.over("a")
    town.at("12-01 19:10")
    assert town.started == ["a", "free", "b"]
    town.over("b")
    town.at("12-01 19:20")
    town.at("12-01 19:20:10")
    assert town.started == ["a", "free", "b", "c"]
    town.over("c")
    town.over("free")
    town.at("12-02 19:00")
    assert town.started[4:] == ["a", "free"]


def test_a_failure_holds_those_that_depend_on_it_and_only_those(town: Town) -> None:
    follows = '{on: 毎開庁日, at: "19:00", finish_by: "06:00", after: [yoru/%s]}'
    town.schedules(
        {
            "a": NIGHTLY,
            "b": follows % "a",
            "c": follows % "b",
            "d": "{after: [yoru/c]}",
            "free": NIGHTLY,
            "e": follows % "free",
        }
    )
    town.night()
    town.at("12-01 19:00")
    town.over("a", "failed")
    town.over("free")
    for minute in range(10, 14):
        town.at(f"12-01 19:{minute}")
    assert town.started == ["a", "free", "e"]
    assert {name: town.states()[name] for name in "abce"} == {"a": "failed", "b": "held", "c": "held", "e": "queued"}
    assert town.reason("c") == "先行の yoru/b が正常に終わらなかったため、始めません。"
    town.at("12-02 06:00")  # held to the end
    assert (town.states()["b"], "d" in town.started) == ("held", False)
    town.over("e")
    town.at("12-02 19:00")  # and the next night is a new one
    assert town.started[3:] == ["a", "free"]


def test_the_gates_refusal_is_kept_and_not_tried_again(town: Town) -> None:
    town.schedules({"a": NIGHTLY})
    town.night()
    town.at("12-01 19:00")
    (child,) = town.children.values()
    child.code, child.words = 3, "実行できません: シナリオ「yoru/a」は承認のあとで変わりました。"
    town.at("12-01 19:01")
    town.at("12-01 19:02")
    assert town.started == ["a"] and town.states() == {"a": "refused"} and "承認のあとで" in town.reason("a")


def test_a_child_that_died_before_it_began_is_begun_again_a_few_times(town: Town) -> None:
    town.schedules({"a": NIGHTLY})
    town.night()
    for minute in range(6):
        town.at(f"12-01 19:0{minute}")
        for child in town.children.values():
            child.code = -9
    assert town.started == ["a"] * 3 and town.states() == {"a": "failed"}


def test_a_run_whose_process_died_is_taken_up_again(town: Town) -> None:
    town.schedules({"a": NIGHTLY})
    town.night()
    town.at("12-01 19:00")
    ((firing, child),) = town.children.items()
    assert claim(town.ledger, firing, machine="robot-1", process="1@0.00", moment=town.moment)
    child.code = -9
    town.at("12-01 19:01")
    assert town.started == ["a", "a"]
    row = get_firing(town.ledger, firing)
    assert row is not None and (row["state"], row["claims"]) == ("queued", 1)


def test_a_run_on_another_machine_is_dead_when_it_is_not_heard_of(town: Town) -> None:
    town.schedules({"a": NIGHTLY})
    town.night()
    town.at("12-01 19:00")
    ((firing, child),) = town.children.items()
    assert claim(town.ledger, firing, machine="robot-2", process="1@0.00", moment=town.moment)
    child.code = 0
    town.at("12-01 19:00:30")
    assert town.states() == {"a": "running"}
    town.at("12-01 19:00:35")
    assert town.started == ["a", "a"]


def test_one_that_outlives_its_time_is_asked_to_stop(town: Town) -> None:
    town.schedules({"a": NIGHTLY})
    town.night()
    town.at("12-01 19:00")
    ((firing, _),) = town.children.items()
    assert claim(town.ledger, firing, machine="robot-1", process=this_process(), moment=town.moment)
    town.at("12-02 05:59")
    row = get_firing(town.ledger, firing)
    assert row is not None and row["stop_at"] is None
    town.at("12-02 06:00")
    row = get_firing(town.ledger, firing)
    assert row is not None and row["stop_at"] and row["reason"] == "終了期限を過ぎたため、止めるよう頼みました。"


def test_another_scheduler_stands_by_and_takes_over_within_a_minute(town: Town) -> None:
    town.schedules({"a": NIGHTLY, "b": '{on: 毎日, at: "19:01"}'})
    first, second = town.night(), town.night()
    assert first.leads and not second.leads
    town.at("12-01 19:00")
    assert town.started == ["a"]
    town.nights.remove(first)  # it dies; its lease stands
    town.at("12-01 19:00:30")
    assert not second.leads
    town.at("12-01 19:01")
    # The first one's child has not come as far as the ledger: a second is started, and one of them will have the turn.
    assert second.leads and town.started == ["a", "a", "b"]
    third = town.night()
    town.nights.remove(second)
    second.close()
    town.at("12-01 19:01:10")
    assert third.leads


def test_one_that_was_paused_and_is_no_longer_the_leader_fires_nothing(town: Town) -> None:
    town.schedules({"a": NIGHTLY})
    first, second = town.night(), town.night()
    town.nights.remove(first)
    town.at("12-01 19:00")
    assert second.leads and town.started == ["a"]
    first.tick()
    assert not first.leads and town.started == ["a"]


def test_a_broken_register_starts_nothing_until_it_is_mended(town: Town) -> None:
    town.schedules({"a": NIGHTLY})
    night = town.night()
    good = town.home.register.read_text(encoding="utf-8")
    town.home.register.write_text(good.replace("毎開庁日", "毎開庁び"), encoding="utf-8")
    town.at("12-01 19:00")
    assert town.started == [] and "1 か所の問題" in night.trouble
    town.home.register.write_text(good, encoding="utf-8")
    town.at("12-01 19:01")
    assert town.started == ["a"] and night.trouble == ""


def test_a_schedule_that_needs_unknown_holidays_is_told_and_harms_no_other(town: Town) -> None:
    town.schedules({"a": NIGHTLY, "b": '{on: 毎日, at: "19:00"}'})
    town.moment = datetime(2099, 12, 28, 18, tzinfo=JST)
    night = town.night()
    town.moment = datetime(2100, 1, 4, 19, tzinfo=JST)
    night.tick()
    assert town.started == ["b"] and "2100年の祝日" in night.troubles["yoru/a"]


def test_a_scenario_runs_on_its_own_machines_only(town: Town) -> None:
    town.schedules({"a": NIGHTLY}, runs_on="robot-9")
    town.night()
    town.at("12-01 19:00")
    assert town.started == [] and town.states() == {"a": "queued"}
    town.at("12-02 06:00")
    assert town.states() == {"a": "missed"} and "始められませんでした" in town.reason("a")


def test_what_was_slept_through_begins_one_after_the_other(town: Town) -> None:
    town.schedules({name: '{on: 毎日, at: "19:00"}' for name in "abc"})
    town.night()
    town.at("12-02 08:00")
    assert town.started == ["a"]
    town.at("12-02 08:01")
    assert town.started == ["a", "b", "c"]


def test_the_ledger_itself_refuses_a_turn_twice(town: Town) -> None:
    town.schedules({"a": NIGHTLY})
    town.night()
    town.at("12-01 19:00")
    (row,) = open_firings(town.ledger)
    with pytest.raises(sa.exc.IntegrityError), town.ledger.writing() as connection:
        connection.execute(firings.insert().values({**row, "id": 99}))
