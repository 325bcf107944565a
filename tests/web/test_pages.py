"""Every page for everybody: axe finds nothing, the keyboard reaches it, it fits a city's PC at 200 %; stored text runs nothing."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page

from robots.web.all_pages import discover
from robots.wiring import records
from tests.web.conftest import Web, city_pc, make_town, served
from tests.web.seed import past

SCENARIO = "gakumu/shugaku-enjo"
ADDRESSES = sorted(
    {page.path for page in discover() if "{" not in page.path}
    | {f"/scenarios/{SCENARIO}", f"/scenarios/{SCENARIO}/approval"}
)
USABLE = (
    "a[href], button:not([disabled]), input:not([type=hidden], [disabled]), select:not([disabled]), textarea, summary"
)
MOST = 40
RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}


@pytest.fixture(scope="module")
def web(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Web]:
    """A town with a past."""
    home = make_town(tmp_path_factory.mktemp("pages") / "city")
    with records(home) as (ledger, _):
        past(home, ledger, SCENARIO)
    with served(home) as running:
        yield running


@pytest.fixture(scope="module")
def everybody(web: Web) -> str:
    """Somebody with every role, so that every page opens."""
    register = web.home.register.read_text(encoding="utf-8")
    every = register.replace("roles: [admin]", "roles: [viewer, author, checker, approver, admin]")
    web.home.register.write_text(every, encoding="utf-8")
    return "w-admin"


@pytest.fixture(scope="module")
def page(browser: Browser, web: Web, everybody: str) -> Iterator[Page]:
    """Signed in, on a city's PC at 200 %: the narrowest that it has to fit."""
    context = city_pc(browser, scale=2)
    fresh = context.new_page()
    web.enter(fresh, everybody)
    yield fresh
    context.close()


@pytest.mark.parametrize("address", ADDRESSES)
def test_a_page_is_open_to_everybody(page: Page, web: Web, address: str) -> None:
    answer = page.goto(web.url + address)
    assert answer is not None and answer.ok
    for look in ("light", "dark"):
        page.emulate_media(color_scheme=look)
        found = Axe().run(page, options=RULES).response["violations"]
        assert not found, (look, [(one["id"], [node["html"] for node in one["nodes"]]) for one in found])
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), "it scrolls sideways"
    wanted = page.evaluate(f"[...document.querySelectorAll('{USABLE}')].filter(one => one.checkVisibility()).length")
    page.evaluate("window.reached = new Set(); addEventListener('focusin', (event) => reached.add(event.target))")
    for _ in range(min(wanted, MOST) + 10):
        page.keyboard.press("Tab")
    reached = page.evaluate(f"[...reached].filter(one => one.matches('{USABLE}')).length")
    assert reached >= min(wanted, MOST), "the keyboard does not reach all"
