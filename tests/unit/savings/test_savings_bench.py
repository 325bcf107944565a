"""The measurement of the report runs, and finds no second between the report and the recount."""

from __future__ import annotations

from bench.savings import measure


def test_the_report_and_the_recount_agree() -> None:
    figures = measure(4000, 7)
    assert (figures["items"], figures["runs"], figures["works"]) == (4000, 10, 7)
    assert (figures["items_apart"], figures["seconds_apart"], figures["differences"]) == (0, 0.0, 0)
