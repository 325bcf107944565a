"""The form designer: drawn and moved in a real browser, by mouse and by keys, saved, and read with at once."""

from __future__ import annotations

import io
import json
import shutil
import struct
import zlib
from collections.abc import Iterator

import httpx
import pytest
from axe_playwright_python.sync_playwright import Axe
from PIL import Image
from playwright.sync_api import Browser, Page, expect

from robots.ledger.audit import audit_records
from robots.registry.approve import Request, request_of
from robots.registry.load import Loaded, load_register
from robots.scenario.form_text import merged
from robots.scenario.forms import read_form
from robots.scenario.problem import Findings
from robots.web.pages._forms_sketch import sketch_of
from robots.web.pages._forms_words import WORDS, kinds
from robots.wiring import records
from tests.web.conftest import ROOT, Web, city_pc, csrf_in

SCENARIO, FORM = "gakumu/shugaku-enjo", "shugaku-enjo"
BASE = f"/forms/{SCENARIO}"
READING = 120_000  # ms; on a loaded machine a worker process takes its time to start


@pytest.fixture(autouse=True)
def as_it_was(web: Web) -> Iterator[None]:
    """Each test finds the forms as the gallery has them, and no draft."""
    folder = web.home.scenarios / SCENARIO / "forms"
    before = {file: file.read_bytes() for file in folder.iterdir()}
    yield
    for file in set(folder.iterdir()) - set(before):
        file.unlink()
    for file, data in before.items():
        file.write_bytes(data)
    shutil.rmtree(web.home.var / "forms", ignore_errors=True)


def text_of(web: Web) -> str:
    return (web.home.scenarios / SCENARIO / "forms" / f"{FORM}.yaml").read_text(encoding="utf-8")


def digest(web: Web) -> str:
    loaded = load_register(web.home)
    assert isinstance(loaded, Loaded)
    request = request_of(web.home, loaded, SCENARIO)
    assert isinstance(request, Request), str(request)
    return request.digest


def logged(web: Web, action: str) -> list[dict[str, object]]:
    with records(web.home) as (ledger, _):
        return audit_records(ledger, action=action)


class Designer:
    """The designer's page in a browser."""

    def __init__(self, page: Page, web: Web) -> None:
        self.page = page
        web.enter(page, "w-author")
        page.goto(f"{web.url}{BASE}/{FORM}")
        page.wait_for_selector("#forms-advice li")

    def point(self, left: float, top: float) -> tuple[float, float]:
        """A place in mm on the paper → on the screen."""
        box = self.page.locator("#forms-svg").bounding_box()
        assert box is not None
        return box["x"] + left / 210 * box["width"], box["y"] + top / 297 * box["height"]

    def drag(self, start: tuple[float, float], end: tuple[float, float]) -> None:
        self.page.mouse.move(*self.point(*start))
        self.page.mouse.down()
        self.page.mouse.move(*self.point((start[0] + end[0]) / 2, (start[1] + end[1]) / 2))
        self.page.mouse.move(*self.point(*end))
        self.page.mouse.up()

    def choose(self, name: str) -> None:
        """Goes to a field in the list by keyboard."""
        self.page.locator("#forms-items button").filter(has_text=name).first.focus()
        self.page.keyboard.press("Enter")

    def numbers(self) -> list[float]:
        return [float(self.page.locator(f"#panel-at-0-{side}").input_value()) for side in range(4)]

    def save(self) -> None:
        self.page.get_by_role("button", name="保存する").click()
        expect(self.page.locator("#forms-told")).to_contain_text("保存しました")


def test_a_field_is_drawn_moved_by_keys_saved_and_read(web: Web, browser: Browser) -> None:
    before, approved = text_of(web), digest(web)
    page = city_pc(browser).new_page()
    designer = Designer(page, web)
    designer.choose("受付番号")
    page.locator("#forms-stage").focus()
    page.keyboard.press("Delete")
    page.locator("#forms-kind").select_option("digits")
    designer.drag((139, 33), (186, 41))
    page.get_by_label("欄の名前").fill("受付番号")
    page.get_by_label("ますの数").fill("8")
    page.get_by_label("検査数字").select_option("mod11")
    drawn = designer.numbers()
    assert drawn == pytest.approx([139, 33, 47, 8], abs=0.4)
    designer.choose("受付番号")
    for key in ("ArrowRight", "ArrowRight", "ArrowDown", "ArrowDown", "Shift+ArrowRight", "Shift+ArrowRight"):
        page.keyboard.press(key)
    assert designer.numbers() == pytest.approx([drawn[0] + 1, drawn[1] + 1, drawn[2] + 1, drawn[3]])
    for side, mm in enumerate((140, 34, 48, 8)):
        page.locator(f"#panel-at-0-{side}").fill(str(mm))
    designer.choose("備考")
    was = designer.numbers()
    page.locator("#forms-scan").scroll_into_view_if_needed()
    page.locator("#forms-svg .box.here").scroll_into_view_if_needed()
    designer.drag((100, 233), (100, 236))
    assert designer.numbers() == pytest.approx([was[0], was[1] + 3, was[2], was[3]])
    page.get_by_role("button", name="元に戻す").click()
    assert designer.numbers() == was
    designer.save()
    text = text_of(web)
    assert "受付番号: {kind: digits, at: [140, 34, 48, 8], cells: 8, check: mod11}" in text
    others = [line for line in before.splitlines() if "受付番号" not in line]
    assert [line for line in text.splitlines() if "受付番号" not in line] == others  # comments and all
    assert digest(web) != approved
    assert logged(web, "form_saved")[0]["subject"] == SCENARIO
    page.get_by_label("シナリオの見本").select_option("in/01.jpg")
    page.get_by_role("button", name="読む", exact=True).click()
    expect(page.locator("#forms-read tr").filter(has_text="受付番号")).to_contain_text("08041377", timeout=READING)
    assert page.locator("#forms-read img").count() == 1
    page.context.close()


