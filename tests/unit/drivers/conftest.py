"""One real browser and one page server a module: Playwright allows one at a time in a thread."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from robots.drivers.browser import site_of
from robots.drivers.playwright_browser import PlaywrightBrowser
from tests.unit.drivers.browser_pages import Pages


@pytest.fixture(scope="module")
def pages() -> Iterator[Pages]:
    server = Pages()
    yield server
    server.stop()


@pytest.fixture(scope="module")
def screen(pages: Pages) -> Iterator[PlaywrightBrowser]:
    site = site_of(pages.url)
    assert site
    browser = PlaywrightBrowser({site})
    yield browser
    browser.close()


@pytest.fixture
def show(pages: Pages, screen: PlaywrightBrowser) -> Callable[[str], PlaywrightBrowser]:
    """Opens a page with this body."""

    def opened(body: str) -> PlaywrightBrowser:
        pages.pages["/page"] = body
        screen.open(pages.url + "/page", timeout=15)
        return screen

    return opened
