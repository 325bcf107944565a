"""Runs: begun, carried on, ended, counted."""

from __future__ import annotations

from datetime import datetime

import pytest

from robots.clock import JST
from robots.ledger.runs import (
    Failure,
    end_run,
    finish_run,
    get_run,
    latest_runs,
    new_run_id,
    record_failure,
    run_counts,
    run_failures,
    take_up_run,
)
from robots.ledger.store import Ledger
from robots.mask import mask_text
from tests.unit.ledger.ledger_help import adopt, enter, row, start


def column(ledger: Ledger, run: str, name: str) -> object:
    found = get_run(ledger, run)
    assert found is not None
    return found[name]


def finished(ledger: Ledger) -> str:
    run = start(ledger)
    finish_run(ledger, run, "ended", [])
    end_run(ledger, run, "ended")
    return run


def test_a_first_run_carries_nothing_on(ledger: Ledger) -> None:
    run = start(ledger)
    assert column(ledger, run, "continues") is None
    assert column(ledger, run, "state") == "running"
    assert column(ledger, run, "ended_at") is None
    assert str(column(ledger, run, "started_at")).endswith("+09:00")


def test_a_run_that_died_is_marked_and_carried_on_by_the_next(ledger: Ledger) -> None:
    dead = start(ledger)
    run = start(ledger)
    assert column(ledger, dead, "state") == "interrupted"
    assert column(ledger, dead, "ended_at")
    assert "引き継ぎ" in str(column(ledger, dead, "message"))
    assert column(ledger, run, "continues") == dead
    assert column(ledger, run, "state") == "running"


@pytest.mark.parametrize("state", ["stopped", "failed"])
def test_a_run_whose_finish_is_owed_is_carried_on_and_keeps_its_state(ledger: Ledger, state: str) -> None:
    before = start(ledger)
    end_run(ledger, before, state, "理由")
    run = start(ledger)
    assert column(ledger, run, "continues") == before
    assert (column(ledger, before, "state"), column(ledger, before, "message")) == (state, "理由")


def test_a_finished_run_is_carried_on_by_nobody(ledger: Ledger) -> None:
    finished(ledger)
    assert column(ledger, start(ledger), "continues") is None


def test_only_the_latest_run_is_carried_on(ledger: Ledger) -> None:
    first = start(ledger)
    second = start(ledger)
    finish_run(ledger, second, "ended", [])
    end_run(ledger, second, "ended")
    assert column(ledger, first, "finished") is True
    assert column(ledger, start(ledger), "continues") is None


def test_another_scenarios_run_is_neither_carried_on_nor_ended(ledger: Ledger) -> None:
    other = start(ledger, scenario="kaikei/shiharai")
    run = start(ledger)
    assert column(ledger, run, "continues") is None
    assert column(ledger, other, "state") == "running"


def test_a_rehearsal_carries_nothing_on_and_is_not_carried_on(ledger: Ledger) -> None:
    real = start(ledger)
    end_run(ledger, real, "stopped")
    rehearsal = start(ledger, rehearsal=True)
    assert column(ledger, rehearsal, "continues") is None
    assert column(ledger, start(ledger), "continues") == real


def test_a_run_that_is_taken_up_runs_again(ledger: Ledger) -> None:
    run = start(ledger)
    end_run(ledger, run, "stopped", "止められました")
    take_up_run(ledger, run)
    assert [column(ledger, run, name) for name in ("state", "ended_at", "message")] == ["running", None, ""]


def test_runs_are_listed_newest_first_for_all_or_one_scenario(ledger: Ledger) -> None:
    first, other, second = start(ledger), start(ledger, scenario="kaikei/shiharai"), start(ledger)
    assert [one["id"] for one in latest_runs(ledger, None, 9)] == [second, other, first]
    assert [one["id"] for one in latest_runs(ledger, "shimin/jutogai", 1)] == [second]
    assert get_run(ledger, "nothing") is None


def test_counts_are_of_each_run(ledger: Ledger) -> None:
    first = start(ledger)
    done, _left = adopt(ledger, first, row("1"), row("2"))
    enter(ledger, first, done)
    second = start(ledger)
    adopt(ledger, second, row("1"), row("2"))
    assert run_counts(ledger, [first, second]) == {
        first: {"done": 1, "ready": 1},
        second: {"skipped": 1, "ready": 1},
    }


def test_a_failure_of_the_run_itself_belongs_to_no_item(ledger: Ledger) -> None:
    run = start(ledger)
    record_failure(ledger, run, None, Failure("prepare[0]", "scenario.yaml:5:3", "つながりません。", "確かめる。", ""))
    (kept,) = run_failures(ledger, run)
    assert (kept["item"], kept["key"], kept["step"]) == (None, None, "prepare[0]")


def test_run_numbers_are_readable_differ_within_a_second_and_are_not_masked_in_logs() -> None:
    moment = datetime(2026, 11, 22, 19, 0, 12, tzinfo=JST)
    made = {new_run_id(moment) for _ in range(100)}
    assert len(made) == 100
    assert all(one.startswith("20261122-190012-") for one in made)
    assert [mask_text(one) for one in made] == list(made)
