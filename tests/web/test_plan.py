"""予定: the month of all scenarios and of one, days that were moved with the reason, a day with what became of its turns."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date

import httpx
import pytest
from playwright.sync_api import Browser, expect

from robots.nightly.rules import Town
from robots.registry.load import Loaded, load_register
from robots.web.pages._months import month_of
from tests.conftest import banken_here
from tests.web.conftest import Web, city_pc, make_town, served

ENTRY = """  {id}:
    name: {name}
    owner: w-author
    deputy: s1001
    runs_on: ["*"]
    stop: 止める
    data: none
    baseline: {{minutes_per_item: 8, measured: 2026-05-01, how: 実測}}
    schedule: {schedule}
"""
MONTHLY, NIGHTLY, FOLLOWS = "gakumu/maitsuki", "kaikei/mainichi", "gakumu/tsuzuki"
SCHEDULES = (
    (MONTHLY, "月次の通知", "{on: 毎月10日、次の開庁日, at: ['18:30']}"),
    (NIGHTLY, "夜の取り込み", "{on: 毎開庁日, at: ['19:00', '21:00']}"),
    ("gakumu/maiban", "毎晩の控え", "{on: 毎日, at: ['11:59']}"),
    (FOLLOWS, "続きの集計", f"{{after: [{MONTHLY}]}}"),
)


@pytest.fixture(scope="module")
def web(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Web]:
    home = make_town(tmp_path_factory.mktemp("plan") / "city")
    entries = "".join(ENTRY.format(id=id, name=name, schedule=schedule) for id, name, schedule in SCHEDULES)
    home.register.write_text(home.register.read_text(encoding="utf-8") + entries, encoding="utf-8")
    with served(home) as running:
        yield running


@pytest.fixture(scope="module")
def viewer(web: Web) -> Iterator[httpx.Client]:
    with web.client("w-viewer") as client:
        yield client


def test_the_months_days_are_those_of_the_scenarios_own_rules(web: Web) -> None:
    loaded = load_register(web.home)
    assert isinstance(loaded, Loaded), str(loaded)
    register = loaded.register
    drawn = month_of(register, register.scenarios, 2026, 10, date(2026, 9, 1))
    assert len(drawn.days) == 31 and [len(week) for week in drawn.weeks] == [7] * 5
    for id in (MONTHLY, NIGHTLY):
        schedule = register.scenarios[id].schedule
        assert schedule is not None and schedule.on is not None
        town = Town(register.open_days, register.fiscal_year_starts)
        turns = schedule.on.turns(date(2026, 10, 1), date(2026, 10, 31), town)
        found = [(day.day, one.why) for day in drawn.days for one in day.planned if one.scenario == id]
        assert found == [(turn.day, turn.why) for turn in turns]
    # 10 October 2026 is a Saturday, the 12th スポーツの日.
    assert [day.day.day for day in drawn.days if day.moved_count] == [13]


def test_a_scenarios_own_page_has_the_twelve_months_of_the_command(web: Web, viewer: httpx.Client) -> None:
    for id in (MONTHLY, NIGHTLY):
        told = banken_here(web.home.root, "calendar", id, "--json").json()
        assert isinstance(told, dict)
        days = {one["day"]: one["why"] for one in told["days"]}
        page = viewer.get(f"/scenarios/{id}").text
        runs = re.findall(r'<td class="runs[^"]*"><a href="/plan/([0-9-]+)"[^>]*>\d+(\*?)</a>', page)
        assert {day: bool(star) for day, star in runs} == {day: bool(why) for day, why in days.items()}
        assert page.count('class="small-month"') == 12 and len(days) > 10
        assert all(why in page for why in days.values())
    assert "正常に終わった日に動きます" in viewer.get(f"/scenarios/{FOLLOWS}").text
    assert "動かす日" not in viewer.get("/scenarios/gakumu/shugaku-enjo").text


def test_a_moved_day_says_why_and_one_clicks_on_from_month_to_day(web: Web, browser: Browser) -> None:
    with city_pc(browser) as context:
        page = context.new_page()
        web.enter(page, "w-viewer")
        page.goto(f"{web.url}/plan?month=2026-09")
        page.get_by_role("link", name="次の月").click()
        expect(page.get_by_role("heading", level=1)).to_contain_text("2026年10月")
        moved = page.locator("li", has=page.get_by_role("link", name="月次の通知")).filter(has_text="10月13日")
        expect(moved).to_contain_text("10/10（土）は土曜日のため")
        expect(page.get_by_text("スポーツの日").first).to_be_visible()
        expect(page.get_by_text("続きの集計")).to_be_visible()
        page.get_by_role("link", name="10月13日").click()
        expect(page.get_by_role("row", name="月次の通知")).to_contain_text("18:30")
        expect(page.get_by_role("row", name="夜の取り込み")).to_contain_text("19:00・21:00")


def test_one_department_and_one_scenario(viewer: httpx.Client) -> None:
    page = viewer.get("/plan?month=2026-10&department=kaikei").text
    assert "夜の取り込み" in page and "月次の通知" not in page
    page = viewer.get(f"/plan?month=2026-10&scenario={FOLLOWS}").text
    assert "正常に終わってから" in page
    assert viewer.get("/plan?scenario=gakumu/nai").status_code == 404


@pytest.mark.parametrize(
    ("address", "status", "told"),
    [
        ("/plan?month=2026-13", 200, "<h1>予定"),
        ("/plan?month=2100-05", 200, "祝日が分からない"),
        ("/plan/2026-02-30", 404, ""),
        ("/plan/2026-11-23", 200, "閉庁日です（祝日（勤労感謝の日））"),
        ("/plan/9999-12-31", 404, ""),
    ],
)
def test_a_month_or_a_day_that_cannot_be_told(viewer: httpx.Client, address: str, status: int, told: str) -> None:
    answer = viewer.get(address)
    assert answer.status_code == status and told in answer.text


def test_tonights_plan_says_what_will_not_run_and_why(web: Web) -> None:
    with web.client("w-author") as client:
        page = client.get("/plan/night").text
    assert "毎晩の控え" in page and "動かない" in page and "scenario.yaml がありません" in page
