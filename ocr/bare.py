"""Where the empty form is bare: what the scan shows there is the scan's, not a writer's."""

from __future__ import annotations

from functools import lru_cache

import cv2
import numpy as np

from ocr.page import MM_PER_INCH, Page
from ocr.reading import Box

_SIDE = 4.0  # mm: of each place
_MARGIN = 1.2  # mm of bare paper around it
_MOST = 144  # places: so many show nearly the largest fleck of the page
_STEP = 2.0  # mm
_EDGE = 8.0  # mm: shadows of the lid lie at a scan's edges
_PRINTED = 245  # of 255: darker is print


@lru_cache(maxsize=64)
def bare_boxes(blank: Page, number: int, taken: tuple[Box, ...]) -> tuple[Box, ...]:
    """Squares of the page with this number, spread over it, in which nothing is printed and that touch none of the taken boxes."""
    scale = blank.dpi / MM_PER_INCH
    full = np.asarray(blank.image < _PRINTED, np.uint8)
    for box in taken:
        left, top = (max(0, round(side * scale)) for side in (box.left, box.top))
        full[top : round((box.top + box.height) * scale), left : round((box.left + box.width) * scale)] = 1
    edge = round(_EDGE * scale)
    full[:edge], full[-edge:], full[:, :edge], full[:, -edge:] = 1, 1, 1, 1
    sums = cv2.integral(full)
    high, wide = full.shape
    side, margin = round((_SIDE + 2 * _MARGIN) * scale), round(_MARGIN * scale)
    step, found, top = round(_STEP * scale), list[tuple[int, int]](), edge
    while top < high - side:
        left, before = edge, len(found)
        while left < wide - side:
            ink = sums[top + side, left + side] - sums[top, left + side] - sums[top + side, left] + sums[top, left]
            if not ink:
                found.append((top, left))
            left += step if ink else side
        top += step if len(found) == before else side
    chosen = [found[place] for place in np.unique(np.linspace(0, len(found) - 1, _MOST).astype(int))] if found else []
    return tuple(Box(number, (x + margin) / scale, (y + margin) / scale, _SIDE, _SIDE) for y, x in chosen)
