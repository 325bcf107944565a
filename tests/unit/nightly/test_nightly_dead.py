"""What dies or hangs in a night: a child, a run, a machine, the scheduler itself."""

from __future__ import annotations

from robots.ledger.firings import claim, get_firing
from robots.processes import this_process
from tests.unit.nightly.night_town import NIGHTLY, Town


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
