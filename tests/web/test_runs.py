"""実行 and 対象: the list, one run as it goes, who sees what, evidence, sending back, deciding, carrying on."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from urllib.parse import quote

import httpx
import pytest
import sqlalchemy as sa
from axe_playwright_python.sync_playwright import Axe
from openpyxl import load_workbook
from playwright.sync_api import Browser, expect

from robots.ledger.audit import audit_records
from robots.ledger.hands import begin, end
from robots.ledger.lookup import scenario_items
from robots.ledger.runs import begin_run, end_run, get_run
from robots.ledger.store import Ledger
from robots.ledger.tables import failed_steps, items, settlements
from robots.registry.approve import Request, approve, request_of
from robots.registry.load import Loaded, load_register
from robots.settings import Home
from robots.wiring import records
from tests.flow_town import ITEMS, TOP, enter
from tests.web.conftest import Web, city_pc, csrf_in, make_town, served
from tests.web.seed import past, start_of
from tests.web.test_pages import RULES

SCENARIO = "gakumu/shugaku-enjo"
CARRIED = "gakumu/todoke"
ENTRY = f"""  {CARRIED}:
    name: 届の登録
    owner: w-author
    deputy: s1001
    runs_on: ["*"]
    stop: 止める
    data: none
    baseline: {{minutes_per_item: 8, measured: 2026-05-01, how: 実測}}
