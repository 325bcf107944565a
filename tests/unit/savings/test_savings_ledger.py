"""What the report knows comes from the ledger alone: done items, the baseline of then, the minutes of people.

Every total asked for here is also counted again item by item, and must be the same.
"""

from __future__ import annotations

import importlib
import time
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from robots.ledger.adopt import adopt_items
from robots.ledger.behind import costs_behind, items_behind, minutes_behind, runs_behind
from robots.ledger.items import NewItem, Outcome, claim_next, intend_commit, settle_by_person, settle_item
from robots.ledger.people import Cost, Minutes, book_cost, book_minutes
from robots.ledger.recount import mend, recount
from robots.ledger.runs import RunStart, begin_run, end_run, finish_run
from robots.ledger.store import Ledger, open_ledger
from robots.ledger.tables import runs, savings_facts, savings_months, savings_people
from robots.ledger.tallies import TOWN, Span, run_tally, tallies
from robots.savings.figures import Hours, Line, hours_of, lines_of
from robots.savings.statement import Wanted, statement
from tests.empty_ledger import empty_ledger

SCENARIO = "shimin/jutogai"


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    opened = empty_ledger(tmp_path / "ledger.sqlite")
    yield opened
    opened.close()


def start(
    ledger: Ledger,
    *,
    rehearsal: bool = False,
    per_item: str = "4",
    per_run: str = "10",
    scenario: str = SCENARIO,
    measured: str | None = None,
) -> str:
    return begin_run(
        ledger,
        RunStart(
            scenario=scenario,
            scenario_name="住所変更",
            department="shimin",
            department_name="市民課",
            division="市民部",
            rehearsal=rehearsal,
            inputs={},
            digest="sha256:1",
            minutes_per_item=per_item,
            minutes_per_run=per_run,
            built_by="in_house",
            hourly_cost="2800",
            version="0.1.0",
            machine="robot-1",
            who="s1001",
            measured=measured,
        ),
    )


def work(ledger: Ledger, run: str, *keys: str, state: str = "done") -> list[int]:
    """Brings the items to this state in the run; their ids."""
    adopted = adopt_items(ledger, run, SCENARIO, [NewItem(key, f"{key}行目", {"番号": key}) for key in keys])
    for item in adopted:
        claim_next(ledger, run)
        if state in ("done", "in_doubt", "committing"):
            intend_commit(ledger, run, item.id, {})
        if state != "committing":
            settle_item(ledger, run, item.id, Outcome(state))
    return [item.id for item in adopted]


def finish(ledger: Ledger, run: str) -> None:
    finish_run(ledger, run, "ended", [])
    end_run(ledger, run, "ended")


def total(ledger: Ledger) -> Hours:
    counted = recount(ledger)
    hours = hours_of(tallies(ledger))
    assert counted.differences == []
    assert (counted.items, counted.before, counted.after) == (hours.items, hours.before, hours.after)
    return hours


def by_scenario(ledger: Ledger) -> list[Line]:
    return lines_of(tallies(ledger), "scenario")


def at(patch: pytest.MonkeyPatch, moment: datetime) -> None:
    """What the ledger's clock says from now on."""
    for module in ("runs", "items", "people"):
        patch.setattr(f"robots.ledger.{module}.now", lambda: moment)


def test_only_done_items_count(ledger: Ledger) -> None:
    run = start(ledger)
    for number, state in enumerate(("done", "rejected", "failed", "skipped", "in_doubt", "committing")):
        work(ledger, run, str(number), state=state)
    work(ledger, run, "a", "b")
    assert total(ledger).items == 3
    assert total(ledger).before == 3 * 4 + 10


def test_a_run_without_a_done_item_saves_nothing(ledger: Ledger) -> None:
    work(ledger, start(ledger), "1", state="rejected")
    assert total(ledger).before == 0


def test_what_was_entered_once_counts_once_however_often_it_comes_again(ledger: Ledger) -> None:
    first = start(ledger)
    work(ledger, first, "1", "2")
    finish(ledger, first)
    second = start(ledger)
    adopt_items(ledger, second, SCENARIO, [NewItem("1", "1行目", {}), NewItem("2", "2行目", {})])
    finish(ledger, second)
    assert (total(ledger).items, total(ledger).before) == (2, Decimal(2 * 4 + 10))


