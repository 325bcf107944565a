"""The practice town's hostile page tries every way out: nothing arrives, and what was refused is in the audit log."""

from __future__ import annotations

import shutil
import sys
import time
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from urllib.parse import urlencode

import pytest

from practice.hostile import LEAVING, PATH, WAYS
from practice.server import RunningTown
from robots.drivers import playwright_browser
from robots.drivers.browser import Locator, Site, site_of
from robots.drivers.browser_find import find_browser
from robots.drivers.playwright_browser import PlaywrightBrowser
from robots.errors import SystemFailure
from robots.ledger.audit import audit_records
from tests.flow_town import ID, open_flow_town
from tests.listeners import Listeners

QUIET = ("stun", "turn_tcp", "web_transport", "track", "file_frame", "file_popup", "scheme_popup")
"""Ways that a page with all the others on it would not come to in time."""
CROWD = tuple(way for way in WAYS if way not in (*QUIET, *LEAVING))
UNTOLD = {"icon", "manifest", "preconnect", "dns_prefetch", "shared_worker", "stun", "turn_tcp"}
"""What the browser refuses (or does not even try without a window) and tells nobody."""
NEVER = {"icon", "manifest", "preconnect", "dns_prefetch", "file_frame", "file_popup", "scheme_popup"}
"""What would not come to a listener even if it were allowed."""
NAMED = {"file_frame": "file:", "file_popup": "file:", "scheme_popup": "ftp:"}


def programs() -> Iterable[Path]:
    """The shell without windows, and the whole browser, as far as this machine has them."""
    return sorted({find_browser(False), *(Path(found) for name in ("chromium",) if (found := shutil.which(name)))})


@pytest.fixture
def listeners() -> Iterator[Listeners]:
    made = Listeners(WAYS)
    yield made
    made.stop()


def page(town: RunningTown, listeners: Listeners, ways: Iterable[str]) -> str:
    return f"{town.url}{PATH}?{urlencode({way: listeners.addresses[way] for way in ways})}"


def site(address: str) -> Site:
    found = site_of(address)
    assert found is not None
    return found


def named(listeners: Listeners, way: str) -> str:
    """How a refusal names it: the site, or the kind of address."""
    address = listeners.addresses[way]
    return NAMED.get(way, address.replace("http:", "https:") if way == "web_transport" else address)


def let_it_try(browser: PlaywrightBrowser, address: str, wanted: set[str], listeners: Listeners) -> set[str]:
    """Opens the page, gives it time for all that it does, and says which sites were refused.

    Of so many at once the browser refuses all and forgets to tell of one in a thousand: then the page is opened again.
    """

    def all_told() -> bool:
        return wanted <= set(browser.refused()) | set(listeners.arrived)

    for patience in (30, 60, 90):
        with suppress(SystemFailure):  # a window that was led away is said at once
            browser.open(address, timeout=30)
        until = time.monotonic() + patience
        while not all_told() and time.monotonic() < until:
            time.sleep(0.1)
        if all_told():
            break
    time.sleep(1.0)  # what is told to nobody has to have its time too
    return set(browser.refused())


@pytest.mark.parametrize("program", programs(), ids=lambda path: path.name)
def test_no_way_out_of_a_page_leads_anywhere(
    town: RunningTown, listeners: Listeners, program: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(playwright_browser, "find_browser", lambda headed: program)
    browser = PlaywrightBrowser({site(town.url)})
    try:
        for ways in (CROWD, QUIET, tuple(LEAVING)):
            wanted = {named(listeners, way) for way in ways if way not in UNTOLD}
            refused = let_it_try(browser, page(town, listeners, ways), wanted, listeners)
            assert wanted <= refused, {way for way in ways if named(listeners, way) not in refused}
        assert listeners.arrived == {}
        for _ in range(5):  # a window that was led away may still be said once
            with suppress(SystemFailure):
                browser.open(f"{town.url}{PATH}", timeout=15)
                break
        assert browser.fill(Locator(label="メモ"), "練習", timeout=15) == {"メモ": "練習"}, (
            "the allowed site still works"
        )
    finally:
        browser.close()


def test_the_same_page_reaches_what_is_declared(town: RunningTown, listeners: Listeners) -> None:
    """The page and the listeners are not for show: where the sites are allowed, the same ways arrive."""
    browser = PlaywrightBrowser({site(address) for address in (town.url, *listeners.addresses.values())})
    try:
        for ways in (CROWD, ("track",), tuple(LEAVING)):
            wanted = set(ways) - NEVER
            let_it_try(browser, page(town, listeners, ways), wanted, listeners)
            assert wanted <= set(listeners.arrived), wanted - set(listeners.arrived)
    finally:
        browser.close()


@pytest.mark.skipif(sys.platform == "darwin", reason="has 127.0.0.1 alone")
def test_a_run_tells_the_audit_log_what_was_refused(town: RunningTown, tmp_path: Path) -> None:
    """Another address of this machine, wanted by two items' pages and by a step: each is told once, with its scenario."""
    far = Listeners(("img", "fetch", "web_socket", "worker", "location"), host="127.0.0.2")
    office = open_flow_town(tmp_path / "office")
    office.browser = lambda: PlaywrightBrowser({site(town.url)})
    quiet = page(town, far, ("img", "fetch", "web_socket", "worker"))
    office.write(
        "名称: 外へ出ようとする\n"
        f"利用:\n  サイト: {{練習: '{town.url}'}}\n  フォルダ: {{受付: sample}}\n"
        "準備:\n  - CSVを読む: {ファイル: '${フォルダ.受付}/届.csv'}\n    保存名: 届\n"
        "対象:\n  元: ${届}\n  キー: ${対象.番号}\n"
        f"各件:\n  - 画面を開く: '{quiet}'\n  - 入力する: {{ラベル: メモ, 値: '${{対象.氏名}}'}}\n"
        f"  - もし:\n      条件: ${{対象.番号 == '3'}}\n      ならば:\n        - 画面を開く: ${{対象.金額}}\n"
        "  - 確定する:\n      手順:\n        - 入力する: {ラベル: メモ, 値: 済}\n"
    )
    office.rows("1,練習 太郎,1", "2,練習 花子,1", f"3,練習 次郎,{far.addresses['location']}/l")
    try:
        office.run()
        assert far.arrived == {}
    finally:
        far.stop()
    assert office.states() == {"1": "done", "2": "done", "3": "failed"}
    assert f"{far.addresses['location']}/l」は、利用（uses）のサイト" in office.reasons()["3"]
    records = audit_records(office.ledger)
    assert (records[0]["action"], records[-1]["action"]) == ("run_begun", "run_ended")
    refused = [row for row in records if row["action"] == "refused"]
    assert {row["subject"] for row in refused} == {ID}
    assert sorted(row["detail"]["what"] for row in refused) == sorted(far.addresses.values())
    assert {row["detail"]["kind"] for row in refused} == {"site"}
