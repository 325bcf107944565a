"""Starts the browser that is on the machine, kept to its sites, and the one context of a run."""

from __future__ import annotations

import os
import sys
from collections.abc import Collection
from pathlib import Path

from playwright.sync_api import Browser, BrowserContext, Playwright, sync_playwright

from robots.drivers.browser import Site
from robots.drivers.browser_sites import refusing_flags
from robots.errors import SystemFailure

_FLAGS = (
    "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
)  # fmt: skip


def _sandbox_flags() -> list[str]:
    # Chromium refuses to start its sandbox for root (containers, CI).
    return ["--no-sandbox"] if sys.platform == "linux" and os.geteuid() == 0 else []


def start_playwright() -> Playwright:
    """Playwright's own process.  Raises: SystemFailure where it does not start."""
    try:
        return sync_playwright().start()
    except Exception as error:  # the library gives no class of its own where its driver process does not start
        raise SystemFailure(
            "ブラウザを動かす部品（Playwright）を始められません。",
            mend="Debian では sudo apt-get install -y libatomic1 で足りない部品を入れ、banken doctor で確かめてください。",
        ) from error


def launch(playwright: Playwright, program: Path, sites: Collection[Site], *, headed: bool) -> Browser:
    """The browser, which reaches the sites and nothing else.  Raises: PlaywrightError."""
    return playwright.chromium.launch(
        executable_path=program, headless=not headed, args=[*_FLAGS, *_sandbox_flags(), *refusing_flags(sites)]
    )


def new_context(browser: Browser) -> BrowserContext:
    """The context of a run: Japanese, of this time zone, with a window of a common size.  Raises: PlaywrightError."""
    return browser.new_context(
        # Chromium sends a request again by itself, a POST too, when a connection that it had used before
        # breaks; the server may have taken the first one.  A connection a request makes that impossible.
        extra_http_headers={"Connection": "close"},
        locale="ja-JP",
        timezone_id="Asia/Tokyo",
        viewport={"width": 1366, "height": 768},
    )
