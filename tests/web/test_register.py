"""台帳 and 監査 in a real browser: searching, approving with the difference shown, suspending; ten thousand entries."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from io import BytesIO, StringIO
from pathlib import Path

import httpx
import pytest
from openpyxl import load_workbook
from playwright.sync_api import Browser, Page, expect

from robots.clock import today
from robots.ledger.audit import audit_records
from robots.registry.keys import key_file, make_key
from robots.registry.load import Loaded, load_register
from robots.registry.signature import trust
from robots.wiring import records
from tests.web.conftest import Web, city_pc, csrf_in, make_town, served
from tests.web.seed import past

SCENARIO = "gakumu/shugaku-enjo"
PASSPHRASE = "nagai aikotoba desu"


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    context = city_pc(browser)
    yield context.new_page()
    context.close()


def change(web: Web) -> None:
    """An author's edit that reaches outside the practice town."""
    path = web.home.scenarios / SCENARIO / "scenario.yaml"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("http://127.0.0.1:8710", "https://gakumu.example.jp"), encoding="utf-8")


def approval_of(web: Web) -> object:
    loaded = load_register(web.home)
    assert isinstance(loaded, Loaded)
    return loaded.register.scenarios[SCENARIO]


def test_the_register_is_searched_and_filtered(web: Web) -> None:
    with web.client("w-viewer") as client:
        found = client.get("/register", params={"q": "ＪＵＴＯＧＡＩ 住所"}).text
        assert "住登外者の住所変更" in found and "請求書等の支払事務" not in found
        found = client.get("/register", params={"department": "kaikei"}).text
        assert "請求書等の支払事務" in found and "住登外者の住所変更" not in found
        assert "請求書等の支払事務" not in client.get("/register", params={"data": "personal"}).text
        assert "当てはまるシナリオはありません" in client.get("/register", params={"owner": "s9999"}).text
        assert "当てはまるシナリオはありません" in client.get("/register", params={"due": "over"}).text
        up, down = (client.get("/register", params={"sort": sort}).text for sort in ("name", "-name"))
        assert up.index("請求書等") > up.index("就学援助") and down.index("請求書等") < down.index("就学援助")


def test_a_change_is_asked_for_shown_and_signed_with_the_approvers_own_key(web: Web, page: Page) -> None:
    change(web)
    signer = make_key(key_file("w-approver"), PASSPHRASE)
    trust(web.home, "練習市", "w-approver", signer.public)
    web.enter(page, "w-approver")
    address = f"{web.url}/scenarios/{SCENARIO}/approval"
    page.goto(address)
    expect(page.get_by_text("［＋］サイト「学務」https://gakumu.example.jp")).to_be_visible()
    expect(page.get_by_text("承認は、まだ求められていません")).to_be_visible()
    expect(page.get_by_role("button", name="確かめたので承認する")).to_have_count(0)
    with web.client("w-author") as author:
        shown = author.get(f"/scenarios/{SCENARIO}/approval").text
        digest = shown.partition('name="digest" value="')[2].partition('"')[0]
        asked = author.post(f"/scenarios/{SCENARIO}/request", data={"csrf": csrf_in(shown), "digest": digest})
        assert asked.status_code == 303
    page.goto(f"{web.url}/")
    page.get_by_role("link", name="就学援助申請内容入力").first.click()
    page.get_by_label("鍵の合言葉").fill("chigau aikotoba")
    page.get_by_role("button", name="確かめたので承認する").click()
    expect(page.get_by_text("合言葉が違います")).to_be_visible()
    page.get_by_label("鍵の合言葉").fill(PASSPHRASE)
    page.get_by_role("button", name="確かめたので承認する").click()
    expect(page.get_by_text("承認しました")).to_be_visible()
    expect(page.get_by_text("信頼されていません")).to_have_count(0)
    page.goto(f"{web.url}/scenarios/{SCENARIO}")
    page.get_by_role("link", name="2 番を承認").click()
    expect(page.get_by_role("heading", name="2 番の承認")).to_be_visible()
    entry = approval_of(web)
    assert entry.approval.by == "w-approver" and entry.approval.number == 2  # type: ignore[attr-defined]
    with records(web.home) as (ledger, _):
        approved = audit_records(ledger, action="approved")
        assert [(one["who"], one["subject"]) for one in approved] == [("w-approver", SCENARIO)]
    kept = [path for path in web.home.root.rglob("*") if path.is_file() and PASSPHRASE.encode() in path.read_bytes()]
    assert not kept, "the passphrase is kept nowhere"


