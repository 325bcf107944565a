"""Files of the practice town, sent and fetched as a person would, and pictures of its screens with secrets covered."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image
from pypdf import PdfReader

from practice.server import RunningTown, start_town
from robots.drivers.browser import Expectation, Locator, Scope, site_of
from robots.drivers.playwright_browser import PlaywrightBrowser
from robots.errors import SystemFailure

LONG = 15.0
PATH = "/practice/files"


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningTown]:
    with start_town(Path(tmp_path_factory.mktemp("town")) / "town.db") as running:
        yield running


@pytest.fixture(scope="module")
def started(town: RunningTown) -> Iterator[PlaywrightBrowser]:
    site = site_of(town.url)
    assert site
    browser = PlaywrightBrowser({site})
    yield browser
    browser.close()


@pytest.fixture
def screen(town: RunningTown, started: PlaywrightBrowser) -> PlaywrightBrowser:
    started.open(town.url + PATH, timeout=LONG)
    return started


def test_a_plain_a_hidden_and_a_buttons_field_take_their_files(
    screen: PlaywrightBrowser, town: RunningTown, tmp_path: Path
) -> None:
    names = ("申請書 （写し）.pdf", "表.png", "裏.png", "地図.pdf")
    paths = [tmp_path / name for name in names]
    for number, path in enumerate(paths):
        path.write_bytes(bytes([number]) * (1000 + number))
    screen.fill(Locator(label="受付番号"), "0012", timeout=LONG)
    screen.upload(Locator(label="添付ファイル"), paths[:1], timeout=LONG)
    screen.upload(Locator(called="写真を追加"), paths[1:3], timeout=LONG)
    screen.upload(Locator(button="参照"), paths[3:], timeout=LONG)
    screen.expect(Expectation(text="地図.pdf"), timeout=LONG)
    screen.click(Locator(button="送付"), timeout=LONG)
    rows = screen.read_table(Locator(called="届いたファイル"), None, timeout=LONG)

    assert [(row["欄"], row["ファイル名"]) for row in rows] == list(
        zip(("添付ファイル", "写真", "写真", "地図"), names, strict=True)
    )
    values = town.entries("practice")[-1]["values"]
    assert isinstance(values, dict) and values["受付番号"] == "0012"
    digests = [hashlib.sha256(path.read_bytes()).hexdigest() for path in paths]
    assert [one["SHA-256"] for one in values["ファイル"]] == digests


@pytest.mark.parametrize(
    ("locator", "name"),
    [
        (Locator(link="様式（PDF）"), "youshiki.pdf"),
        (Locator(button="一覧をCSVで出力"), "一覧.csv"),
        (Locator(button="帳票を作成"), "帳票 令和8年4月.pdf"),
    ],
    ids=str,
)
def test_a_file_comes_under_the_name_the_town_gives_it(
    screen: PlaywrightBrowser, tmp_path: Path, locator: Locator, name: str
) -> None:
    path = screen.download(locator, lambda given: tmp_path / given, timeout=LONG)
    assert path == tmp_path / name
    if path.suffix == ".pdf":
        assert len(PdfReader(path).pages) == 1
    else:
        assert path.read_bytes().decode("cp932").startswith("姓,名,会社名")
    screen.expect(Expectation(text="ファイルの受け渡し"), timeout=LONG)


def test_a_file_that_does_not_come_whole_is_a_failure_and_leaves_nothing(
    screen: PlaywrightBrowser, town: RunningTown, tmp_path: Path
) -> None:
    for _ in range(4):  # the browser's own error page may come late, over the page that is opened next
        town.faults.set("POST /practice/files/list", "drop", times=1)
        with pytest.raises(SystemFailure, match="切れ"):
            screen.download(Locator(button="一覧をCSVで出力"), lambda given: tmp_path / given, timeout=LONG)
        town.faults.clear()
        assert list(tmp_path.iterdir()) == []
        screen.open(town.url + PATH, timeout=LONG)
    path = screen.download(Locator(button="一覧をCSVで出力"), lambda given: tmp_path / given, timeout=LONG)
    assert path.stat().st_size > 500


def test_enter_sends_the_form_of_the_field_that_was_filled_in_last(
    screen: PlaywrightBrowser, town: RunningTown
) -> None:
    before = len(town.entries("practice"))
    screen.fill(Locator(label="受付番号"), "0077", timeout=LONG)
    screen.press("Enter", None, timeout=LONG)
    screen.expect(Expectation(text="受け付けました"), timeout=LONG)
    assert [one["key"] for one in town.entries("practice")[before:]] == ["0077"]


def test_tab_moves_on_and_sends_nothing(screen: PlaywrightBrowser, town: RunningTown) -> None:
    before = len(town.entries("practice"))
    screen.press("Tab", Locator(label="受付番号"), timeout=LONG)
    assert screen.page.evaluate("document.activeElement.id") == "paper"
    assert len(town.entries("practice")) == before


def test_a_picture_is_of_the_window_of_a_part_or_of_the_whole_page(screen: PlaywrightBrowser, tmp_path: Path) -> None:
    screen.screenshot(tmp_path / "window.png", whole=False, timeout=LONG)
    with screen.within(Scope(section="ダウンロード"), timeout=LONG):
        screen.screenshot(tmp_path / "part.png", whole=False, timeout=LONG)
    assert Image.open(tmp_path / "window.png").size == (1366, 768)
    width, height = Image.open(tmp_path / "part.png").size
    assert 200 < width <= 1366 and 50 < height < 400


def test_a_secret_is_neither_in_the_picture_nor_on_the_paper(screen: PlaywrightBrowser, tmp_path: Path) -> None:
    screen.fill(Locator(label="受付番号"), "4411", timeout=LONG)
    screen.screenshot(tmp_path / "plain.png", whole=False, timeout=LONG)
    screen.save_pdf(tmp_path / "plain.pdf", landscape=False, timeout=LONG)
    screen.fill(Locator(label="受付番号"), "7733", timeout=LONG, secret=True)
    screen.screenshot(tmp_path / "secret.png", whole=False, timeout=LONG)
    screen.save_pdf(tmp_path / "secret.pdf", landscape=True, timeout=LONG)

    def said(name: str) -> str:
        return "".join(page.extract_text() for page in PdfReader(tmp_path / name).pages)

    assert "4411" in said("plain.pdf") and "受付番号" in said("plain.pdf")
    assert "7733" not in said("secret.pdf") and "受付番号" in said("secret.pdf")
    first = PdfReader(tmp_path / "secret.pdf").pages[0]
    assert first.mediabox.width > first.mediabox.height
    masked = {color for _, color in Image.open(tmp_path / "secret.png").convert("RGB").getcolors(1 << 24) or ()}
    plain = {color for _, color in Image.open(tmp_path / "plain.png").convert("RGB").getcolors(1 << 24) or ()}
    assert (0x5C, 0x66, 0x70) in masked - plain
    assert screen.read(Locator(label="受付番号"), timeout=LONG) == "7733"
