"""What cities published (総務省 and the cities themselves), given by the report from the same inputs.

Each city's works are put into a ledger as a year of runs: the totals that they published, in as few works as show it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, datetime, time
from decimal import Decimal
from pathlib import Path

import pytest
import sqlalchemy as sa

from practice.towns import nagaoka
from robots.clock import JST, stamp
from robots.ledger.bulk import insert_many
from robots.ledger.people import Cost, Minutes, book_cost, book_minutes
from robots.ledger.recount import mend, recount
from robots.ledger.rollups import FACTS, open_sums
from robots.ledger.store import Ledger
from robots.ledger.tables import items, runs
from robots.savings.document import document
from robots.savings.figures import as_json, in_hours
from robots.savings.statement import Statement, Wanted, statement
from tests.empty_ledger import empty_ledger


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    opened = empty_ledger(tmp_path / "ledger.sqlite")
    yield opened
    opened.close()


def worked(
    ledger: Ledger, scenario: str, day: date, done: int, per_item: str, *, built_by: str = "in_house", people: str = "0"
) -> None:
    """One run of a work, with its done items and the minutes that people spent on it."""
    at = stamp(datetime.combine(day, time(19), JST))
    run = f"{scenario}-{day}"
    department = scenario.partition("/")[0]
    facts: Mapping[str, object] = dict(
        zip(
            FACTS,
            (scenario, scenario, department, department, "", built_by, per_item, "0", None, "2026-01-01"),
            strict=True,
        )
    )
    empty = {"digest": "", "version": "", "machine": "", "who": "", "message": "", "inputs": {}}
    with ledger.writing() as connection:
        known = connection.execute(sa.select(sa.func.coalesce(sa.func.max(items.c.id), 0))).scalar_one()
        connection.execute(
            runs.insert().values(
                id=run, state="ended", rehearsal=False, started_at=at, finished=True,
                facts=open_sums(connection, facts, at), **facts, **empty,
            )
        )  # fmt: skip
        rows = [
            {
                "id": known + number, "scenario": scenario, "key": f"{run}-{number}", "key_mark": f"{run}-{number}", "source": None, "intent_at": None,
                "state": "done", "run": run, "origin": "", "values": {}, "values_digest": "", "result": {},
                "reason": "", "attempts": 1, "finished": True, "done_at": at, "updated_at": at,
            }
            for number in range(1, done + 1)
        ]  # fmt: skip
        if rows:
            insert_many(connection, items, rows)
    if Decimal(people):
        book_minutes(ledger, Minutes(scenario, "review", Decimal(people), "s1", "", run=run))


def drawn(ledger: Ledger, year: int | None = None, by: str = "year") -> Statement:
    """The report, after every item was counted."""
    mend(ledger, recount(ledger).differences)
    assert recount(ledger).differences == []
    return statement(ledger, Wanted("市", year=year, by=by, day=date(2026, 4, 1)))


def test_nagaoka_saved_18603_of_23980_hours(ledger: Ledger) -> None:
    """100 works; 23,980 h before, 5,377 h after; yen 5,563 thousand at the beginning, 8,969 thousand a year."""
    works = nagaoka()
    assert len({work.scenario for work in works}) == 100
    for number, work in enumerate(works):  # one item of a work stands for all of its year: the hours are the same
        minutes = str(work.minutes * work.items)
        worked(
            ledger,
            work.scenario,
            date(2025, 4 + number % 9, 1),
            1,
            minutes,
            built_by=work.built_by,
            people=str(work.people),
        )
    book_cost(ledger, Cost("*", "licence", Decimal(5_563_000), True, date(2025, 4, 1), "d1", ""))
    book_cost(ledger, Cost("*", "licence", Decimal(8_969_000), False, date(2025, 4, 1), "d1", ""))
    report = drawn(ledger, 2025, "division")
    total = as_json(report.total)
    assert (total["hours_before"], total["hours_after"], total["hours_saved"]) == (23980.0, 5377.0, 18603.0)
    assert (total["rate"], total["works"], total["cost"], total["cost_initial"]) == (0.776, 100, 8_969_000, 5_563_000)
    assert sum(round(line.hours.saved) for line in report.lines) == 18603 * 60
    marked = {mark.scenario for mark in report.marks}
    losing = {work.scenario for work in works if work.people > work.minutes * work.items}
    assert losing
    assert losing <= marked


def test_beppu_has_its_yearly_series_its_rate_and_its_in_house_rate(ledger: Ledger) -> None:
    """Saved 1,715, 4,611, 6,000 and 6,509 h (FY2019-2022); 78 % of the time by hand in FY2022, which is 6,509 / 0.78 =
    8,345 h before; 106 works, 84 % of them written in house (89)."""
    for year, saved in ((2019, 1715), (2020, 4611), (2021, 6000), (2022, 6509)):
        before = (Decimal(saved) / Decimal("0.78")).quantize(Decimal(1))
        count = 106 if year == 2022 else 10
        for number in range(count):
            share, left = (int(whole) * 60 // count for whole in (before, before - saved))
            extra = [
                int(whole) * 60 - part * count if not number else 0
                for whole, part in ((before, share), (before - saved, left))
            ]
            worked(
                ledger, f"ka{number % 15}/w{number}", date(year, 6, 1), 1, str(share + extra[0]),
                built_by="in_house" if number < 89 else "contractor", people=str(left + extra[1]),
            )  # fmt: skip
    report = drawn(ledger)
    assert [(line.period, in_hours(line.hours.saved)) for line in report.years] == [
        ("2019", 1715.0), ("2020", 4611.0), ("2021", 6000.0), ("2022", 6509.0),
    ]  # fmt: skip
    last = as_json(report.years[-1].hours)
    assert (last["hours_before"], last["rate"], last["works"], last["in_house_rate"]) == (8345.0, 0.78, 106, 0.84)
    years = document(report, ledger)["years"]
    assert isinstance(years, list)
    assert [row["change"] for row in years] == [None, 2896.0, 1389.0, 509.0]


def test_kumamoto_5_minutes_52_seconds_a_case_are_2242_hours(ledger: Ledger) -> None:
    """22,930 cases a year give it: 22,930 x 5.8667 min = 2,242.06 h."""
    worked(ledger, "kumin/idou", date(2025, 6, 1), 22_930, "5.8667")
    assert round(drawn(ledger).total.saved / 60) == 2242


def test_kobe_8_minutes_are_660_hours_at_a_third_of_its_declarations(ledger: Ledger) -> None:
    """About 15,000 declarations at 8 min are 2,000 h; the published 660 h are 4,950 of them: 33.0 %."""
    declarations, entered = 15_000, 4_950
    assert Decimal(entered) / declarations == Decimal("0.33")
    worked(ledger, "zei/zero", date(2025, 6, 1), entered, "8")
    total = drawn(ledger).total
    assert (total.items, total.saved / 60) == (4950, Decimal(660))


def test_mifune_saved_5165743_yen_and_three_tenths(ledger: Ledger) -> None:
    """Design costs of water-pipe renewal: 6,596,383.3 yen before, 1,430,640 after."""
    day = date(2025, 4, 1)
    book_cost(ledger, Cost("suido", "avoided", Decimal("6596383.3"), False, day, "d1", "設計の委託"))
    book_cost(ledger, Cost("suido", "contract", Decimal(1_430_640), False, day, "d1", "今の費用"))
    report = drawn(ledger)
    assert report.total.balance == Decimal("5165743.3")
    assert as_json(report.total)["balance"] == 5165743.3