def test_what_changed_since_it_was_shown_is_not_signed(web: Web) -> None:
    with web.client("w-author") as author:
        shown = author.get(f"/scenarios/{SCENARIO}/approval").text
        digest = shown.partition('name="digest" value="')[2].partition('"')[0]
        path = web.home.scenarios / SCENARIO / "scenario.yaml"
        path.write_text(path.read_text(encoding="utf-8") + "# 変更\n", encoding="utf-8")
        answer = author.post(f"/scenarios/{SCENARIO}/request", data={"csrf": csrf_in(shown), "digest": digest})
    assert answer.status_code == 422 and "表示したあとで、内容が変わりました" in answer.text
    assert approval_of(web).request is None  # type: ignore[attr-defined]


def test_who_may_not_stop_a_scenario_is_refused_and_recorded(web: Web) -> None:
    with web.client("w-author") as author:  # neither its owner nor its deputy, and no approver
        token = csrf_in(author.get("/").text)
        answer = author.post("/scenarios/shimin/jutogai-jusho/suspend", data={"csrf": token, "why": "試し"})
    assert answer.status_code == 403
    with records(web.home) as (ledger, _):
        assert audit_records(ledger, action="refused", who="w-author")


def test_an_approver_suspends_with_a_reason(web: Web, page: Page) -> None:
    web.enter(page, "w-approver")
    page.goto(f"{web.url}/scenarios/kyoiku/kyushoku-shokusu/approval")
    page.get_by_text("一時停止・廃止").click()
    page.get_by_label("止める理由").fill("様式が変わるため")
    page.get_by_role("button", name="一時停止にする").click()
    expect(page.get_by_text("一時停止にしました")).to_be_visible()
    with web.client("w-viewer") as client:
        assert "様式が変わるため" in client.get("/scenarios/kyoiku/kyushoku-shokusu").text
        assert "学校給食食数入力" in client.get("/register", params={"state": "suspended"}).text


def test_the_hand_over_sheet_is_downloaded_and_recorded(web: Web, tmp_path: Path) -> None:
    with web.client("w-author") as client:
        answer = client.get("/scenarios/shimin/jutogai-jusho/handover.xlsx")
    (tmp_path / "sheet.xlsx").write_bytes(answer.content)
    assert "住登外者の住所変更" in str(load_workbook(tmp_path / "sheet.xlsx").worksheets[0]["A1"].value)
    with records(web.home) as (ledger, _):
        assert audit_records(ledger, action="exported", who="w-author")


def test_the_audit_log_is_searched(web: Web) -> None:
    with web.client("w-admin") as client:
        found = client.get("/audit", params={"action": "signed_in", "who": "w-admin"}).text
        assert "管理の人" in found and "閲覧の人" not in found.partition("<tbody>")[2]
        day = today().isoformat()
        assert "管理の人" in client.get("/audit", params={"since": day, "until": day}).text
        assert "当てはまる記録はありません" in client.get("/audit", params={"subject": "%"}).text


def test_what_the_audit_page_shows_is_written_out_for_excel_and_never_as_a_formula(web: Web) -> None:
    with records(web.home) as (_, audit):
        for text in ("=1+1", "＝HYPERLINK(1)", "-2", "普通"):
            audit.record("settings", who="w-admin", subject=text, detail={"変更": text})
    with web.client("w-approver") as client:
        query = {"action": "settings", "who": "w-admin"}
        page = client.get("/audit", params=query).text
        assert "/audit/export/xlsx?action=settings&amp;who=w-admin" in page
        made = client.get("/audit/export/xlsx", params=query)
        sheet = load_workbook(BytesIO(made.content))["監査記録"]
        heads, *rows = ([cell.value for cell in row] for row in sheet.iter_rows())
        assert heads == ["番号", "日時", "だれが", "名前", "何を", "対象", "端末", "内容"]
        assert [row[5] for row in rows] == ["普通", "-2", "＝HYPERLINK(1)", "=1+1"]
        assert {cell.data_type for cell in sheet["F"]} == {"s"} and sheet["F5"].quotePrefix
        lines = list(
            csv.DictReader(StringIO(client.get("/audit/export/csv", params=query).content.decode("utf-8-sig")))
        )
        assert [line["対象"] for line in lines] == ["普通", "-2", "'＝HYPERLINK(1)", "'=1+1"]
        assert {(line["名前"], line["何を"]) for line in lines} == {("管理の人", "設定の変更")}
        assert client.get("/audit/export/pdf").status_code == 404
    with records(web.home) as (ledger, _):
        kept = [one["detail"] for one in audit_records(ledger, action="exported", who="w-approver", subject="audit")]
    assert kept == [{"what": "audit", "file": kind, "records": 4, **query} for kind in ("xlsx", "csv")]


