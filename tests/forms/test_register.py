"""A page is laid upon its form, however it was scanned, and every other page is refused."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import replace

import cv2
import numpy as np
import pytest

from bench.paper import PRINT_DPI, Design, Wear, design, filled, form_of, moved, printed, scan
from ocr.form import Form, load_form
from ocr.identify import identify
from ocr.page import MM_PER_INCH, Grey, Page
from ocr.reading import Refused
from ocr.register.ink import moved_by
from ocr.register.lay import lay

PLACES = np.array([[x, y] for x in (10.0, 100.0, 200.0) for y in (10.0, 150.0, 290.0)])


@pytest.fixture(scope="module", params=[True, False], ids=["markers", "features"])
def drawn(request: pytest.FixtureRequest) -> Iterator[tuple[Design, Form, Grey]]:
    one = design(7, markers=request.param)
    yield one, form_of(one), filled(printed(one), one, 1)


def cells(*, titled: bool) -> Grey:
    """Fifteen rows of twenty cells and four plain squares, as many an office draws them: one place is like the next."""
    px = PRINT_DPI / MM_PER_INCH
    paper: Grey = np.full((round(297 * px), round(210 * px)), 255, np.uint8)
    for x in (13, 190):
        for y in (15, 275):
            cv2.rectangle(paper, (round(x * px), round(y * px)), (round((x + 7) * px), round((y + 7) * px)), 0, -1)
    for row in range(15):
        for cell in range(20):
            left, top = 25 + 8 * cell, 38.5 + 15 * row
            cv2.rectangle(
                paper, (round(left * px), round(top * px)), (round((left + 8) * px), round((top + 10) * px)), 0, 3
            )
    if titled:
        cv2.putText(paper, "APPLICATION No.12", (500, 330), cv2.FONT_HERSHEY_SIMPLEX, 2, 0, 5)
    return paper


def form_of_cells(blank: Grey) -> Form:
    fields = {f"row{row}": {"kind": "digits", "at": [25, 38.5 + 15 * row, 160, 10], "cells": 20} for row in range(15)}
    data = cv2.imencode(".png", blank)[1].tobytes()
    return load_form({"form": "cells", "blank": "blank.png", "fields": fields}, lambda _: data)


def digits_upon(paper: Grey) -> Grey:
    rng, px = random.Random(4), PRINT_DPI / MM_PER_INCH
    for row in range(15):
        for cell in range(20):
            at = round((26.5 + 8 * cell) * px), round((46.5 + 15 * row) * px)
            cv2.putText(paper, str(rng.randrange(10)), at, cv2.FONT_HERSHEY_SCRIPT_SIMPLEX, 2.4, 70, 6)
    return paper


def code(answer: object) -> str:
    return answer.code if isinstance(answer, Refused) else "laid"


@pytest.mark.parametrize(
    "wear",
    [
        Wear(),
        Wear(dpi=150, tilt=3, shift_mm=(6, -6), noise=10),
        Wear(dpi=300, tilt=-5, stretch=(0.98, 1.02), border=True),
        Wear(turned=90, tilt=1, ink=0.45),
        Wear(turned=180, crop_mm=3, coffee=True),
        Wear(turned=270, fax=True),
    ],
    ids=["plain", "150dpi", "tilted", "light", "upside-down", "fax"],
)
def test_a_page_is_found_within_a_third_of_a_millimetre(drawn: tuple[Design, Form, Grey], wear: Wear) -> None:
    _, form, paper = drawn
    page, truth = scan(paper, wear, 3)
    sheet = lay(page, form, 0)
    assert not isinstance(sheet, Refused), sheet
    off = np.linalg.norm(moved_by(sheet.transform, PLACES) - moved_by(truth, PLACES), axis=1) * MM_PER_INCH / wear.dpi
    assert off.max() < 0.34
    assert sheet.residual_mm < 0.3
    assert sheet.turned == wear.turned


@pytest.mark.parametrize("claimed", [150.0, 180.0])
def test_a_file_that_says_another_resolution_than_it_was_scanned_at_is_read(
    drawn: tuple[Design, Form, Grey], claimed: float
) -> None:
    _, form, paper = drawn
    page, truth = scan(paper, Wear(dpi=200, tilt=1, turned=180), 3)
    sheet = lay(replace(page, dpi=claimed), form, 0)
    assert not isinstance(sheet, Refused), sheet.why
    off = moved_by(sheet.transform, PLACES) - moved_by(truth, PLACES)
    assert np.linalg.norm(off, axis=1).max() / (page.dpi / MM_PER_INCH) < 0.34
    other = lay(replace(scan(printed(design(8, markers=True)), Wear(), 3)[0], dpi=claimed), form, 0)
    assert code(other) == "other_form"


def test_a_page_bent_by_millimetres_lies_where_its_four_marks_are() -> None:
    """Three marks alone would lay its fourth corner as far off as it is bent."""
    one = design(7, markers=True)
    page, truth = scan(filled(printed(one), one, 1), Wear(tilt=1), 3)
    height, width = page.image.shape
    corners = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float32)
    there = corners.copy()
    there[2] -= np.array([2.0, 2.0], np.float32) * 200 / MM_PER_INCH
    bent = cv2.getPerspectiveTransform(corners, there)
    image = np.asarray(cv2.warpPerspective(page.image, bent, (width, height), borderValue=255), np.uint8)
    sheet = lay(replace(page, image=image), form_of(one), 0)
    assert not isinstance(sheet, Refused), sheet
    off = np.linalg.norm(moved_by(sheet.transform, PLACES) - moved_by(bent @ truth, PLACES), axis=1)
    assert off.max() * MM_PER_INCH / 200 < 0.05


@pytest.mark.parametrize(
    "wear",
    [
        Wear(dpi=150, tilt=-3, noise=8),
        Wear(turned=90, tilt=1.5),
        Wear(turned=180, stretch=(1.01, 0.99)),
        Wear(fax=True),
    ],
    ids=["tilted", "quarter", "upside-down", "fax"],
)
def test_a_form_of_nothing_but_cells_is_found_by_all_its_print(wear: Wear) -> None:
    form = form_of_cells(cells(titled=True))
    page, truth = scan(digits_upon(cells(titled=True)), wear, 3)
    sheet = lay(page, form, 0)
    assert not isinstance(sheet, Refused), sheet
    off = np.linalg.norm(moved_by(sheet.transform, PLACES) - moved_by(truth, PLACES), axis=1) * MM_PER_INCH / wear.dpi
    assert off.max() < 0.34
    assert sheet.turned == wear.turned


def test_nothing_is_read_where_nothing_tells_which_way_is_up() -> None:
    blank = cells(titled=False)
    told = lay(scan(digits_upon(cells(titled=False)), Wear(), 3)[0], form_of_cells(blank), 0)
    assert isinstance(told, Refused)
    assert told.code == "turned" and "四隅の印" in told.why
    shorter = cells(titled=True)
    shorter[round(240 * PRINT_DPI / MM_PER_INCH) : round(270 * PRINT_DPI / MM_PER_INCH)] = 255
    assert code(lay(scan(shorter, Wear(), 3)[0], form_of_cells(cells(titled=True)), 0)) != "laid"


def test_what_is_not_this_form_is_refused_for_its_reason(drawn: tuple[Design, Form, Grey]) -> None:
    one, form, paper = drawn
    below = paper.copy()
    below[2000:] = 255
    over = paper.copy()
    over[1500:] = paper[: len(paper) - 1500]
    both = np.minimum(paper, np.roll(paper, (400, 90), (0, 1)))
    other = design(31, markers=one.markers)
    newer = moved(one, 4, 15, 0)
    papers = {
        "empty": np.full_like(paper, 255),
        "torn": below,
        "covered": over,
        "both": both,
        "other": filled(printed(other), other, 2),
        "newer": filled(printed(newer), newer, 2),
    }
    told = {name: code(lay(scan(one, Wear(tilt=1), 5)[0], form, 0)) for name, one in papers.items()}
    assert told["empty"] == "blank"
    assert told["torn"] == "torn"
    assert told["both"] == "double_fed"
    assert told["other"] == "other_form"
    assert told["newer"] == "other_version"
    assert told["covered"] != "laid"


def _px(*mm: float) -> list[int]:
    return [round(one * PRINT_DPI / MM_PER_INCH) for one in mm]


def test_a_version_with_one_field_more_is_not_read_as_the_old_one(drawn: tuple[Design, Form, Grey]) -> None:
    _, form, paper = drawn
    newer = paper.copy()
    cv2.rectangle(newer, _px(130, 30), _px(185, 37), 0, 3)
    told = lay(scan(newer, Wear(tilt=1), 2)[0], form, 0)
    assert isinstance(told, Refused)
    assert told.code == "other_version" and "版が違う" in told.why


def test_a_fax_may_lose_a_part_of_a_thin_frame(drawn: tuple[Design, Form, Grey]) -> None:
    """A box whose rules a fax lost here and there is still there; one of which most is gone is not the form's."""
    one, form, _ = drawn
    field = next(each for each in one.fields if not each.cells)

    def told(gap: float) -> list[str]:
        """With so many mm gone of each six: as a fax, and as a grey scan."""
        paper = printed(one)
        for step in range(0, int(field.width), 6):
            for edge in (field.top, field.top + field.height):
                cv2.rectangle(paper, _px(field.left + step, edge - 1), _px(field.left + step + gap, edge + 1), 255, -1)
        page = scan(paper, Wear(), 2)[0]
        black = np.where(page.image < 128, 0, 255).astype(np.uint8)
        return [code(lay(replace(page, image=image), form, 0)) for image in (black, page.image)]

    assert told(0.1) == ["laid", "laid"]
    assert told(2.0) == ["laid", "other_version"]
    assert told(4.5) == ["other_version", "other_version"]


