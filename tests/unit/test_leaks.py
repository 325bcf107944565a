"""What was planted is found nowhere after runs that succeed, fail, break and are killed."""

from __future__ import annotations

import pytest

from bench.leaks import hunt
from bench.leaks_found import Found, Index, hits, needle


def test_the_hunt_finds_a_planted_text_however_it_is_written() -> None:
    planted = needle("name", "山田花子太郎")
    for data in (
        "x山田花子太郎y".encode(),
        "x山田花子太郎".encode("utf-16-le"),
        b"?q=%E5%B1%B1%E7%94%B0%E8%8A%B1%E5%AD%90%E5%A4%AA%E9%83%8E&",
        rb'{"a": "\u5c71\u7530\u82b1\u5b50\u592a\u90ce"}',
        b"Basic dXNlcjrlsbHnlLDoirHlrZDlpKrpg44=",
        b"Basic dTrlsbHnlLDoirHlrZDlpKrpg456",
    ):
        found = Found()
        hits("here", data, Index([planted]), found)
        assert found.count == 1, data


@pytest.mark.parametrize(
    ("number", "screens", "papers"),
    [(45, 0, False), (0, 3, False), (0, 0, True)],
    ids=["in memory, one of them killed", "on real screens", "of scanned papers that wait"],
)
def test_nothing_planted_is_left_anywhere(number: int, screens: int, papers: bool) -> None:
    found = hunt(number, screens, papers=papers)
    assert found.count == 0, found.examples
    assert found.planted >= max(number, screens * 3)
    assert found.files > 15
    assert (found.pictures > 0) == (screens > 0)