def test_the_town_at_a_glance(web: Web) -> None:
    with records(web.home) as (ledger, _):
        past(web.home, ledger, "kaikei/seikyu-shiharai")
    with web.client("w-viewer") as client:
        text = client.get("/").text
    left = text.partition('id="left"')[2].partition("</table>")[0]
    assert "請求書等の支払事務" in left
    assert left.count('<td class="n">1</td>') == 4  # one task, one waiting, one in doubt, one failed


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Web, list[str]]]:
    """A town in which two hundred payloads stand wherever text of the outside is stored."""
    home = make_town(tmp_path_factory.mktemp("hostile") / "city")
    found = payloads()
    register = home.register.read_text(encoding="utf-8")
    for name, payload in (("住登外者の住所変更", found[0]), ("市民課の担当", found[1]), ("学務課", found[2])):
        register = register.replace(f"name: {name}", f"name: '{payload.replace(chr(39), chr(39) * 2)}'", 1)
    register = register.replace("stop: いまの", f"stop: '{found[3].replace(chr(39), chr(39) * 2)}' #", 1)
    home.register.write_text(register, encoding="utf-8")
    with records(home) as (ledger, audit):
        past(home, ledger, "gakumu/shugaku-enjo", [" ".join(found[start::8]) for start in range(8)])
        for start in range(10):
            text = " ".join(found[start::10])
            audit.record("exported", who=text, subject=text, detail={text: text})
    with served(home) as running:
        yield running, found


def payloads() -> list[str]:
    """Ways by which text becomes script, in the places of a page where text may stand."""
    heads = [
        "",
        "\"'>",
        "</textarea>",
        "</title>",
        "<!--",
        "]]>",
        "${7*7}{{7*7}}",
        "javascript:",
        "</script>",
        "\u2028",
    ]
    bodies = [
        "<script>window.hurt=1</script>",
        "<img src=x onerror=window.hurt=1>",
        "<svg onload=window.hurt=1>",
        "<svg><script>window.hurt=1</script></svg>",
        "<a href=javascript:window.hurt=1 autofocus onfocus=window.hurt=1 tabindex=1>x</a>",
        "<input autofocus onfocus=window.hurt=1>",
        "<iframe srcdoc='<script>parent.hurt=1</script>'></iframe>",
        "<details open ontoggle=window.hurt=1>",
        "<style>@import 'javascript:window.hurt=1'</style><b style=animation-name:x onanimationstart=window.hurt=1>",
        "' onmouseover='window.hurt=1' x='",
        '" onfocus="window.hurt=1" autofocus x="',
        "<object data='data:text/html,<script>parent.hurt=1</script>'></object>",
        "<meta http-equiv=refresh content='0;url=javascript:window.hurt=1'>",
        "<base href='https://evil.example/'>",
        "<form action='https://evil.example/'><button autofocus>x",
        "<math><mtext><script>window.hurt=1</script></mtext></math>",
        "<video src=x onerror=window.hurt=1></video>",
        "<template><script>window.hurt=1</script></template><script>window.hurt=1</script>",
        "&lt;script&gt;window.hurt=1&lt;/script&gt;",
        "＜script＞window.hurt=1＜/script＞<body onpageshow=window.hurt=1>",
    ]
    return [head + body for head in heads for body in bodies]


def test_stored_text_runs_nothing(hostile: tuple[Web, list[str]], page: Page) -> None:
    web, found = hostile
    assert len(found) == 200
    register = web.home.register.read_text(encoding="utf-8")
    every = register.replace("roles: [admin]", "roles: [viewer, author, checker, approver, admin]")
    web.home.register.write_text(every, encoding="utf-8")
    refused: list[str] = []
    page.on(
        "console", lambda message: refused.append(message.text) if "Content Security Policy" in message.text else None
    )
    web.enter(page, "w-admin")
    with httpx.Client(base_url=web.url, cookies={"banken": page.context.cookies()[0]["value"]}, verify=False) as client:
        runs = client.get("/runs").text
    run = runs.partition('href="/runs/')[2].partition('"')[0]
    shown = ["/", "/register", "/audit", "/runs", f"/runs/{run}"]
    for id in ("shimin/jutogai-jusho", SCENARIO):
        shown += [f"/scenarios/{id}", f"/scenarios/{id}/approval"]
    for payload in found[:20:2]:
        shown.append(str(httpx.URL("/register", params={"q": payload, "owner": payload})))
    held = ""
    for address in shown:
        page.goto(web.url + address)
        held += page.content()
        assert page.evaluate("window.hurt") is None, address
        assert page.evaluate("document.querySelectorAll('main script, iframe, object, base').length") == 0, address
    assert not refused, "the policy is the second wall; the first must hold alone"
    assert "&lt;script&gt;" in held, "the payloads were there"