def test_minutes_of_a_run_are_booked_once_over_the_runs_that_carry_it_on(ledger: Ledger) -> None:
    work(ledger, start(ledger), "1", state="failed")
    for keys in (("2",), (), ("3", "4")):
        run = start(ledger)
        work(ledger, run, *keys)
        end_run(ledger, run, "stopped")
    finish(ledger, run)
    assert [one.books_run for one in runs_behind(ledger)] == [True, False]
    assert total(ledger).before == 3 * 4 + 10
    work(ledger, start(ledger), "5")
    assert total(ledger).before == 4 * 4 + 2 * 10


def test_each_run_keeps_the_baseline_of_its_time(ledger: Ledger) -> None:
    for key, per_item in (("1", "4"), ("2", "2.5")):
        run = start(ledger, per_item=per_item)
        work(ledger, run, key)
        finish(ledger, run)
    assert total(ledger).before == Decimal(4) + Decimal("2.5") + 2 * 10


def test_a_rehearsal_saves_nothing(ledger: Ledger) -> None:
    start(ledger, rehearsal=True)
    assert tallies(ledger) == []


def test_an_item_that_a_person_found_entered_counts_from_then_on(ledger: Ledger) -> None:
    run = start(ledger)
    (item,) = work(ledger, run, "1", state="in_doubt")
    assert total(ledger).items == 0
    settle_by_person(ledger, item, "done", "s1001", "画面にあります")
    assert total(ledger).before == 4 + 10


@pytest.fixture(params=["UTC", "America/Los_Angeles", "Asia/Tokyo"])
def zone(request: pytest.FixtureRequest) -> Iterator[str]:
    """The machine's own time zone."""
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("TZ", request.param)
        _take_zone()
        yield request.param
    _take_zone()


def _take_zone() -> None:
    if hasattr(time, "tzset"):  # Windows keeps its own
        time.tzset()


