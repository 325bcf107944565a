"""What befalls paper and scanners of an office: nothing of it becomes a value, and what is still sure is still read."""

from __future__ import annotations

from dataclasses import replace
from itertools import islice
from pathlib import Path

import cv2
import numpy as np
import pytest

from bench.accidents import ACCIDENTS
from bench.grids import Figures, grid_form, measure, sheets
from ocr.form import Form
from ocr.overlay import overlay_sheet
from ocr.page import Page, Sheet, Stamp, Streak
from ocr.pages import read_pages
from ocr.read import lay_all, read_form
from ocr.reading import FormReading, Refused
from practice.paper.sources import Digits
from tests.forms.test_shining_through import FORMS, SCENARIOS, form_of

DATA = Path(__file__).parent / "data" / "digits.npz"
STREAKS = [name for name in ACCIDENTS if name.endswith("streaks")]


@pytest.fixture(scope="module")
def form() -> Form:
    return grid_form()


@pytest.fixture(scope="module")
def digits() -> Digits:
    """Real handwritten digits that the network never saw."""
    with np.load(DATA) as file:
        return Digits({digit: file["pictures"][file["labels"] == digit] for digit in range(10)}, {})


def figures(form: Form, digits: Digits, name: str, folder: Path) -> tuple[Figures, Figures]:
    """Of three scans and a fax."""
    found = measure(form, sheets(form, digits, 4, 3, accident=ACCIDENTS[name]), folder)
    return found["scan"], found["fax"]


def laid(page: Page, form: Form) -> Sheet:
    sheets = lay_all([page], form)
    assert isinstance(sheets, list)
    return sheets[0]


@pytest.mark.parametrize("name", [name for name in ACCIDENTS if name != "none"])
def test_nothing_that_befalls_a_page_becomes_a_value(form: Form, digits: Digits, name: str, tmp_path: Path) -> None:
    """A broken line of the scanner looks like a 1 in each cell, and a date stamp has digits; good pages are read all the same."""
    scan, fax = figures(form, digits, name, tmp_path)
    for one in (scan, fax):
        assert (one.refused, one.invented, one.boxes_wrong) == (0, 0, 0)
        assert one.wrong <= 1, one.wrong_cells
        assert one.accepted > 0.8 * one.cells
        assert one.boxes_unclear <= 0.2 * one.boxes
        assert one.doubted <= 0.4 * one.empty
    if name in STREAKS:  # an empty cell under a line is a question
        assert scan.doubted > 0


def test_a_person_is_told_to_wipe_the_glass(form: Form, digits: Digits, tmp_path: Path) -> None:
    _, _, data = next(sheets(form, digits, 1, 3, accident=ACCIDENTS["streaks"]))
    file = tmp_path / "page.jpg"
    file.write_bytes(data)
    pages = [page for page in read_pages(file, form.definition.paper.mm) if isinstance(page, Page)]
    reading = read_form(pages, form)
    assert isinstance(reading, FormReading)
    told = [one for one in reading.fields.values() if any("ガラスを拭いて" in why for why in one.why)]
    assert told
    assert not any(one.certain for one in told)


def test_a_person_sees_the_streak_that_reading_took_out(form: Form) -> None:
    """A 1 may have gone with it: who is asked must see the paper, not what was made of it."""
    blank = form.blanks[0]
    image = blank.image.copy()
    image[:, 600:602] = 40
    page = Page(image, blank.dpi, "page.png", 1)
    reading = read_form([page], form)
    assert isinstance(reading, FormReading)
    drawn = cv2.imdecode(
        np.frombuffer(overlay_sheet(laid(page, form), form.fields, reading.fields), np.uint8), cv2.IMREAD_COLOR
    )
    assert drawn is not None and np.median(drawn[:, 600]) < 150
    name, asked = next((name, one) for name, one in reading.leaves() if not one.certain)
    shown = (
        cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_GRAYSCALE)
        for data in (reading.pictures[name], reading.pages[0])
    )
    for picture, left, width in zip(shown, (asked.box.left - 3, 0.0), (asked.box.width + 6, 210.0), strict=True):
        assert picture is not None
        column = round((600.5 * 25.4 / blank.dpi - left) * picture.shape[1] / width)
        assert np.median(picture[:, column - 2 : column + 3].min(axis=1)) < 150


