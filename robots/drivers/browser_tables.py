"""Reading a table of the real page, over all its pages."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager
from typing import Any

from robots.drivers.browser import Locator
from robots.drivers.browser_deadline import Deadline
from robots.drivers.browser_problems import failure
from robots.drivers.browser_screen import Screen
from robots.errors import SystemFailure
from robots.values import Row

_MOST_PAGES = 1000
Doing = Callable[[str], AbstractContextManager[None]]
"""Turns what goes wrong inside into a Japanese failure."""


def read_table(screen: Screen, doing: Doing, table: Locator | None, next_: Locator | None, timeout: float) -> list[Row]:
    """See Browser.read_table; ``timeout`` is a page's."""
    what, rows, before = f"表{table}" if table else "見出しのある表", list[Row](), None
    given = {"locator": table.plain() if table else None}
    for page in range(1, _MOST_PAGES + 1):
        with doing(f"{what}を読む"):
            deadline = Deadline(timeout)
            found = screen.ask("table", {**given, "before": before}, deadline)
            if "problem" in found:
                raise failure(what, found)
            rows.extend(_rows(found, page))
            before = json.dumps(found["rows"], ensure_ascii=False, separators=(",", ":"))
            if next_ is None or not _leads_on(screen, next_, deadline):
                return rows
            screen.press(next_, deadline)
    raise SystemFailure(
        f"{what}が {_MOST_PAGES} ページを超えました。",
        mend="「次へ」の指定を確かめるか、検索の条件を絞ってください。",
    )


def _leads_on(screen: Screen, next_: Locator, deadline: Deadline) -> bool:
    found = screen.ask("more", {"locator": next_.plain()}, deadline)
    if "problem" in found:
        raise failure(str(next_), found)
    return bool(found["more"])


def _rows(found: Mapping[str, Any], page: int) -> Iterator[Row]:
    for number, cells in enumerate(found["rows"], 1):
        yield Row(
            ((name, cell) for name, cell in zip(found["columns"], cells, strict=True) if name),
            origin=f"画面の表 {page}ページ目 {number}行目",
        )
