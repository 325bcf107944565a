"""Entering 10 forms × 7 fields whose order changes each time, against plain Playwright in the same run.

    python -m bench.form_fill [--rounds N] [--small] [--json]

Ours: a scenario in YAML, through the gate and the ledger, ten items that are committed, each read back and compared
(``banken``); and its driver alone (``driver``).  The peer: ``get_by_label().fill()`` and ``get_by_role().click()``, which
neither reads back nor compares nor records.  They take turns on the practice town; a round that does not end with 70 right
fields of 70 counts as failed.  Seconds are those of the ten forms, without starting a browser.
"""

from __future__ import annotations

import argparse
import json
import tempfile
import time
import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import median
from typing import Any

from playwright.sync_api import Page, sync_playwright

from bench.town import Silent, bench_town, run_once
from practice.exercises import CHALLENGE_LABELS, CHALLENGE_ROWS
from practice.server import start_town
from robots.drivers.browser import Expectation, Locator, site_of
from robots.drivers.browser_find import find_browser
from robots.drivers.playwright_browser import PlaywrightBrowser
from robots.ledger.items import Item, Outcome
from robots.runner.order import Parts

REACH = 0.4
FORMS = [dict(zip(CHALLENGE_LABELS, row, strict=True)) for row in CHALLENGE_ROWS]
SEND, SECONDS = "送信", 30.0
RIGHT = f"{len(FORMS) * len(CHALLENGE_LABELS)}項目中 {len(FORMS) * len(CHALLENGE_LABELS)}項目が正しく入力されました"
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"]


SCENARIO = """\
名称: 十枚の帳票
入力値: {回: {型: 文字}}
利用: {サイト: {町: "TOWN"}}
準備:
  - CSVを読む: {ファイル: sample/forms.csv}
    保存名: 帳票
  - 画面を開く: ${サイト.町}/practice/challenge
対象: {元: "${帳票}", キー: "${入力値.回} ${対象.メールアドレス}"}
各件:
  - 一括入力する:
FIELDS
  - 確定する:
      手順:
        - 押す: {ボタン: 送信}
"""


@dataclass(frozen=True)
class Contender:
    """One way of entering: gives the seconds of one round, fails where a field is wrong."""

    name: str
    round: Callable[[], float]


def drive(browser: PlaywrightBrowser, address: str) -> float:
    """One round by our driver."""
    browser.open(address, timeout=SECONDS)
    began = time.perf_counter()
    for form in FORMS:
        browser.fill_form(form, timeout=SECONDS)
        browser.click(Locator(button=SEND), timeout=SECONDS)
    took = time.perf_counter() - began
    browser.expect(Expectation(text=RIGHT), timeout=SECONDS)
    return took


class StopWatch(Silent):
    """Times the items of a run: from the moment they are known to the outcome of the last."""

    began = ended = 0.0

    def begun(self, run: str, total: int) -> None:
        self.began = time.perf_counter()

    def item(self, item: Item, outcome: Outcome) -> None:
        self.ended = time.perf_counter()


class Kept:
    """A browser that stays open when a run closes it."""

    def __init__(self, browser: PlaywrightBrowser) -> None:
        self._browser = browser

    def __getattr__(self, name: str) -> Any:
        return getattr(self._browser, name)

    def close(self) -> None:
        """The measurement closes it."""


def whole_way(parts: Parts, browser: PlaywrightBrowser) -> float:
    """One round as a clerk runs it: YAML, gate, ledger, ten items."""
    watch = StopWatch()
    run_once(parts, watch, 回=uuid.uuid4().hex)
    browser.expect(Expectation(text=RIGHT), timeout=SECONDS)
    return watch.ended - watch.began


def scenario(town: str) -> str:
    """The scenario for a town at this address."""
    fields = "\n".join(f"      {label}: ${{対象.{label}}}" for label in CHALLENGE_LABELS)
    return SCENARIO.replace("TOWN", town).replace("FIELDS", fields)


def plain(page: Page, address: str) -> float:
    """One round by plain Playwright."""
    page.goto(address)
    began = time.perf_counter()
    for form in FORMS:
        for label, text in form.items():
            page.get_by_label(label, exact=True).fill(text)
        page.get_by_role("button", name=SEND).click()
    took = time.perf_counter() - began
    page.get_by_text(RIGHT).wait_for()
    return took


def measure(contenders: list[Contender], rounds: int) -> dict[str, list[float]]:
    """Seconds of each round by name; the contenders take turns, after one round that does not count."""
    seconds: dict[str, list[float]] = {one.name: [] for one in contenders}
    for number in range(rounds + 1):
        for one in contenders if number % 2 else reversed(contenders):
            took = one.round()
            if number:
                seconds[one.name].append(took)
    return seconds


def run(rounds: int) -> dict[str, object]:
    """The whole measurement: medians in seconds, and ours as a share of the peer's."""
    table = "\n".join(",".join(row) for row in (CHALLENGE_LABELS, *CHALLENGE_ROWS))
    with (
        tempfile.TemporaryDirectory() as folder,
        start_town(Path(folder) / "town.db") as town,
        bench_town(scenario(town.url), {"forms.csv": table + "\n"}) as plain_parts,
    ):
        address = town.url + "/practice/challenge"
        site = site_of(town.url)
        assert site
        browser = PlaywrightBrowser({site})
        kept: Any = Kept(browser)
        parts = replace(plain_parts, open_browser=lambda addresses, headed: kept)
        # Playwright's sync API allows one start a thread, so the peer lives in a thread of its own; they never run at once.
        with ThreadPoolExecutor(max_workers=1) as thread:
            playwright = thread.submit(lambda: sync_playwright().start()).result()
            program = find_browser(headed=False)
            peer = thread.submit(lambda: playwright.chromium.launch(executable_path=program, args=FLAGS)).result()
            page = thread.submit(peer.new_page).result()
            try:
                seconds = measure(
                    [
                        Contender("driver", lambda: drive(browser, address)),
                        Contender("banken", lambda: whole_way(parts, browser)),
                        Contender("plain playwright", lambda: thread.submit(plain, page, address).result()),
                    ],
                    rounds,
                )
            finally:
                thread.submit(peer.close).result()
                thread.submit(playwright.stop).result()
                browser.close()
    medians = {name: round(median(took), 4) for name, took in seconds.items()}
    peer_median = medians["plain playwright"]
    ratios = {name: round(took / peer_median, 3) for name, took in medians.items()}
    return {"rounds": rounds, "seconds": seconds, "median": medians, "ratio": ratios, "reach": REACH}


def main() -> None:
    parser = argparse.ArgumentParser(description="10 帳票 × 7 項目の入力の速さを、素の Playwright と比べます。")
    parser.add_argument("--rounds", type=int, default=7, help="それぞれの回数")
    parser.add_argument("--small", action="store_true", help="動くことを確かめるだけ（2 回）")
    parser.add_argument("--json", action="store_true", help="結果を JSON で出す")
    given = parser.parse_args()
    result = run(2 if given.small else given.rounds)
    if given.json:
        print(json.dumps(result, ensure_ascii=False, indent=1))
        return
    print(f"10 帳票 × 7 項目、{result['rounds']} 回の中央値（秒）: {result['median']}")
    print(f"素の Playwright を 1 とした比: {result['ratio']}（banken の目標 {REACH} 以下）")


if __name__ == "__main__":
    main()
