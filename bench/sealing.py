"""What sealing the ledger costs: the same run with the real sealer, and with one that does nothing, in turn.

python -m bench.sealing [--json] [--items 200] [--rounds 5]
"""

from __future__ import annotations

import argparse
import json
import statistics
import time
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from bench.step_cost import _HEAD, _STEP, _TAIL, NothingBrowser, rows
from bench.town import Silent, bench_town, run_once
from robots.drivers.browser import Browser
from robots.ledger.seal import Sealer, new_key


class Plain(Sealer):
    """Seals nothing."""

    def seal(self, plain: bytes) -> str:
        return plain.decode()

    def open(self, sealed: str) -> bytes:
        return sealed.encode()

    def mark(self, text: str) -> str:
        return text


def seconds(items: int, *, sealed: bool) -> float:
    """One run of so many items with five steps each."""
    nothing = NothingBrowser(lambda url: None, set())

    def open_browser(addresses: Sequence[str], headed: bool) -> Browser:
        return nothing

    with bench_town(_HEAD + _STEP * 5 + _TAIL, {"rows.csv": rows(items)}) as parts:
        ready: Any = replace(parts, open_browser=open_browser)
        if not sealed:
            parts.ledger.seal_with(Plain([new_key()]))
        began = time.process_time()
        report = run_once(ready, Silent())
        took = time.process_time() - began
    assert report.items["done"] == items, report
    return took


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--items", type=int, default=200)
    parser.add_argument("--rounds", type=int, default=5)
    given = parser.parse_args()
    pairs = [(seconds(given.items, sealed=True), seconds(given.items, sealed=False)) for _ in range(given.rounds)]
    sealed, plain = (statistics.median(column) for column in zip(*pairs, strict=True))
    result = {
        "items": given.items,
        "cpu_ms_per_item": {
            "sealed": round(sealed / given.items * 1000, 3),
            "plain": round(plain / given.items * 1000, 3),
        },
        "ratio": round(statistics.median(one / other for one, other in pairs), 3),
    }
    print(json.dumps(result, indent=2) if given.json else result)


if __name__ == "__main__":
    main()
