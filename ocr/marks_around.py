"""Strokes in the surroundings of a checkbox or bubble: where they leave it, whether they ring it or run through it."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ocr.ink import Piece
from ocr.ink_align import PX_PER_MM, Window
from ocr.page import Grey

_WELL_OUTSIDE = 0.9  # mm
_JUST_PAST = 0.4
_PAST = 2.6  # mm: a line that goes on for so long past both sides goes through
_DIRECTIONS = np.radians(np.arange(0, 180, 4))
_INK, _BOXED, _PRINTED = 1, 2, 4
_SINES, _COSINES = np.sin(_DIRECTIONS), np.cos(_DIRECTIONS)

Bools = NDArray[np.bool_]


def reach_of(ink: Bools) -> tuple[float, bool]:
    """How far the ink goes across the box, in sides of the box; and whether it comes to the middle."""
    height, width = ink.shape
    rows, columns = np.nonzero(ink)
    length = float(np.hypot(rows[-1] - rows[0], columns.max() - columns.min()))
    middle = (abs(rows - height / 2) < height * 0.3) & (abs(columns - width / 2) < width * 0.3)
    return length / min(height, width), bool(np.count_nonzero(middle) >= 3)


def exits_of(piece: Piece, those: Bools, window: Window, out_mm: float) -> tuple[tuple[float, ...], float]:
    """Where those strokes cross a rectangle ``out_mm`` around the box: directions in degrees, and the share of it inked."""
    rows, columns = _rectangle(window, round(out_mm * PX_PER_MM), piece.strokes.shape)
    inked = those[piece.strokes[rows, columns]]
    share = np.count_nonzero(inked) / len(inked)
    if share == 0:
        return (), 0.0
    ring = np.concatenate([inked[-2:], inked, inked[:2]])  # a break of two pixels is none
    inked = inked | ring[1:-3] & ring[4:] | ring[:-4] & ring[3:-1]
    ring = np.concatenate([inked[-1:], inked, inked[:1]])
    starts, ends = np.flatnonzero(inked & ~ring[:-2]), np.flatnonzero(inked & ~ring[2:])
    if not len(starts):
        return (), share
    if ends[0] < starts[0]:
        ends = np.concatenate([ends[1:], ends[:1]])
    at = (starts + ((ends - starts) % len(inked) + 1) // 2) % len(inked)
    middle = (window[0].start + window[0].stop - 1) / 2, (window[1].start + window[1].stop - 1) / 2
    degrees = np.degrees(np.arctan2(rows[at] - middle[0], columns[at] - middle[1])) % 360
    return tuple(sorted(degrees.tolist())), share


def _rectangle(window: Window, by: int, shape: tuple[int, ...]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The pixels of a rectangle around the window, in order."""
    top, bottom = max(0, window[0].start - by), min(shape[0], window[0].stop + by) - 1
    left, right = max(0, window[1].start - by), min(shape[1], window[1].stop + by) - 1
    across, down = np.arange(left, right), np.arange(top, bottom)
    rows = np.concatenate([np.full(len(across), top), down, np.full(len(across), bottom), down[::-1] + 1])
    columns = np.concatenate([across, np.full(len(down), right), across[::-1] + 1, np.full(len(down), left)])
    return rows, columns


def surrounded_of(around: Bools, wide: Window, window: Window) -> float:
    """The share of directions in which there is ink well outside the box."""
    rows, columns = np.nonzero(around)
    down = rows + wide[0].start - (window[0].start + window[0].stop - 1) / 2
    right = columns + wide[1].start - (window[1].start + window[1].stop - 1) / 2
    half = max(window[0].stop - window[0].start, window[1].stop - window[1].start) / 2
    far = np.hypot(down, right) > half + _WELL_OUTSIDE * PX_PER_MM
    directions = (np.degrees(np.arctan2(down[far], right[far])) // 15).astype(int) % 24
    return int(np.count_nonzero(np.bincount(directions, minlength=24))) / 24


def through_of(piece: Piece, window: Window, ink: Bools) -> tuple[bool, bool, float]:
    """Whether a line goes through the ink in the box and well past it at both sides, with one side hidden, and how much of that ink is on it.

    Printed places and other boxes, where ink can't be seen or is another's, don't count.
    """
    rows, columns = np.nonzero(ink)
    row, column = rows.mean() + window[0].start, columns.mean() + window[1].start
    half = max(ink.shape) / 2
    reach = int(half + _PAST * PX_PER_MM) + 2
    top, left = int(row) - reach, int(column) - reach
    seen = _seen(piece, top, left, 2 * reach)
    down, right = np.nonzero(seen & _INK)
    beyond = np.hypot(down + top - row, right + left - column) > half + _JUST_PAST * PX_PER_MM - 1
    if np.count_nonzero(beyond) < 2:
        return False, False, 0.0
    out = np.arange(half + _JUST_PAST * PX_PER_MM, half + _PAST * PX_PER_MM)
    out = np.concatenate([-out, out])
    down = np.rint(row + np.outer(_SINES, out)).astype(int)
    right = np.rint(column + np.outer(_COSINES, out)).astype(int)
    sides = seen[down - top, right - left].reshape(len(_DIRECTIONS), 2, -1)
    rows, columns = rows + window[0].start - row, columns + window[1].start - column
    for hidden in (_BOXED, _PRINTED):  # first as if nothing were seen in other boxes, whose marks are their own
        best, unseen = _best(sides, hidden)
        along = float((abs(rows * _COSINES[best] - columns * _SINES[best]) < 0.5 * PX_PER_MM).mean())
        if unseen is not None and (hidden == _BOXED or along > 0.8):
            return True, unseen or hidden == _PRINTED, along
    return False, False, 0.0


def _best(sides: Grey, hidden: int) -> tuple[int, bool | None]:
    """The direction in which a line most likely runs; and whether a side of it is hidden, None where there is no line."""
    visible = (sides < hidden).sum(2)
    unseen = visible < 4
    inked = ((sides & _INK > 0) & (sides < hidden)).sum(2)
    shares = np.where(unseen, 0.8, inked / np.maximum(visible, 1))
    both = np.where(unseen.all(1), 0, shares.min(1))
    best = int(both.argmax())
    return best, bool(unseen[best].any()) if both[best] >= 0.75 else None


def _seen(piece: Piece, top: int, left: int, size: int) -> Grey:
    """A square of the piece: _INK or not, with _BOXED added in other boxes and _PRINTED on print and beyond the piece."""
    out = np.full((size, size), _PRINTED, np.uint8)
    height, width = piece.strokes.shape
    rows, columns = slice(max(0, top), min(height, top + size)), slice(max(0, left), min(width, left + size))
    # Dust counts: what is seen of a line between boxes that stand close together is no more than that.
    seen = ((piece.strokes[rows, columns] > 0) | (piece.inked[rows, columns] > 0)).astype(np.uint8) * np.uint8(_INK)
    seen |= (piece.boxed[rows, columns] & np.uint8(_BOXED)) | (piece.printed[rows, columns] & np.uint8(_PRINTED))
    out[rows.start - top : rows.stop - top, columns.start - left : columns.stop - left] = seen
    return out
