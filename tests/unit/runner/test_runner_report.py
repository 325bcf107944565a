"""What a run says of itself: its published keys and its exit code."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest

from robots.ledger.adopt import adopt_items
from robots.ledger.items import NewItem, Outcome, claim_next, intend_commit, settle_item
from robots.ledger.people import Minutes, book_minutes
from robots.ledger.runs import Failure, RunStart, begin_run, end_run, finish_run, record_failure
from robots.ledger.store import Ledger
from robots.runner.report import Report, report_of, shown_counts
from tests.empty_ledger import empty_ledger

NOTHING = dict.fromkeys(("done", "rejected", "failed", "skipped", "waiting", "in_doubt"), 0)


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    opened = empty_ledger(tmp_path / "ledger.sqlite")
    yield opened
    opened.close()


def start(ledger: Ledger) -> str:
    facts = dict.fromkeys(("scenario_name", "department_name", "division", "version", "machine", "who"), "x")
    return begin_run(
        ledger,
        RunStart(
            scenario="shimin/jutogai",
            department="shimin",
            rehearsal=False,
            inputs={},
            digest="sha256:1",
            minutes_per_item="6",
            minutes_per_run="30",
            built_by="in_house",
            hourly_cost=None,
            **facts,
        ),
    )


def work(ledger: Ledger, run: str, *states: str) -> None:
    found = [NewItem(f"{number}", f"{number}行目", {}) for number in range(len(states))]
    for item, state in zip(adopt_items(ledger, run, "shimin/jutogai", found), states, strict=True):
        claim_next(ledger, run)
        intend_commit(ledger, run, item.id, {})
        if state != "committing":
            settle_item(ledger, run, item.id, Outcome(state))


def test_a_run_that_went_well(ledger: Ledger) -> None:
    run = start(ledger)
    work(ledger, run, "done", "done", "done", "skipped")
    finish_run(ledger, run, "ended", [])
    end_run(ledger, run, "ended")
    report = report_of(ledger, run, seconds=1.23456, evidence="var/runs/x")
    assert report.exit_code == 0
    assert report.as_json() == {
        "run": run,
        "scenario": "shimin/jutogai",
        "state": "ended",
        "items": {**NOTHING, "done": 3, "skipped": 1},
        "seconds": 1.235,
        "hours": {"gross": 0.8, "net": 0.8},
        "evidence": "",
        "message": "",
    }


def test_the_hours_of_a_run_are_its_own(ledger: Ledger) -> None:
    """What making the scenario took is no cost of the next run, what this run's review took is."""
    run = start(ledger)
    work(ledger, run, "done")
    book_minutes(ledger, Minutes("shimin/jutogai", "authoring", Decimal(600), "s1001", ""))
    book_minutes(ledger, Minutes("shimin/jutogai", "review", Decimal(6), "s1001", "", run=run))
    report = report_of(ledger, run, seconds=0, evidence="")
    assert (report.gross, report.net) == (0.6, 0.5)


@pytest.mark.parametrize(("kept", "shown"), [("var/runs/x/prepare", "var/runs/x"), ("", "")])
def test_a_failure_points_to_its_evidence_where_there_is_some(ledger: Ledger, kept: str, shown: str) -> None:
    run = start(ledger)
    record_failure(
        ledger, run, None, Failure("prepare[0]", "scenario.yaml:3:5", "つながりません。", "確かめる。", kept)
    )
    end_run(ledger, run, "failed", "つながりません。")
    report = report_of(ledger, run, seconds=0, evidence="var/runs/x")
    assert (report.evidence, report.message, report.exit_code) == (shown, "つながりません。", 1)
    assert replace(report, system_failure=True).exit_code == 4


def test_an_item_left_committing_is_counted_in_doubt(ledger: Ledger) -> None:
    run = start(ledger)
    work(ledger, run, "committing", "in_doubt", "done")
    end_run(ledger, run, "stopped")
    report = report_of(ledger, run, seconds=0, evidence="")
    assert report.items == {**NOTHING, "in_doubt": 2, "done": 1}
    assert report.exit_code == 1


def test_a_run_that_is_not_there_is_an_error(ledger: Ledger) -> None:
    with pytest.raises(LookupError):
        report_of(ledger, "nothing", seconds=0, evidence="")


@pytest.mark.parametrize(
    ("state", "left", "system", "code"),
    [
        ("ended", "done", False, 0),
        ("ended", "skipped", False, 0),
        ("ended", "waiting", False, 1),
        ("ended", "rejected", False, 1),
        ("ended", "failed", False, 1),
        ("ended", "in_doubt", False, 1),
        ("stopped", "done", False, 1),
        ("failed", "done", True, 4),
        ("failed", "rejected", False, 1),
    ],
)
def test_exit_codes(state: str, left: str, system: bool, code: int) -> None:
    report = Report("r1", "a/b", state, shown_counts({left: 1}), 0.0, 0.0, 0.0, "", "", system_failure=system)
    assert report.exit_code == code