def test_several_fields_are_chosen_moved_and_aligned_together(web: Web, browser: Browser) -> None:
    page = city_pc(browser).new_page()
    designer = Designer(page, web)

    def boxes() -> dict[str, list[float]]:
        found: dict[str, list[float]] = {}
        for name in ("受付番号", "備考", "口座番号"):
            designer.choose(name)
            found[name] = designer.numbers()
        return found

    def both() -> None:
        designer.choose("受付番号")
        page.locator("#forms-items button").filter(has_text="備考").first.focus()
        page.keyboard.press("Shift+Enter")
        expect(page.locator("#forms-title")).to_have_text("2 欄を選択中")

    was = boxes()
    both()
    assert not Axe().run(page).response["violations"]
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("l")
    left = was["受付番号"][0] - 0.5
    moved = boxes()
    assert moved["受付番号"] == pytest.approx([left, was["受付番号"][1] + 0.5, *was["受付番号"][2:]])
    width = min(was["備考"][2], 210)
    assert moved["備考"] == pytest.approx([min(left, 210 - width), was["備考"][1] + 0.5, *was["備考"][2:]], abs=0.11)
    assert moved["口座番号"] == was["口座番号"]
    both()
    page.keyboard.press("h")
    page.keyboard.press("Escape")
    assert boxes()["備考"][3] == was["受付番号"][3]
    designer.choose("受付番号")
    page.evaluate(
        "name => [...document.querySelectorAll('#forms-svg text')].find((one) => one.textContent === name)"
        ".scrollIntoView({ block: 'center' })",
        "口座番号",
    )
    page.keyboard.down("Shift")
    page.mouse.click(*designer.point(was["口座番号"][0] + 5, was["口座番号"][1] + 2))
    page.keyboard.up("Shift")
    expect(page.locator("#forms-title")).to_have_text("2 欄を選択中")
    start = (was["口座番号"][0] + 5, was["口座番号"][1] + 2)
    designer.drag(start, (start[0], start[1] + 4))
    together = boxes()
    assert together["口座番号"][1] == pytest.approx(was["口座番号"][1] + 4, abs=0.51)
    assert together["受付番号"][1] - moved["受付番号"][1] == pytest.approx(together["口座番号"][1] - was["口座番号"][1])
    for _ in range(4):  # the drag, the height, the side, and the arrows, each one change
        page.get_by_role("button", name="元に戻す").click()
    assert boxes() == was
    page.context.close()


def test_what_is_wrong_stands_at_its_field_and_is_not_saved(web: Web, browser: Browser) -> None:
    before = text_of(web)
    page = city_pc(browser).new_page()
    designer = Designer(page, web)
    for look in ("light", "dark"):
        page.emulate_media(color_scheme=look)
        found = Axe().run(page).response["violations"]
        assert not found, (look, [(one["id"], [node["html"] for node in one["nodes"]]) for one in found])
    designer.choose("口座番号")
    page.get_by_label("欄の名前").fill("備考")
    expect(page.locator("#panel-wrong")).to_contain_text("2 つあります")
    page.get_by_role("button", name="保存する").click()
    expect(page.locator("#forms-told")).to_contain_text("保存していません")
    assert page.locator("#panel-name").get_attribute("aria-invalid") == "true"
    assert text_of(web) == before
    page.context.close()


# --- without a browser ---


