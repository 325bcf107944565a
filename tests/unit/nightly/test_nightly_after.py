"""Scenarios that follow others in a night: begun when those have ended well, held when they have not."""

from __future__ import annotations

from robots.ledger.tables import firings
from tests.unit.nightly.night_town import NIGHTLY, Town


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
