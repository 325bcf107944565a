"""Whether the words or the code that name a form are on the page: the last word where forms share their layout."""

from __future__ import annotations

import cv2
import numpy as np

from ocr.codes import read_code
from ocr.cut import cut
from ocr.field import box_of
from ocr.form import Identify
from ocr.page import Grey, Sheet

_PX_PER_MM = 8.0
_MARGIN_MM = 1.0
_GLYPH_MM = 4.0
_BLUR_PX = 1.6
"""Thin strokes are compared by where they are, not by how thick a copy made them."""
_SHIFT_PX = 2
"""Each glyph may lie this far from where the best place of all of them puts it."""
_LEAST_INK = 0.03
_ALIKE = 0.66
"""Right titles are alike at 0.69 and more (faxes of thin Mincho), one that says 第9号 for 第8号 at 0.64 and less."""
_Map = np.ndarray[tuple[int, ...], np.dtype[np.float32]]


def names_form(sheet: Sheet, identify: Identify) -> bool:
    """Whether the page says what the form is told by."""
    box = box_of(identify.at, identify.page)
    [(scan, blank)] = cut(sheet, [box], _PX_PER_MM, _MARGIN_MM)
    if identify.qr:
        return any(text.startswith(identify.qr) for text in read_code(scan))
    return words_alike(scan, blank) > _ALIKE


def words_alike(scan: Grey, blank: Grey) -> float:
    """How alike the words are, glyph by glyph, at the worst place: -1 to 1."""
    margin = round(_MARGIN_MM * _PX_PER_MM)
    words = blank[margin:-margin, margin:-margin]
    alike = cv2.matchTemplate(scan, words, cv2.TM_CCOEFF_NORMED)
    _, _, _, (x, y) = cv2.minMaxLoc(alike)
    side = round(_GLYPH_MM * _PX_PER_MM)
    window = (min(side, words.shape[1]), min(side, words.shape[0]))
    here = _Local(_blurred(words), window)
    there = np.pad(_blurred(scan), _SHIFT_PX, mode="edge")
    height, width = words.shape
    best = np.full(words.shape, -1.0, np.float32)
    for down in range(2 * _SHIFT_PX + 1):
        for right in range(2 * _SHIFT_PX + 1):
            moved = there[y + down : y + down + height, x + right : x + right + width]
            best = np.maximum(best, here.like(moved))
    inked = cv2.boxFilter((words < 128).astype(np.float32), cv2.CV_32F, window) > _LEAST_INK
    half_x, half_y = window[0] // 2, window[1] // 2
    inside = np.zeros(words.shape, np.bool_)
    inside[half_y : height - half_y + 1, half_x : width - half_x + 1] = True
    where = np.asarray(inked) & inside
    return float(np.min(best[where])) if where.any() else -1.0


class _Local:
    """A picture to which others are compared around each of its pixels."""

    def __init__(self, picture: _Map, window: tuple[int, int]) -> None:
        self._picture, self._window = picture, window
        self._mean = self._around(picture)
        self._spread = self._around(picture * picture) - self._mean**2

    def like(self, other: _Map) -> _Map:
        """How alike the two are around each pixel: -1 to 1."""
        mean = self._around(other)
        across = self._around(self._picture * other) - self._mean * mean
        spread = self._spread * (self._around(other * other) - mean**2)
        return np.asarray(across / np.sqrt(np.maximum(spread, 1.0)), np.float32)

    def _around(self, values: _Map) -> _Map:
        return np.asarray(cv2.boxFilter(values, cv2.CV_32F, self._window), np.float32)


def _blurred(picture: Grey) -> _Map:
    """Ink as light, without what is finer than a stroke."""
    return np.asarray(255 - cv2.GaussianBlur(picture, (0, 0), _BLUR_PX).astype(np.float32), np.float32)