@pytest.mark.usefixtures("zone")
def test_a_run_belongs_to_the_japanese_day_and_fiscal_year(ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    jst = timezone(timedelta(hours=9))
    moments = [
        datetime(2026, 3, 31, 23, 30, tzinfo=jst),
        datetime(2026, 4, 1, 0, 10, tzinfo=jst).astimezone(UTC),
    ]
    for key, moment in zip("12", moments, strict=True):
        at(monkeypatch, moment)
        run = start(ledger)
        work(ledger, run, key)
        finish(ledger, run)
    assert [one.started_at[:10] for one in runs_behind(ledger)] == ["2026-03-31", "2026-04-01"]
    assert [line.period for line in lines_of(tallies(ledger), "month")] == ["2026-03", "2026-04"]
    assert [line.period for line in lines_of(tallies(ledger, Span(each="year")), "year")] == ["2025", "2026"]
    calendar_year = tallies(ledger, Span(each="year", starts=1))
    assert [(line.period, line.hours.items) for line in lines_of(calendar_year, "year")] == [("2026", 2)]
    assert hours_of(tallies(ledger, Span("2026-04", "2027-03"))).items == 1
    assert total(ledger).items == 2


def test_an_item_counts_once_however_often_it_is_settled(ledger: Ledger) -> None:
    run = start(ledger)
    (item,) = work(ledger, run, "1")
    settle_item(ledger, run, item, Outcome("done", result={"番号": "9"}))
    settle_item(ledger, start(ledger), item, Outcome("failed"))
    assert total(ledger).items == 1


def test_an_item_that_was_sent_back_counts_when_it_is_done(ledger: Ledger) -> None:
    run = start(ledger)
    (item,) = work(ledger, run, "1", state="rejected")
    finish(ledger, run)
    assert settle_by_person(ledger, item, "again", "s1001", "直しました") is not None
    assert total(ledger).items == 0
    work(ledger, start(ledger), "1")
    assert (total(ledger).items, total(ledger).before) == (1, Decimal(4 + 10))


def test_a_later_find_of_an_earlier_run_takes_the_minutes_of_the_run_over(ledger: Ledger) -> None:
    """Both runs are one chain: its minutes count once, whichever of them is found to have done something first."""
    first = start(ledger, per_run="10")
    (doubtful,) = work(ledger, first, "1", state="in_doubt")
    end_run(ledger, first, "stopped")
    second = start(ledger, per_run="25")
    work(ledger, second, "2")
    assert total(ledger).before == 4 + 25
    assert settle_by_person(ledger, doubtful, "done", "s1001", "画面にあります") is not None
    assert total(ledger).before == 2 * 4 + 10
    assert [one.books_run for one in runs_behind(ledger)] == [True, False]


def test_what_a_dead_run_entered_counts_for_the_run_that_found_it(ledger: Ledger) -> None:
    first = start(ledger)
    (item,) = work(ledger, first, "1", state="committing")
    second = start(ledger)
    settle_item(ledger, second, item, Outcome("done"))
    assert [(one.run, one.items) for one in runs_behind(ledger)] == [(second, 1)]
    assert [row["key"] for row in items_behind(ledger, second)] == ["1"]
    assert total(ledger).before == 4 + 10


def test_a_sum_that_was_tampered_with_is_found_and_mended(ledger: Ledger) -> None:
    run = start(ledger)
    work(ledger, run, "1", "2")
    spend(ledger, "30", kind="training")
    with ledger.writing() as connection:
        connection.execute(runs.update().values(done=7))
        connection.execute(savings_months.update().values(items=100, runs=0))
        connection.execute(savings_people.delete())
    assert hours_of(tallies(ledger)).items == 100
    found = recount(ledger)
    assert {(one.what, one.kept, one.counted) for one in found.differences} == {
        ("run", (7, 1, 0), (2, 1, 0)),
        ("month", (100, 0, 0), (2, 1, 0)),
        ("people", (0,), (300_000,)),
    }
    work(ledger, run, "3")
    mend(ledger, found.differences)
    assert (total(ledger).items, total(ledger).saved) == (3, Decimal(3 * 4 + 10 - 30))


def test_a_ledger_of_before_the_sums_is_added_up_once(tmp_path: Path) -> None:
    """The migration counts what stands there: chains, people's minutes with and without a run, rehearsals left out."""
    file = tmp_path / "old.sqlite"
    older = open_ledger(f"sqlite:///{file.as_posix()}")
    first = start(older)
    work(older, first, "1", "2")
    end_run(older, first, "stopped")
    second = start(older, per_item="2.5")
    work(older, second, "3")
    spend(older, "2.5", run=second)
    spend(older, "600", kind="authoring")
    spend(older, "5", run=start(older, rehearsal=True))
    known = tallies(older)
    with older.writing() as connection:
        for table in (savings_months, savings_facts, savings_people):
            connection.execute(table.delete())
        connection.execute(runs.update().values(done=0, books_run=False, people=0, facts=None))
        load_migration()._add_up(savings_facts, savings_months, savings_people, connection)
    assert tallies(older) == known
    assert total(older).before == 2 * 4 + 2.5 + 10
    older.close()


def load_migration() -> Any:
    return importlib.import_module("robots.ledger.migrations.versions.0006_savings")


# --- minutes that people still spend ---


def spend(
    ledger: Ledger, minutes: str, *, run: str | None = None, scenario: str = SCENARIO, kind: str = "review"
) -> None:
    book_minutes(ledger, Minutes(scenario, kind, Decimal(minutes), "s1001", "", run=run))


def test_minutes_of_a_run_lower_its_net(ledger: Ledger) -> None:
    run = start(ledger)
    work(ledger, run, "1")
    spend(ledger, "2.5", run=run)
    spend(ledger, "0.5", run=run, kind="mending")
    (behind,) = runs_behind(ledger)
    assert behind.people == run_tally(ledger, run).running == 3
    assert [row["minutes"] for row in minutes_behind(ledger)] == ["2.5", "0.5"]
    assert total(ledger).saved == 4 + 10 - 3


def test_minutes_spent_before_the_first_run_are_not_lost(ledger: Ledger) -> None:
    """A scenario is made before it first runs: what making it took must lower the net."""
    spend(ledger, "600", kind="authoring")
    assert total(ledger).saved == -600
    run = start(ledger)
    work(ledger, run, "1")
    assert total(ledger).saved == 14 - 600
    lines = by_scenario(ledger)
    assert [(line.scenario_name, line.department_name, line.hours.after) for line in lines] == [
        ("住所変更", "市民課", Decimal(600))
    ]
    assert lines[0].hours.money == Decimal(14 - 600) / 60 * 2800


def test_minutes_of_no_run_count_on_the_day_that_they_were_booked(
    ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    at(monkeypatch, datetime(2026, 3, 30, tzinfo=UTC))
    work(ledger, start(ledger), "1")
    at(monkeypatch, datetime(2026, 4, 2, tzinfo=UTC))
    spend(ledger, "30", kind="maintenance")
    book_minutes(ledger, Minutes(SCENARIO, "authoring", Decimal(60), "s1001", "", on=date(2025, 1, 15)))
    lines = lines_of(tallies(ledger, Span(each="year")), "year")
    assert [(line.period, line.hours.saved, line.hours.items) for line in lines] == [
        ("2024", Decimal(-60), 0),
        ("2025", Decimal(14), 1),
        ("2026", Decimal(-30), 0),
    ]
    assert total(ledger).once == 60


def test_minutes_are_kept_to_a_ten_thousandth(ledger: Ledger) -> None:
    spend(ledger, "0.00005")
    spend(ledger, "0.00004")
    assert total(ledger).after == Decimal("0.0001")


def test_minutes_and_yen_of_a_department_or_the_town_have_lines_of_their_own(ledger: Ledger) -> None:
    work(ledger, start(ledger), "1")
    spend(ledger, "120", scenario="shimin", kind="training")
    spend(ledger, "60", scenario=TOWN, kind="training")
    day = date(2026, 4, 1)
    book_cost(ledger, Cost(TOWN, "licence", Decimal(500_000), False, day, "d0001", "使用料"))
    book_cost(ledger, Cost(TOWN, "equipment", Decimal("1000.5"), True, day, "d0001", "端末"))
    book_cost(ledger, Cost(SCENARIO, "avoided", Decimal(700), False, day, "d0001", "委託をやめた"))
    drawn = statement(ledger, Wanted("練習市"))
    assert [(line.scenario_name, line.hours.after, line.hours.cost, line.hours.avoided) for line in drawn.lines] == [
        ("全庁共通", Decimal(60), Decimal(500_000), Decimal(0)),
        ("（課の共通）", Decimal(120), Decimal(0), Decimal(0)),
        ("住所変更", Decimal(0), Decimal(0), Decimal(700)),
    ]
    assert drawn.total.balance == Decimal(14 - 180) / 60 * 2800 + 700 - 500_000 - Decimal("1000.5")
    assert [row["note"] for row in costs_behind(ledger)] == ["使用料", "端末", "委託をやめた"]


def test_a_scenario_that_never_ran_still_shows_what_it_cost(ledger: Ledger) -> None:
    work(ledger, start(ledger), "1")
    spend(ledger, "90", scenario="shimin/new", kind="authoring")
    lines = by_scenario(ledger)
    assert [(line.scenario, line.department_name, line.hours.saved) for line in lines] == [
        (SCENARIO, "市民課", Decimal(14)),
        ("shimin/new", "市民課", Decimal(-90)),
    ]


def test_minutes_of_a_rehearsal_count_too(ledger: Ledger) -> None:
    spend(ledger, "5", run=start(ledger, rehearsal=True))
    assert total(ledger).saved == -5


def test_one_scenarios_figures_hold_nothing_of_another(ledger: Ledger) -> None:
    work(ledger, start(ledger), "1")
    spend(ledger, "5", scenario="kaikei/shiharai")
    assert {one.scenario for one in tallies(ledger, scenario=SCENARIO)} == {SCENARIO}
    assert {one.scenario for one in tallies(ledger)} == {SCENARIO, "kaikei/shiharai"}
