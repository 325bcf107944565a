"""The plan of a night: from what ran before to what will not work out."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from robots.clock import JST, stamp
from robots.ledger.paces import Past, paces
from robots.ledger.tables import runs
from robots.nightly.facts import plan_night, tonight
from robots.nightly.pace import Length, length_of
from robots.nightly.plan import Forecast, Work, forecast
from robots.nightly.words import plan_json, plan_lines
from robots.registry.load import Loaded, load_register
from tests.conftest import banken_here
from tests.flow_town import ID, FlowTown
from tests.unit.nightly.care_town import nightly_town

DAY = date(2026, 6, 1)
SEVEN = datetime(2026, 6, 1, 19, 0, tzinfo=JST)
SIX = datetime(2026, 6, 2, 6, 0, tzinfo=JST)


def lasting(minutes: float, most: float | None = None) -> Length:
    slow = 60 * (most or minutes)
    return Length(60 * minutes, slow, slow, 10, 20)


def work(name: str, minutes: float, **others: object) -> Work:
    given: dict[str, object] = {"due": SEVEN, "finish_by": SIX, "priority": 5, "length": lasting(minutes), **others}
    return Work(f"yoru/{name}", name, **given)  # type: ignore[arg-type]


def seen(found: Forecast) -> dict[str, tuple[str, str, str]]:
    """name → (start, end, sight)."""
    return {
        one.work.name: (f"{one.start:%H:%M}" if one.start else "", f"{one.end:%H:%M}" if one.end else "", one.sight)
        for one in found.told
    }


def test_a_resource_and_the_room_decide_who_waits_for_whom() -> None:
    works = [
        work("b", 60, resources=("login",), priority=5),
        work("a", 30, resources=("login",), priority=1),
        work("c", 20),
        work("d", 20),
    ]
    found = forecast(works, holders={"login": 1}, room=2)
    assert seen(found) == {
        "a": ("19:00", "19:30", "good"),
        "c": ("19:00", "19:20", "good"),
        "d": ("19:20", "19:40", "good"),
        "b": ("19:30", "20:30", "good"),
    }
    waits = {one.work.name: one.waits for one in found.told}
    assert "「login」" in waits["b"] and "a" in waits["b"]
    assert "2 本" in waits["d"]
    assert [one.work.name for one in found.told] == ["a", "c", "d", "b"], "in the order of their beginning"


def test_what_will_not_end_and_what_may_not_are_told_apart() -> None:
    works = [
        work("fits", 600),
        work("may not", 600, length=lasting(600, most=700)),
        work("will not", 700),
        work("no limit", 700, finish_by=None),
    ]
    found = forecast(works, holders={}, room=9)
    assert {name: sight for name, (_, _, sight) in seen(found).items()} == {
        "fits": "good",
        "may not": "risky",
        "will not": "late",
        "no limit": "good",
    }
    assert {one.work.name for one in found.announced} == {"may not", "will not"}


def test_a_chain_waits_and_one_that_is_blocked_holds_those_behind_it_alone() -> None:
    works = [
        work("first", 30),
        work("second", 30, after=("yoru/first",), only_follows=True),
        work("stopped", 10, blocked="承認されていません。"),
        work("behind", 10, after=("yoru/stopped",)),
        work("far behind", 10, after=("yoru/behind",)),
        work("too long", 700),
        work("never", 10, after=("yoru/too long",), finish_by=SIX + timedelta(hours=3)),
    ]
    found = forecast(works, holders={}, room=9)
    told = seen(found)
    assert told["second"] == ("19:30", "20:00", "good")
    assert told["stopped"][2] == told["behind"][2] == told["far behind"][2] == "blocked"
    assert told["never"] == ("", "", "late"), "what it follows is stopped at six"
    assert "yoru/stopped" not in [one.work.scenario for one in found.told if one.sight == "good"]
    notes = {one.work.name: one.notes for one in found.told}
    assert "「stopped」" in notes["behind"][0] and "too long" in notes["never"][0]


def history(counts: list[int], each: float = 30.0, besides: float = 120.0) -> list[Past]:
    """A run on each day before DAY."""
    return [
        Past(DAY - timedelta(days=len(counts) - number), count, count * each, besides)
        for number, count in enumerate(counts)
    ]


def test_a_length_follows_growth_and_the_day_of_the_week_and_says_what_it_assumes() -> None:
    steady = length_of(history([40] * 20), DAY)
    assert (steady.items, steady.median, steady.assumed) == (40, 120 + 40 * 30, "")
    growing = length_of(history([40 + 2 * number for number in range(10)]), DAY)
    assert growing.items == 60
    weekly = [Past(day, 300 if day.weekday() == 0 else 50, 0, 0) for day in _days(40)]
    assert length_of(weekly, DAY).items == 300, "1 June 2026 is a Monday"
    assert length_of(weekly, DAY + timedelta(days=1)).items == 50
    assert length_of(history([40] * 20), DAY, left=10).items == 50
    nothing = length_of([], DAY, items_a_turn=12)
    assert "実績がない" in nothing.assumed and nothing.items == 12 and nothing.p90 > nothing.median
    uneven = length_of(history([40, 10, 80] * 6), DAY)
    assert uneven.median < uneven.p90 < uneven.most


def _days(count: int) -> list[date]:
    return [DAY - timedelta(days=count - number) for number in range(count)]


@pytest.fixture
def town(tmp_path: Path) -> Iterator[FlowTown]:
    with nightly_town(tmp_path / "city") as town:
        yield town


def night(town: FlowTown) -> Forecast:
    loaded = load_register(town.home)
    assert isinstance(loaded, Loaded)
    return plan_night(town.home, loaded, town.ledger, DAY, SEVEN - timedelta(hours=3))


def test_the_plan_of_a_town_tells_missing_input_and_a_changed_scenario(town: FlowTown) -> None:
    (told,) = night(town).told
    assert (told.work.scenario, told.sight, told.start) == (ID, "good", SEVEN)
    assert not told.work.lacks and any("実績がない" in note for note in told.notes)

    source = town.home.scenarios / ID / "sample" / "届.csv"
    content = source.read_bytes()
    source.write_bytes(b"")
    (told,) = night(town).told
    assert "届.csv" in told.work.lacks[0] and "空です" in told.work.lacks[0]
    source.unlink()
    (told,) = night(town).told
    assert "まだありません" in told.work.lacks[0]
    source.write_bytes(content)

    scenario = town.home.scenarios / ID / "scenario.yaml"
    scenario.write_text(scenario.read_text(encoding="utf-8") + "\n", encoding="utf-8")
    changed = night(town)
    (told,) = changed.told
    assert told.sight == "blocked" and "承認のあとで変わりました" in told.notes[0]
    assert any("動かない" in line for line in plan_lines(DAY, changed))
    turns = plan_json(DAY, changed)["turns"]
    assert isinstance(turns, list) and turns[0]["sight"] == "blocked"


def test_lengths_come_from_the_ledger(town: FlowTown) -> None:
    for _ in range(3):
        report = town.run()
        assert report.state == "ended", report.message
    with town.ledger.writing() as connection:
        found = connection.execute(sa.select(runs.c.id).order_by(runs.c.started_at)).scalars().all()
        for number, run in enumerate(found):
            began = SEVEN - timedelta(days=3 - number)
            values = {"started_at": stamp(began), "ended_at": stamp(began + timedelta(minutes=10))}
            connection.execute(runs.update().where(runs.c.id == run).values(**values))
    past = paces(town.ledger, [ID])[ID]
    assert [one.items for one in past] == [2, 0, 0], "an item is done once"
    assert [round(one.on_items + one.besides) for one in past] == [600, 600, 600]
    (told,) = night(town).told
    assert told.work.length.known == 3 and told.end is not None
    assert abs(told.end - told.start - timedelta(minutes=10)) < timedelta(minutes=1)  # type: ignore[operator]


def test_the_command_prints_the_plan_and_its_exit_code_tells(town: FlowTown) -> None:
    done = banken_here(town.home.root, "plan", "--date", "2026-12-01", "--json")
    found = json.loads(done.out)
    assert done.code == 0, done.err
    assert (found["date"], [one["scenario"] for one in found["turns"]], found["announced"]) == ("2026-12-01", [ID], 0)
    (town.home.scenarios / ID / "sample" / "届.csv").unlink()
    done = banken_here(town.home.root, "plan", "--date", "2026-12-01")
    assert done.code == 1 and "まだありません" in done.out and "19:00" in done.out


def test_the_night_of_a_moment_ends_in_the_morning() -> None:
    assert tonight(datetime(2026, 6, 2, 3, 0, tzinfo=JST)) == DAY
    assert tonight(datetime(2026, 6, 1, 9, 0, tzinfo=JST)) == DAY
