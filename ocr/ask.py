"""What a field wants to know of a page, and what it is told: all fields ask first, then each kind is read in one batch."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from ocr.reading import Box, State

DIGITS = "0123456789"
LATIN = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
KATAKANA = (
    "アイウエオカキクケコサシスセソタチツテトナニヌネノハヒフヘホマミムメモヤユヨラリルレロワヲン"
    "ガギグゲゴザジズゼゾダヂヅデドバビブベボパピプペポヴァィゥェォッャュョー"
)
SYMBOLS = "-./()・,¥"


@dataclass(frozen=True, slots=True)
class CharacterAsk:
    """Which one character stands in this cell, if any."""

    box: Box
    allowed: str


@dataclass(frozen=True, slots=True)
class LineAsk:
    """What is written in this line (or these few lines)."""

    box: Box
    allowed: str = ""
    """The characters that may stand there; "" for whatever a Japanese office writes (cp932)."""
    words: tuple[str, ...] = ()
    """Where given, what is written is one of these."""


@dataclass(frozen=True, slots=True)
class MarksAsk:
    """Which of these options are marked; they see each other, since a stroke belongs to one of them."""

    boxes: tuple[Box, ...]
    shape: Literal["box", "word"]
    """box: a checkbox or bubble to be ticked, crossed or filled.  word: printed text to be circled."""


@dataclass(frozen=True, slots=True)
class InkAsk:
    """Is something written here?"""

    box: Box


@dataclass(frozen=True, slots=True)
class CodeAsk:
    """What does the QR code here say?"""

    box: Box


Ask = CharacterAsk | LineAsk | MarksAsk | InkAsk | CodeAsk


@dataclass(frozen=True, slots=True)
class Guess:
    """What an engine makes of one cut: a character, a line, a code, or ink."""

    text: str
    """"" where nothing is written; for ink the text is 記入あり."""
    confidence: float
    """0 to 1, calibrated: of the guesses accepted at t, at most 1 - t are wrong."""
    state: State
    """read, blank, unsure (the engine itself saw a reason, in ``why``), conflict, or unreadable."""
    why: tuple[str, ...]
    """Japanese; empty where nothing speaks against it."""
    reader: str
    ranked: tuple[tuple[str, float], ...] = ()
    """Best first: what it could be (characters or lines) with its probability among what is allowed."""


@dataclass(frozen=True, slots=True)
class Mark:
    """One option of a group."""

    state: Literal["empty", "marked", "cancelled", "unclear"]
    confidence: float
    why: tuple[str, ...]


Marks = tuple[Mark, ...]
Answer = Guess | Marks
