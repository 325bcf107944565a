"""Signs of a second sheet in the same scan: print where the form has none, or paper beyond the form's end."""

from __future__ import annotations

import cv2
import numpy as np

from ocr.register.check import Laid
from ocr.register.ink import BLOCK, INK, Ink, inverse, moved_by
from ocr.register.landmarks import Landmarks

_BLOCK_INK = 20  # pixels of foreign ink that make a block count
_SPREAD = 0.07
"""Of the blocks that are bare: at most 0.03 of right pages, though hardly any of their fields are asked for; 0.08 and more of two sheets."""
_LEAST_BLOCKS = 40
_BEYOND_MM = 25.0
_BEYOND_INK = 400


def two_sheets(ink: Ink, blank: Landmarks, one: Laid, paper_mm: tuple[float, float]) -> bool:
    """Whether another sheet's print lies over, or below, this one."""
    return _printed_over(blank, one) or _goes_on(ink, one, paper_mm)


def _printed_over(blank: Landmarks, one: Laid) -> bool:
    """Stamps, stains and notes stand in a few places; another sheet's print is spread over the page."""
    dark = cv2.threshold(one.over, INK, 255, cv2.THRESH_BINARY)[1]
    size = tuple(side // BLOCK for side in dark.shape[::-1])
    whole = cv2.bitwise_and(dark, dark, mask=blank.bare)[: size[1] * BLOCK, : size[0] * BLOCK]
    foreign = cv2.resize(whole, size, interpolation=cv2.INTER_AREA) >= 255 * _BLOCK_INK / BLOCK**2
    open_ = np.count_nonzero(blank.open)
    return bool(open_ >= _LEAST_BLOCKS and np.count_nonzero(blank.open & foreign) > _SPREAD * open_)


def _goes_on(ink: Ink, one: Laid, paper_mm: tuple[float, float]) -> bool:
    """Print far beyond the paper's end."""
    height, width = ink.image.shape
    corners = moved_by(inverse(one.way), np.array([[0, 0], [width, 0], [width, height], [0, height]], float))
    low, high = corners.min(axis=0), corners.max(axis=0)
    if max(*-low, *(high - np.array(paper_mm))) < _BEYOND_MM:
        return False
    rim = 5.0
    sheet = np.array(
        [[-rim, -rim], [paper_mm[0] + rim, -rim], [paper_mm[0] + rim, paper_mm[1] + rim], [-rim, paper_mm[1] + rim]]
    )
    beyond = np.ones(ink.image.shape, np.uint8)
    cv2.fillConvexPoly(beyond, moved_by(one.way, sheet).round().astype(np.int32), 0)
    return bool(np.count_nonzero((ink.image > INK) & (beyond > 0)) > _BEYOND_INK)