@pytest.mark.parametrize("wear", [Wear(dpi=150), Wear(dpi=200, tilt=1, ink=0.6), Wear(dpi=300, tilt=-2, noise=8)])
def test_dotted_hairlines_to_write_upon_may_be_lost(drawn: tuple[Design, Form, Grey], wear: Wear) -> None:
    one, _, _ = drawn
    paper = printed(one)
    for top in (32, 37):
        for dash in np.arange(125, 185, 1.4):
            cv2.line(paper, _px(dash, top), _px(dash + 0.6, top), 70, 1)
    data = cv2.imencode(".png", paper)[1].tobytes()
    fields = {name: {"kind": "text", "at": [125, top - 5.5, 60, 5.5]} for name, top in (("氏名", 32), ("住所", 37))}
    form = load_form({"form": one.title, "blank": "blank.png", "fields": fields}, lambda _: data)
    assert code(lay(scan(filled(paper, one, 1), wear, 3)[0], form, 0)) == "laid"
    framed = printed(one)
    cv2.rectangle(framed, _px(125, 26.5), _px(185, 37), 0, 2)
    data = cv2.imencode(".png", framed)[1].tobytes()
    form = load_form({"form": one.title, "blank": "blank.png", "fields": fields}, lambda _: data)
    assert code(lay(scan(filled(paper, one, 1), wear, 3)[0], form, 0)) != "laid"


