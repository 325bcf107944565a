"""What befell a page, scanner's streaks and office stamps, and what that makes doubtful in the places it touches."""

from __future__ import annotations

from dataclasses import replace

from ocr.ask import Guess, Mark, Marks, MarksAsk
from ocr.page import Sheet
from ocr.reading import Box

_STREAK = "読取装置が引いたすじが通っています。書かれているか確かめ、読取面のガラスを拭いてください"
_STAMP = "受付印などの丸い印が重なっています"


def doubted(guess: Guess, box: Box, sheet: Sheet) -> Guess:
    """What was read in a cell, as far as it can be trusted: a 1 may have gone with a streak, and what a stamp prints into the
    cell is no entry."""
    if guess.state == "blank":
        if not any(streak.crosses(*box[1:]) for streak in sheet.streaks):
            return guess
        return replace(guess, confidence=0.0, state="unsure", why=(_STREAK,))
    if not _stamped(box, sheet):
        return guess
    return replace(guess, confidence=0.0, state="unsure", why=(*guess.why, _STAMP))


def doubted_marks(marks: Marks, ask: MarksAsk, sheet: Sheet) -> Marks:
    """The same of the options of a question."""
    if ask.shape == "word" or not sheet.stamps:
        return marks
    return tuple(
        Mark("unclear", 0.5, (*mark.why, _STAMP)) if mark.state == "marked" and _stamped(box, sheet) else mark
        for box, mark in zip(ask.boxes, marks, strict=True)
    )


def _stamped(box: Box, sheet: Sheet) -> bool:
    return any(stamp.touches(*box[1:]) for stamp in sheet.stamps)
