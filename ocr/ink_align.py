"""Finding the print of each box on the scan, half a millimetre about, and laying the blank's print there."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from ocr.page import Grey
from ocr.reading import Box

PX_PER_MM = 8.0
PRINT = 30
"""Of 255: from here on the blank is printed on."""

_SHIFT = 4  # px: how far, at most, a printed box is looked for around its place (0.5 mm)

Window = tuple[slice, slice]
Floats = NDArray[np.float32]


def window_of(box: Box, region: Box) -> Window:
    top, left = (box.top - region.top) * PX_PER_MM, (box.left - region.left) * PX_PER_MM
    return (
        slice(max(0, round(top)), max(1, round(top + box.height * PX_PER_MM))),
        slice(max(0, round(left)), max(1, round(left + box.width * PX_PER_MM))),
    )


def shifted(window: Window, by: tuple[int, int]) -> Window:
    rows, columns = window
    return (
        slice(max(0, rows.start + by[0]), max(1, rows.stop + by[0])),
        slice(max(0, columns.start + by[1]), max(1, columns.stop + by[1])),
    )


def widened(window: Window, by: int, shape: tuple[int, ...]) -> Window:
    """The window with ``by`` pixels more on each side, as far as the piece reaches."""
    rows, columns = window
    return (
        slice(max(0, rows.start - by), min(shape[0], rows.stop + by)),
        slice(max(0, columns.start - by), min(shape[1], columns.stop + by)),
    )


def shifts_of(darks: Sequence[tuple[Grey, Grey]], windows: Sequence[Sequence[Window]]) -> list[list[tuple[int, int]]]:
    """How far down and right each box's print lies from its place, in pixels."""
    maps = [
        [_matches(scan, blank, widened(one, 12, scan.shape)) for one in inside]
        for (scan, blank), inside in zip(darks, windows, strict=True)
    ]
    every = [one for inside in maps for one in inside if one is not None]
    if not every:
        return [[(0, 0)] * len(inside) for inside in windows]
    # What the whole page agrees on settles what a single box, hidden under a mark, can't.
    common = np.mean(every, axis=0)
    return [[_best(one, common) for one in inside] for inside in maps]


def _best(match: Floats | None, common: Floats) -> tuple[int, int]:
    total = common * 0.5 + (match if match is not None else 0)
    down, right = np.unravel_index(int(np.argmax(total)), total.shape)
    return int(down) - _SHIFT, int(right) - _SHIFT


def _matches(scan: Grey, blank: Grey, window: Window) -> Floats | None:
    """How well the blank's print fits the scan at each shift, about 0 to 1; None where nothing is printed."""
    rows, columns = window
    inner = (slice(rows.start + _SHIFT, rows.stop - _SHIFT), slice(columns.start + _SHIFT, columns.stop - _SHIFT))
    print_ = blank[inner]
    if min(print_.shape) < 2 or int(print_.max()) < PRINT:
        return None
    energy = float(cv2.meanStdDev(print_)[1][0, 0]) ** 2 * print_.size
    matched = cv2.matchTemplate(scan[window], print_, cv2.TM_CCOEFF)
    return np.asarray(matched / max(energy, 1.0), np.float32)


def laid_print(blank: Grey, windows: Sequence[Window], shifts: Sequence[tuple[int, int]]) -> Grey:
    """The blank with the surroundings of each box moved to where the scan has them."""
    if not any(map(any, shifts)):
        return blank
    down, right = (round(float(np.median([shift[axis] for shift in shifts]))) for axis in (0, 1))
    laid = _moved(blank, (slice(0, blank.shape[0]), slice(0, blank.shape[1])), (down, right))
    out = laid.copy()
    for window, shift in zip(windows, shifts, strict=True):
        if shift != (down, right):
            wide = widened(window, 12, blank.shape)
            out[wide] = _moved(blank, wide, shift)
    return out


def _moved(picture: Grey, window: Window, shift: tuple[int, int]) -> Grey:
    padded = cv2.copyMakeBorder(picture, _SHIFT, _SHIFT, _SHIFT, _SHIFT, cv2.BORDER_REPLICATE)
    rows, columns = window
    down, right = _SHIFT - shift[0], _SHIFT - shift[1]
    return np.asarray(
        padded[rows.start + down : rows.stop + down, columns.start + right : columns.stop + right], np.uint8
    )
