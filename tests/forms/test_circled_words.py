"""Rings around printed words, and what is not one: on sheets made for the purpose and scanned."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
import pytest

from bench.marks_made import Draw, cross, ring, ring_two, scribble, seal, slash, tick, two_lines, underline
from bench.marks_paper import Drawing, Points
from ocr.ask import MarksAsk
from ocr.reading import Box
from tests.forms.marked_sheets import SCANS, ink, read, states, words


@pytest.mark.parametrize("scan", SCANS)
@pytest.mark.parametrize("texts", [("男", "女"), ("T", "S", "H", "R"), ("昭和", "平成", "令和"), ("1", "2", "3")])
def test_the_circled_word(drawing: Drawing, texts: tuple[str, ...], scan: str) -> None:
    group = words(drawing, *texts)
    ink(drawing, ring(group.boxes[1], drawing.rng, 370))
    assert states(read(drawing, SCANS[scan])[0]) == ["empty", "marked", *["empty"] * (len(texts) - 2)]


def test_marks_on_words_that_are_no_ring(drawing: Drawing) -> None:
    group = words(drawing, "昭和", "平成", "令和", "大正")
    ink(drawing, tick(group.boxes[0], drawing.rng, 0.6), underline(group.boxes[1], drawing.rng))
    ink(drawing, two_lines(group.boxes[3], drawing.rng))
    ticked, underlined, empty, struck = read(drawing)[0]
    assert ticked.state == underlined.state == "unclear"
    assert empty.state == "empty"
    assert struck.state in ("cancelled", "unclear")
    assert all(one.why for one in (ticked, underlined, struck))


def test_one_ring_around_two_words(drawing: Drawing) -> None:
    group = words(drawing, "有", "無")
    ink(drawing, ring_two(group.boxes[0], group.boxes[1], drawing.rng))
    assert states(read(drawing)[0]) == ["unclear", "unclear"]


@pytest.mark.parametrize("slope", [0.0, 0.25, -1.2])
def test_a_thin_line_that_hardly_pokes_out_of_the_ring_is_a_question(drawing: Drawing, slope: float) -> None:
    group = words(drawing, "3", "4", "5")
    box = group.boxes[1]
    x, y, turn = box.left + box.width / 2, box.top + box.height / 2, np.linspace(0, 2 * np.pi, 60)
    drawing.stroke(np.column_stack([x + 1.9 * np.cos(turn), y + 2.6 * np.sin(turn)]), 0.6, 0.35)
    half = np.array([1.0, slope]) / np.hypot(1.0, slope) * 2.8
    middle = np.array([x, y])
    drawing.stroke(np.array([middle - half, middle + half]), 0.6, 0.2)
    marks = read(drawing)[0]
    assert marks[1].state != "empty"
    assert marks[1].state != "marked" or marks[1].confidence < 0.999
    assert states(marks)[::2] == ["empty", "empty"]


def test_a_struck_out_ring(drawing: Drawing) -> None:
    group = words(drawing, "普通", "当座")
    ink(drawing, ring(group.boxes[0], drawing.rng, 370), two_lines(group.boxes[0], drawing.rng))
    first, second = read(drawing)[0]
    assert first.state in ("cancelled", "unclear")
    assert second.state == "empty"


def roomy(drawing: Drawing, rows: int, pitch: float, texts: Sequence[str] = "12345") -> list[MarksAsk]:
    """Rows of figures whose boxes are taller and wider than they, as definitions have them."""
    for row in range(rows):
        prints = [drawing.word(text, 30 + 7.5 * n, 40 + pitch * row, 3.2) for n, text in enumerate(texts)]
        grown = tuple(Box(0, one.left - 0.7, one.top - 1, one.width + 1.4, one.height + 2) for one in prints)
        drawing.groups.append(MarksAsk(grown, "word"))
    return drawing.groups[-rows:]


def around(box: Box, across: float, down: float, shift: float = 0.0) -> Points:
    """A ring that reaches so far from the box's middle; ``shift`` down."""
    t = np.linspace(0, np.radians(368), 60) - 1.9
    middle = np.array([box.left + box.width / 2, box.top + box.height / 2 + shift])
    return np.asarray(middle + np.stack([across * np.cos(t), down * np.sin(t)], 1))


@pytest.mark.parametrize("scan", SCANS)
def test_a_ring_close_around_a_figure_is_no_line_through_it(drawing: Drawing, scan: str) -> None:
    (group,) = roomy(drawing, 1, 8)
    ink(drawing, [around(group.boxes[1], 1.5, 2.1)])
    (marks,) = read(drawing, SCANS[scan])
    assert states(marks) == ["empty", "marked", "empty", "empty", "empty"]
    assert [mark.confidence for mark in marks] == [pytest.approx(1, abs=0.001)] * 5


