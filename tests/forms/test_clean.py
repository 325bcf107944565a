"""Tables: what stands in a cell between printed rules is its own writing, not the rules and not the next row's."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont

import ocr
from ocr.clean import is_written
from ocr.engine import Cut
from ocr.lines import LINE_MARGIN_MM, LINE_PX_PER_MM, read_lines
from ocr.page import Grey

FONT = Path(ocr.__file__).parent / "fonts" / "BIZUDGothic-Regular.ttf"
SCALE = LINE_PX_PER_MM
MARGIN = round(LINE_MARGIN_MM * SCALE)
WIDTH, HEIGHT, ROWS = 60, 9, 3
LEFT, TOP = 5, 4


def rules(right: float = 0, down: float = 0, thick: int = 2) -> Grey:
    """The rules of three rows, moved by so many mm."""
    picture: Grey = np.full(
        (round((2 * TOP + ROWS * HEIGHT) * SCALE), round((2 * LEFT + WIDTH) * SCALE)), 255, np.uint8
    )
    x = [round((LEFT + side + right) * SCALE) for side in (0, WIDTH)]
    y = [round((TOP + row * HEIGHT + down) * SCALE) for row in range(ROWS + 1)]
    for at in y:
        cv2.line(picture, (x[0], at), (x[1], at), 0, thick)
    for at in x:
        cv2.line(picture, (at, y[0]), (at, y[-1]), 0, thick)
    return picture


def scanned(ruled: Grey, text: str = "", over: float = -1, blur: float = 1.0) -> Grey:
    """The text in the first row, its lowest ink so many mm below that row's rule."""
    picture = Image.fromarray(ruled)
    if text:
        font = ImageFont.truetype(FONT, round(5 * SCALE))
        lowest = (TOP + HEIGHT + over) * SCALE - font.getbbox(text, anchor="ls")[3]
        ImageDraw.Draw(picture).text(((LEFT + 3) * SCALE, lowest), text, 30, font, anchor="ls")
    noise = np.random.default_rng(3).normal(0, 4, ruled.shape)
    taken = cv2.GaussianBlur(np.asarray(picture), (0, 0), blur).astype(np.float32) * 0.9 + 12 + noise
    return np.clip(taken, 0, 255).astype(np.uint8)


def row(page: Grey, number: int) -> Cut:
    top, left = round((TOP + number * HEIGHT) * SCALE) - MARGIN, round(LEFT * SCALE) - MARGIN
    here = (slice(top, top + HEIGHT * 8 + 2 * MARGIN), slice(left, left + WIDTH * 8 + 2 * MARGIN))
    return Cut(page[here].copy(), rules()[here].copy(), SCALE, (MARGIN, MARGIN, WIDTH * 8, HEIGHT * 8))


@pytest.mark.parametrize(
    ("right", "down", "thick", "blur"),
    [(0, 0, 2, 1.0), (0.2, 0.2, 2, 1.2), (0.3, -0.3, 3, 1.5), (-0.4, 0.4, 3, 1.2), (0.1, -0.1, 4, 1.8)],
)
def test_rules_beside_their_place_are_no_writing(right: float, down: float, thick: int, blur: float) -> None:
    page = scanned(rules(right, down, thick), blur=blur)
    guesses = read_lines([row(page, number) for number in range(ROWS)])
    assert [(guess.text, guess.state) for guess in guesses] == [("", "blank")] * ROWS
    assert all(guess.confidence > 0.999 for guess in guesses)
    assert not is_written(row(page, 1))


@pytest.mark.parametrize("over", [0, 0.5, 1.0])
def test_writing_over_the_rule_is_its_own_rows(over: float) -> None:
    page = scanned(rules(0.2, 0.2), "佐藤花子", over)
    above, below, last = read_lines([row(page, number) for number in range(ROWS)])
    assert (above.text, above.state) == ("佐藤花子", "read")
    assert (below.state, last.state) == ("blank", "blank")


def test_a_stroke_beside_a_rule_is_kept() -> None:
    page = scanned(rules())
    cv2.line(page, (80, round((TOP + 1.5) * SCALE)), (120, round((TOP + HEIGHT - 1.5) * SCALE)), 30, 4)
    assert is_written(row(page, 0))


def test_specks_are_no_writing_and_letters_torn_to_specks_are_a_persons() -> None:
    page = scanned(rules())
    for x, y in ((120, 60), (300, 80), (420, 62)):
        page[y : y + 3, x : x + 3] = 20
    assert read_lines([row(page, 0)])[0].state == "blank"
    torn = scanned(rules())
    specks = np.random.default_rng(5).random((40, 160)) < 0.03
    torn[44:84, 70:230][specks] = 20
    guess = read_lines([row(torn, 0)])[0]
    assert guess.state in ("unsure", "unreadable")
    assert "かすれて切れぎれの字があります" in guess.why
