"""What a step costs by itself: a run over a driver that does nothing, against the same calls made directly.

    python -m bench.step_cost [--json] [--items 200] [--steps 50] [--rounds 5]

Reach: at most 0.3 ms a step, with expressions, the log and one durable write an item; and linear in the items.
"""

from __future__ import annotations

import argparse
import json
import statistics
import time
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from bench.town import Silent, bench_town, run_once
from robots.drivers.browser import Browser, Locator
from robots.drivers.memory_browser import MemoryBrowser

_HEAD = """\
名称: 手順の費用
利用: {サイト: {無: "http://127.0.0.1:1"}}
準備:
  - CSVを読む: {ファイル: sample/rows.csv}
    保存名: 名簿
対象:
  元: ${名簿}
  キー: "${対象.番号}"
各件:
"""
_STEP = '  - 入力する: {ラベル: 氏名, 値: "${対象.姓} ${左(対象.名, 2)}"}\n'
_TAIL = """\
  - 確定する:
      手順:
        - 押す: {ボタン: 登録}
"""


class NothingBrowser(MemoryBrowser):
    """A browser whose every action is done at once."""

    def fill(self, locator: Locator, value: object, *, timeout: float, secret: bool = False) -> dict[str, str]:
        return {"氏名": str(value)}

    def click(self, locator: Locator, *, timeout: float) -> None:
        """Nothing happens."""


def rows(items: int) -> str:
    """A list of so many people as csv."""
    return "番号,姓,名\n" + "".join(f"{n},佐藤,花子\n" for n in range(items))


def measured(items: int, steps: int) -> tuple[float, float]:
    """Seconds of the items' part of a run, and of the same calls made directly."""
    nothing = NothingBrowser(lambda url: None, set())

    def open_browser(addresses: Sequence[str], headed: bool) -> Browser:
        return nothing

    with bench_town(_HEAD + _STEP * steps + _TAIL, {"rows.csv": rows(items)}) as parts:
        quiet: Any = replace(parts, open_browser=open_browser)
        began = time.perf_counter()
        report = run_once(quiet, Silent())
        run = time.perf_counter() - began
    assert report.items["done"] == items, report
    locator = Locator.model_validate({"label": "氏名"})
    began = time.perf_counter()
    for _ in range(items * steps):
        nothing.fill(locator, "佐藤 花子", timeout=1)
    return run, time.perf_counter() - began


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--items", type=int, default=200)
    parser.add_argument("--steps", type=int, default=50)
    parser.add_argument("--rounds", type=int, default=5)
    given = parser.parse_args()
    per_step, growth = [], {}
    for _ in range(given.rounds):
        none, _floor = measured(given.items, 1)
        many, floor = measured(given.items, given.steps)
        per_step.append((many - none - floor) / (given.items * (given.steps - 1)) * 1000)
    for scale in (1, 10, 100):
        items = max(1, given.items * scale // 100)
        run, _floor = measured(items, given.steps)
        growth[f"{scale}x"] = {"items": items, "seconds": round(run, 3), "ms_per_item": round(run / items * 1000, 2)}
    result = {
        "ms_per_step": {
            "min": round(min(per_step), 4),
            "median": round(statistics.median(per_step), 4),
            "max": round(max(per_step), 4),
        },
        "reach_ms_per_step": 0.3,
        "growth": growth,
    }
    if given.json:
        print(json.dumps(result, ensure_ascii=False, indent=2))
    else:
        print(f"one step: {result['ms_per_step']} ms (reach 0.3)")
        for size, row in growth.items():
            print(f"{size:>5}: {row}")


if __name__ == "__main__":
    main()
