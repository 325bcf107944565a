"""Going to an address in the real browser."""

from __future__ import annotations

from contextlib import suppress

from playwright.sync_api import Error as PlaywrightError
from playwright.sync_api import Page
from playwright.sync_api import TimeoutError as PlaywrightTimeout

from robots.drivers.browser_deadline import Deadline
from robots.drivers.browser_screen import Screen
from robots.errors import SystemFailure

_ERROR_PAGE = "chrome-error:"
_MOST_TRIES = 3
_A_MOMENT = 2000.0  # milliseconds


def go(screen: Screen, url: str, deadline: Deadline) -> None:
    """Shows the page of the address in the window that calls go to; from the first window the others are closed.

    Raises: SystemFailure where an error page comes, PlaywrightError where none comes in time.
    """
    page = screen.view.page
    if page is screen.main:
        screen.close_popups()
    status = _fetched(page, url, deadline)
    if status is None:
        status = int(screen.ask("place", {}, deadline)["status"])
    if status >= 400:
        raise SystemFailure(
            f"{url} を開くと、エラーの画面（{status}）になりました。",
            mend="アドレスと、相手のシステムの様子を確かめてください。",
        )


def _fetched(page: Page, url: str, deadline: Deadline) -> int | None:
    """The status with which the page came; None where only the page itself knows."""
    for left in range(_MOST_TRIES - 1, -1, -1):
        try:
            response = page.goto(url, wait_until="load", timeout=deadline.ms)
            return response.status if response else 0
        except PlaywrightError as error:
            interrupted = "interrupted by another navigation" in error.message and _ERROR_PAGE in error.message
            if not interrupted or not left or deadline.over:
                raise
        # What was lost before (a download cut off) has brought the browser's own error page late, over the page that is
        # asked for now.  That page mostly comes all the same; where it does not, going again is safe: it is a GET by
        # address, which by HTTP's own rule changes nothing, and which is opened again anyway after a sign-in, a retry
        # or a look-up.  What enters something is pressed, and that is never repeated here.
        with suppress(PlaywrightTimeout):
            page.wait_for_url(_is_a_page, wait_until="load", timeout=min(_A_MOMENT, deadline.ms))
            return None
    raise AssertionError("unreachable: the last try returns or raises")


def _is_a_page(url: str) -> bool:
    return not url.startswith(_ERROR_PAGE)


def bounced(screen: Screen, deadline: Deadline) -> bool:
    """Whether a sign-in page came in place of what was asked for."""
    return bool(screen.ask("place", {}, deadline)["login"])


def refuse_bounced(url: str) -> SystemFailure:
    """What to say where a fresh sign-in did not help."""
    return SystemFailure(
        f"{url} を開きましたが、ログイン画面に戻されました。",
        mend="この画面を使う権限があるか、相手のシステムの様子を確かめてください。",
    )
