"""Boxes as people mark them, on sheets made for the purpose and scanned: what is marked, cancelled, empty or doubtful."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from bench.marks_made import Draw, cross, dot, fill, loop, ring, scribble, seal, slash, tick, two_lines
from bench.marks_paper import Drawing, Scan
from ocr.ink.find import read_ink
from ocr.marks.read import begin_marks
from ocr.page import Page
from ocr.pages import read_pages
from ocr.reading import Box
from tests.forms.marked_sheets import SCANS, boxes, ink, read, states, words


@pytest.mark.parametrize("scan", SCANS)
@pytest.mark.parametrize("mark", [tick, cross, fill, dot, loop, slash])
def test_a_mark_is_its_boxs_and_no_other(drawing: Drawing, mark: Draw, scan: str) -> None:
    group = boxes(drawing)
    words(drawing, "昭和", "平成", "令和")
    ink(drawing, mark(group.boxes[1], drawing.rng))
    marked, circled = read(drawing, SCANS[scan])
    assert states(marked) == ["empty", "marked", "empty", "empty"]
    assert all(one.confidence >= 0.999 for one in marked[:1] + marked[2:])
    assert states(circled) == ["empty"] * 3


@pytest.mark.parametrize("scan", SCANS)
def test_empty_sheets_stay_empty_for_certain(drawing: Drawing, scan: str) -> None:
    for row in range(4):
        boxes(drawing, 8, 2.4, 4, top=20 + row * 5)
    words(drawing, "男", "女")
    words(drawing, "T", "S", "H", "R", top=80)
    for marks in read(drawing, SCANS[scan]):
        assert all(one.state == "empty" and one.confidence >= 0.999 for one in marks)


@pytest.mark.parametrize("scan", SCANS)
def test_all_marked_is_read_too(drawing: Drawing, scan: str) -> None:
    group = boxes(drawing, 8, 2.4, 4)
    for box in group.boxes:
        ink(drawing, fill(box, drawing.rng))
    assert states(read(drawing, SCANS[scan])[0]) == ["marked"] * 8


@pytest.mark.parametrize("scan", ["plain", "coarse", "fine"])
def test_light_pencil(drawing: Drawing, scan: str) -> None:
    drawing.darkness = 0.32
    group = boxes(drawing)
    ink(drawing, tick(group.boxes[0], drawing.rng, 0.5), fill(group.boxes[2], drawing.rng))
    assert states(read(drawing, SCANS[scan])[0]) == ["marked", "empty", "marked", "empty"]


@pytest.mark.parametrize("dpi", [200, 300])
@pytest.mark.parametrize("mark", [tick, cross, fill, slash])
def test_a_grey_scan_saved_as_black_and_white_dots(drawing: Drawing, tmp_path: Path, mark: Draw, dpi: int) -> None:
    group = boxes(drawing)
    ink(drawing, mark(group.boxes[1], drawing.rng))
    circled = words(drawing, "昭和", "平成", "令和")
    ink(drawing, ring(circled.boxes[2], drawing.rng))
    sheet = drawing.scanned(Scan(dpi=dpi, paper=225, noise=3))
    Image.fromarray(sheet.page.image).convert("1").save(tmp_path / "a.tif", compression="group4", dpi=(dpi, dpi))
    (page,) = read_pages(tmp_path / "a.tif", (210, 297))
    assert isinstance(page, Page)
    for marks, marked in zip(begin_marks(replace(sheet, page=page), drawing.groups)(), (1, 2), strict=True):
        assert states(marks) == ["marked" if number == marked else "empty" for number in range(len(marks))]
        assert all(one.confidence >= 0.999 for one in marks if one.state == "empty")


def test_a_pale_copy_is_read_as_it_was(drawing: Drawing) -> None:
    group = boxes(drawing, 8, 3.5, 12)
    ink(drawing, tick(group.boxes[1], drawing.rng, 0.3), cross(group.boxes[4], drawing.rng))
    sheet = drawing.scanned(Scan(noise=1))
    pale = np.asarray(245 - (245 - np.minimum(sheet.page.image, 245).astype(float)) * 0.25, np.uint8)
    (marks,) = begin_marks(replace(sheet, page=replace(sheet.page, image=pale)), drawing.groups)()
    assert states(marks) == ["empty", "marked", "empty", "empty", "marked", "empty", "empty", "empty"]
    assert all(one.confidence >= 0.998 for one in marks)


def test_a_slash_that_leaves_the_box_at_both_corners_is_a_mark(drawing: Drawing) -> None:
    boxes(drawing)
    ink(drawing, [np.array([[19.2, 34.5], [24.2, 29.3]])])
    assert states(read(drawing)[0]) == ["marked", "empty", "empty", "empty"]


@pytest.mark.parametrize("how", [scribble, two_lines, seal])
@pytest.mark.parametrize("scan", ["plain", "coarse", "fine"])
def test_a_cancelled_mark_is_never_a_mark(drawing: Drawing, how: Draw, scan: str) -> None:
    group = boxes(drawing)
    ink(drawing, tick(group.boxes[0], drawing.rng, 0.3), how(group.boxes[0], drawing.rng))
    ink(drawing, tick(group.boxes[3], drawing.rng, 0.3))
    first, *middle, last = read(drawing, SCANS[scan])[0]
    assert first.state in ("cancelled", "unclear")
    assert first.why
    assert [one.state for one in middle] == ["empty", "empty"]
    assert last.state == "marked"


def blot(box: Box, drawing: Drawing) -> None:
    """What a broad pen leaves: round, solid, over the box's sides."""
    middle = np.array([box.left + box.width / 2 + 0.6, box.top + box.height / 2 - 0.6])
    drawing.stroke(np.array([middle, middle + 0.02]), 0.95, 1.3 * box.width)


