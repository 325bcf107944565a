"""What befell a page, scanner's streaks and office stamps, and what that makes doubtful in the places it touches."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from ocr.ask import Guess, Mark, Marks, MarksAsk
from ocr.page import Sheet
from ocr.reading import Box

_STREAK = "読取装置が引いたすじが通っています。書かれているか確かめ、読取面のガラスを拭いてください"
_STROKES = ("1", "I", "-", "/", "ー", "ノ")
"""Characters of a single stroke."""
_STAMP = "受付印などの印影が重なっています"


def doubted(guesses: Sequence[Guess], boxes: Sequence[Box], sheet: Sheet) -> Sequence[Guess]:
    """What was read in each cell, as far as it can be trusted: a 1 may have gone with a streak, or be what was left of one, and
    what a stamp prints into the cell is no entry."""
    if not sheet.streaks and not sheet.stamps:
        return guesses
    return [_doubted(guess, box, sheet) for guess, box in zip(guesses, boxes, strict=True)]


def _doubted(guess: Guess, box: Box, sheet: Sheet) -> Guess:
    if _crossed(box, sheet) and (guess.state == "blank" or guess.text in _STROKES):
        return replace(guess, confidence=0.0, state="unsure", why=(*guess.why, _STREAK))
    if guess.state != "blank" and _stamped(box, sheet):
        return replace(guess, confidence=0.0, state="unsure", why=(*guess.why, _STAMP))
    return guess


def doubted_marks(marks: Sequence[Marks], asks: Sequence[MarksAsk], sheet: Sheet) -> Sequence[Marks]:
    """The same of the options of each question: what is left of a streak may look like a mark."""
    if not sheet.streaks and not sheet.stamps:
        return marks
    return [
        of if ask.shape == "word" else tuple(_doubted_mark(*one, sheet) for one in zip(of, ask.boxes, strict=True))
        for of, ask in zip(marks, asks, strict=True)
    ]


def _doubted_mark(mark: Mark, box: Box, sheet: Sheet) -> Mark:
    if mark.state != "marked":
        return mark
    why = _STREAK if _crossed(box, sheet) else _STAMP if _stamped(box, sheet) else ""
    return Mark("unclear", 0.5, (*mark.why, why)) if why else mark


def _crossed(box: Box, sheet: Sheet) -> bool:
    return any(streak.crosses(*box[1:]) for streak in sheet.streaks)


def _stamped(box: Box, sheet: Sheet) -> bool:
    return any(stamp.touches(*box[1:]) for stamp in sheet.stamps)
