"""Hours saved: hand-calculated cases, and sums that agree however they are grouped."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from robots.ledger.rollups import RunFigures
from robots.savings.figures import BY, Hours, as_json, hours_of, in_hours, report
from robots.savings.table import json_rows, table_rows

RUN = RunFigures(
    run="r1",
    scenario="shimin/jutogai",
    scenario_name="住登外者の住所変更",
    department="shimin",
    department_name="市民課",
    division="市民部",
    day=date(2026, 6, 1),
    done=57,
    minutes_per_item=Decimal(4),
    minutes_per_run=Decimal(10),
    books_run=True,
    human_minutes=Decimal(0),
    built_by="in_house",
    hourly_cost=Decimal(2800),
)
OTHER = replace(
    RUN,
    run="r2",
    scenario="kaikei/shiharai",
    scenario_name="支払",
    department="kaikei",
    department_name="会計課",
    day=date(2027, 3, 31),
    done=10,
    minutes_per_item=Decimal("6.5"),
    minutes_per_run=Decimal(15),
    human_minutes=Decimal("12.5"),
)


def test_a_run_by_hand() -> None:
    """57 x 4 + 10 = 238 minutes = 3.97 hours; 238 / 60 x 2800 = 11,107 yen."""
    assert as_json(hours_of([RUN])) == {
        "items": 57,
        "hours_before": 3.97,
        "hours_after": 0.0,
        "hours_gross": 3.97,
        "hours_saved": 3.97,
        "rate": 1.0,
        "money": 11107,
    }


def test_what_people_still_spend_is_taken_off() -> None:
    """10 x 6.5 + 15 = 80 minutes by hand; 80 - 12.5 = 67.5 saved; 67.5 / 80 = 0.844; 1.125 h x 2800 = 3,150 yen."""
    hours = hours_of([OTHER])
    assert (hours.before, hours.after, hours.saved) == (Decimal(80), Decimal("12.5"), Decimal("67.5"))
    assert as_json(hours) == {
        "items": 10,
        "hours_before": 1.33,
        "hours_after": 0.21,
        "hours_gross": 1.33,
        "hours_saved": 1.13,
        "rate": 0.844,
        "money": 3150,
    }


def test_a_scenario_that_costs_more_than_it_saves_is_shown_negative() -> None:
    hours = hours_of([replace(OTHER, human_minutes=Decimal(200))])
    shown = as_json(hours)
    assert (shown["hours_saved"], shown["rate"], shown["money"]) == (-2.0, -1.5, -5600)
    assert shown["hours_gross"] == 1.33


def test_a_run_that_did_nothing_saves_nothing_and_has_no_rate() -> None:
    hours = hours_of([replace(RUN, done=0, books_run=False)])
    assert hours == Hours(0, Decimal(0), Decimal(0), Decimal(0))
    assert (hours.saved, hours.rate) == (Decimal(0), None)
    assert as_json(hours_of([])) == as_json(Hours(0, Decimal(0), Decimal(0), Decimal(0)))


def test_the_minutes_of_a_run_are_left_out_where_another_of_its_chain_books_them() -> None:
    assert hours_of([RUN, replace(RUN, run="r3", done=3, books_run=False)]).before == 57 * 4 + 10 + 3 * 4


@pytest.mark.parametrize(
    ("change", "known"),
    [
        ({"hourly_cost": None}, False),
        ({"hourly_cost": None, "done": 0, "books_run": False}, True),
        ({"hourly_cost": None, "done": 0, "books_run": False, "human_minutes": Decimal(5)}, False),
    ],
)
def test_money_is_left_out_where_some_of_it_cannot_be_priced(change: dict[str, object], known: bool) -> None:
    assert (hours_of([OTHER, replace(RUN, **change)]).money is not None) is known  # type: ignore[arg-type]


def test_each_run_is_priced_at_the_cost_of_its_time() -> None:
    dearer = replace(RUN, hourly_cost=Decimal(3000))
    assert hours_of([RUN, dearer]).money == Decimal(238) / 60 * 2800 + Decimal(238) / 60 * 3000


@pytest.mark.parametrize(
    ("by", "keys"),
    [
        ("department", [("kaikei", "", ""), ("shimin", "", "")]),
        ("scenario", [("kaikei", "kaikei/shiharai", ""), ("shimin", "shimin/jutogai", "")]),
        ("month", [("", "", "2026-06"), ("", "", "2027-03"), ("", "", "2027-04")]),
        ("year", [("", "", "2026"), ("", "", "2027")]),
    ],
)
def test_lines_by_each_key(by: str, keys: list[tuple[str, str, str]]) -> None:
    lines, total = report([RUN, OTHER, replace(OTHER, day=date(2027, 4, 1))], by)
    assert [(line.department, line.scenario, line.period) for line in lines] == keys
    assert sum(line.hours.items for line in lines) == total.items == 77


@pytest.mark.parametrize(
    ("day", "starts", "year"),
    [
        (date(2026, 3, 31), 4, 2025),
        (date(2026, 4, 1), 4, 2026),
        (date(2026, 12, 31), 1, 2026),
        (date(2026, 9, 30), 10, 2025),
    ],
)
def test_a_fiscal_year_begins_in_its_month(day: date, starts: int, year: int) -> None:
    lines, _ = report([replace(RUN, day=day)], "year", starts=starts)
    assert [line.period for line in lines] == [str(year)]
    assert report([replace(RUN, day=day)], "scenario", year=year, starts=starts)[1].items == 57
    assert report([replace(RUN, day=day)], "scenario", year=year + 1, starts=starts) == ([], hours_of([]))


def test_a_renamed_scenario_is_one_line_by_its_latest_name() -> None:
    lines, _ = report([RUN, replace(RUN, run="r9", scenario_name="住所変更（新）")], "scenario")
    assert [line.scenario_name for line in lines] == ["住所変更（新）"]


runs = st.builds(
    RunFigures,
    run=st.uuids().map(str),
    scenario=st.sampled_from(["shimin/a", "shimin/b", "kaikei/c"]),
    scenario_name=st.just("名"),
    department=st.just(""),
    department_name=st.just("課"),
    division=st.just("部"),
    day=st.dates(date(2024, 1, 1), date(2028, 12, 31)),
    done=st.integers(0, 5000),
    minutes_per_item=st.decimals(0, 500, places=2),
    minutes_per_run=st.decimals(0, 500, places=1),
    books_run=st.booleans(),
    human_minutes=st.decimals(0, 5000, places=1),
    built_by=st.just("in_house"),
    hourly_cost=st.sampled_from([None, Decimal(2800), Decimal(3600)]),
).map(lambda run: replace(run, department=run.scenario.split("/")[0]))


@settings(max_examples=60, deadline=None)
@given(st.lists(runs, max_size=12), st.sampled_from([None, 2025, 2026]), st.integers(1, 12))
def test_every_grouping_adds_up_to_the_same_total(figures: list[RunFigures], year: int | None, starts: int) -> None:
    totals = []
    for by in BY:
        lines, total = report(figures, by, year=year, starts=starts)
        totals.append(total)
        assert sum(line.hours.items for line in lines) == total.items
        assert sum((line.hours.before for line in lines), Decimal(0)) == total.before
        assert sum((line.hours.after for line in lines), Decimal(0)) == total.after
        assert sum((line.hours.saved for line in lines), Decimal(0)) == total.saved
        if total.money is not None:
            money = sum((line.hours.money or Decimal(0) for line in lines), Decimal(0))
            assert abs(money - total.money) < Decimal("0.000001")
    assert all(total == totals[0] for total in totals)


@pytest.mark.parametrize(
    ("minutes", "hours"),
    [("0", 0.0), ("0.3", 0.01), ("0.29", 0.0), ("90", 1.5), ("-0.3", -0.01), ("600000.3", 10000.01)],
)
def test_hours_are_rounded_half_up_where_they_are_shown(minutes: str, hours: float) -> None:
    assert in_hours(Decimal(minutes)) == hours


# --- as a table and as JSON ---


@pytest.mark.parametrize(
    ("by", "first"),
    [
        ("department", {"課": "会計課"}),
        ("scenario", {"課": "会計課", "シナリオ": "支払"}),
        ("month", {"月": "2026-06"}),
        ("year", {"年度": "2026"}),
    ],
)
def test_the_table_has_its_keys_its_figures_and_the_total(by: str, first: dict[str, str]) -> None:
    lines, total = report([RUN, OTHER], by)
    rows = table_rows(lines, total, by)
    assert {name: rows[0][name] for name in first} == first
    assert len({tuple(row) for row in rows}) == 1
    end = rows[-1]
    assert end[next(iter(first))] == "合計"
    assert (end["件数"], end["削減時間（総）"], end["人の作業時間"], end["削減時間（正味）"]) == (67, 5.3, 0.21, 5.09)
    assert end["削減率"] == "96.1%"
    assert end["金額換算（円）"] == 14257


def test_a_table_without_runs_is_a_total_of_nothing() -> None:
    for by in BY:
        (end,) = table_rows([], hours_of([]), by)
        assert "合計" in end.values()
        assert (end["件数"], end["削減率"]) == (0, "")


def test_json_rows_have_the_published_keys() -> None:
    lines, _ = report([RUN], "scenario")
    (row,) = json_rows(lines)
    assert {"department", "scenario", "items", "hours_before", "hours_after", "hours_saved", "rate"} <= set(row)
    assert (row["department"], row["scenario"], row["items"]) == ("shimin", "shimin/jutogai", 57)
