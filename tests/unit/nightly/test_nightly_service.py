"""The night over a real ledger, with a clock in hand: which turns are begun, and when."""

from __future__ import annotations

from datetime import datetime

import pytest
import sqlalchemy as sa

from robots.clock import JST
from robots.ledger.firings import open_firings
from robots.ledger.leases import Busy, Holder, take
from robots.ledger.tables import firings
from tests.unit.nightly.night_town import NIGHTLY, Town


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
