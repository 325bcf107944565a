"""A running town, a clerk who is signed in by HTTP, and a browser page."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from practice import PRACTICE_PASSWORD, PRACTICE_USER
from practice.server import RunningTown, start_town
from tests.one_browser import Kept
from tests.unit.practice.practice_clerk import Clerk, era_fields

BROWSERS = ("chromium-headless-shell", "chromium", "google-chrome", "chrome")
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"]


@pytest.fixture
def town(tmp_path: Path) -> Iterator[RunningTown]:
    with start_town(tmp_path / "town.db") as running:
        yield running


@pytest.fixture
def clerk(town: RunningTown) -> Iterator[Clerk]:
    one = Clerk(town)
    one.sign_in()
    yield one
    one.http.close()


@pytest.fixture(scope="module")
def browser(kept_browser: Kept) -> Iterator[Browser]:
    found = next((path for name in BROWSERS if (path := shutil.which(name))), None)
    playwright = kept_browser.own()
    if sys.platform == "win32":
        yield playwright.chromium.launch(channel="msedge")
    else:
        yield playwright.chromium.launch(executable_path=found, args=FLAGS)
    playwright.stop()


@pytest.fixture
def page(browser: Browser, town: RunningTown) -> Iterator[Page]:
    """A page that is signed in, at the menu; page.goto() takes paths."""
    context = browser.new_context(base_url=town.url, locale="ja-JP")
    fresh = context.new_page()
    fresh.goto("/login")
    fresh.get_by_label("ユーザーID").fill(PRACTICE_USER)
    fresh.get_by_label("パスワード").fill(PRACTICE_PASSWORD)
    fresh.get_by_role("button", name="ログイン").click()
    fresh.wait_for_url("**/menu")
    yield fresh
    context.close()


@pytest.fixture
def change() -> dict[str, str]:
    """A right address change."""
    return {
        "no": "26049001",
        **era_fields("reported", "5", 8, 4, 10),
        **era_fields("moved", "5", 8, 4, 1),
        "reason": "01",
        "by": "2",
        "postal": "000-0203",
        "address": "見本県稽古市中央1丁目1番1号",
        "building": "コーポ見本101号室",
        "checked": "1",
        "note": "",
    }