@pytest.mark.parametrize("place", FORMS)
def test_the_rules_of_a_form_and_the_rings_on_it_are_neither_streaks_nor_stamps(place: str) -> None:
    form = form_of(place)
    files = sorted((SCENARIOS / place / "sample" / "in").iterdir())
    scans = (page for file in files for page in read_pages(file, form.definition.paper.mm) if isinstance(page, Page))
    sheets = [laid(scan, form) for scan in islice(scans, 8)]
    assert len(sheets) == 8
    assert [(sheet.streaks, sheet.stamps) for sheet in sheets] == [((), ())] * 8


@pytest.mark.parametrize("side", [7, 8, 10])
def test_digits_written_close_to_each_other_are_no_stamp(form: Form, digits: Digits, side: int) -> None:
    """Rows and columns of a table: among so many strokes lines and arcs are found anywhere."""
    rng, blank = np.random.default_rng(side), form.blanks[0]
    image, px = blank.image.copy(), blank.dpi / 25.4
    for row in range(9):
        for column in range(12):
            some = digits.images[int(rng.integers(10))]
            one = cv2.resize(some[int(rng.integers(len(some)))], None, fx=side * px / 20, fy=side * px / 20)
            x, y = (np.array([50 + column * 0.72 * side, 60 + row * side]) + rng.normal(0, 0.4, 2)) * px
            part = image[int(y) : int(y) + len(one), int(x) : int(x) + len(one)]
            np.minimum(part, 255 - one, out=part)
    assert laid(Page(image, blank.dpi, "page.png", 1), form).stamps == ()


def test_a_line_printed_from_edge_to_edge_stays(form: Form) -> None:
    """A line to cut along is the blank's own; the same line on a page of a form that has none is a streak."""
    blank = form.blanks[0]
    image = blank.image.copy()
    image[:, 1400:1402] = 0
    cut_here = replace(form, blanks=(replace(blank, image=image),))
    page = Page(image, blank.dpi, "page.png", 1)
    for one, streaks in ((cut_here, 0), (form, 1)):
        sheet = laid(page, one)
        assert len(sheet.streaks) == streaks
        assert bool(sheet.page.image[1000, 1401] > 128) is bool(streaks)


def test_a_streak_through_a_corner_mark_does_not_matter(form: Form) -> None:
    blank = form.blanks[0]
    image = blank.image.copy()
    image[:, 1520:1522] = 40
    sheet = laid(Page(image, blank.dpi, "page.png", 1), form)
    assert len(sheet.streaks) == 1
    assert image[200, 1521] == 40 and sheet.page.image[200, 1521] > 200


def test_a_frame_hidden_under_tape_is_told_with_its_place(form: Form) -> None:
    blank = form.blanks[0]
    image = blank.image.copy()
    scale = blank.dpi / 25.4
    image[round(66 * scale) : round(76 * scale), round(80 * scale) : round(125 * scale)] = 252
    told = lay_all([Page(image, blank.dpi, "page.png", 1)], form)
    assert isinstance(told, Refused)
    assert (told.code, "左から約 10 cm、上から約 7 cm" in told.why) == ("other_version", True), told.why


def test_where_a_streak_crosses_and_a_stamp_touches() -> None:
    upright = Streak(100, 0, 110, 200)
    assert upright.crosses(104, 90, 2, 20)
    assert not upright.crosses(107, 90, 2, 20)
    level = Streak(0, 50, 200, 50)
    assert level.crosses(10, 45, 7, 10)
    assert not level.crosses(10, 51, 7, 10)
    stamp = Stamp(((10, 10), (30, 10), (30, 30), (10, 30)))
    assert stamp.touches(28, 28, 5, 5)
    assert stamp.touches(15, 15, 2, 2)
    assert not stamp.touches(31, 10, 5, 5)
