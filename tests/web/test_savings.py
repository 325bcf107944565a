"""効果 and 見積り: the figures are the ledger's, each opens down to its items, every export is safe; the estimate is kept."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from dataclasses import replace

import pytest
from openpyxl import load_workbook
from playwright.sync_api import Browser, expect

from robots.clock import today
from robots.ledger.adopt import adopt_items
from robots.ledger.audit import audit_records
from robots.ledger.items import NewItem, Outcome, claim_next, intend_commit, settle_item
from robots.ledger.runs import begin_run, finish_run
from robots.ledger.store import Ledger
from robots.registry.load import Loaded, load_register
from robots.registry.reporting import report_wanted
from robots.savings.figures import in_hours
from robots.savings.statement import statement
from robots.wiring import records
from tests.web.conftest import Web, city_pc, csrf_in, make_town, served
from tests.web.seed import past, start_of

SCENARIO, OTHER = "gakumu/shugaku-enjo", "shimin/jutogai-jusho"
HOSTILE = ('=HYPERLINK("http://127.0.0.1/")', "@SUM(1+1)", "＝1+1", "+A1", "-A1+1")


@pytest.fixture(scope="module")
def web(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Web]:
    home = make_town(tmp_path_factory.mktemp("savings") / "city")
    with records(home) as (ledger, _):
        past(home, ledger, SCENARIO, done=30)
        past(home, ledger, OTHER, done=6)
    with served(home) as running:
        yield running


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Web]:
    """A town whose scenarios and departments were named to run in a spreadsheet."""
    home = make_town(tmp_path_factory.mktemp("hostile") / "city")
    with records(home) as (ledger, _):
        for number, name in enumerate(HOSTILE):
            start = start_of(home, SCENARIO)
            one = replace(
                replace(start, scenario=f"ka{number}/s", department=f"ka{number}"),
                scenario_name=name,
                department_name=name,
                division=name,
            )
            run = begin_run(ledger, one)
            (item,) = adopt_items(ledger, run, one.scenario, [NewItem("1", "1 行目", {})])
            claim_next(ledger, run)
            intend_commit(ledger, run, item.id, {})
            settle_item(ledger, run, item.id, Outcome("done"))
            finish_run(ledger, run, "ended", [item.id])
    with served(home) as running:
        yield running


def _drawn(web: Web, ledger: Ledger, **wanted: str) -> tuple[int, float]:
    loaded = load_register(web.home)
    assert isinstance(loaded, Loaded)
    total = statement(ledger, report_wanted(loaded.register, today(), year=None, by="department", **wanted)).total
    return total.items, in_hours(total.saved)


def test_every_figure_opens_down_to_runs_and_items(web: Web, browser: Browser) -> None:
    with city_pc(browser) as context:
        page = context.new_page()
        web.enter(page, "w-author")
        page.goto(f"{web.url}/savings?by=division")
        table = page.get_by_role("region", name="削減時間の表")
        expect(table.get_by_role("row", name="合計")).to_contain_text("36")
        for picture in page.locator(".charts img").all():
            expect(picture).to_have_js_property("complete", True)
            assert picture.evaluate("one => one.decode().then(() => one.naturalWidth)") > 0
        for name in ("教育部", "学務課", "就学援助申請内容入力"):
            table.get_by_role("link", name=name).click()
            expect(table.get_by_role("row", name="合計")).to_contain_text("30")
        table.get_by_role("link", name=f"{today():%Y-%m}").click()
        expect(page.get_by_role("heading", level=1)).to_contain_text("数字のもと")
        (run,) = page.get_by_role("region", name="実行").get_by_role("link").all()
        run.click()
        expect(page.locator("#items ~ .pager")).to_contain_text("全 30 件")


@pytest.mark.parametrize("only", [{}, {"division": "教育部"}, {"department": "shimin"}, {"scenario": SCENARIO}])
def test_a_part_of_the_report_is_the_ledgers(web: Web, only: dict[str, str]) -> None:
    with records(web.home) as (ledger, _):
        items, saved = _drawn(web, ledger, **only)
    with web.client("w-viewer") as client:
        got = client.get("/savings/export/json", params=only).json()["total"]
        runs = client.get("/savings/runs", params=only).text
    assert items in (36, 30, 6) and (got["items"], got["hours_saved"]) == (items, saved)
    assert f"<b>{items}</b>" in runs


@pytest.mark.parametrize("by", ["scenario", "division"])
def test_no_name_becomes_a_formula(hostile: Web, by: str) -> None:
    with hostile.client("w-viewer") as client:
        book = load_workbook(io.BytesIO(client.get(f"/savings/export/xlsx?by={by}").content))
        text = client.get(f"/savings/export/csv?by={by}").content.decode("utf-8-sig")
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row if cell.value is not None]
    alive = [
        cell.value for cell in cells if cell.data_type == "f" and any(name in str(cell.value) for name in HOSTILE[:3])
    ]
    assert alive == [] and any("HYPERLINK" in str(cell.value) and cell.data_type == "s" for cell in cells)
    rows = [cell for row in csv.reader(io.StringIO(text)) for cell in row]
    assert any("HYPERLINK" in cell for cell in rows)
    assert [cell for cell in rows if cell.startswith(("=", "+A", "-A", "@", "＝", "＋", "＠"))] == []


def test_exports_are_recorded_with_who_and_what(web: Web) -> None:
    with web.client("w-viewer") as client:
        pdf = client.get("/savings/export/pdf?by=month")
        assert pdf.content.startswith(b"%PDF") and "attachment" in pdf.headers["content-disposition"]
        assert client.get("/savings/export/exe").status_code == 404
        found = client.get(f"/savings/export/json?scenario={SCENARIO}")
        assert json.loads(found.content)["total"]["items"] == 30
    with records(web.home) as (ledger, _):
        kept = audit_records(ledger, action="exported", who="w-viewer")[-2:]
    assert [one["detail"] for one in kept] == [
        {"file": "削減時間_全期間.pdf", "by": "month"},
        {"file": "削減時間_全期間.json", "by": "department", "scenario": SCENARIO},
    ]


def test_an_estimate_is_told_and_kept_by_its_author_alone(web: Web) -> None:
    given = {"items": "1,200", "minutes": "8", "fields": "", "check": "", "build": ""}
    with web.client("w-viewer") as client:
        page = client.get("/estimate", params=given).text
        assert "160.0" in page and "助言" in page and "台帳に残す" not in page
        for wrong in ({"items": "-1"}, {"minutes": "nan"}, {"fields": "x"}):
            assert client.get("/estimate", params=given | wrong).status_code == 422
    with web.client("w-author") as client:
        csrf = csrf_in(client.get("/estimate").text)
        kept = client.post("/estimate/keep", data={"csrf": csrf, "scenario": SCENARIO, **given})
        other = client.post("/estimate/keep", data={"csrf": csrf, "scenario": OTHER, **given})
        assert (kept.status_code, other.status_code) == (303, 403)
        loaded = load_register(web.home)
        assert isinstance(loaded, Loaded)
        told = loaded.register.scenarios[SCENARIO].estimate
        assert told is not None and told.items_per_year == 1200 and loaded.register.scenarios[OTHER].estimate is None
        assert "見積りと実績" in client.get("/savings").text
