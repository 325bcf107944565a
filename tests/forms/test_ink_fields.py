"""Fields that ask only whether something is written there."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from bench.marks_paper import Drawing, Scan
from ocr.ask import InkAsk
from ocr.ink.find import read_ink
from ocr.reading import Box
from tests.forms.marked_sheets import SCANS, ink


@pytest.mark.parametrize("scan", ["plain", "coarse", "fine", "fax"])
def test_is_something_written_here(drawing: Drawing, scan: str) -> None:
    asks = [InkAsk(Box(0, 30, 30, 60, 12)), InkAsk(Box(0, 30, 60, 60, 12))]
    for ask in asks:
        drawing.box(ask.box, False)
    ink(drawing, [np.array([[40.0 + n * 2, 36 + 2 * (n % 3)] for n in range(10)])])
    written, empty = read_ink(drawing.scanned(SCANS[scan]), asks)
    assert (written.text, written.state) == ("記入あり", "read")
    assert (empty.text, empty.state) == ("", "blank")


def test_dust_is_no_writing(drawing: Drawing) -> None:
    ask = InkAsk(Box(0, 30, 30, 60, 12))
    for x, y in drawing.rng.uniform((31, 31), (89, 41), (12, 2)):
        cv2.circle(drawing.pen, (round(x * 12), round(y * 12)), 1, 0.7, -1)
    (guess,) = read_ink(drawing.scanned(Scan()), [ask])
    assert (guess.text, guess.state) == ("", "blank")


@pytest.mark.parametrize("scan", ["plain", "coarse", "fine", "fax"])
@pytest.mark.parametrize("way", [[(20, 38), (100, 33)], [(20, 36), (34, 38)], [(86, 35), (110, 37)]])
def test_a_line_that_comes_in_from_beyond_is_a_question(
    drawing: Drawing, scan: str, way: list[tuple[float, float]]
) -> None:
    ask = InkAsk(Box(0, 30, 30, 60, 12))
    drawing.box(ask.box, False)
    ink(drawing, [np.array(way, np.float64)])
    (guess,) = read_ink(drawing.scanned(SCANS[scan]), [ask])
    assert guess.state == "unsure"
    assert guess.why


def test_writing_that_runs_over_the_edge_is_writing(drawing: Drawing) -> None:
    ask = InkAsk(Box(0, 30, 30, 14, 12))
    drawing.box(ask.box, False)
    ink(drawing, [np.array([[32.0 + n, 33 + 7 * (n % 2)] for n in range(17)])])
    (guess,) = read_ink(drawing.scanned(Scan()), [ask])
    assert (guess.text, guess.state) == ("記入あり", "read")
