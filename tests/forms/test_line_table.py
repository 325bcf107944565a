"""How sure a line is: what the measured lines say of a score, and what they may not say."""

from __future__ import annotations

from itertools import islice
from pathlib import Path

import pytest

import ocr
from bench.line_scans import QUALITIES, scanned_lines
from bench.line_table import Trial, table_of, tried
from ocr.all_engines import engine_named
from ocr.ask import Guess
from ocr.characters import fold, variant_doubts
from ocr.engine import EngineMissing
from ocr.engines.alike import alike
from ocr.field import Rules
from ocr.fields.text import FIELD, TextParams
from ocr.lines import Scales, read_lines

FONT = Path(ocr.__file__).parent / "fonts" / "BIZUDGothic-Regular.ttf"
PARAMS = TextParams(kind="text", at=(30, 100, 150, 10))


def read(text: str, score: float) -> Guess:
    return Guess(text, score, "read", (), "rapidocr")


def trials(count: int, score: float, *, wrong: int = 0) -> list[Trial]:
    """Lines that both readers read alike, some of them wrong."""
    return [
        Trial("港町1番地", "address", *[read("港町7番地" if number < wrong else "港町1番地", score)] * 2)
        for number in range(count)
    ]


def confidence(measured: list[Trial], score: float) -> float:
    steps = table_of(measured)["scales"]
    return Scales({how: tuple(each) for how, each in steps.items()}).confidence("agree", score)


def test_lines_of_a_lower_score_speak_for_a_higher_one_but_never_the_other_way() -> None:
    assert confidence(trials(900, 0.75), 0.9999) > 0.999
    assert confidence([*trials(5, 0.1), *trials(5000, 0.9999)], 0.1) < 0.95


def test_a_wrong_line_at_a_high_score_makes_every_lower_score_less_sure() -> None:
    measured = [*trials(2000, 0.75), *trials(1000, 0.9999, wrong=9)]
    assert confidence(measured, 0.75) <= confidence(measured, 0.9999) < 0.998


def test_what_goes_on_unseen_of_scanned_lines_is_right() -> None:
    lines = [line for quality in QUALITIES for line in islice(scanned_lines([FONT], False, quality, 31), 8)]
    settled = [line for line in lines if not variant_doubts(line.text)]
    guesses = read_lines([line.cut for line in settled])
    accepted = [
        (line.text, guess.text)
        for line, guess in zip(settled, guesses, strict=True)
        if FIELD.read(PARAMS, [guess], Rules(0.001)).certain
    ]
    assert len(accepted) > len(settled) / 2
    for text, seen in accepted:
        assert "".join(fold(seen).split()) == "".join(fold(text).split())


def test_a_trial_keeps_what_each_reader_made_of_the_line() -> None:
    try:
        engine_named("tesseract")
    except EngineMissing as missing:
        pytest.skip(str(missing))
    line = next(scanned_lines([FONT], False, "scan", 5))
    (one,) = tried([line])
    assert (one.text, one.kind) == (line.text, line.kind)
    assert {one.first.reader, one.second.reader} == {"rapidocr", "tesseract"}


@pytest.mark.parametrize("text", ["ニノ宮", "西ニノ宮", "ハツ橋", "ミツ木", "田中ニ", "山田ー", "本町1一2", "黑川"])
def test_a_sign_whose_twin_is_as_likely_is_doubted(text: str) -> None:
    """Both readers may agree on it: what tells the twins apart is not the shape."""
    assert alike(text)


@pytest.mark.parametrize("text", ["一ノ瀬", "カトウ", "サトウエミ", "本町1-2", "2カ月", "ハナ", "黒川"])
def test_what_its_neighbours_decide_is_not_doubted(text: str) -> None:
    assert alike(text) == ()