def test_hairlines_between_small_cells_may_come_out_paler() -> None:
    """Every program draws thin lines in its own way: the blank's upright ones are dark and two pixels wide, its level ones pale, and
    on the page it is the other way round."""
    one = design(7, markers=True)
    plain = form_of(one).blanks[0].image

    def numbered(level: int, upright: int, thick: int) -> Grey:
        paper = plain.copy()
        for top in (215, 243):
            paper[[top, top + 1, top + 24, top + 25], 1030:1318] = level
            for left in range(1030, 1319, 24):
                paper[top : top + 25, left : left + thick] = upright
            paper[top : top + 25, 1246:1270] = 0
        return paper

    data = cv2.imencode(".png", numbered(175, 20, 2))[1].tobytes()
    fields = {"署名": {"kind": "ink", "at": [130, 250, 50, 10]}}
    form = load_form({"form": one.title, "blank": "blank.png", "fields": fields}, lambda _: data)
    noise = np.random.default_rng(1).normal(0, 2, plain.shape)
    page = Page(np.clip(numbered(120, 100, 1) + noise, 0, 255).astype(np.uint8), 200.0, "頁.png", 1)
    assert code(lay(page, form, 0)) == "laid"


def test_words_on_a_shaded_cell_tell_forms_apart() -> None:
    """A shade is as long as a rule, and no rule."""
    one = design(7, markers=True)

    def shaded(words: str) -> Grey:
        paper = printed(one)
        cv2.rectangle(paper, _px(120, 24), _px(188, 32), 185, -1)
        cv2.putText(paper, words, _px(123, 30.5), cv2.FONT_HERSHEY_SIMPLEX, 1.9, 0, 4)
        return paper

    data = cv2.imencode(".png", shaded("CHANGE OF ADDRESS"))[1].tobytes()
    fields = {"署名": {"kind": "ink", "at": [130, 250, 50, 10]}}
    form = load_form({"form": one.title, "blank": "blank.png", "fields": fields}, lambda _: data)
    told = [
        code(lay(scan(shaded(words), Wear(), 3)[0], form, 0)) for words in ("CHANGE OF ADDRESS", "REFUND OF PAYMENT")
    ]
    assert told == ["laid", "other_version"]


