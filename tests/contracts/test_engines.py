"""Every reading engine keeps one contract: order, blanks, allowed characters, and no exception for odd pictures."""

from __future__ import annotations

from collections.abc import Callable
from itertools import product
from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont

import ocr
from ocr.all_engines import ENGINE_NAMES, engine_named
from ocr.ask import DIGITS, KATAKANA, LATIN
from ocr.engine import Cut, Engine, EngineMissing
from ocr.page import Grey
from ocr.reading import STATES

FONT = Path(ocr.__file__).parent / "fonts" / "BIZUDGothic-Regular.ttf"
Draw = Callable[..., Cut]


@pytest.fixture(scope="module", params=ENGINE_NAMES)
def engine(request: pytest.FixtureRequest) -> Engine:
    try:
        return engine_named(request.param)
    except EngineMissing as missing:
        pytest.skip(str(missing))


@pytest.fixture
def draw(engine: Engine) -> Draw:
    """A printed cut of the size that the engine's field would have: a cell for a character, a box for a line."""

    def drawn(text: str, allowed: str = DIGITS, frame: bool = True) -> Cut:
        scale, margin = engine.px_per_mm, round(engine.margin_mm * engine.px_per_mm)
        width = 6 if engine.name == "cells" else 40
        inner = (margin, margin, round(width * scale), round(8 * scale))
        blank: Grey = np.full((inner[3] + 2 * margin, inner[2] + 2 * margin), 255, np.uint8)
        if frame:
            cv2.rectangle(blank, inner[:2], (margin + inner[2], margin + inner[3]), 0, 2)
        picture = Image.fromarray(blank)
        font = ImageFont.truetype(FONT, round(5 * scale))
        place = (margin + inner[2] / 2, margin + inner[3] / 2)
        ImageDraw.Draw(picture).text(place, text, 30, font, anchor="mm")
        return Cut(np.asarray(picture, np.uint8), blank, scale, inner, allowed)

    return drawn


def test_an_empty_cut_is_blank_and_never_a_character(engine: Engine, draw: Draw) -> None:
    for frame in (True, False):
        (guess,) = engine.read([draw("", frame=frame)])
        assert (guess.text, guess.state) == ("", "blank")


def test_noise_on_an_empty_cut_is_not_read(engine: Engine, draw: Draw) -> None:
    noise = np.random.default_rng(5)
    cuts = []
    for _ in range(20):
        one = draw("")
        grey = np.clip(one.image.astype(np.float32) - 20 + noise.normal(0, 7, one.image.shape), 0, 255).astype(np.uint8)
        grey[noise.random(grey.shape) < 0.001] = 0
        cuts.append(Cut(grey, one.blank, one.px_per_mm, one.inner, one.allowed))
    assert {guess.text for guess in engine.read(cuts)} == {""}


def test_what_is_written_is_read_in_the_order_asked(engine: Engine, draw: Draw) -> None:
    texts = list("7295") if engine.name == "cells" else ["7295", "", "10346", "50247"]
    assert [guess.text for guess in engine.read([draw(text) for text in texts])] == texts


def test_only_allowed_characters_are_answered(engine: Engine, draw: Draw) -> None:
    for allowed in ("ABC", "38", "アイ"):
        for guess in engine.read([draw(text, allowed) for text in "70KЖ字"]):
            assert set(guess.text) <= set(allowed)
            assert all(set(text) <= set(allowed) for text, _ in guess.ranked)


def test_a_batch_reads_as_each_alone(engine: Engine, draw: Draw) -> None:
    texts = ["7", "", "3", "5"] if engine.name == "cells" else ["7024", "", "3468", "5126"]
    cuts = [draw(text) for text in texts]
    together = engine.read(cuts)
    for cut, one in zip(cuts, together, strict=True):
        (alone,) = engine.read([cut])
        assert (alone.text, alone.state) == (one.text, one.state)
        assert alone.confidence == pytest.approx(one.confidence, abs=0.02)


def test_no_cuts_no_guesses(engine: Engine) -> None:
    assert engine.read([]) == []


SHAPES = ((1, 1), (1, 400), (400, 1), (3, 3), (17, 2000), (1500, 1500))
FILLS = (0, 255, 128, None)


def test_odd_pictures_raise_nothing(engine: Engine) -> None:
    """Black, white, grey and noise of odd sizes; each against a white form, and as its own form."""
    cuts, white = [], []
    for shape, fill in product(SHAPES, FILLS):
        image: Grey = np.random.default_rng(1).integers(0, 256, shape).astype(np.uint8)
        if fill is not None:
            image = np.full(shape, fill, np.uint8)
        for blank in (np.full(shape, 255, np.uint8), image):
            cuts.append(Cut(image, blank, engine.px_per_mm, (0, 0, shape[1], shape[0]), DIGITS + LATIN + KATAKANA))
            white.append(fill == 255)
    for cut, guess, empty in zip(cuts, engine.read(cuts), white, strict=True):
        assert guess.state in STATES
        assert 0 <= guess.confidence <= 1
        assert guess.state == "blank" or not empty, cut.image.shape


def test_ranked_begins_with_the_reading_and_its_chances_are_chances(engine: Engine, draw: Draw) -> None:
    (guess,) = engine.read([draw("7" if engine.name == "cells" else "7295")])
    assert guess.ranked[0][0] == guess.text
    chances = [chance for _, chance in guess.ranked]
    assert chances == sorted(chances, reverse=True)
    assert all(0 <= chance <= 1 for chance in chances)
