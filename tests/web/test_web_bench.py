"""The measurement of the pages still works, at a small size."""

from __future__ import annotations

import pytest

from bench.web import measure

pytestmark = pytest.mark.usefixtures("no_browser")


def test_every_reader_gets_every_page() -> None:
    figures = measure(scenarios=20, readers=5, think=0.1, seconds=1)
    for name in ("alone", "floor", "many", "rush"):
        told = figures[name]
        assert isinstance(told, dict) and told["pages"] > 0 and told["wrong"] == 0, name
    assert set(figures["many"]["p95_by_page"]) == {"today", "list", "search", "page", "scenario"}  # type: ignore[index]