def test_a_fax_of_a_version_with_one_field_more_is_not_read_as_the_old_one(drawn: tuple[Design, Form, Grey]) -> None:
    """A fax makes dashes of a thin rule that lies askew."""
    _, form, paper = drawn
    newer = paper.copy()
    cv2.rectangle(newer, _px(130, 30), _px(185, 37), 60, 2)
    for seed in range(4):
        page = scan(newer, Wear(dpi=150, tilt=0.7), seed)[0]
        black = np.where(page.image < 0.6 * np.median(page.image), 0, 255).astype(np.uint8)
        assert code(lay(replace(page, image=black), form, 0)) == "other_version"


def test_folds_streaks_notes_and_tilted_stamps_are_no_new_field(drawn: tuple[Design, Form, Grey]) -> None:
    _, form, paper = drawn
    worn = paper.copy()
    cv2.line(worn, _px(0, 151), _px(210, 151.3), 120, 3)  # a fold
    cv2.line(worn, _px(196, 0), _px(196, 297), 60, 2)  # a streak of the scanner
    wave = [_px(130 + step, 33 + 0.5 * np.sin(step / 5)) for step in range(50)]
    cv2.polylines(worn, [np.array(wave, np.int32)], False, 40, 5)  # underlined by hand
    stamp = cv2.boxPoints(((_px(160)[0], _px(40)[0]), _px(30, 9), 3.0))
    cv2.polylines(worn, [stamp.astype(np.int32)], True, 60, 6)
    assert code(lay(scan(worn, Wear(tilt=-1, coffee=True), 2)[0], form, 0)) == "laid"


@pytest.mark.parametrize("wear", [Wear(), Wear(dpi=150, tilt=1, fax=True)], ids=["plain", "fax"])
def test_cells_that_no_field_asks_for_may_be_filled_in(wear: Wear) -> None:
    """A clerk defines the two fields that are needed, of a form with many."""
    form, paper = _table(("行1", "行2"))
    assert code(lay(scan(paper, wear, 3)[0], form, 0)) == "laid"


def _table(wanted: tuple[str, ...]) -> tuple[Form, Grey]:
    """A form of fourteen rows with two cells each, and a page with writing in all of them."""
    one, rng = design(7, markers=True), random.Random(5)
    blank = printed(replace(one, fields=()))
    for row in range(14):
        top = 42 + 14 * row
        for left, right in ((25, 105), (105, 188)):
            cv2.rectangle(blank, _px(left, top), _px(right, top + 14), 0, 2)
            cv2.putText(blank, f"No.{row}", _px(left + 2, top + 6), cv2.FONT_HERSHEY_SIMPLEX, 1.0, 0, 2)
    paper = blank.copy()
    for row in range(14):
        for left in (45, 125):
            for letter in range(6):
                at = _px(left + 9 * letter, 53 + 14 * row)
                cv2.putText(paper, rng.choice("3568"), at, cv2.FONT_HERSHEY_SCRIPT_COMPLEX, 3, 40, 5)
    fields = {name: {"kind": "text", "at": [40, 43 + 14 * at, 64, 12]} for at, name in enumerate(wanted)}
    data = cv2.imencode(".png", blank)[1].tobytes()
    return load_form({"form": "表", "blank": "blank.png", "fields": fields}, lambda _: data), paper


@pytest.mark.parametrize("down_mm", [60, 130, 195])
def test_a_second_sheet_that_shows_through_is_told(drawn: tuple[Design, Form, Grey], down_mm: int) -> None:
    """Where only its upper third lies over this one, it may be taken for another version's print."""
    one, form, paper = drawn
    below, down = np.full_like(paper, 255), round(down_mm * PRINT_DPI / MM_PER_INCH)
    below[down:] = filled(printed(one), one, 2)[:-down]
    told = code(lay(scan(np.minimum(paper, below), Wear(), 3)[0], form, 0))
    assert told == "double_fed" or (down_mm == 195 and told == "other_version")


def test_a_page_askew_and_a_page_that_slipped_are_told_so(drawn: tuple[Design, Form, Grey]) -> None:
    _, form, paper = drawn
    askew = lay(scan(paper, Wear(tilt=25), 3)[0], form, 0)
    assert isinstance(askew, Refused)
    assert askew.code == "turned" and "約 25 度" in askew.why
    middle = len(paper) // 2
    lower = cv2.resize(paper[middle:], None, fx=1, fy=0.95, interpolation=cv2.INTER_AREA)
    slipped = np.full_like(paper, 255)
    slipped[:middle], slipped[middle : middle + len(lower)] = paper[:middle], lower
    assert code(lay(scan(slipped, Wear(), 3)[0], form, 0)) == "damaged"


