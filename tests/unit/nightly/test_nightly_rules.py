"""The days of every rule over four fiscal years, against days that were counted another way, and in odd time zones."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

import pytest

from bench.japan_days import holidays, open_days
from robots.errors import BusinessError
from robots.nightly.calendar import NotDays, OpenDays, announced, holidays_of, read_span
from robots.nightly.phrases import EXAMPLES, NotARule, read_rule
from robots.nightly.rules import Town

FIRST, LAST = date(2024, 4, 1), date(2028, 3, 31)
EVERY = [FIRST + timedelta(days=number) for number in range((LAST - FIRST).days + 1)]
OPEN = open_days(FIRST - timedelta(days=40), LAST + timedelta(days=40))
TOWN = Town(OpenDays())
ROOT = Path(__file__).parents[3]


def months() -> list[list[date]]:
    """The days of each month, by hand of the calendar's own lists."""
    found: dict[tuple[int, int], list[date]] = {}
    for day in EVERY:
        found.setdefault((day.year, day.month), []).append(day)
    return list(found.values())


def years() -> list[list[date]]:
    return [[day for day in EVERY if date(year, 4, 1) <= day <= date(year + 1, 3, 31)] for year in range(2024, 2028)]


def is_open(days: list[date]) -> list[date]:
    return [day for day in days if day in set(OPEN)]


def before(day: date) -> date:
    return max(one for one in OPEN if one <= day)


def after(day: date) -> date:
    return min(one for one in OPEN if one >= day)


def back(day: date, count: int) -> date:
    return [one for one in OPEN if one < day][-count]


TABLE: dict[str, Callable[[], list[date]]] = {
    "毎開庁日": lambda: is_open(EVERY),
    "毎日": lambda: EVERY,
    "月曜日": lambda: [day for day in EVERY if f"{day:%a}" == "Mon"],
    "月・木曜日、後の開庁日": lambda: sorted({after(day) for day in EVERY if f"{day:%a}" in ("Mon", "Thu")}),
    "25日": lambda: [month[24] for month in months()],
    "25日、前の開庁日": lambda: [before(month[24]) for month in months()],
    "25日、後の開庁日": lambda: [after(month[24]) for month in months()],
    "25日、閉庁日は休む": lambda: is_open([month[24] for month in months()]),
    "30日": lambda: [month[min(29, len(month) - 1)] for month in months()],
    "1日と15日": lambda: [month[at] for month in months() for at in (0, 14)],
    "月末": lambda: [month[-1] for month in months()],
    "月末、前の開庁日": lambda: [before(month[-1]) for month in months()],
    "月の第3開庁日": lambda: [is_open(month)[2] for month in months()],
    "月の最後の開庁日": lambda: [is_open(month)[-1] for month in months()],
    "年度の最初の開庁日": lambda: [is_open(year)[0] for year in years()],
    "年度の最後の開庁日": lambda: [is_open(year)[-1] for year in years()],
    "月末の3開庁日前": lambda: [back(month[-1], 3) for month in months()],
    "月の最後の開庁日の3開庁日前": lambda: [is_open(month)[-4] for month in months()],
    "年度末の10開庁日前": lambda: [back(year[-1], 10) for year in years()],
    "開庁日の9:00から17:00まで30分ごと": lambda: is_open(EVERY),
    "2026-12-25 に1回": lambda: [date(2026, 12, 25)],
}


@pytest.mark.parametrize("rule", TABLE)
def test_the_days_of_a_rule_over_four_fiscal_years(rule: str) -> None:
    turns = read_rule(rule).turns(FIRST, LAST, TOWN)
    wanted = TABLE[rule]()
    assert [turn.day for turn in turns] == [day for day in wanted if FIRST <= day <= LAST]
    assert len(wanted) >= 1


@pytest.mark.parametrize(("japanese", "english"), EXAMPLES)
def test_both_languages_say_the_same(japanese: str, english: str) -> None:
    one, other = read_rule(japanese), read_rule(english)
    assert (one.days, one.move, one.times) == (other.days, other.move, other.times)
    assert japanese in {*TABLE} and one.written == japanese


def test_the_holidays_are_those_of_the_cabinet_office() -> None:
    assert {day for year in range(2024, 2029) for day in holidays_of(year)} == holidays()


def test_single_days_that_are_easily_missed() -> None:
    town = OpenDays()
    assert town.why_closed(date(2026, 5, 6)) == "祝日（振替休日）"  # 憲法記念日が日曜日
    assert town.why_closed(date(2026, 9, 22)) == "祝日（国民の休日）"
    assert town.is_open(date(2028, 2, 29)) and not town.is_open(date(2027, 3, 22))
    assert town.shift(date(2026, 12, 28), 1) == date(2027, 1, 4)
    assert (town.why_closed(date(2026, 12, 29)), town.why_closed(date(2027, 1, 2))) == (
        "閉庁日（12/29-01/03）",
        "土曜日",
    )


def test_a_moved_day_says_why() -> None:
    turns = read_rule("30日、前の開庁日").turns(date(2026, 2, 1), date(2026, 2, 28), TOWN)
    assert [(turn.day, turn.planned) for turn in turns] == [(date(2026, 2, 27), date(2026, 2, 28))]
    assert turns[0].why == "2月に30日がないため、月の末日。2/28（土）は土曜日のため、前の開庁日"


