"""One person's hand: a pen, digits, a typeface; writes characters into cells and lines into boxes."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from practice.paper.pen import PX, Pen, Place, Sheet
from practice.paper.sources import Digits, Face, Ink

_DIGIT_SIDE = 28 / 20
"""A digit's picture over the digit itself."""
_GLYPH_SIDE = 1.25


@dataclass(frozen=True)
class Hand:
    """How somebody writes. ``size`` is the height of what is written over the height of its cell."""

    digits: Digits
    face: Face
    pen: Pen
    neat: bool = True
    size: float = 0.68
    slant: float = 0.0
    """Degrees clockwise."""

    def sign(self, sheet: Sheet, place: Place, sign: str, *, shift: tuple[float, float] = (0.0, 0.0)) -> None:
        """One character in the middle of a cell, ``shift`` mm beside it."""
        left, top, width, height = place
        tall = min(height, width * 1.3) * self.size * sheet.near(1, 0.04)
        ink = self._ink(sheet, sign, tall)
        x = left + width / 2 + shift[0] + sheet.near(0, 0.02) * width - ink.shape[1] / PX / 2
        y = top + height / 2 + shift[1] + sheet.near(0, 0.02) * height - ink.shape[0] / PX / 2
        sheet.lay(ink, x, y, self.pen)

    def line(self, sheet: Sheet, place: Place, text: str) -> None:
        """A line of text from the left end of a box, narrower where the box demands it."""
        left, top, width, height = place
        tall = min(height * 0.62, 6.0, (width - 4) / max(1.0, sum(map(_advance, text))))
        x, y = left + 2.0, top + height / 2
        for sign in text:
            step = _advance(sign) * tall
            if not sign.isspace():
                ink = self._glyph(sheet, sign, tall)
                sheet.lay(
                    ink,
                    x + step / 2 - ink.shape[1] / PX / 2,
                    sheet.near(y, 0.12) - ink.shape[0] / PX / 2,
                    self.pen,
                )
            x += step * sheet.near(1, 0.02)

    def _ink(self, sheet: Sheet, sign: str, tall: float) -> Ink:
        if not sign.isascii() or not sign.isdigit():
            return self._glyph(sheet, sign, tall)
        drawn = self.digits.pick(int(sign), sheet.rng, neat=self.neat)
        side = round(tall * _DIGIT_SIDE * PX)
        large = cv2.resize(drawn, (side, side), interpolation=cv2.INTER_CUBIC)
        # The pictures are soft: a pen's edge is sharp, and the level at which it is set makes the stroke's width.
        level = 0.42 if self.pen.width > 0.6 else 0.55
        return _turned(np.clip((large - level) / 0.25 + 0.5, 0, 1).astype(np.float32), self.slant)

    def _glyph(self, sheet: Sheet, sign: str, tall: float) -> Ink:
        drawn = self.face.glyph(sign)
        side = round(tall * _GLYPH_SIDE * PX)
        ink = cv2.resize(drawn, (side, side), interpolation=cv2.INTER_AREA)
        if self.pen.width > 0.6:
            ink = cv2.dilate(ink, np.ones((3, 3), np.uint8))
        return _turned(np.asarray(ink, np.float32), self.slant + sheet.near(0, 1.5))


def _advance(sign: str) -> float:
    return 0.6 if sign.isascii() else 1.0


def _turned(ink: Ink, degrees: float) -> Ink:
    height, width = ink.shape
    matrix = cv2.getRotationMatrix2D(((width - 1) / 2, (height - 1) / 2), -degrees, 1)
    return np.asarray(cv2.warpAffine(ink, matrix, (width, height)), np.float32)