"""
PICTURE = b"\x89PNG\r\n\x1a\n picture"


@dataclass(frozen=True)
class Town:
    """A served town with a past; run: the one with failures; broken: one of CARRIED that died before its first item."""

    web: Web
    ledger: Ledger
    run: str
    broken: str

    def item(self, state: str, run: str = "") -> int:
        """An item of a run that is in this state."""
        query = sa.select(items.c.id).where(items.c.state == state, items.c.run == (run or self.run))
        with self.ledger.reading() as connection:
            return int(connection.execute(query.limit(1)).scalar_one())

    def actions(self, action: str, who: str) -> list[dict[str, object]]:
        return audit_records(self.ledger, action=action, who=who)


def _broken(home: Home, ledger: Ledger) -> str:
    folder = home.scenarios / CARRIED
    (folder / "sample").mkdir(parents=True)
    (folder / "sample" / "届.csv").write_text("番号,氏名,金額\nA1,山田,100\nA2,佐藤,200\n", encoding="utf-8")
    (folder / "scenario.yaml").write_text(f"{TOP}{ITEMS}各件:\n{enter('${対象.氏名}')}", encoding="utf-8")
    home.register.write_text(home.register.read_text(encoding="utf-8") + ENTRY, encoding="utf-8")
    loaded = load_register(home)
    assert isinstance(loaded, Loaded), str(loaded)
    request = request_of(home, loaded, CARRIED)
    assert isinstance(request, Request), str(request)
    approve(home, loaded, request, by="w-approver", on=date(2026, 6, 1), until=date(2099, 3, 31))
    run = begin_run(ledger, replace(start_of(home, CARRIED), machine=home.settings.machine))
    end_run(ledger, run, "failed", "電源が切れました。")
    return run


def _evidence(home: Home, ledger: Ledger, run: str) -> None:
    folder = home.var / "runs" / run / "item-1"
    folder.mkdir(parents=True)
    (folder / "screenshot.png").write_bytes(PICTURE)
    (folder / "説明.txt").write_text("■ 何が起きたか\n登録ボタンがありません。\n", encoding="utf-8")
    with ledger.writing() as connection:
        connection.execute(failed_steps.update().where(failed_steps.c.run == run).values(evidence=str(folder)))


@contextmanager
def made(place: Path) -> Iterator[Town]:
    home = make_town(place)
    with records(home) as (ledger, _):
        run = past(home, ledger, SCENARIO, ["山田花子"])
        _evidence(home, ledger, run)
        broken = _broken(home, ledger)
        with served(home) as web:
            yield Town(web, ledger, run, broken)


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    with made(tmp_path_factory.mktemp("runs") / "city") as town:
        yield town


@pytest.fixture(scope="module")
def untouched(tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    """The author in such a town in which no test does anything."""
    with made(tmp_path_factory.mktemp("listed") / "city") as town, town.web.client("w-author") as client:
        yield client


@pytest.fixture(scope="module")
def author(town: Town) -> Iterator[httpx.Client]:
    with town.web.client("w-author") as client:
        yield client


def _step(ledger: Ledger, run: str) -> int:
    with ledger.reading() as connection:
        return int(connection.execute(sa.select(failed_steps.c.id).where(failed_steps.c.run == run)).scalar_one())


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ("", 3),
        ("?state=failed", 2),
        ("?q=届の", 1),
        ("?machine=robot-1&state=ended", 1),
        ("?until=2020-01-01", 0),
        ("?since=2020-01-01&q=gakumu", 3),
        ("?state=rehearsal", 0),
    ],
)
def test_the_list_shows_the_runs_that_are_asked_for(untouched: httpx.Client, query: str, count: int) -> None:
    page = untouched.get(f"/runs{query}").text
    assert len(set(re.findall(r'href="/runs/(\d{8}-\d{6}-[a-z]{6})"', page))) == count
    assert ("当てはまる実行はありません" in page) is (count == 0)


def test_a_run_tells_what_failed_where_and_how_to_mend_it(town: Town, author: httpx.Client) -> None:
    page = author.get(f"/runs/{town.run}").text
    assert "登録ボタンがありません。" in page and "どうするか" in page and "山田花子" in page
    assert town.actions("read", "w-author")[-1]["subject"] == SCENARIO
    answer = author.get(f"/runs/{town.run}/evidence/{_step(town.ledger, town.run)}/picture")
    assert (answer.content, answer.headers["content-type"]) == (PICTURE, "image/png")
    assert answer.headers["cache-control"] == "no-store"


@pytest.mark.parametrize("person", ["w-viewer", "w-other", "w-admin"])
def test_others_see_how_a_run_went_and_nobodys_name(town: Town, person: str) -> None:
    with town.web.client(person) as client:
        page = client.get(f"/runs/{town.run}")
        assert page.status_code == 200 and "山田花子" not in page.text and "登録ボタン" not in page.text
        step = _step(town.ledger, town.run)
        for address in (f"/runs/{town.run}/evidence/{step}/picture", f"/items/{town.item('done')}"):
            assert client.get(address).status_code == 403
        assert client.get(f"/scenarios/{SCENARIO}/items").status_code == 403
    assert town.actions("read", person) == []


def test_evidence_is_given_by_its_name_alone_and_never_from_elsewhere(town: Town, author: httpx.Client) -> None:
    step = _step(town.ledger, town.run)
    for name in ("url", "screenshot.png", "..%2f..%2fkey", "%2e%2e"):
        assert author.get(f"/runs/{town.run}/evidence/{step}/{name}").status_code == 404
    assert author.get(f"/runs/{town.broken}/evidence/{step}/picture").status_code == 404
    outside = town.web.home.root / "outside"
    outside.mkdir()
    (outside / "screenshot.png").write_bytes(b"secret")
    run = past(town.web.home, town.ledger, "shimin/jutogai-jusho")
    with town.ledger.writing() as connection:
        connection.execute(failed_steps.update().where(failed_steps.c.run == run).values(evidence=str(outside)))
    with town.web.client("w-approver") as client:
        answer = client.get(f"/runs/{run}/evidence/{_step(town.ledger, run)}/picture")
    assert answer.status_code == 404


def test_an_author_decides_one_in_doubt_and_it_is_recorded(town: Town, browser: Browser) -> None:
    run = past(town.web.home, town.ledger, SCENARIO)
    item = town.item("in_doubt", run)
    with city_pc(browser) as context:
        page = context.new_page()
        town.web.enter(page, "w-author")
        page.goto(f"{town.web.url}/items/{item}")
        page.get_by_label("登録されていた（完了にする）").check()
        page.get_by_label("どう確かめたか").fill("異動履歴の画面で確認")
        page.get_by_role("button", name="決める").click()
        expect(page.get_by_role("status")).to_have_text("「完了」にしました。")
        expect(page.get_by_text("異動履歴の画面で確認").first).to_be_visible()
    with town.ledger.reading() as connection:
        row = connection.execute(sa.select(settlements).where(settlements.c.item == item)).mappings().one()
    assert (row["decision"], row["who"], row["why"]) == ("done", "w-author", "異動履歴の画面で確認")
    assert town.actions("settled", "w-author")[-1]["detail"] == {"item": item, "run": run, "decision": "done"}


@pytest.mark.parametrize(
    ("form", "status"), [({}, 422), ({"decision": "done"}, 422), ({"decision": "sold", "why": "x"}, 422)]
)
def test_nothing_is_decided_without_a_decision_and_a_reason(
    town: Town, author: httpx.Client, form: dict[str, str], status: int
) -> None:
    item = town.item("in_doubt")
    csrf = csrf_in(author.get(f"/items/{item}").text)
    assert author.post(f"/items/{item}/settle", data={"csrf": csrf, **form}).status_code == status
    assert town.item("in_doubt") == item


def test_failed_items_go_back_and_those_in_doubt_stay(town: Town, author: httpx.Client) -> None:
    run = past(town.web.home, town.ledger, SCENARIO)
    doubt, wrong = town.item("in_doubt", run), {town.item("failed", run), town.item("rejected", run)}
    csrf = csrf_in(author.get(f"/runs/{run}").text)
    assert author.post(f"/runs/{run}/again", data={"csrf": csrf, "why": ""}).status_code == 422
    assert author.post(f"/runs/{run}/again", data={"csrf": csrf, "why": "元データを直した"}).status_code == 303
    states = {row["id"]: row["state"] for row in scenario_items(town.ledger, SCENARIO, None)}
    assert {states[item] for item in wrong} == {"ready"} and states[doubt] == "in_doubt"
    csrf = csrf_in(author.get("/").text)
    assert (
        author.post(
            f"/items/{town.item('done', run)}/settle", data={"csrf": csrf, "decision": "again", "why": "x"}
        ).status_code
        == 403
    )


def test_somebody_elses_department_is_not_decided(town: Town, author: httpx.Client) -> None:
    run = past(town.web.home, town.ledger, "shimin/jutogai-jusho")
    csrf = csrf_in(author.get("/").text)
    for address in (f"/runs/{run}/again", f"/runs/{run}/resume", f"/items/{town.item('in_doubt', run)}/settle"):
        answer = author.post(address, data={"csrf": csrf, "why": "x", "decision": "done"})
        assert answer.status_code == 403, address
    assert town.item("in_doubt", run)


def test_a_broken_run_is_carried_on_and_the_page_follows_it(town: Town, browser: Browser) -> None:
    with city_pc(browser) as context:
        page = context.new_page()
        page.on("dialog", lambda dialog: dialog.accept())
        town.web.enter(page, "w-author")
        page.goto(f"{town.web.url}/runs/{town.broken}")
        page.get_by_role("button", name="続きを行う").click()
        expect(page.get_by_role("status")).to_contain_text("続きを始めました")
        expect(page.locator("#progress[data-state=ended]")).to_contain_text("2 / 2 件", timeout=120_000)
        expect(page.get_by_role("button", name="続きを行う")).to_have_count(0)
    rows = load_workbook(town.web.home.var / "out" / "登録.xlsx")["登録"].iter_rows(min_row=2, values_only=True)
    assert list(rows) == [("A1", "山田"), ("A2", "佐藤")]
    row = get_run(town.ledger, town.broken)
    assert row is not None and row["finished"]
    assert town.actions("resumed", "w-author")[-1]["detail"] == {"run": town.broken}


def test_what_is_over_or_not_approved_any_more_is_not_carried_on(town: Town, author: httpx.Client) -> None:
    csrf = csrf_in(author.get("/").text)
    over = author.post(f"/runs/{town.run}/resume", data={"csrf": csrf})
    assert over.status_code == 422 and "最後まで終わっています" in over.text
    stale = begin_run(town.ledger, replace(start_of(town.web.home, CARRIED), digest="sha256:old"))
    end_run(town.ledger, stale, "failed", "")
    answer = author.post(f"/runs/{stale}/resume", data={"csrf": csrf})
    assert answer.status_code == 422 and "新しい承認" in answer.text
    assert "続きを行う" not in author.get(f"/runs/{stale}").text, "it is another machine's"


def test_axe_finds_nothing_on_a_run_an_item_and_a_list_of_items(town: Town, browser: Browser) -> None:
    with city_pc(browser, scale=2) as context:
        page = context.new_page()
        town.web.enter(page, "w-author")
        for address in (f"/runs/{town.run}", f"/items/{town.item('in_doubt')}", f"/scenarios/{SCENARIO}/items"):
            page.goto(town.web.url + address)
            for look in ("light", "dark"):
                page.emulate_media(color_scheme=look)
                found = Axe().run(page, options=RULES).response["violations"]
                assert not found, (address, look, [(one["id"], one["nodes"][0]["html"]) for one in found])
            assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), address


def test_what_is_stored_is_text_on_every_page(town: Town, browser: Browser) -> None:
    payloads = [
        "<script>window.ran = 1</script>",
        "<img src=x onerror='window.ran = 1'>",
        '" autofocus onfocus="window.ran = 1',
        "'><svg onload=window.ran=1>",
        "javascript:window.ran=1",
        "{{ 7 * 7 }}</pre><script>window.ran = 1</script>",
    ]
    run = past(town.web.home, town.ledger, SCENARIO, payloads)
    _evidence(town.web.home, town.ledger, run)
    (town.web.home.var / "runs" / run / "item-1" / "説明.txt").write_text("\n".join(payloads), encoding="utf-8")
    step = _step(town.ledger, run)
    addresses = ["/runs", f"/runs/{run}", f"/items/{town.item('failed', run)}", f"/scenarios/{SCENARIO}/items"]
    addresses += [f"/runs/{run}/evidence/{step}/account", f"/runs?q={quote(payloads[2])}", "/savings/runs"]
    with city_pc(browser) as context:
        page = context.new_page()
        town.web.enter(page, "w-author")
        refused: list[str] = []
        page.on("console", lambda message: refused.append(message.text))
        for address in addresses:
            page.goto(town.web.url + address)
            assert page.evaluate("window.ran") is None, address
        page.goto(f"{town.web.url}/runs/{run}")
        expect(page.get_by_text(payloads[0]).first).to_be_visible()
    assert [text for text in refused if "Content Security Policy" in text] == []


def test_a_shared_run_shows_who_takes_part(town: Town) -> None:
    run = begin_run(town.ledger, start_of(town.web.home, CARRIED))
    with town.web.client("w-viewer") as client:
        with town.ledger.writing() as connection:
            begin(connection, run, None, "robot-1", "76@0")
        alone = client.get(f"/runs/{run}").text
        with town.ledger.writing() as connection:
            second = begin(connection, run, None, "robot-2", "77@0")
        end(town.ledger, second)
        end_run(town.ledger, run, "failed", "止めました。")
        shared = client.get(f"/runs/{run}").text
    assert "手分け" not in alone
    (table,) = re.findall(r'aria-label="手分け">(.*?)</table>', shared, re.DOTALL)
    assert re.findall(r'<th scope="row">([^<]+)</th>', table) == ["robot-1", "robot-2"]
