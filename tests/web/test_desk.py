"""The verification desk in a real browser and over its forms: real scans, keys alone, two people, nothing lost."""

from __future__ import annotations

import re
import shutil
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from io import StringIO
from pathlib import Path

import httpx
import pytest
import sqlalchemy as sa
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser
from playwright.sync_api import Error as PlaywrightError

from bench.desk import measure
from robots.cli.review import sit_down
from robots.clock import now, stamp
from robots.ledger.audit import audit_records
from robots.ledger.reviews import tasks
from robots.ledger.tables import human_minutes, items, review_tasks
from robots.registry.load import Loaded, load_register
from robots.settings import open_home
from robots.wiring import records
from tests.conftest import banken_here
from tests.web.conftest import Web, city_pc, csrf_in, served
from tests.web.desk_town import SCENARIO, TWICE, answer_by_keys, make_desk_town, truth

DESK = f"/desk/{SCENARIO}"
SCRIPT = {"X-Desk": "1"}


@pytest.fixture(scope="module")
def read_town(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The town whose scans are read, made once."""
    root = tmp_path_factory.mktemp("read") / "city"
    make_desk_town(root)
    return root


@pytest.fixture
def web(tmp_path: Path, read_town: Path) -> Iterator[Web]:
    """A copy of it, served."""
    shutil.copytree(read_town, tmp_path / "city")
    with served(open_home(tmp_path / "city", {})) as running:
        yield running


class Clerk:
    """A checker over plain HTTP, as a browser without script would do it."""

    def __init__(self, web: Web, person: str) -> None:
        self.http = web.client(person)
        self.csrf = csrf_in(self.http.get("/desk").text)

    def turn(self, **query: int | str) -> str:
        answer = self.http.get(DESK, params=query)
        assert answer.status_code == 200, answer.text
        return answer.text

    def send(self, task: int, **fields: str) -> httpx.Response:
        data = {"csrf": self.csrf, "task": str(task), **fields}
        return self.http.post(f"{DESK}/answer", data=data, headers=SCRIPT)


def task_in(text: str) -> int:
    """The task that a page shows; 0: none."""
    return int(text.partition('data-task="')[2].partition('"')[0])


def open_tasks(web: Web, **wanted: object) -> list[sa.RowMapping]:
    with records(web.home) as (ledger, _):
        return [row for row in tasks(ledger, SCENARIO) if all(row[name] == one for name, one in wanted.items())]


def change(web: Web, task: int, **values: object) -> None:
    with records(web.home) as (ledger, _), ledger.writing() as connection:
        connection.execute(review_tasks.update().where(review_tasks.c.id == task).values(**values))


def answered(web: Web) -> list[sa.RowMapping]:
    with records(web.home) as (ledger, _):
        return tasks(ledger, SCENARIO, "answered")


def log(web: Web, action: str) -> list[dict[str, object]]:
    with records(web.home) as (ledger, _):
        return audit_records(ledger, action=action)


# --- in a browser, by keyboard alone ---


def test_a_hundred_cells_by_keyboard_alone(web: Web, browser: Browser) -> None:
    known, given, right_keys = truth(), {}, []
    page = city_pc(browser).new_page()
    web.enter(page, "w-checker")
    page.goto(f"{web.url}{DESK}")
    for _ in range(100):
        place, value, keys, was_right = answer_by_keys(page, known)
        assert place not in given
        given[place] = value
        right_keys += [keys] if was_right else []
    assert len(right_keys) > 50 and max(right_keys) <= 2
    rows = {(row["origin"], row["field"]): row for row in answered(web)}
    twice = {place for place in given if place[1] == TWICE}
    assert {place: row["answer"] for place, row in rows.items()} == {
        place: value for place, value in given.items() if place not in twice
    }
    assert {(row["origin"], row["field"]) for row in open_tasks(web)}.issuperset(twice)
    with records(web.home) as (ledger, _), ledger.reading() as connection:
        booked = connection.execute(sa.select(human_minutes.c.minutes, human_minutes.c.who)).all()
    assert {who for _, who in booked} == {"w-checker"} and 0 < sum(Decimal(one) for one, _ in booked) < 15
    seen = Counter(str(one["detail"]["item"]) for one in log(web, "read"))  # type: ignore[index]
    assert set(seen.values()) == {1}, "an item is recorded once, not once a cell"


def test_keys_skip_go_back_and_take_back(web: Web, browser: Browser) -> None:
    page = city_pc(browser).new_page()
    web.enter(page, "w-checker")
    page.goto(f"{web.url}{DESK}")

    def now_at(name: str) -> None:
        page.wait_for_function("name => document.querySelector('#desk-title')?.textContent === name", arg=name)

    now_at("受付番号")
    assert page.evaluate("getSelection().toString()") == page.locator("#desk-text").input_value() != ""
    page.keyboard.press("ArrowDown")
    now_at("年度")
    page.keyboard.press("PageUp")
    now_at("受付番号")
    page.keyboard.type("12")
    page.keyboard.press("Enter")
    page.get_by_text("8 桁で書いてください").wait_for()
    assert page.locator("#desk-text").input_value() == "12" and not answered(web)
    page.locator("#desk-text").press("Control+a")
    page.keyboard.type("08041377")
    page.keyboard.press("Enter")
    now_at("年度")
    assert [row["answer"] for row in answered(web)] == ["08041377"]
    page.keyboard.press("Control+z")
    now_at("受付番号")
    assert not answered(web)


def test_without_a_script_the_desk_works_by_its_forms(web: Web, browser: Browser) -> None:
    known = truth()
    context = browser.new_context(java_script_enabled=False, viewport={"width": 1366, "height": 768})
    page = context.new_page()
    web.enter(page, "w-checker")
    page.goto(f"{web.url}{DESK}")
    places, given = [], {}
    for _ in range(8):
        place = page.locator(".crumbs").inner_text().split("\n")[0], page.locator("#desk-title").inner_text()
        places.append(place)
        right = known[place]
        if page.locator("#desk-text").count():
            page.locator("#desk-text").fill(right or "-")
        else:
            for box in page.locator(".desk-options input[type=checkbox]:checked").all():
                box.uncheck()
            for name in right.split("、") if right else ["-"]:
                page.locator(f'.desk-options input[value="{name}"]').check()
        with page.expect_navigation():
            if page.locator("#desk-text").count():
                page.locator("#desk-text").press("Enter")
            else:
                page.get_by_role("button", name="これでよい").click()
        if place[1] != TWICE:
            given[place] = right
    assert {(row["origin"], row["field"]): row["answer"] for row in answered(web)} == given and len(given) >= 7
    seen = page.locator("#desk-title").inner_text()
    page.get_by_role("link", name="あとで").click()
    assert page.locator("#desk-title").inner_text() != seen
    page.get_by_role("button", name="前の答えを取り消す").click()
    assert page.locator("#desk-title").inner_text() == places[-1][1]
    page.locator("summary").click()
    page.locator("#desk-why").fill("読み取り直した")
    page.get_by_role("button", name="この紙を登録しない").click()
    assert places[0][0] not in {row["origin"] for row in open_tasks(web)}
    page.get_by_role("button", name="席を離れる").click()
    assert page.url == f"{web.url}/desk"
    context.close()


def test_a_killed_browser_loses_nothing(web: Web, browser: Browser) -> None:
    known = truth()
    page = city_pc(browser).new_page()
    web.enter(page, "w-checker")
    page.goto(f"{web.url}{DESK}")
    given = dict(answer_by_keys(page, known)[:2] for _ in range(3))
    left = int(page.locator("section[data-task]").get_attribute("data-task") or 0)
    with pytest.raises(PlaywrightError, match="crash"):
        page.goto("chrome://crash", timeout=10_000)
    assert {(row["origin"], row["field"]): row["answer"] for row in answered(web)} == given
    assert task_in(Clerk(web, "w-checker2").turn()) != left, "it is still theirs"
    assert task_in(Clerk(web, "w-checker").turn()) == left


def test_the_desk_is_accessible(web: Web, browser: Browser, scheme: str) -> None:
    page = city_pc(browser, scheme).new_page()
    web.enter(page, "w-checker")
    for path in ("/desk", DESK, f"{DESK}?task=2", f"{DESK}?task=99999"):  # typed, chosen, nothing to do
        page.goto(f"{web.url}{path}")
        found = Axe().run(page)
        assert found.violations_count == 0, found.generate_report()


def test_the_measurement_of_the_desk_still_works(read_town: Path, browser: Browser) -> None:
    figures = measure(browser, read_town, [1], answers=3, think=0.0)
    told = figures["114 waiting"]
    assert isinstance(told, dict) and told["turns"] == 3
    assert all(told[name]["p95"] > 0 for name in ("turn", "answer", "ahead"))


# --- two people ---


def test_two_browsers_never_answer_the_same_task(web: Web, browser: Browser) -> None:
    known = truth()
    pages = []
    for person in ("w-checker", "w-checker2"):
        page = city_pc(browser).new_page()
        web.enter(page, person)
        page.goto(f"{web.url}{DESK}")
        pages.append(page)
    given: list[tuple[str, str]] = []
    for _ in range(10):
        on_screen = [page.locator("section[data-task]").get_attribute("data-task") for page in pages]
        assert len(set(on_screen)) == 2
        given += [answer_by_keys(page, known)[0] for page in pages]
    assert all(count == 1 for place, count in Counter(given).items() if place[1] != TWICE)
    assert not [one for one in log(web, "reviewed") if one["detail"]["decision"] not in ("accept", "correct")]  # type: ignore[index]


def test_a_hundred_tasks_raced_for_are_answered_once_each(web: Web) -> None:
    known = truth()
    by_id = {row["id"]: row for row in open_tasks(web)}

    def work(person: str) -> list[int]:
        clerk = Clerk(web, person)
        mine: list[int] = []
        task = task_in(clerk.turn())
        while task and len(mine) < 52:
            row = by_id[task]
            right = known[(row["origin"], row["field"])]
            fields = (
                {"choice": right.split("、")}
                if row["kind"] == "choices"
                else {"text": right or "-", "choice": right or "-"}
            )
            reply = clerk.send(task, **fields)
            assert reply.status_code == 200, reply.text
            mine.append(task)
            task = task_in(clerk.turn(after=task))
        return mine

    with ThreadPoolExecutor(2) as pool:
        one, two = pool.map(work, ("w-checker", "w-checker2"))
    both = set(one) & set(two)
    assert {by_id[task]["field"] for task in both} <= {TWICE}
    assert len(one) == len(set(one)) and len(two) == len(set(two)) and len(one) + len(two) >= 100
    counts = Counter(row["detail"]["task"] for row in log(web, "reviewed"))  # type: ignore[index]
    assert {task: count for task, count in counts.items() if count > 1} == dict.fromkeys(both, 2)


def test_what_passed_to_somebody_else_is_refused_gently(web: Web) -> None:
    slow, quick = Clerk(web, "w-checker"), Clerk(web, "w-checker2")
    task = task_in(slow.turn())
    change(web, task, held_until=stamp(now()))  # three minutes without a key
    assert task_in(quick.turn()) == task
    refused = slow.send(task, text="08041377")
    assert refused.status_code == 409
    assert "確認の人二 さん に移りました" in refused.json()["gone"]
    assert "あなたの入力「08041377」は使われていません" in refused.json()["gone"]
    plain = slow.http.post(f"{DESK}/answer", data={"csrf": slow.csrf, "task": str(task), "text": "08041377"})
    assert "あなたの入力「08041377」" in plain.text and task_in(plain.text) not in (0, task)
    assert quick.send(task, text="08041377").status_code == 200
    assert "先に 確認の人二 さん が答えています" in slow.send(task, text="08041377").json()["gone"]


def test_leaving_frees_what_was_on_the_screen(web: Web) -> None:
    first, second = Clerk(web, "w-checker"), Clerk(web, "w-checker2")
    task = task_in(first.turn())
    assert task_in(second.turn()) != task
    first.http.post(f"{DESK}/leave", data={"csrf": first.csrf})
    assert task_in(second.turn(task=task)) == task


def test_two_enter_blindly_and_a_third_decides(web: Web) -> None:
    one, two, third = Clerk(web, "w-checker"), Clerk(web, "w-checker2"), Clerk(web, "w-approver")
    rows = open_tasks(web, field=TWICE)
    agreed, differing = rows[0]["id"], rows[1]["id"]
    page = one.turn(task=agreed)
    assert task_in(page) == agreed and f'value="{rows[0]["proposed"]}"' not in page
    assert one.send(agreed, text="").status_code == 422
    assert one.send(agreed, text="０３１").json()["told"] == "もう一人の入力を待ちます。"
    assert one.send(agreed, text="031").status_code == 409, "the same person is no second one"
    assert task_in(one.turn(task=agreed)) == 0
    assert "031" not in two.turn(task=agreed)
    assert two.send(agreed, text="031").status_code == 200
    closed = next(row for row in answered(web) if row["id"] == agreed)
    assert closed["answer"] == "031"

    assert third.http.get(f"{DESK}?task={differing}").status_code == 200
    assert task_in(third.turn(task=differing)) == 0, "nothing is for the approver yet"
    one.turn(task=differing)
    one.send(differing, text="012")
    two.turn(task=differing)
    two.send(differing, text="072")
    assert [row["id"] for row in answered(web)] == [agreed]
    page = third.turn()
    assert task_in(page) == differing and "012" in page and "072" in page
    assert third.send(differing, text="072").status_code == 200
    assert {row["id"]: (row["answer"], row["who"]) for row in answered(web)}[differing] == ("072", "w-approver")


def test_the_reading_of_what_two_enter_is_listed_nowhere(web: Web) -> None:
    blind, other = open_tasks(web, field=TWICE)[0], open_tasks(web, field="受付番号")[0]
    with records(web.home) as (ledger, _), ledger.writing() as connection:
        connection.execute(review_tasks.update().where(review_tasks.c.field_mark == TWICE).values(proposed="987"))
        connection.execute(review_tasks.update().where(review_tasks.c.field_mark == TWICE).values(why=["987 か 981"]))
    listed = banken_here(web.home.root, "review", "--list", "--json").json()
    told = {one["id"]: one for one in listed}  # type: ignore[attr-defined]
    assert [told[blind["id"]][name] for name in ("proposed", "confidence", "why")] == [None, None, None]
    assert told[other["id"]]["proposed"] == other["proposed"] and told[other["id"]]["why"]
    assert "987" not in banken_here(web.home.root, "review", "--list").out
    answer = ["--task", str(blind["id"]), "--answer", "031", "--json"]
    for person in ("w-checker", "w-checker2"):
        assert "987" not in banken_here(web.home.root, "review", SCENARIO, "--as", person, typed="q\n").out
        assert banken_here(web.home.root, "review", "--as", person, *answer).code == 0
    assert [row["answer"] for row in answered(web)] == ["031"]


def test_an_exclusion_and_its_taking_back(web: Web) -> None:
    clerk = Clerk(web, "w-checker")
    first = open_tasks(web)[0]
    clerk.turn(task=first["id"])
    clerk.send(first["id"], text="08041377")
    task = task_in(clerk.turn(after=first["id"]))
    before = len(open_tasks(web, item=first["item"]))
    assert clerk.send(task, decision="exclude", why=" ").json()["wrong"].startswith("除外する理由")
    assert clerk.send(task, decision="exclude", why="読み取り直した").status_code == 200
    assert not open_tasks(web, item=first["item"])
    assert clerk.http.post(f"{DESK}/undo", data={"csrf": clerk.csrf}, headers=SCRIPT).json()["task"] == task
    assert len(open_tasks(web, item=first["item"])) == before
    with records(web.home) as (ledger, _), ledger.writing() as connection:
        connection.execute(items.update().where(items.c.id == first["item"]).values(state="done"))
    late = clerk.http.post(f"{DESK}/undo", data={"csrf": clerk.csrf}, headers=SCRIPT).json()
    assert late["task"] == 0 and "処理が済んでいる" in late["told"]


def test_one_field_of_all_papers_alike_proposals_together(web: Web) -> None:
    clerk, seen = Clerk(web, "w-checker"), []
    rows = {row["id"]: row for row in open_tasks(web, field="年度")}
    task = task_in(clerk.turn(field="年度"))
    while task not in seen:
        seen.append(task)
        task = task_in(clerk.turn(field="年度", after=task))
    assert sorted(seen) == sorted(rows)
    proposals = [rows[one]["proposed"] for one in seen]
    assert proposals == sorted(proposals)


# --- who may see what ---


def test_only_the_departments_checkers_see_its_papers(web: Web) -> None:
    task = open_tasks(web)[0]["id"]
    own, other = web.client("w-checker"), web.client("w-other")
    for which in ("cell", "page"):
        picture = own.get(f"/desk-picture/{task}/{which}")
        assert picture.status_code == 200 and picture.headers["cache-control"] == "no-store"
        assert picture.content.startswith(b"\x89PNG" if which == "cell" else b"\xff\xd8\xff")
        for person in ("w-other", "w-approver", "w-author", "w-admin", "w-viewer"):
            assert web.client(person).get(f"/desk-picture/{task}/{which}").status_code in (403, 404), person
    assert other.get(DESK).status_code == 404
    assert "就学援助" not in other.get("/desk").text
    counts = web.client("w-approver").get("/desk").text
    assert "114" in counts and "はじめる" not in counts


def test_what_papers_held_lies_sealed_and_is_opened_for_the_person_alone(
    web: Web, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    var, values = web.home.var, {text.encode() for text in truth().values() if len(text) > 7}
    files = [one for name in ("review", "readings") for one in (var / name).rglob("*") if one.is_file()]
    assert len(files) > 200 and len(values) > 10
    for file in files:
        data = file.read_bytes()
        assert re.fullmatch(rb"[A-Za-z0-9+/]+=*", data) and not any(one in data for one in values), file
    seen: list[bytes] = []

    def typed() -> str:
        place = Path(capsys.readouterr().out.partition("画像: ")[2].partition("\n")[0])
        seen.extend([place.read_bytes(), str(place).encode()])
        return "q\n"

    terminal = StringIO()
    monkeypatch.setattr(terminal, "readline", typed)
    monkeypatch.setattr("sys.stdin", terminal)
    loaded = load_register(web.home)
    assert isinstance(loaded, Loaded)
    with records(web.home) as (ledger, audit):
        sit_down(web.home, loaded, ledger, audit, tasks(ledger, SCENARIO), "w-checker")
        (file := web.home.root / tasks(ledger, SCENARIO)[0]["picture"]).write_bytes(b"x" * 400)
    assert seen[0].startswith(b"\x89PNG") and not Path(seen[1].decode()).exists()
    task = open_tasks(web)[0]["id"]
    broken = web.client("w-checker").get(f"/desk-picture/{task}/cell")
    assert broken.status_code == 503 and "鍵では読めない" in broken.text and file.exists()
    banken_here(web.home.root, "run", SCENARIO)
    assert web.client("w-checker").get(f"/desk-picture/{task}/cell").content == seen[0], "made anew"


def test_a_picture_outside_var_is_never_sent(web: Web) -> None:
    task = open_tasks(web)[0]["id"]
    clerk = web.client("w-checker")
    for place in (
        "registry.yaml",
        "../city/registry.yaml",
        str(web.home.register),
        "var/../registry.yaml",
        "var/none.png",
    ):
        change(web, task, picture=place)
        assert clerk.get(f"/desk-picture/{task}/cell").status_code == 404, place


def test_what_is_read_is_text_never_markup(web: Web) -> None:
    task = open_tasks(web)[0]["id"]
    change(web, task, proposed='"><script>alert(1)</script>', why=["<img src=x onerror=alert(1)>"], origin="<b>x</b>")
    page = Clerk(web, "w-checker").turn(task=task)
    assert "<script>alert" not in page and "<img src=x" not in page and "<b>x" not in page
