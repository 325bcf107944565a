"""What the report knows comes from the ledger alone: done items, the baseline of then, the minutes of people."""

from __future__ import annotations

import shutil
import time
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from pathlib import Path

import pytest
import sqlalchemy as sa

from robots.clock import stamp
from robots.ledger.adopt import adopt_items
from robots.ledger.items import NewItem, Outcome, claim_item, intend_commit, settle_by_person, settle_item
from robots.ledger.people import Minutes, book_minutes
from robots.ledger.rollups import run_figures
from robots.ledger.runs import RunStart, begin_run, end_run, finish_run
from robots.ledger.store import Ledger, open_ledger
from robots.ledger.tables import human_minutes, runs
from robots.savings.figures import Hours, hours_of, report

SCENARIO = "shimin/jutogai"


@pytest.fixture(scope="module")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty ledger's file, made once: the migrations take longer than most tests."""
    file = tmp_path_factory.mktemp("ledger") / "ledger.sqlite"
    open_ledger(f"sqlite:///{file.as_posix()}").close()
    return file


@pytest.fixture
def ledger(tmp_path: Path, migrated: Path) -> Iterator[Ledger]:
    shutil.copyfile(migrated, tmp_path / "ledger.sqlite")
    opened = open_ledger(f"sqlite:///{(tmp_path / 'ledger.sqlite').as_posix()}")
    yield opened
    opened.close()


def start(ledger: Ledger, *, rehearsal: bool = False, per_item: str = "4", scenario: str = SCENARIO) -> str:
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
            minutes_per_run="10",
            built_by="in_house",
            hourly_cost="2800",
            version="0.1.0",
            machine="robot-1",
            who="s1001",
        ),
    )


def work(ledger: Ledger, run: str, *keys: str, state: str = "done") -> list[int]:
    """Brings the items to this state in the run; their ids."""
    adopted = adopt_items(ledger, run, SCENARIO, [NewItem(key, f"{key}行目", {"番号": key}) for key in keys])
    for item in adopted:
        claim_item(ledger, run, item.id)
        if state in ("done", "in_doubt", "committing"):
            intend_commit(ledger, run, item.id, {})
        if state != "committing":
            settle_item(ledger, run, item.id, Outcome(state))
    return [item.id for item in adopted]


def finish(ledger: Ledger, run: str) -> None:
    finish_run(ledger, run, "ended", [])
    end_run(ledger, run, "ended")


def total(ledger: Ledger) -> Hours:
    return hours_of(run_figures(ledger))


def begun_at(ledger: Ledger, run: str, moment: datetime) -> None:
    """As if the run had begun then."""
    with ledger.writing() as connection:
        connection.execute(runs.update().where(runs.c.id == run).values(started_at=stamp(moment)))


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
    assert [one.books_run for one in run_figures(ledger)] == [False, True, False, False]
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
    assert run_figures(ledger) == []


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
def test_a_run_belongs_to_the_japanese_day_and_fiscal_year(ledger: Ledger) -> None:
    jst = timezone(timedelta(hours=9))
    moments = [
        datetime(2026, 3, 31, 23, 30, tzinfo=jst),
        datetime(2026, 4, 1, 0, 10, tzinfo=jst).astimezone(UTC),
    ]
    for key, moment in zip("12", moments, strict=True):
        run = start(ledger)
        work(ledger, run, key)
        finish(ledger, run)
        begun_at(ledger, run, moment)
    figures = run_figures(ledger)
    assert [one.day for one in figures] == [date(2026, 3, 31), date(2026, 4, 1)]
    assert [line.period for line in report(figures, "year")[0]] == ["2025", "2026"]
    assert [line.period for line in report(figures, "month")[0]] == ["2026-03", "2026-04"]


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
    (figures,) = run_figures(ledger)
    assert figures.human_minutes == 3
    assert total(ledger).saved == 4 + 10 - 3


def test_minutes_spent_before_the_first_run_are_not_lost(ledger: Ledger) -> None:
    """A scenario is made before it first runs: what making it took must lower the net."""
    spend(ledger, "600", kind="authoring")
    assert total(ledger).saved == -600
    run = start(ledger)
    work(ledger, run, "1")
    assert total(ledger).saved == 14 - 600
    lines, _ = report(run_figures(ledger), "scenario")
    assert [(line.scenario_name, line.department_name, line.hours.after) for line in lines] == [
        ("住所変更", "市民課", Decimal(600))
    ]
    assert lines[0].hours.money == Decimal(14 - 600) / 60 * 2800


def test_minutes_of_no_run_count_on_the_day_that_they_were_booked(ledger: Ledger) -> None:
    run = start(ledger)
    work(ledger, run, "1")
    begun_at(ledger, run, datetime(2026, 3, 30, tzinfo=UTC))
    spend(ledger, "30", kind="maintenance")
    with ledger.writing() as connection:
        booked = stamp(datetime(2026, 4, 2, tzinfo=UTC))
        connection.execute(human_minutes.update().values(at=booked))
    before, after = report(run_figures(ledger), "year")[0]
    assert (before.period, before.hours.saved) == ("2025", Decimal(14))
    assert (after.period, after.hours.saved, after.hours.items) == ("2026", Decimal(-30), 0)
    with ledger.reading() as connection:
        assert connection.execute(sa.select(human_minutes.c.run)).scalar() is None


def test_a_scenario_that_never_ran_still_shows_what_it_cost(ledger: Ledger) -> None:
    work(ledger, start(ledger), "1")
    spend(ledger, "90", scenario="shimin/new", kind="authoring")
    lines, _ = report(run_figures(ledger), "scenario")
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
    assert {one.scenario for one in run_figures(ledger, SCENARIO)} == {SCENARIO}
    assert {one.scenario for one in run_figures(ledger)} == {SCENARIO, "kaikei/shiharai"}
