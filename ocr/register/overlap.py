"""Signs of a second sheet in the same scan: print where the form has none, or paper beyond the form's end."""

from __future__ import annotations

import cv2
import numpy as np

from ocr.register.check import Laid
from ocr.register.ink import BLOCK, INK, Ink, inverse, moved_by
from ocr.register.landmarks import Landmarks
from ocr.register.markers import stray_marks

_BLOCK_INK = 20  # pixels of foreign ink that make a block count
_SPREAD, _SPREAD_WITH_MARKS = 0.1, 0.05
"""Of the blocks beside the form's print and fields: people write into fields that nobody asked for, too; less is enough where a corner
    mark stands in the middle of the sheet."""
_LEAST_BLOCKS = 40
_BEYOND_MM = 25.0
_BEYOND_INK = 400


def two_sheets(ink: Ink, blank: Landmarks, one: Laid, paper_mm: tuple[float, float]) -> bool:
    """Whether another sheet's print lies over, or below, this one."""
    spread = _printed_over(blank, one)
    marked = spread > _SPREAD_WITH_MARKS and stray_marks(ink)
    return marked or spread > _SPREAD or _goes_on(ink, one, paper_mm)


def _printed_over(blank: Landmarks, one: Laid) -> float:
    """The share of the free places with ink: stamps, stains and notes stand in a few, another sheet's print in many."""
    dark = cv2.threshold(one.over, INK, 255, cv2.THRESH_BINARY)[1]
    size = tuple(side // BLOCK for side in dark.shape[::-1])
    whole = cv2.bitwise_and(dark, dark, mask=blank.free)[: size[1] * BLOCK, : size[0] * BLOCK]
    foreign = cv2.resize(whole, size, interpolation=cv2.INTER_AREA) >= 255 * _BLOCK_INK / BLOCK**2
    free = np.count_nonzero(blank.open)
    return np.count_nonzero(blank.open & foreign) / free if free >= _LEAST_BLOCKS else 0.0


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
