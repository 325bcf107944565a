"""The browser goes nowhere but to the allowed sites, and sends nothing twice."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from robots.drivers.browser import Locator
from robots.drivers.playwright_browser import PlaywrightBrowser
from robots.errors import SystemFailure
from tests.unit.drivers.browser_pages import Pages

Show = Callable[[str], PlaywrightBrowser]
LONG = 15.0


@pytest.fixture
def other() -> Iterator[Pages]:
    """A site that is not allowed: the same machine, another port."""
    server = Pages()
    server.pages["/x"] = "reached"
    yield server
    server.stop()


def test_redirects_are_refused_before_they_are_followed(screen: PlaywrightBrowser, pages: Pages, other: Pages) -> None:
    pages.pages["/away"] = lambda: (302, {"Location": other.url + "/x"}, "")
    with pytest.raises(SystemFailure, match="許されていないサイト") as caught:
        screen.open(pages.url + "/away", timeout=LONG)
    assert other.url in caught.value.mend
    assert other.requests == []


def test_pictures_scripts_frames_sockets_and_popups_are_refused(show: Show, pages: Pages, other: Pages) -> None:
    pages.pages["/done"] = "done"
    screen = show(
        f'<img src="{other.url}/i"><script src="{other.url}/s"></script><script>new WebSocket("{other.url.replace("http", "ws")}/w");'
        f'fetch("{other.url}/f").catch(()=>0);navigator.sendBeacon("{other.url}/b")</script>'
        f"<button onclick=\"window.open('{other.url}/p')\">別窓</button>"
    )
    with pytest.raises(SystemFailure, match="許されていないサイト"):
        screen.click(Locator(button="別窓"), timeout=LONG)
        # The new window may fail only after the click has ended: then the next step says so.
        screen.page.wait_for_timeout(300)
        screen.open(pages.url + "/done", timeout=LONG)
    assert other.requests == []
    screen.open(pages.url + "/done", timeout=LONG)


def test_a_form_that_would_be_sent_elsewhere_is_stopped(show: Show, other: Pages) -> None:
    screen = show(f'<form method="post" action="{other.url}/x"><input name="a" value="1"><button>登録</button></form>')
    with pytest.raises(SystemFailure, match="許されていないサイト"):
        screen.click(Locator(button="登録"), timeout=LONG)
    assert other.requests == []


def test_a_post_whose_answer_is_lost_is_not_sent_again_by_the_browser(show: Show, pages: Pages) -> None:
    screen = show('<form method="post" action="/entry"><input name="a"><button>登録</button></form>')
    pages.requests.clear()
    with pytest.raises(SystemFailure, match="届いているかもしれません"):
        screen.click(Locator(button="登録"), timeout=LONG)
    assert pages.requests.count("POST /entry") == 1
