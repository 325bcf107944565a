"""Which turns are due: in time, missed, lapsed, and when a run must have ended."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import Any

import pytest

from robots.clock import JST
from robots.errors import BusinessError
from robots.nightly.calendar import OpenDays
from robots.nightly.due import Decision, decide, dues, next_due, spread
from robots.nightly.rules import Town
from robots.registry.schedule import Schedule

TOWN = Town(OpenDays())


def at(text: str) -> datetime:
    """2026-12-01 19:00, in Japan."""
    return datetime.fromisoformat(text).replace(tzinfo=JST)


def schedule(**keys: Any) -> Schedule:
    return Schedule.model_validate({"on": "毎開庁日", "at": "19:00", **keys})


def told(decision: Decision) -> tuple[list[str], list[str]]:
    """What runs and what was missed, by day."""
    return [f"{one.at:%m-%d %H:%M}" for one in decision.run], [f"{one.at:%m-%d}" for one, _ in decision.missed]


def test_a_turn_comes_at_its_minute_and_not_before() -> None:
    nightly = schedule()
    assert decide(nightly, TOWN, at("2026-12-01 19:00"), at("2026-12-02 18:59:59")) == Decision()
    decision = decide(nightly, TOWN, at("2026-12-01 19:00"), at("2026-12-02 19:00"))
    assert told(decision) == (["12-02 19:00"], []) and decision.upto == at("2026-12-02 19:00")
    assert decide(nightly, TOWN, decision.upto, at("2026-12-02 19:00:10")) == Decision()


def test_the_moment_may_be_given_in_any_zone() -> None:
    new_york = timezone(timedelta(hours=-5))
    found = dues(
        schedule(), TOWN, at("2026-12-01 19:00").astimezone(new_york), at("2026-12-02 19:00").astimezone(new_york)
    )
    assert [one.at.isoformat() for one in found] == ["2026-12-02T19:00:00+09:00"]


@pytest.mark.parametrize(
    ("missed", "runs", "left"),
    [
        ("run_once", ["12-04 19:00"], ["12-02", "12-03"]),
        ("skip", ["12-04 19:00"], ["12-02", "12-03"]),
        ({"run_all": 2}, ["12-03 19:00", "12-04 19:00"], ["12-02"]),
        ({"すべて実行": 9}, ["12-02 19:00", "12-03 19:00", "12-04 19:00"], []),
    ],
    ids=str,
)
def test_turns_that_were_slept_through(missed: object, runs: list[str], left: list[str]) -> None:
    decision = decide(schedule(missed=missed), TOWN, at("2026-12-01 19:00"), at("2026-12-04 19:05"))
    assert told(decision) == (runs, left) and decision.upto == at("2026-12-04 19:00")


def test_a_late_turn_is_not_begun_by_skip_and_is_by_run_once() -> None:
    late = at("2026-12-02 22:00")
    assert told(decide(schedule(missed="skip"), TOWN, at("2026-12-01 19:00"), late)) == ([], ["12-02"])
    assert told(decide(schedule(), TOWN, at("2026-12-01 19:00"), late)) == (["12-02 19:00"], [])


def test_nothing_is_begun_outside_its_window() -> None:
    nightly = schedule(finish_by="06:00")
    slept = at("2026-12-01 19:00")
    assert decide(nightly, TOWN, slept, at("2026-12-04 10:00")) == Decision()  # by day: it waits for the evening
    assert told(decide(nightly, TOWN, slept, at("2026-12-04 19:00"))) == (["12-04 19:00"], ["12-02", "12-03"])
    every = decide(schedule(finish_by="06:00", missed={"run_all": 2}), TOWN, slept, at("2026-12-04 19:00"))
    assert [(one.at, one.finish_by) for one in every.run] == [
        (at("2026-12-03 19:00"), at("2026-12-05 06:00")),  # caught up on in tonight's window
        (at("2026-12-04 19:00"), at("2026-12-05 06:00")),
    ]


def test_a_single_turn_whose_window_has_passed_is_told_as_missed() -> None:
    once = schedule(on="2026-12-02 に1回", finish_by="06:00")
    decision = decide(once, TOWN, at("2026-12-01 19:00"), at("2026-12-03 09:00"))
    assert told(decision) == ([], ["12-02"]) and decision.missed[0][1] == "終了期限を過ぎていました。"


@pytest.mark.parametrize(
    ("begin", "finish_by", "deadline"),
    [
        ("19:00", "06:00", "2026-12-03 06:00"),
        ("9:00", "17:00", "2026-12-02 17:00"),
        ("6:00", "6:00", "2026-12-03 06:00"),
    ],
)
def test_by_when_a_run_must_have_ended(begin: str, finish_by: str, deadline: str) -> None:
    (due,) = dues(schedule(at=begin, finish_by=finish_by), TOWN, at("2026-12-02 00:00"), at("2026-12-02 23:59"))
    assert due.finish_by == at(deadline)


def test_the_next_turn_is_found_over_the_years_end_and_far_away() -> None:
    found = next_due(schedule(), TOWN, at("2026-12-28 19:00"))
    assert found is not None and found.at == at("2027-01-04 19:00")
    rare = next_due(schedule(on="年度の最初の開庁日"), TOWN, at("2026-04-01 19:00"))
    assert rare is not None and rare.at == at("2027-04-01 19:00")
    assert next_due(schedule(on="2026-04-01"), TOWN, at("2026-04-01 19:00")) is None


def test_every_thirty_minutes() -> None:
    often = Schedule.model_validate({"on": "開庁日の9:00から17:00まで30分ごと"})
    assert len(dues(often, TOWN, at("2026-12-02 00:00"), at("2026-12-03 23:59"))) == 34
    assert told(decide(often, TOWN, at("2026-12-02 09:00"), at("2026-12-02 11:40"))) == (["12-02 11:30"], ["12-02"] * 4)


def test_a_season_ends() -> None:
    winter = schedule(season="10/01-03/31")
    found = next_due(winter, TOWN, at("2026-03-31 19:00"))
    assert found is not None and found.at == at("2026-10-01 19:00")


def test_years_without_holidays_are_refused() -> None:
    with pytest.raises(BusinessError, match="祝日が分からない"):
        next_due(schedule(), TOWN, at("2099-12-28 19:00"))


def test_a_burst_is_spread_out() -> None:
    starts = spread(3, at("2026-12-02 19:00"))
    assert starts[0] == at("2026-12-02 19:00") and len({*starts}) == 3 and starts[2] - starts[0] < timedelta(minutes=2)