@pytest.mark.parametrize("scan", SCANS)
def test_blots_are_marks_where_that_is_how_the_page_is_marked(drawing: Drawing, scan: str) -> None:
    rows = [boxes(drawing, 5, 3.8, 12, 30 + 9 * row) for row in range(3)]
    for row, group in enumerate(rows):
        blot(group.boxes[row], drawing)
    for row, marks in enumerate(read(drawing, SCANS[scan])):
        assert states(marks) == ["marked" if number == row else "empty" for number in range(5)]


def test_a_box_blacked_out_among_ticks_is_no_mark(drawing: Drawing) -> None:
    rows = [boxes(drawing, 5, 3.8, 12, 30 + 9 * row) for row in range(3)]
    for group in rows:
        ink(drawing, tick(group.boxes[4], drawing.rng, 0.3))
    ink(drawing, tick(rows[1].boxes[0], drawing.rng, 0.3))
    blot(rows[1].boxes[0], drawing)
    assert [states(marks)[0] for marks in read(drawing)] == ["empty", "unclear", "empty"]


def test_cancelled_says_so(drawing: Drawing) -> None:
    group = boxes(drawing)
    ink(drawing, tick(group.boxes[0], drawing.rng, 0.3), two_lines(group.boxes[0], drawing.rng))
    ink(drawing, tick(group.boxes[1], drawing.rng, 0.3), scribble(group.boxes[1], drawing.rng))
    assert states(read(drawing)[0])[:2] == ["cancelled", "cancelled"]


def test_a_long_tick_does_not_mark_the_box_it_crosses(drawing: Drawing) -> None:
    group = boxes(drawing, 2, 3.5, 6)
    way = np.array([[20.8, 31.5], [21.8, 32.8], [29.0, 30.5]])
    ink(drawing, [way])
    first, second = read(drawing)[0]
    assert first.state in ("marked", "unclear")
    assert second.state != "marked"
    assert group.shape == "box"


@pytest.mark.parametrize("scan", SCANS)
@pytest.mark.parametrize("pitch", [6.5, 8.0, 9.5])
def test_a_tail_between_the_rows_is_its_own_ticks(drawing: Drawing, scan: str, pitch: float) -> None:
    """Each row is another question; the ticks of the second come up to the boxes of the first."""
    boxes(drawing, 5, 4, 6.5, 30)
    below = boxes(drawing, 5, 4, 6.5, 30 + pitch)
    for n in (1, 3):
        left, top = below.boxes[n].left, below.boxes[n].top
        ink(drawing, [np.array([[left + 0.6, top + 1.8], [left + 1.6, top + 3.2], [left + 5.3, 34.4 - 0.2 * n]])])
    first, second = read(drawing, SCANS[scan])
    assert states(first) == ["empty"] * 5
    assert [mark.confidence for mark in first] == [pytest.approx(1, abs=0.001)] * 5
    assert states(second) == ["empty", "marked", "empty", "marked", "empty"]


def test_a_line_that_ends_just_past_the_box_is_a_question(drawing: Drawing) -> None:
    boxes(drawing, 4, 4, 12)
    ink(drawing, [np.array([[4.0, 38.0], [26.2, 30.4]])])
    first, *others = read(drawing)[0]
    assert first.state != "marked"
    assert first.confidence < 0.999
    assert states(others) == ["empty"] * 3


@pytest.mark.parametrize("scan", [Scan(), SCANS["coarse"], Scan(dpi=300)])
@pytest.mark.parametrize("marked", [True, False])
def test_a_grain_of_dust_in_a_box_is_no_mark(drawing: Drawing, scan: Scan, marked: bool) -> None:
    rows = [boxes(drawing, 5, 4, 12, 30 + 8 * row) for row in range(3)]
    if marked:
        ink(drawing, *(cross(group.boxes[0], drawing.rng) for group in rows))
    grain = rows[1].boxes[3]
    drawing.stroke(np.array([[grain.left + 1.5, grain.top + 1.5], [grain.left + 1.52, grain.top + 1.5]]), 0.6, 0.1)
    marks = read(drawing, scan)
    assert [states(row)[1:] for row in marks] == [["empty"] * 4] * 3
    assert marks[1][3].confidence >= 0.999


