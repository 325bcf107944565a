"""One Playwright and one browser for all that a worker's tests start in this process, one after the other.

Starting both takes half of the processor time of a short run.  What a test gets is the real browser with the flags that it
asked for, and contexts of its own, which are as empty as a new browser's; what ends is these contexts.

While Playwright runs, its thread counts as one in which an asyncio loop runs: ``asyncio.run`` belongs into another thread
or process, or into a module that ends it first (``no_browser``).
"""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any
from unittest.mock import patch

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Playwright, sync_playwright
from playwright.sync_api import Error as PlaywrightError


class Kept:
    """What is running: Playwright, and browsers by the way in which they were launched."""

    def __init__(self) -> None:
        self.playwright: Playwright | None = None
        self.browsers: dict[str, Browser] = {}
        self._environ = dict(os.environ)

    def start(self) -> None:
        """Starts Playwright, where it is not running, in the environment of the block: a command has a TMPDIR of its own."""
        if self.playwright is None:
            with patch.dict(os.environ, self._environ, clear=True):
                self.playwright = sync_playwright().start()

    def browser(self, asked: dict[str, Any]) -> Browser:
        """The browser that was launched so, or a new one; of the others that nobody uses, the last used stays."""
        assert self.playwright is not None
        wanted = repr(sorted(asked.items()))
        found = self.browsers.pop(wanted, None)
        idle = [how for how, browser in self.browsers.items() if not browser.contexts]
        for how in idle[:-1]:
            self.browsers.pop(how).close()
        if found is None or not found.is_connected():
            found = self.playwright.chromium.launch(**asked)
        self.browsers[wanted] = found
        return found

    def own(self) -> Any:
        """What ``sync_playwright().start()`` is to give; what is launched in it is closed by its ``stop()``."""
        self.start()
        return _OwnPlaywright(self)

    def end(self) -> None:
        """Ends what is running; whoever comes next starts it anew."""
        if self.playwright is not None:
            self.playwright.stop()
        self.playwright = None
        self.browsers.clear()


class _Own:
    """Stands for a part of Playwright; what is not said here is the part's own."""

    def __init__(self, part: Any) -> None:
        self._part = part

    def __getattr__(self, name: str) -> Any:
        return getattr(self._part, name)


class _OwnBrowser(_Own):
    """A browser that has only the contexts that were made in it here."""

    def __init__(self, part: Browser) -> None:
        super().__init__(part)
        self.contexts: list[BrowserContext] = []

    def new_context(self, **how: Any) -> BrowserContext:
        self.contexts.append(self._part.new_context(**how))
        return self.contexts[-1]

    def new_page(self, **how: Any) -> Page:
        page: Page = self._part.new_page(**how)
        self.contexts.append(page.context)
        return page

    def close(self) -> None:
        for context in self.contexts:
            with suppress(PlaywrightError):  # it has crashed, or the test has killed it
                context.close()
        self.contexts.clear()


class _OwnPlaywright(_Own):
    """What ``sync_playwright()`` gives, and what that starts."""

    def __init__(self, kept: Kept) -> None:
        super().__init__(kept.playwright)
        self._kept = kept
        self._launched: list[_OwnBrowser] = []

    @property
    def chromium(self) -> _OwnPlaywright:
        return self

    def start(self) -> Any:
        return self._kept.own()

    def launch(self, **asked: Any) -> _OwnBrowser:
        self._launched.append(_OwnBrowser(self._kept.browser(asked)))
        return self._launched[-1]

    def stop(self) -> None:
        for browser in self._launched:
            browser.close()


@contextmanager
def one_browser() -> Iterator[Kept]:
    """Keeps what this thread starts until the block ends."""
    kept, here = Kept(), threading.get_ident()

    def begun() -> object:
        # Playwright belongs to the thread in which it was started.
        return _OwnPlaywright(kept) if threading.get_ident() == here else sync_playwright()

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("robots.drivers.browser_start.sync_playwright", begun)
        yield kept
    kept.end()