def test_stamps_and_notes_upon_the_print_do_not_matter(drawn: tuple[Design, Form, Grey]) -> None:
    one, form, paper = drawn
    stamped = paper.copy()
    for field in one.fields[:3]:
        centre = (round(34 * PRINT_DPI / MM_PER_INCH), round((field.top + 4) * PRINT_DPI / MM_PER_INCH))
        cv2.circle(stamped, centre, 80, 110, 10)
        cv2.putText(stamped, "8.4.1", (centre[0] - 60, centre[1] + 15), cv2.FONT_HERSHEY_SIMPLEX, 1.5, 110, 8)
    assert code(lay(scan(stamped, Wear(), 1)[0], form, 0)) == "laid"


def test_the_words_that_name_a_form_tell_it_from_its_sister(drawn: tuple[Design, Form, Grey]) -> None:
    one, _, paper = drawn
    named = form_of(one, identify={"text": one.title, "at": [58, 18, 92, 11]})
    sister = replace(one, title=one.title.replace("第8号", "第9号"))
    assert sister != one
    assert code(lay(scan(paper, Wear(fax=True), 1)[0], named, 0)) == "laid"
    told = lay(scan(filled(printed(sister), one, 1), Wear(fax=True), 1)[0], named, 0)
    assert isinstance(told, Refused)
    assert told.code == "other_version" and "よく似た別の帳票" in told.why


@pytest.mark.parametrize(
    ("ours", "theirs"), [("第1号様式", "第2号様式"), ("第8号様式", "第9号様式"), ("（新規）", "（変更）")]
)
def test_one_word_tells_sisters_apart(drawn: tuple[Design, Form, Grey], ours: str, theirs: str) -> None:
    one = replace(drawn[0], title=f"補助金申請書{ours}")
    named = form_of(one, identify={"text": one.title, "at": [58, 18, 92, 11]})
    sister = replace(one, title=one.title.replace(ours, theirs))
    told = [code(lay(scan(filled(printed(each), one, 1), Wear(tilt=1), 1)[0], named, 0)) for each in (one, sister)]
    assert told[0] == "laid"
    assert told[1] in ("other_form", "other_version")


def test_a_name_of_which_each_letter_lies_a_little_beside_its_place_is_its_own(
    drawn: tuple[Design, Form, Grey],
) -> None:
    """A thin stroke is then wholly beside where it was."""
    one = drawn[0]
    named = form_of(one, identify={"text": one.title, "at": [58, 18, 92, 11]})
    paper = filled(printed(one), one, 1)
    letter = 16 * MM_PER_INCH / 72
    for number in range(len(one.title)):
        (left, top), (right, bottom) = _px(60 + number * letter, 18), _px(60 + (number + 1) * letter, 29)
        paper[top:bottom, left:right] = np.roll(paper[top:bottom, left:right], 2 if number % 2 else -2, 1)
    assert code(lay(scan(paper, Wear(), 1)[0], named, 0)) == "laid"


def test_a_page_of_a_mixed_pile_finds_its_form() -> None:
    designs = [design(seed, markers=seed % 2 == 0) for seed in (7, 12, 31)]
    forms = [form_of(one) for one in designs]
    for one, form in zip(designs, forms, strict=True):
        found = identify(scan(filled(printed(one), one, 4), Wear(tilt=-1, turned=180), 6)[0], forms)
        assert not isinstance(found, Refused)
        assert found[0] is form
    assert code(identify(scan(printed(design(50, markers=True)), Wear(), 1)[0], forms)) == "other_form"
    twins = identify(scan(printed(designs[0]), Wear(), 1)[0], [forms[0], form_of(designs[0])])
    assert isinstance(twins, Refused)
    assert "決められません" in twins.why


def test_a_picture_of_noise_or_a_sliver_is_refused(drawn: tuple[Design, Form, Grey]) -> None:
    _, form, _ = drawn
    rng = np.random.default_rng(random.Random(1).randrange(100))
    for shape in ((2339, 1654), (16, 16), (40, 3000)):
        noise = Page(rng.integers(0, 256, shape).astype(np.uint8), 200, "noise.png", 1)
        assert code(lay(noise, form, 0)) != "laid"
