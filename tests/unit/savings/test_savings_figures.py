"""Hours saved: hand-calculated cases, and sums that agree however they are grouped."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from robots.ledger.tallies import Tally, fiscal_months
from robots.savings.figures import BY, Hours, as_json, hours_of, in_hours, lines_of
from robots.savings.table import json_rows, table_rows

RUN = Tally(
    scenario="shimin/jutogai",
    scenario_name="住登外者の住所変更",
    department="shimin",
    department_name="市民課",
    division="市民部",
    built_by="in_house",
    measured="2026-05-12",
    period="2026-06",
    first="2026-06",
    last="2026-06",
    items=57,
    runs=1,
    minutes_per_item=Decimal(4),
    minutes_per_run=Decimal(10),
    hourly_cost=Decimal(2800),
)
OTHER = replace(
    RUN,
    scenario="kaikei/shiharai",
    scenario_name="支払",
    department="kaikei",
    department_name="会計課",
    division="出納室",
    period="2027-03",
    first="2027-03",
    last="2027-03",
    items=10,
    minutes_per_item=Decimal("6.5"),
    minutes_per_run=Decimal(15),
    running=Decimal("12.5"),
)
NO_COST = {"cost": 0, "cost_initial": 0, "cost_avoided": 0}


def test_a_run_by_hand() -> None:
    """57 x 4 + 10 = 238 minutes = 3.97 hours; 238 / 60 x 2800 = 11,107 yen."""
    assert as_json(hours_of([RUN])) == {
        "items": 57,
        "works": 1,
        "hours_before": 3.97,
        "hours_after": 0.0,
        "hours_gross": 3.97,
        "hours_saved": 3.97,
        "rate": 1.0,
        "in_house_rate": 1.0,
        "money": 11107,
        **NO_COST,
        "balance": 11106.7,
        "payback_months": None,
    }


def test_what_people_still_spend_is_taken_off() -> None:
    """10 x 6.5 + 15 = 80 minutes by hand; 80 - 12.5 = 67.5 saved; 67.5 / 80 = 0.844; 1.125 h x 2800 = 3,150 yen."""
    hours = hours_of([OTHER])
    assert (hours.before, hours.after, hours.saved) == (Decimal(80), Decimal("12.5"), Decimal("67.5"))
    shown = as_json(hours)
    assert (shown["hours_saved"], shown["rate"], shown["money"], shown["balance"]) == (1.13, 0.844, 3150, 3150)


def test_a_scenario_that_costs_more_than_it_saves_is_shown_negative() -> None:
    hours = hours_of([replace(OTHER, running=Decimal(200))])
    shown = as_json(hours)
    assert (shown["hours_saved"], shown["rate"], shown["money"]) == (-2.0, -1.5, -5600)
    assert shown["hours_gross"] == 1.33
    assert shown["payback_months"] is None, "nothing was invested"


def test_a_run_that_did_nothing_saves_nothing_and_has_no_rate() -> None:
    hours = hours_of([replace(RUN, items=0, runs=0)])
    assert hours == hours_of([]) == Hours()
    assert (hours.saved, hours.rate, hours.in_house_rate, hours.payback) == (Decimal(0), None, None, None)


def test_the_minutes_of_a_run_are_left_out_where_another_of_its_chain_books_them() -> None:
    assert hours_of([RUN, replace(RUN, items=3, runs=0)]).before == 57 * 4 + 10 + 3 * 4


@pytest.mark.parametrize(
    ("change", "known"),
    [
        ({"hourly_cost": None}, False),
        ({"hourly_cost": None, "items": 0, "runs": 0}, True),
        ({"hourly_cost": None, "items": 0, "runs": 0, "running": Decimal(5)}, False),
        ({"hourly_cost": None, "items": 0, "runs": 0, "cost": Decimal(5)}, True),
    ],
)
def test_money_is_left_out_where_some_of_it_cannot_be_priced(change: dict[str, object], known: bool) -> None:
    hours = hours_of([OTHER, replace(RUN, **change)])  # type: ignore[arg-type]
    assert (hours.money is not None) is known
    assert (hours.balance is not None) is known


def test_each_run_is_priced_at_the_cost_of_its_time() -> None:
    dearer = replace(RUN, hourly_cost=Decimal(3000))
    assert hours_of([RUN, dearer]).money == Decimal(238) / 60 * 2800 + Decimal(238) / 60 * 3000


def test_the_balance_has_every_yen_and_the_payback_is_in_whole_months() -> None:
    """A month saves 100 h at 3,000 yen and pays 50,000: 250,000 a month; 500 h of making (1.5 million) and 1 million
    yen at the beginning are 2.5 million: ten months."""
    month = replace(RUN, items=1500, runs=0, hourly_cost=Decimal(3000), cost=Decimal(50_000))
    twelve = [replace(month, first=f"2026-{number:02d}", last=f"2026-{number:02d}") for number in range(1, 13)]
    once = replace(RUN, items=0, runs=0, hourly_cost=Decimal(3000), once=Decimal(500 * 60), initial=Decimal(1_000_000))
    hours = hours_of([*twelve, once])
    assert hours.balance == 12 * 250_000 - 2_500_000
    assert hours.payback == 10
    assert hours_of([*twelve, replace(once, initial=Decimal(1_000_001))]).payback == 11
    losing = replace(month, cost=Decimal(300_000))
    assert hours_of([losing, once]).payback is None, "a month that earns nothing never pays it back"
    assert replace(hours, money=None).payback is None


def test_the_share_of_works_that_staff_wrote_counts_works_not_items() -> None:
    works = [replace(RUN, scenario=f"shimin/{number}", items=number + 1) for number in range(5)]
    bought = replace(RUN, scenario="shimin/b", items=1000, built_by="contractor")
    unused = replace(RUN, scenario="shimin/u", items=0, runs=0)
    hours = hours_of([*works, works[0], bought, unused])
    assert (hours.works, hours.in_house) == (6, 5)
    assert as_json(hours)["in_house_rate"] == 0.833


@pytest.mark.parametrize(
    ("by", "keys"),
    [
        ("division", [("出納室", "", "", ""), ("市民部", "", "", "")]),
        ("department", [("出納室", "kaikei", "", ""), ("市民部", "shimin", "", "")]),
        ("scenario", [("", "kaikei", "kaikei/shiharai", ""), ("", "shimin", "shimin/jutogai", "")]),
        ("month", [("", "", "", "2026-06"), ("", "", "", "2027-03"), ("", "", "", "2027-04")]),
    ],
)
def test_lines_by_each_key(by: str, keys: list[tuple[str, str, str, str]]) -> None:
    tallies = [RUN, OTHER, replace(OTHER, period="2027-04")]
    lines = lines_of(tallies, by)
    assert [
        (line.division if by != "scenario" else "", line.department, line.scenario, line.period) for line in lines
    ] == keys
    assert sum(line.hours.items for line in lines) == hours_of(tallies).items == 77


@pytest.mark.parametrize(
    ("year", "starts", "months"),
    [(2026, 4, ("2026-04", "2027-03")), (2026, 1, ("2026-01", "2026-12")), (2025, 10, ("2025-10", "2026-09"))],
)
def test_a_fiscal_year_begins_in_its_month(year: int, starts: int, months: tuple[str, str]) -> None:
    assert fiscal_months(year, starts) == months


def test_a_renamed_scenario_is_one_line_by_its_latest_name() -> None:
    lines = lines_of([RUN, replace(RUN, scenario_name="住所変更（新）", period="2026-07")], "scenario")
    assert [line.scenario_name for line in lines] == ["住所変更（新）"]


minutes = st.decimals(0, 5000, places=1)
runs = st.builds(
    Tally,
    scenario=st.sampled_from(["shimin/a", "shimin/b", "kaikei/c"]),
    scenario_name=st.just("名"),
    department=st.just(""),
    department_name=st.just("課"),
    division=st.sampled_from(["甲部", "乙部"]),
    built_by=st.sampled_from(["in_house", "contractor"]),
    measured=st.just(""),
    period=st.sampled_from(["2025-12", "2026-03", "2026-04", "2027-01"]),
    first=st.just("2026-01"),
    last=st.just("2026-02"),
    items=st.integers(0, 5000),
    runs=st.integers(0, 3),
    minutes_per_item=st.decimals(0, 500, places=2),
    minutes_per_run=st.decimals(0, 500, places=1),
    hourly_cost=st.sampled_from([None, Decimal(2800), Decimal(3600)]),
    running=minutes,
    once=minutes,
    cost=minutes,
    initial=minutes,
    avoided=minutes,
).map(lambda run: replace(run, department=run.scenario.split("/")[0]))


@settings(max_examples=60, deadline=None)
@given(st.lists(runs, max_size=12))
def test_every_grouping_adds_up_to_the_same_total(figures: list[Tally]) -> None:
    total = hours_of(figures)
    for by in BY:
        lines = [line.hours for line in lines_of(figures, by)]
        assert sum(line.items for line in lines) == total.items
        for name in ("before", "after", "once", "saved", "cost", "initial", "avoided"):
            assert sum((getattr(line, name) for line in lines), Decimal(0)) == getattr(total, name)
        if total.money is not None:
            assert abs(sum((line.money or Decimal(0) for line in lines), Decimal(0)) - total.money) < Decimal(
                "0.000001"
            )


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
        ("division", {"部": "出納室"}),
        ("department", {"課": "会計課"}),
        ("scenario", {"課": "会計課", "シナリオ": "支払"}),
        ("month", {"月": "2026-06"}),
        ("year", {"年度": "2026"}),
    ],
)
def test_the_table_has_its_keys_its_figures_and_the_total(by: str, first: dict[str, str]) -> None:
    rows = table_rows(lines_of([RUN, OTHER], by), hours_of([RUN, OTHER]), by)
    assert {name: rows[0][name] for name in first} == first
    assert len({tuple(row) for row in rows}) == 1
    end = rows[-1]
    assert end[next(iter(first))] == "合計"
    assert (end["件数"], end["削減時間（総）"], end["人の作業時間"], end["削減時間（正味）"]) == (67, 5.3, 0.21, 5.09)
    assert (end["削減率"], end["内製率"], end["金額換算（円）"]) == ("96.1%", "100.0%", 14257)
    assert "費用（円）" not in end, "a town that books no yen is not shown columns of zeros"


def test_the_table_shows_yen_where_some_was_booked() -> None:
    paid = replace(OTHER, cost=Decimal(1000), avoided=Decimal("300.5"))
    rows = table_rows(lines_of([RUN, paid], "department"), hours_of([RUN, paid]), "department")
    assert [(row["費用（円）"], row["不要になった費用（円）"], row["差引効果（円）"]) for row in rows] == [
        (1000, 301, 2451),
        (0, 0, 11107),
        (1000, 301, 13557),
    ]


def test_a_table_without_runs_is_a_total_of_nothing() -> None:
    for by in BY:
        (end,) = table_rows([], hours_of([]), by)
        assert "合計" in end.values()
        assert (end["件数"], end["削減率"]) == (0, "")


def test_json_rows_have_the_published_keys() -> None:
    (row,) = json_rows(lines_of([RUN], "scenario"))
    assert {"department", "scenario", "items", "hours_before", "hours_after", "hours_saved", "rate"} <= set(row)
    assert (row["department"], row["scenario"], row["items"]) == ("shimin", "shimin/jutogai", 57)