def test_a_season_may_wrap_the_year_and_is_asked_of_the_named_day() -> None:
    turns = read_rule("月末、後の開庁日").turns(date(2026, 1, 1), date(2026, 12, 31), TOWN, read_span("10/01-03/31"))
    # 1/31, 2/28 and 10/31 are Saturdays and go on into the next month, as 12/31 of the year before did.
    assert [turn.day.isoformat()[5:] for turn in turns] == ["01-05", "02-02", "03-02", "03-31", "11-02", "11-30"]


def test_a_towns_own_days() -> None:
    town = OpenDays(["土", "日", "祝日", "12/29〜1/3"], ["2026-09-26", "2026-08-11"], ["2026/8/13〜2026/8/14", "11/30"])
    assert town.is_open(date(2026, 9, 26)) and town.is_open(date(2026, 8, 11))
    assert town.between(date(2026, 8, 11), date(2026, 8, 17)) == [
        date(2026, 8, 11),
        date(2026, 8, 12),
        date(2026, 8, 17),
    ]
    assert town.why_closed(date(2027, 11, 30)) == "臨時の閉庁日"
    assert town.count(date(2026, 4, 1), date(2027, 3, 31)) == 241 + 2 - 3


@pytest.mark.parametrize("year", [1948, 2100, 2151])
def test_a_year_without_known_holidays_is_refused(year: int) -> None:
    with pytest.raises(BusinessError, match=f"{year}年の祝日が分からない"):
        OpenDays().is_open(date(year, 6, 1))
    assert OpenDays(["sat", "sun"]).is_open(date(year, 6, 2)) is (date(year, 6, 2).weekday() < 5)


def test_an_office_that_never_opens_is_a_mistake_and_no_endless_search() -> None:
    with pytest.raises(BusinessError, match="開庁日がありません"):
        OpenDays(["sat", "sun"], closed_extra=["01/01-12/31"]).next(date(2026, 4, 1))


def test_which_years_are_official() -> None:
    assert (announced(date(2027, 1, 31)), announced(date(2027, 2, 1))) == (2027, 2028)


@pytest.mark.parametrize(
    "written",
    ["13/40", "土よう日", "2026-08-13-08-15", "2026-08-15〜2026-08-13", "02/30", ""],
    ids=lambda text: text or "-",
)
def test_days_that_are_none(written: str) -> None:
    with pytest.raises(NotDays, match="「"):
        OpenDays([written])


@pytest.mark.parametrize(
    ("written", "why"),
    [
        ("毎朝", "読めません"),
        ("31日", "月末"),
        ("40日", "1 から 31"),
        ("25日の前の開庁日", "読めません"),
        ("月の第30開庁日", "1 から 20"),
        ("毎開庁日、前の開庁日", "付けられません"),
        ("2026-02-30", "暦にない"),
        ("開庁日の9:00から17:00まで1分ごと", "5 分以上"),
        ("開庁日の17:00から9:00まで30分ごと", "後に"),
        ("開庁日の9:00から25:00まで30分ごと", "23:59"),
        ("the 25th or so", "読めません"),
        ("日", "読めません"),
    ],
)
def test_what_is_no_rule_is_refused(written: str, why: str) -> None:
    with pytest.raises(NotARule, match=why):
        read_rule(written)


def test_an_interval_has_its_own_times() -> None:
    times = read_rule("every 30 minutes between 9:00 and 17:00 on open days").times
    assert (len(times), f"{times[0]:%H:%M}", f"{times[-1]:%H:%M}") == (17, "09:00", "17:00")
    assert len(read_rule("月曜日の8時から17時まで2時間ごと").times) == 5


_IN_A_ZONE = """
import json
from datetime import datetime, timezone
from robots.clock import JST
from robots.nightly.calendar import OpenDays
from robots.nightly.due import dues
from robots.nightly.rules import Town
from robots.registry.schedule import Schedule
found = {}
for rule in json.loads(input()):
    at = {} if "ごと" in rule else {"at": "0:30"}
    start = datetime(2024, 3, 31, 15, tzinfo=timezone.utc)   # midnight in Japan
    end = datetime(2028, 3, 31, 14, 59, tzinfo=timezone.utc)
    found[rule] = sorted({one.at.isoformat()[:10] for one in dues(Schedule(on=rule, **at), Town(OpenDays()), start, end)})
    assert all(one.at.utcoffset().total_seconds() == 9 * 3600 for one in dues(Schedule(on=rule, **at), Town(OpenDays()), start, end)[:3])
print(json.dumps(found))
"""


@pytest.mark.parametrize("zone", ["UTC", "America/New_York"])
def test_the_machines_zone_changes_nothing(zone: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", _IN_A_ZONE],
        input=json.dumps([*TABLE], ensure_ascii=True),
        env={**os.environ, "TZ": zone, "PYTHONPATH": str(ROOT), "PYTHONUTF8": "1"},
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=True,
        timeout=60,
    )
    found = json.loads(done.stdout)
    for rule, wanted in TABLE.items():
        assert found[rule] == [day.isoformat() for day in wanted() if FIRST <= day <= LAST], rule


def test_the_page_lists_every_phrase() -> None:
    page = (ROOT / "docs" / "nights.md").read_text(encoding="utf-8")
    assert [pair for pair in EXAMPLES if f"| `{pair[0]}` | `{pair[1]}` |" not in page] == []