class Author:
    """Somebody who may write the form, over plain HTTP."""

    def __init__(self, web: Web, person: str = "w-author") -> None:
        self.http = web.client(person)
        self.csrf = csrf_in(self.http.get("/forms").text)
        sketch = sketch_of(web.home, SCENARIO, FORM)
        assert sketch is not None
        self.items, self.seen = sketch.items(), sketch.seen

    def send(self, what: str, **more: str) -> httpx.Response:
        data = {"csrf": self.csrf, "items": json.dumps(self.items), "seen": self.seen, **more}
        return self.http.post(f"{BASE}/{FORM}/{what}", data=data)

    def item(self, name: str) -> dict[str, object]:
        return next(one for one in self.items if one["name"] == name)

    def begin(self, name: str, data: bytes, file: str = "blank.pdf") -> httpx.Response:
        return self.http.post(
            BASE, data={"csrf": self.csrf, "form": name}, files={"blank": (file, data)}, timeout=READING / 1000
        )


def test_an_empty_form_becomes_a_draft_and_then_a_form(web: Web) -> None:
    author, approved = Author(web), digest(web)
    blank = (ROOT / "scenarios" / SCENARIO / "forms" / "shugaku-enjo.pdf").read_bytes()
    answer = author.begin("atarashii", blank)
    assert answer.headers["location"] == f"{BASE}/atarashii", answer.text
    forms = web.home.scenarios / SCENARIO / "forms"
    assert digest(web) == approved and not (forms / "atarashii.yaml").exists()
    sketch = sketch_of(web.home, SCENARIO, "atarashii")
    assert sketch is not None and sketch.draft
    items = sketch.items()
    assert {"digits", "check", "date"} <= {one["kind"] for one in items} and items[0]["values"]["size"] == "A4"
    assert author.http.get(f"{BASE}/atarashii").status_code == 200
    picture = author.http.get(f"{BASE}/atarashii/page/1")
    assert picture.content.startswith(b"\x89PNG") and author.http.get(f"{BASE}/atarashii/page/2").status_code == 404
    data = {"csrf": author.csrf, "items": json.dumps(items), "seen": sketch.seen}
    saved = author.http.post(f"{BASE}/atarashii/save", data=data)
    assert saved.json()["problems"] == [], saved.text
    assert (forms / "atarashii.png").read_bytes().startswith(b"\x89PNG"), "the picture, never the file that was sent"
    findings = Findings()
    assert read_form("atarashii.yaml", lambda name: (forms / name).read_bytes(), findings) is not None
    kept = sketch_of(web.home, SCENARIO, "atarashii")
    assert kept is not None and not kept.draft and digest(web) != approved


def test_the_empty_form_is_replaced_and_the_fields_stay(web: Web) -> None:
    author, approved, folder = Author(web), digest(web), web.home.scenarios / SCENARIO / "forms"
    before = text_of(web)

    def replace(picture: Image.Image, seen: str) -> httpx.Response:
        made = io.BytesIO()
        picture.save(made, "PNG", dpi=(100, 100))
        files = {"blank": ("atarashii.png", made.getvalue())}
        data = {"csrf": author.csrf, "seen": seen}
        return author.http.post(f"{BASE}/{FORM}/blank", data=data, files=files, timeout=READING / 1000)

    upright = Image.effect_noise((827, 1169), 80)
    wide = replace(upright.transpose(Image.Transpose.ROTATE_90), author.seen)
    assert wide.status_code == 422 and "A4 縦、送られた紙は A4 横" in wide.text
    assert replace(upright, "0").status_code == 422 and text_of(web) == before
    answer = replace(upright, author.seen)
    assert answer.status_code == 303, answer.text
    assert text_of(web) == before.replace("blank: shugaku-enjo.pdf", "blank: shugaku-enjo.png") != before
    assert (folder / "shugaku-enjo.png").read_bytes().startswith(b"\x89PNG") and digest(web) != approved
    assert author.http.get(f"{BASE}/{FORM}/page/1").content != b""
    assert [one["detail"] for one in logged(web, "form_blank")] == [{"form": FORM}]
    sketch = sketch_of(web.home, SCENARIO, FORM)
    assert sketch is not None and sketch.items() == author.items and sketch.check(author.items).problems == []