def test_a_dot_that_the_print_in_the_box_nearly_hides_is_a_question(drawing: Drawing) -> None:
    rows = [boxes(drawing, 5, 4, 12, 30 + 8 * row) for row in range(3)]
    for box in (box for group in rows for box in group.boxes):
        drawing.word("8", box.left + 1.1, box.top + 0.2, 3.2)
    ink(drawing, *(fill(group.boxes[0], drawing.rng) for group in rows))
    at = rows[1].boxes[3]
    middle = at.left + 2.0, at.top + 2.05
    drawing.stroke(np.array([middle, (middle[0] + 0.05, middle[1])]), 0.9, 0.9)
    marks = read(drawing)
    assert marks[1][3].state in ("unclear", "marked")
    assert [mark.state for row in marks for mark in row].count("empty") == 11


def test_a_frame_with_two_sides_thicker_than_its_neighbours_is_no_mark(drawing: Drawing) -> None:
    rows = [boxes(drawing, 5, 4, 12, 30 + 8 * row) for row in range(3)]
    ink(drawing, *(cross(group.boxes[0], drawing.rng) for group in rows))
    one = rows[1].boxes[3]
    sheet = drawing.scanned(Scan(fax=True))
    along, across = (each.ravel() for each in np.meshgrid(np.linspace(0, 4.2, 200), [0.3, 0.36, 0.42]))
    right = np.column_stack([one.left + one.width + across, one.top + along, np.ones(len(along))])
    bottom = np.column_stack([one.left + along, one.top + one.height + across, np.ones(len(along))])
    for x, y, of in np.concatenate([right, bottom]) @ sheet.transform.T:
        sheet.page.image[round(y / of), round(x / of)] = 0
    marks = begin_marks(sheet, drawing.groups)()
    assert [states(row)[1:] for row in marks] == [["empty"] * 4] * 3


def test_a_line_through_the_row_marks_nothing(drawing: Drawing) -> None:
    boxes(drawing, 4, 3.5, 12)
    ink(drawing, [np.array([[10.0, 31.5], [75.0, 32.2]])])
    for one in read(drawing)[0]:
        assert one.state in ("empty", "unclear")
        assert one.confidence < 0.999


def test_a_mark_between_two_boxes_is_nobodys(drawing: Drawing) -> None:
    boxes(drawing, 4, 2.5, 4)
    ink(drawing, cross(Box(0, 22.0, 30.0, 2.5, 2.5), drawing.rng))
    marks = read(drawing)[0]
    assert "marked" not in states(marks)
    assert "unclear" in states(marks[:2])


def test_what_was_rubbed_out_is_no_mark(drawing: Drawing) -> None:
    group = boxes(drawing)
    ink(drawing, fill(group.boxes[0], drawing.rng), darkness=0.15)
    ink(drawing, fill(group.boxes[1], drawing.rng), fill(group.boxes[2], drawing.rng))
    assert states(read(drawing)[0]) == ["unclear", "marked", "marked", "empty"]


def test_a_paler_but_even_fill_is_a_mark(drawing: Drawing) -> None:
    rows = [boxes(drawing, 5, 4, 12, 30 + 8 * row) for row in range(3)]
    for group in rows:
        for box in group.boxes:
            drawing.word("8", box.left + 0.9, box.top + 0.1, 3.6)
    for row, (group, dark) in enumerate(zip(rows, (0.7, 0.42, 0.7), strict=True)):
        box = group.boxes[row]
        middle = np.array([box.left + box.width / 2, box.top + box.height / 2])
        drawing.stroke(np.array([middle, middle + 0.02]), dark, box.width)
    for row, marks in enumerate(read(drawing)):
        assert states(marks) == ["marked" if number == row else "empty" for number in range(5)]


def test_another_form_is_not_read(drawing: Drawing) -> None:
    boxes(drawing)
    words(drawing, "昭和", "平成", "令和")
    sheet = drawing.scanned(Scan())
    white = replace(sheet, page=Page(np.full_like(sheet.page.image, 250), 200, "white", 1))
    for marks in begin_marks(white, drawing.groups)():
        assert {one.state for one in marks} == {"unclear"}
        assert "見つかりません" in marks[0].why[0]


def test_nothing_asked() -> None:
    sheet = Drawing(np.random.default_rng(1)).scanned(Scan())
    assert begin_marks(sheet, [])() == []
    assert read_ink(sheet, []) == []
