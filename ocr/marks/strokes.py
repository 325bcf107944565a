"""Which strokes come to which checkboxes, and whose each is: all boxes and strokes of a page in one table."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ocr.ink.align import PX_PER_MM
from ocr.ink.found import Floats, Inked
from ocr.windows import Bools, Numbers, Windows

SPECK_MM2 = 0.05
MARK_MM2 = 0.25
HARD_BY_MM = 0.9
_TIMES = 3.0  # as much ink in this box as in any other makes a stroke this box's
_AS_NEAR = 2.0  # times as far is nearly as near
_LODGED = 0.15  # of a stroke must lie in boxes, or it is nobody's
_AT_HOME = 0.4  # of a stroke in one box, and hardly any in another: however far its tail goes, it is that box's
MM2 = PX_PER_MM**2

MINE, SHARED, AROUND = 1, 2, 4
"""What a stroke is to a box: its own, its and another's, and nobody's or mostly outside another."""


@dataclass(frozen=True, slots=True, eq=False)
class Strokes:
    """The strokes of a page, and what they are to the boxes."""

    windows: Windows
    """The boxes,"""
    limits: Windows
    """and the pieces that they lie in."""
    count: int
    """More than the highest number of a stroke."""
    role: NDArray[np.uint8]
    """boxes × count, flat: what the stroke is to the box, MINE, SHARED, AROUND or 0."""
    free: Bools
    """The same shape: whether hardly any of the stroke lies in any other box."""
    told: dict[str, NDArray[np.float64] | Bools]
    """What is known of each box by its strokes' sizes alone, under the names of BoxInk."""

    def role_of(self, box: Numbers, stroke: NDArray[np.int32]) -> NDArray[np.uint8]:
        return np.asarray(self.role[box * self.count + stroke], np.uint8)

    def has(self, roles: int) -> Bools:
        """Which boxes have a stroke of one of these roles."""
        return np.asarray((self.role & roles > 0).reshape(-1, self.count).any(axis=1))


@dataclass(frozen=True, slots=True, eq=False)
class _Pairs:
    """A box and a stroke that comes hard by it; arrays of one length."""

    box: Numbers
    stroke: Numbers
    near: Numbers
    """How many of the stroke's pixels lie in the box or hard by it,"""
    inside: Numbers
    """how many in it,"""
    others: Numbers
    """how many in that of the other boxes which has most of it,"""
    whole: Numbers
    """how many it has,"""
    whole_seen: Bools
    """and whether it ends before the piece does."""

    @property
    def hard(self) -> Bools:
        return np.asarray(self.near >= SPECK_MM2 * MM2)


def strokes_of(ink: Inked, boxes: Numbers) -> Strokes:
    """What every stroke of the page is to each of the boxes."""
    windows, limits, count = ink.side.boxes.take(boxes), ink.side.limits.take(boxes), len(ink.areas)
    pixels = windows.widened(round(HARD_BY_MM * PX_PER_MM), limits).pixels(ink.strokes)
    keys = pixels.window * count + pixels.value
    size = len(boxes) * count
    near = np.bincount(keys, minlength=size)
    inside = np.bincount(keys[windows.has(pixels)], minlength=size)
    places = np.flatnonzero(near)
    box, stroke = places // count, places % count
    most, second = _ranked(stroke, inside[places], count)
    others = np.where(inside.reshape(-1, count) == most, second, most).ravel()
    cut_off = np.zeros(count, np.bool_)
    cut_off[np.concatenate([edge for at in ink.side.at for edge in _edges(ink.strokes[at])])] = True
    pairs = _Pairs(box, stroke, near[places], inside[places], others[places], ink.areas[stroke], ~cut_off[stroke])
    role, told = _judged(pairs, _away(ink, windows, pairs), len(boxes))
    roles = np.zeros(size, np.uint8)
    roles[places] = role
    free = (others.reshape(-1, count) < _LODGED * ink.areas).ravel()
    return Strokes(windows, limits, count, roles, free, told)


def _edges(piece: NDArray[np.int32]) -> tuple[NDArray[np.int32], ...]:
    return piece[0], piece[-1], piece[:, 0], piece[:, -1]


