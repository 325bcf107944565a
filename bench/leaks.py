"""A leak hunt: planted passwords, names and twelve-digit numbers go through runs that succeed, fail, break and are killed.

    python -m bench.leaks [--json] [--number 10000] [--screens 12]

Six scanned papers are read besides, and wait with their pictures: the names and addresses on them are searched for too.
Every file that is left is searched (UTF-8, UTF-16, escaped for an address or JSON, base64), and the pictures are read by
tesseract.  number: planted texts in runs over the browser in memory; screens: items of a run in a real browser.  What
the runs are for (the source, the result book, a form's list of names) is not searched.  Reach: 0 found.
"""

from __future__ import annotations

import argparse
import json
import os
import secrets
import signal
import sqlite3
import subprocess
import sys
import tempfile
import threading
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from http.server import ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytesseract
from loguru import logger
from PIL import Image

from bench.leaks_found import Found, Index, hits, needle
from bench.leaks_town import SCENARIO, WAYS, Leaky, Page, Planted, make_town
from bench.town import Silent
from robots.cli.common import registered
from robots.cli.run import cleared, inputs_of
from robots.drivers.browser import Browser
from robots.ledger.items import Item, Outcome
from robots.runner.order import Order
from robots.runner.run import run_scenario
from robots.settings import open_home
from robots.vault import Credential
from robots.wiring import wired
from tests.web.desk_town import SCANS, make_desk_town, truth

_GIVEN = frozenset({"sample", "safe", "forms"})
"""Folders of what the runs are given: the source, the passwords, forms with their lists of names."""
_PERSONAL = ("児童氏名カナ", "児童氏名", "保護者氏名", "住所", "口座名義カナ")


class Listening(Silent):
    """A Watch that keeps all that would be said."""

    def __init__(self) -> None:
        self.said: list[str] = []

    def item(self, item: Item, outcome: Outcome) -> None:
        self.said.append(f"{item.key} {outcome.reason}")


def run_town(root: Path, *, memory: bool, watch: Listening) -> None:
    """One run as ``banken run`` makes it; in memory, or in a real browser."""
    home = open_home(root)
    with wired(home) as parts:
        approved = cleared(home, registered(home), SCENARIO)
        site = next(iter(approved.scenario.uses.sites.values()))

        def open_browser(_sites: Sequence[str], _headed: bool) -> Browser:
            return Leaky(site)

        login = Credential(f"user-{secrets.token_hex(6)}", (root.parent / "safe" / "login").read_text(encoding="utf-8"))
        ready: Any = replace(parts, practice=login)
        ready = replace(ready, open_browser=open_browser) if memory else ready
        report = run_scenario(Order(approved, inputs_of(approved, {}), "bench"), ready, watch)
    watch.said.append(json.dumps(report.as_json(), ensure_ascii=False))


def killed(root: Path, temp: Path) -> None:
    """A run in a process of its own that is killed in the middle."""
    child = subprocess.Popen(
        [sys.executable, "-m", "bench.leaks", "--child", str(root)],
        env={**os.environ, "TMPDIR": str(temp), "TEMP": str(temp), "TMP": str(temp)},
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )
    assert child.stdout is not None
    child.stdout.readline()  # some items are through
    with suppress(ProcessLookupError):
        os.kill(child.pid, getattr(signal, "SIGKILL", signal.SIGTERM))
    child.wait()


class Dying(Listening):
    """Says when some items are through, and leaves a temporary file as a library would."""

    def item(self, item: Item, outcome: Outcome) -> None:
        super().item(item, outcome)
        if len(self.said) == 4:
            with tempfile.NamedTemporaryFile("w", delete=False, encoding="utf-8") as left:
                left.write(" ".join(map(str, item.values.values())))
            print("now", flush=True)


def hunt(number: int, screens: int, *, papers: bool) -> Found:
    """Plants, runs, searches.  papers: also where papers are read."""
    planted = Planted()
    found = Found()
    with tempfile.TemporaryDirectory() as base:
        temp = Path(base, "temp")
        temp.mkdir()
        said: list[str] = []
        per_run = 300
        left, run = number, 0
        while left > 0:
            items = max(len(WAYS), min(per_run, left // 3))
            left -= items * 3 + 2
            root = Path(base, f"m{run}", "town")
            make_town(root, planted, items, "http://127.0.0.1:1")
            watch = Listening()
            if run == 0:
                killed(root, temp)
            _with_temp(temp, lambda r=root, w=watch: run_town(r, memory=True, watch=w))
            said += watch.said
            run += 1
        if screens:
            server = ThreadingHTTPServer(("127.0.0.1", 0), Page)
            threading.Thread(target=server.serve_forever, daemon=True).start()
            root = Path(base, "real", "town")
            make_town(root, planted, screens, f"http://127.0.0.1:{server.server_address[1]}")
            (root / "banken.toml").open("a", encoding="utf-8").write("step_timeout = 1\n")
            watch = Listening()
            _with_temp(temp, lambda: run_town(root, memory=False, watch=watch))
            said += watch.said
            server.shutdown()
        if papers:
            _with_temp(temp, lambda: read_papers(Path(base, "papers", "town"), planted))
        for database in Path(base).rglob("ledger.sqlite"):
            with sqlite3.connect(database) as source, sqlite3.connect(database.with_name("backup.sqlite")) as copy:
                source.backup(copy)
            source.close()
            copy.close()
        _search(Path(base), Index(planted.needles), said, found)
    found.planted = len(planted.needles)
    return found


def read_papers(root: Path, planted: Planted) -> None:
    """A run that reads scans of the gallery, all fields of which then wait for a person."""
    var = make_desk_town(root).var
    for folder in ("review", "readings"):
        assert any(file.is_file() for file in (var / folder).rglob("*")), "something must lie there to be searched"
    for (origin, field), text in truth().items():
        if origin.split()[0] in SCANS and field in _PERSONAL and text:
            planted.needles.append(needle("paper", text))


def _with_temp(temp: Path, work: Any) -> None:
    before = tempfile.tempdir
    tempfile.tempdir = str(temp)
    try:
        work()
    finally:
        tempfile.tempdir = before


def _search(base: Path, index: Index, said: Sequence[str], found: Found) -> None:
    hits("messages", "\n".join(said).encode(), index, found)
    for file in sorted(base.rglob("*")):
        if not file.is_file() or _GIVEN.intersection(file.parts):
            continue
        place = next(
            (part for part in ("logs", "runs", "temp", "recorded", "outlines") if part in file.parts), file.name
        )
        hits(place, file.read_bytes(), index, found)
        if file.suffix == ".png" and file.read_bytes().startswith(b"\x89PNG"):  # a sealed one is no picture to anybody
            with Image.open(file) as picture:
                text = pytesseract.image_to_string(picture, lang="jpn+eng")
            found.pictures += 1
            hits("pictures", "".join(text.split()).encode(), index, found)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--number", type=int, default=10_000)
    parser.add_argument("--screens", type=int, default=12)
    parser.add_argument("--child", help=argparse.SUPPRESS)
    given = parser.parse_args()
    logger.remove()
    if given.child:
        run_town(Path(given.child), memory=True, watch=Dying())
        return
    found = hunt(given.number, given.screens, papers=True)
    if given.json:
        print(json.dumps(found.as_json(), ensure_ascii=False, indent=2))
    else:
        print(found.told())
    sys.exit(1 if found.count else 0)


if __name__ == "__main__":
    main()
