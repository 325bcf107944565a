"""The verification desk: from the key that answers to the next cell on the screen.

    python -m bench.desk [--copies 1,10,100] [--answers 100] [--think 0.5] [--json]

The town is that of tests/web/desk_town.py: six real scans, every field waiting; ``copies`` times as many by asking the
same about copies of their rows, to see what a long queue costs.  ``banken serve`` runs as a process of its own and a
clerk types in a real browser, without a look at the paper but for ``think`` seconds a cell.  ``turn`` is measured in
the page, from the Enter key to the first frame with the next cell; ``answer`` is the part of it that the server took,
``ahead`` what fetching the turn after it took, meanwhile.  Milliseconds.
"""

from __future__ import annotations

import argparse
import os
import shutil
import tempfile
from collections.abc import Sequence
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

from bench.told import tell
from bench.web import at, serving
from robots.drivers.browser_find import find_browser
from robots.ledger.adopt import adopt_items
from robots.ledger.items import NewItem
from robots.ledger.reviews import Question, tasks
from robots.ledger.runs import begin_run, finish_run
from robots.ledger.store import Ledger
from robots.settings import Home, open_home
from robots.wiring import records
from tests.web.conftest import Web, city_pc
from tests.web.desk_town import SCENARIO, answer_by_keys, make_desk_town, truth
from tests.web.seed import start_of

_CLERK = "w-checker"
_WATCH = """() => {
  window.turns = []; let began = 0;
  addEventListener('keydown', (event) => { if (event.key === 'Enter') began = performance.now(); }, true);
  new MutationObserver(() => {
    if (!began) return;
    const from = began; began = 0;
    requestAnimationFrame(() => turns.push(performance.now() - from));
  }).observe(document.getElementById('desk'), { childList: true });
}"""
_TOOK = """() => {
  const of = (wanted) => performance.getEntriesByType('resource').filter(wanted).map((one) => one.duration);
  return {
    turn: turns,
    answer: of((one) => one.name.endsWith('/answer')),
    ahead: of((one) => one.name.includes('after=')),
  };
}"""


def ask_copies(home: Home, ledger: Ledger, copies: int) -> int:
    """Asks what is asked already of so many copies of the papers in all; how many tasks are open then."""
    rows = tasks(ledger, SCENARIO)
    run = begin_run(ledger, start_of(home, SCENARIO))
    for copy in range(1, copies):
        found = []
        for item in dict.fromkeys(row["item"] for row in rows):
            own = [row for row in rows if row["item"] == item]
            questions = tuple(
                Question(
                    source=f"{row['source']}-{copy}",
                    field=row["field"],
                    kind=row["kind"],
                    proposed=row["proposed"],
                    why=tuple(row["why"]),
                    form=row["form"],
                    confidence=float(row["confidence"]),
                    place=row["place"],
                    picture=row["picture"],
                    options=tuple(row["options"]),
                    twice=row["twice"],
                )
                for row in own
            )
            found.append(NewItem(f"{copy}-{item}", own[0]["origin"], {}, questions=questions))
        adopt_items(ledger, run, SCENARIO, found)
    finish_run(ledger, run, "ended", [])
    return len(tasks(ledger, SCENARIO))


def answer(page: Page, web: Web, answers: int, think: float) -> dict[str, list[float]]:
    """A clerk answers so many cells; what each turn took."""
    known = truth()
    web.enter(page, _CLERK)
    page.goto(f"{web.url}/desk/{SCENARIO}")
    page.evaluate("performance.setResourceTimingBufferSize(100000)")
    page.evaluate(_WATCH)
    for _ in range(answers):
        page.wait_for_timeout(think * 1000)
        answer_by_keys(page, known)
    took: dict[str, list[float]] = page.evaluate(_TOOK)
    return took


def measure(browser: Browser, read: Path, copies: Sequence[int], answers: int, think: float) -> dict[str, object]:
    """All figures, by how many tasks wait.  read: a town of ``make_desk_town``, of which copies are made."""
    figures: dict[str, object] = {"answers": answers, "think_s": think}
    with tempfile.TemporaryDirectory() as place:
        for count in copies:
            root = Path(place, f"copies-{count}")
            shutil.copytree(read, root)
            home = open_home(root, {})
            with records(home) as (ledger, _):
                waiting = ask_copies(home, ledger, count)
            with serving(root) as port, city_pc(browser) as context:
                web = Web(home, f"http://127.0.0.1:{port}")
                took = answer(context.new_page(), web, min(answers, waiting), think)
            told = {name: {"p50": at(sorted(some), 0.5), "p95": at(sorted(some), 0.95)} for name, some in took.items()}
            figures[f"{waiting} waiting"] = {**told, "turns": len(took["turn"])}
    return figures


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--copies", default="1,10,100", help="how often the papers are there")
    parser.add_argument("--answers", type=int, default=100)
    parser.add_argument("--think", type=float, default=0.5)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as place, sync_playwright() as playwright:
        os.environ["XDG_CONFIG_HOME"] = f"{place}/config"  # keys of a throw-away ledger
        os.environ["PYTHON_KEYRING_BACKEND"] = "keyring.backends.fail.Keyring"
        make_desk_town(Path(place, "read"))
        copies = [int(one) for one in options.copies.split(",")]
        browser = playwright.chromium.launch(executable_path=find_browser(False), args=["--no-sandbox"])
        figures = measure(browser, Path(place, "read"), copies, options.answers, options.think)
        browser.close()
    tell(figures, as_json=options.json)


if __name__ == "__main__":
    main()
