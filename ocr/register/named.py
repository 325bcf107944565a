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
_LEAST_INK = 0.03
_ALIKE = 0.55


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
    there = scan[y : y + words.shape[0], x : x + words.shape[1]]
    side = round(_GLYPH_MM * _PX_PER_MM)
    window = (min(side, words.shape[1]), min(side, words.shape[0]))
    a, b = (255 - cv2.GaussianBlur(one, (0, 0), 1.2).astype(np.float32) for one in (words, there))

    def mean(
        values: np.ndarray[tuple[int, ...], np.dtype[np.float32]],
    ) -> np.ndarray[tuple[int, ...], np.dtype[np.float32]]:
        return np.asarray(cv2.boxFilter(values, cv2.CV_32F, window), np.float32)

    mean_a, mean_b = mean(a), mean(b)
    across = mean(a * b) - mean_a * mean_b
    spread = (mean(a * a) - mean_a**2) * (mean(b * b) - mean_b**2)
    inked = mean((a > 128).astype(np.float32)) > _LEAST_INK
    half_x, half_y = window[0] // 2, window[1] // 2
    inside = np.zeros_like(inked)
    inside[half_y : inked.shape[0] - half_y + 1, half_x : inked.shape[1] - half_x + 1] = True
    where = inked & inside
    return float(np.min((across / np.sqrt(np.maximum(spread, 1.0)))[where])) if where.any() else -1.0
