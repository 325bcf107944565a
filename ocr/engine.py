"""What every reading engine is: pieces of a page in, guesses out, all of a page at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from ocr.ask import Guess
from ocr.page import Grey


@dataclass(frozen=True, slots=True, eq=False)
class Cut:
    """A piece of a page, upright, and the same piece of the empty form."""

    image: Grey
    blank: Grey
    """Of the same shape as ``image``."""
    px_per_mm: float
    inner: tuple[int, int, int, int]
    """The field's own box within the picture: left, top, width, height in pixels; around it lies margin."""
    allowed: str = ""
    """The characters that may stand here; "" for all that the engine knows."""
    words: tuple[str, ...] = ()


class EngineMissing(Exception):
    """An engine can't work on this machine; the message is Japanese and says what to install."""


class Engine(Protocol):
    """cells reads one character a cut, rapidocr and tesseract a line a cut."""

    # As the settings and a reading name it.
    @property
    def name(self) -> str: ...
    # The resolution and the margin around the box with which its cuts are made.
    @property
    def px_per_mm(self) -> float: ...
    @property
    def margin_mm(self) -> float: ...
    # One guess a cut, in order; an empty cut is answered blank, never with a character; never a character that
    # is not allowed; no exception for any picture of at least 1 × 1.
    def read(self, cuts: Sequence[Cut]) -> list[Guess]: ...
