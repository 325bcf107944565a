"""The real browser that a person works in while it is recorded.

Playwright's public doors only: an init script and a binding, which every frame and popup gets before its own scripts.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable
from importlib import resources
from types import FrameType, TracebackType
from typing import Any

from playwright.sync_api import BrowserContext, Dialog, Page
from playwright.sync_api import Error as PlaywrightError

from robots.drivers.browser_find import find_browser
from robots.drivers.browser_screen import page_script
from robots.drivers.browser_start import start_playwright
from robots.errors import SystemFailure
from robots.recorder.listen import Listener, Window
from robots.recorder.model import Recording

_PARTS = ("names", "record")
_LOOK_EVERY = 200.0  # milliseconds


class Recorder:
    """A browser at an address, whose use becomes a Recording.  A context manager; not for several threads.

    tell: gets a Japanese line for each act; keep: gets what has been recorded, again and again as it grows.
    Raises: SystemFailure where no browser can be started or the page does not come.
    """

    def __init__(
        self,
        url: str,
        tell: Callable[[str], None],
        keep: Callable[[Recording], None] = lambda _: None,
        *,
        headed: bool = True,
    ) -> None:
        self._listener = Listener(tell)
        self._keep = keep
        self._stop = False
        self._windows: dict[Page, Window] = {}
        self._bug: Exception | None = None
        self._heard = False
        program = find_browser(headed)
        self._playwright = start_playwright()
        try:
            root = sys.platform == "linux" and os.geteuid() == 0
            self._browser = self._playwright.chromium.launch(
                executable_path=program,
                headless=not headed,
                handle_sigint=False,  # Ctrl-C ends the recording, and the browser in good order after it
                args=["--no-first-run", *(["--no-sandbox"] if root else [])],
            )
            self._context = self._prepared(
                self._browser.new_context(locale="ja-JP", timezone_id="Asia/Tokyo", no_viewport=headed)
            )
            self._page = self._context.new_page()
            self._listener.opened(url)
            self._page.goto(url, wait_until="load")
            self._page.wait_for_timeout(_LOOK_EVERY)
        except PlaywrightError as error:
            self.close()
            raise SystemFailure(
                f"{url} を開けませんでした。",
                mend="アドレスと、相手のシステムの様子を確かめてください。画面のない機械では記録できません。",
            ) from error
        if not self._heard:
            self.close()
            raise RuntimeError("the recorder's script does not run in the page")

    def _prepared(self, context: BrowserContext) -> BrowserContext:
        folder = resources.files("robots.recorder")
        further = [folder.joinpath(f"page_{part}.js").read_text(encoding="utf-8") for part in _PARTS]
        context.expose_binding("__bankenRecord", self._hear)
        # A block of its own: what the driver's parts call their things is not our business.
        context.add_init_script(page_script("{\n" + "\n".join(further) + "\n}"))
        context.on("page", self._meet)
        # With nobody listening Playwright would close the dialog before the person has read it.
        context.on("dialog", _leave_it_to_the_person)
        return context

    def _meet(self, page: Page) -> None:
        # What the page tells may come before the browser has said who opened it.
        window = self._windows.setdefault(page, Window(popup=bool(self._windows)))
        page.on("download", lambda download: self._listener.downloaded(download.suggested_filename))
        window.popup = window.popup and page.opener() is not None

    def _hear(self, source: Any, event: dict[str, Any]) -> None:
        window = self._windows.setdefault(source["page"], Window(popup=bool(self._windows)))
        self._heard = True
        try:
            self._listener.take(event, window)
        except Exception as bug:  # noqa: BLE001 (Playwright would give it to the page; it is raised when the recording is asked for)
            self._bug = self._bug or bug

    @property
    def page(self) -> Page:
        """The first window's page: a person's mouse and keyboard, in tests."""
        return self._page

    @property
    def recording(self) -> Recording:
        """What has been recorded so far."""
        if self._bug is not None:
            raise self._bug
        return self._listener.recording

    def wait(self) -> None:
        """Returns when the person has closed the browser's last window, or pressed Ctrl-C, or the browser has died.

        Only the main thread may wait: meanwhile Ctrl-C ends the recording, not the program.
        """
        before = signal.signal(signal.SIGINT, self._interrupt)
        try:
            while not self._stop and self._browser.is_connected() and self._context.pages:
                self._keep(self._listener.recording)
                page = self._context.pages[0]
                try:
                    page.wait_for_timeout(_LOOK_EVERY)
                except PlaywrightError:
                    if not page.is_closed() and self._browser.is_connected():
                        break  # the page has crashed, or Playwright itself has gone
        finally:
            signal.signal(signal.SIGINT, before)
            self._keep(self._listener.recording)

    def _interrupt(self, _signal: int, _frame: FrameType | None) -> None:
        self._stop = True

    def close(self) -> None:
        """Ends the browser; harmless when it has ended already."""
        self._playwright.stop()

    def __enter__(self) -> Recorder:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def _leave_it_to_the_person(_: Dialog) -> None:
    """The answer is told by the page's script."""