def _ranked(stroke: Numbers, inside: Numbers, count: int) -> tuple[Numbers, Numbers]:
    """Of each stroke, how much lies in the box that has most of it, and in the next."""
    order = np.lexsort((inside, stroke))
    stroke, inside = stroke[order], inside[order]
    last = np.flatnonzero(np.diff(stroke, append=-1))
    before = last[(last > 0) & (stroke[last - 1] == stroke[last])] - 1
    most, second = np.zeros(count, np.int64), np.zeros(count, np.int64)
    most[stroke[last]], second[stroke[before]] = inside[last], inside[before]
    return most, second


def _away(ink: Inked, windows: Windows, pairs: _Pairs) -> Floats:
    """From the middle of the box to the middle of the stroke."""
    down = (windows.top + windows.bottom - 1)[pairs.box] / 2 - ink.middles[pairs.stroke, 0]
    right = (windows.left + windows.right - 1)[pairs.box] / 2 - ink.middles[pairs.stroke, 1]
    return np.asarray(np.hypot(down, right), np.float64)


def _judged(
    pairs: _Pairs, away: Floats, boxes: int
) -> tuple[NDArray[np.uint8], dict[str, NDArray[np.float64] | Bools]]:
    """Whose each stroke is; and what that makes of the boxes that any stroke comes hard by."""
    own, others, whole, hard = pairs.inside, pairs.others, pairs.whole, pairs.hard
    lodged = _LODGED * whole
    theirs = (others >= _TIMES * own) & (others >= np.minimum(lodged, MARK_MM2 * MM2))
    mine = ~theirs & (own >= SPECK_MM2 * MM2) & (own >= _TIMES * others) & (own >= lodged)
    shared = ~theirs & ~mine & (own >= SPECK_MM2 * MM2) & (own + others >= lodged)
    stray = hard & ~(theirs | mine | shared)
    around = stray | (theirs & hard & (others < 0.5 * whole))
    near = mine | shared
    home = pairs.whole_seen & (own >= _AT_HOME * whole) & (own >= 10 * others)

    def total(values: Numbers, those: Bools) -> Floats:
        return np.bincount(pairs.box[those], values[those], boxes).astype(np.float64)

    met = total(pairs.near, hard) > 0
    far = near & ~home
    hard_by, both = total(pairs.near, far), total(np.bincount(pairs.stroke, pairs.near)[pairs.stroke], far)
    told: dict[str, NDArray[np.float64] | Bools] = {
        "own_mm2": total(own, mine) / MM2,
        "shared_mm2": total(own, shared) / MM2,
        "foreign_mm2": np.where(met, total(own, theirs), 0) / MM2,
        "orphan_mm2": total(pairs.near, stray) / MM2,
        "torn": total(whole, _torn(pairs, away) & ~stray & ~np.isin(pairs.stroke, pairs.stroke[home])) > 0,
        "leans": (both - hard_by >= SPECK_MM2 * MM2) & (hard_by < 0.6 * total(whole, far)),
    }
    return (MINE * mine + SHARED * shared + AROUND * around).astype(np.uint8), told


def _torn(pairs: _Pairs, away: Floats) -> Bools:
    """Whether the middle of the stroke, more than a dot, is nearly as near to that of another box that it comes hard by."""
    distance = np.where(pairs.hard, away, np.inf)
    order = np.lexsort((distance, pairs.stroke))
    stroke = pairs.stroke[order]
    first = np.flatnonzero(np.diff(stroke, prepend=-1))
    after = first[(first + 1 < len(stroke)) & (stroke[np.minimum(first + 1, len(stroke) - 1)] == stroke[first])] + 1
    size = int(stroke.max(initial=0)) + 1
    nearest, next_ = np.full(size, np.inf), np.full(size, np.inf)
    nearest[stroke[first]], next_[stroke[after]] = distance[order][first], distance[order][after]
    other = np.where(distance == nearest[pairs.stroke], next_[pairs.stroke], nearest[pairs.stroke])
    large = pairs.hard & (pairs.whole >= MARK_MM2 * MM2) & np.isfinite(other)
    return np.asarray(large & (np.maximum(away, other) < _AS_NEAR * np.minimum(away, other)))