@pytest.mark.parametrize("how", [slash, cross, two_lines, scribble, seal])
@pytest.mark.parametrize("touched", [True, False])
def test_a_ring_with_a_line_through_it_is_no_mark(drawing: Drawing, how: Draw, touched: bool) -> None:
    above, below = roomy(drawing, 2, 6)
    box = below.boxes[1]
    ink(
        drawing, [around(box, 1.9, 2.7)], how(Box(0, box.left - 0.6, box.top, box.width + 1.2, box.height), drawing.rng)
    )
    if touched:
        ink(drawing, [around(above.boxes[1], 1.8, 2.6, 0.9)])
    assert read(drawing)[1][1].state in ("cancelled", "unclear")


def test_ticks_elsewhere_on_the_sheet_are_not_around_an_empty_word(drawing: Drawing) -> None:
    rows = roomy(drawing, 3, 9)
    for row, at in ((0, 0), (0, 4), (2, 0), (2, 2), (2, 4)):
        ink(drawing, tick(rows[row].boxes[at], drawing.rng, 0.3))
    middle = read(drawing)[1]
    assert states(middle) == ["empty"] * 5
    assert all(mark.confidence >= 0.999 for mark in middle)


@pytest.mark.parametrize("scan", SCANS)
def test_rings_of_two_rows_that_touch_are_two(drawing: Drawing, scan: str) -> None:
    for group in roomy(drawing, 2, 6.2):
        ink(drawing, [around(group.boxes[2], 1.9, 3.2)])
    first, second = read(drawing, SCANS[scan])
    assert states(first) == states(second) == ["empty", "empty", "marked", "empty", "empty"]
    assert min(first[2].confidence, second[2].confidence) >= 0.999


@pytest.mark.parametrize("scan", SCANS)
def test_one_ring_around_words_of_two_rows_is_nobodys(drawing: Drawing, scan: str) -> None:
    rows = roomy(drawing, 3, 6)
    ink(drawing, [around(rows[0].boxes[2], 2.2, 5.6, 3)])
    ink(drawing, [around(rows[2].boxes[2], 1.9, 3.4)])  # hangs together with it
    marks = read(drawing, SCANS[scan])
    assert marks[0][2].state == marks[1][2].state == "unclear"


def test_a_ring_that_the_scan_made_dots_of_is_a_question(drawing: Drawing) -> None:
    (group,) = roomy(drawing, 1, 8)
    for x, y in around(group.boxes[1], 2.1, 2.9)[::5]:
        cv2.circle(drawing.pen, (round(x * 12), round(y * 12)), 1, 0.9, -1)
    assert states(read(drawing)[0]) == ["empty", "unclear", "empty", "empty", "empty"]


def test_a_small_ring_on_bold_print_is_a_question(drawing: Drawing) -> None:
    rows = [words(drawing, *["議機"] * 5, top=60 + 12 * row) for row in range(2)]
    for row, group in enumerate(rows):
        for box in group.boxes:
            for by in (0.15, 0.3):
                drawing.word("議機", box.left + by, 60 + 12 * row, 3.5)
    drawing.stroke(around(rows[1].boxes[2], 1.8, 0.9), 0.6, 0.6)
    assert [states(marks) for marks in read(drawing)] == [
        ["empty"] * 5,
        ["empty", "empty", "unclear", "empty", "empty"],
    ]


@pytest.mark.parametrize("scan", SCANS)
def test_a_ring_around_its_number_chooses_a_word(drawing: Drawing, scan: str) -> None:
    group = words(drawing, "1.新規", "2.変更", "3.廃止")
    box = group.boxes[1]
    ink(drawing, [around(Box(0, box.left, box.top, 2.4, box.height), 2.1, 2.6)])
    marks = read(drawing, SCANS[scan])[0]
    assert states(marks) == ["empty", "marked", "empty"]
    assert min(mark.confidence for mark in marks) >= 0.999


@pytest.mark.parametrize("how", [slash, cross, two_lines, scribble, seal])
@pytest.mark.parametrize("whole", [True, False])
def test_a_struck_out_ring_around_a_number_chooses_nothing(drawing: Drawing, how: Draw, whole: bool) -> None:
    group = words(drawing, "1.新規", "2.変更", "3.廃止")
    box = group.boxes[1]
    number = Box(0, box.left, box.top, 2.4, box.height)
    ink(drawing, [around(number, 2.1, 2.6)], how(box if whole else number, drawing.rng))
    assert read(drawing)[0][1].state in ("cancelled", "unclear")


def test_a_ring_in_two_pieces_is_a_ring_around_one_word_only(drawing: Drawing) -> None:
    one, two = words(drawing, "個人", "法人", top=60), words(drawing, "個人", "法人", top=90)
    both = Box(
        0, two.boxes[0].left, 90, two.boxes[1].left + two.boxes[1].width - two.boxes[0].left, two.boxes[0].height
    )
    for box, across in ((one.boxes[0], 4.6), (both, 9)):
        way = around(box, across, 2.8)
        ink(drawing, [way[3:30], way[32:58]])
    first, second = read(drawing)
    assert states(first) == ["marked", "empty"]
    assert "marked" not in states(second)