def bomb() -> bytes:
    """A small PNG that says it is 40,000 × 40,000."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", 40_000, 40_000, 8, 0, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(b"\0" * 1000)) + chunk(b"IEND", b"")
    )


@pytest.mark.parametrize(
    ("data", "status", "told"),
    [
        (bomb(), 422, "画像が大きすぎます"),
        (b"<html><script>alert(1)</script></html>", 422, "PDF・TIFF・PNG・JPEG ではありません"),
        (b"%PDF-1.7\n" + b"0" * 21_500_000, 413, "送られたものが大きすぎます"),
        (b"", 422, "空の帳票が選ばれていません"),
    ],
    ids=["bomb", "html", "huge", "empty"],
)
def test_what_is_no_empty_form_is_refused(web: Web, data: bytes, status: int, told: str) -> None:
    answer = Author(web).begin("warui", data, "<img src=x>.png")
    assert (answer.status_code, told in answer.text) == (status, True), answer.text
    assert not list((web.home.var / "forms").rglob("*")) and "<img src=x>" not in answer.text


def test_a_request_names_no_path(web: Web) -> None:
    author = Author(web)
    for name in ("../../evil", "/etc/x", "con", "com1", "帳票", "A", "x.yaml", "", FORM, "names"):
        assert author.begin(name, b"x").status_code == 422, name
    assert not (web.home.var / "forms").exists()
    for name in ("..%2f..%2fscenario", "names", "nothing"):
        assert author.http.get(f"{BASE}/{name}").status_code == 404, name
    assert author.send("try", sample="../scenario.yaml").status_code == 422
    author.item("児童氏名")["values"] = {"words": "../scenario.yaml"}
    found = author.send("check").json()["problems"]
    assert [(one["item"], one["param"]) for one in found] == [(author.items.index(author.item("児童氏名")), "words")]


def test_another_department_does_not_write(web: Web) -> None:
    author, admin = Author(web), Author(web, "w-admin")
    other = "/forms/shimin/jutogai-jusho"
    assert author.http.get(other).status_code == 403 and admin.http.get(other).status_code == 200
    assert author.http.get(f"{other}/x").status_code == 403 and admin.http.get(f"{other}/x").status_code == 404
    assert author.http.post(f"{other}/x/save", data={"csrf": author.csrf}).status_code == 403
    assert author.http.post(other, data={"csrf": author.csrf, "form": "x"}).status_code == 403
    assert admin.send("save").json()["problems"] == []


def test_a_form_that_others_changed_meanwhile_is_not_overwritten(web: Web) -> None:
    author, place = Author(web), web.home.scenarios / SCENARIO / "forms" / f"{FORM}.yaml"
    place.write_text(text_of(web) + "# 直した\n", encoding="utf-8")
    saved = len(logged(web, "form_saved"))
    answer = author.send("save")
    assert answer.status_code == 409 and "書き換えられました" in answer.json()["gone"]
    assert text_of(web).endswith("# 直した\n") and len(logged(web, "form_saved")) == saved


def test_every_fault_is_told_where_it_is(web: Web) -> None:
    author, before = Author(web), text_of(web)
    author.item("受付番号")["parts"] = [{"name": "", "at": [200, 34, 48, 8]}]
    author.item("住所")["values"] = {"agrees_with": "ない欄"}
    author.item("生年月日")["values"] = {"cells": "2, 2"}
    answer = author.send("save")
    told = {(author.items[one["item"]]["name"], one["what"][:12]) for one in answer.json()["problems"]}
    assert answer.status_code == 422 and {name for name, _ in told} == {"生年月日", "住所"}, told
    assert author.send("save", items="[]").status_code == 422
    assert author.send("save", items='[{"kind": "form"}]').status_code == 422
    assert text_of(web) == before


def test_a_field_that_the_scenario_uses_is_missed_at_once(web: Web) -> None:
    author = Author(web)
    author.items.remove(author.item("口座番号"))
    left = author.send("save").json()["left"]
    assert any("口座番号" in one for one in left), left


def test_every_form_of_the_gallery_goes_through_the_page_unchanged(web: Web) -> None:
    for file in sorted(web.home.scenarios.glob("*/*/forms/*.yaml")):
        scenario = file.parent.parent.relative_to(web.home.scenarios).as_posix()
        sketch = sketch_of(web.home, scenario, file.stem)
        assert sketch is not None
        checked = sketch.check(sketch.items())
        assert (checked.text, checked.problems) == (file.read_text(encoding="utf-8"), []), file.name


def test_an_edited_file_keeps_its_comments_and_its_order() -> None:
    head, fields_from = (
        "# 頭\r\nform: 届  # 名\r\n",
        "fields:\r\n  # 甲の説明\r\n  甲: {kind: ink, at: [1, 2, 3, 4.50]}\r\n",
    )
    text = f"{head}identify: {{text: 届, at: [1, 2, 3, 4]}}\r\n{fields_from}  乙: {{kind: ink, at: [5, 6, 7, 8]}}\r\n"
    fields = {"甲": {"kind": "ink", "at": [1, 2, 3, 4.5]}, "丙": {"kind": "qr", "at": [1, 1, 9, 9]}}
    made = merged(text, {"form": "届", "identify": None, "fields": fields})
    assert made == f"{head}{fields_from}  丙: {{kind: qr, at: [1, 1, 9, 9]}}\r\n"


def test_every_parameter_of_every_kind_has_japanese_words() -> None:
    params = {str(param["name"]) for kind in kinds() for param in kind["params"]}  # type: ignore[attr-defined]
    assert params == set(WORDS)
