"""Marks as people make them, on sheets made for the purpose and scanned: what is marked, cancelled, empty or doubtful."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image

from bench.marks_made import (
    Draw,
    cross,
    dot,
    fill,
    loop,
    ring,
    ring_two,
    scribble,
    seal,
    slash,
    tick,
    two_lines,
    underline,
)
from bench.marks_paper import Drawing, Points, Scan
from ocr.ask import InkAsk, Mark, Marks, MarksAsk
from ocr.ink.find import read_ink
from ocr.marks.read import begin_marks
from ocr.page import Page
from ocr.pages import read_pages
from ocr.reading import Box

SCANS = {
    "plain": Scan(),
    "coarse": Scan(dpi=150, tilt=2.5, misfit_mm=0.3, paper=225, noise=5, jpeg=60),
    "fine": Scan(dpi=300, tilt=-3, misfit_mm=0.3, stain=0.2),
    "fax": Scan(fax=True, misfit_mm=0.2, tilt=1),
    "thick print": Scan(thicken_mm=0.08, misfit_mm=0.3),
}


def boxes(drawing: Drawing, count: int = 4, side: float = 3.5, pitch: float = 25, top: float = 30) -> MarksAsk:
    row = tuple(Box(0, 20 + n * pitch, top, side, side) for n in range(count))
    for one in row:
        drawing.box(one, side < 3)
    drawing.groups.append(MarksAsk(row, "box"))
    return drawing.groups[-1]


def words(drawing: Drawing, *texts: str, top: float = 60) -> MarksAsk:
    left, row = 30.0, []
    for text in texts:
        row.append(drawing.word(text, left, top, 3.5))
        left = row[-1].left + row[-1].width + 3
    drawing.groups.append(MarksAsk(tuple(row), "word"))
    return drawing.groups[-1]


def ink(drawing: Drawing, *ways: list[Points], darkness: float = 0.0) -> None:
    for way in ways:
        for stroke in way:
            drawing.stroke(stroke, darkness)


def read(drawing: Drawing, scan: Scan | None = None) -> list[Marks]:
    return begin_marks(drawing.scanned(scan or Scan()), drawing.groups)()


def states(marks: Sequence[Mark]) -> list[str]:
    return [mark.state for mark in marks]


@pytest.fixture
def drawing() -> Drawing:
    return Drawing(np.random.default_rng(5))


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


def test_nothing_asked() -> None:
    sheet = Drawing(np.random.default_rng(1)).scanned(Scan())
    assert begin_marks(sheet, [])() == []
    assert read_ink(sheet, []) == []
