"""Strokes in the surroundings of checkboxes and bubbles: where they leave, whether they ring a box or run through it."""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

import numpy as np

from ocr.ink.align import PX_PER_MM
from ocr.ink.found import Floats, Inked
from ocr.marks.strokes import Strokes
from ocr.page import Grey
from ocr.windows import Bools, Numbers, Pixels, Windows, sums

_WELL_OUTSIDE = 0.9  # mm
_JUST_PAST = 0.4
_PAST = 2.6  # mm: a line that goes on for so long past both sides goes through
_DIRECTIONS = np.radians(np.arange(0, 180, 4))
_INK, _BOXED, _PRINTED = 1, 2, 4
_SINES, _COSINES = np.sin(_DIRECTIONS), np.cos(_DIRECTIONS)
_SECTORS = 24
_SAME = 13  # degrees
_LEAVES = 1 / np.maximum(abs(_SINES), abs(_COSINES))
"""Where a line of each direction leaves a square, in halves of its side."""


class Exits(NamedTuple):
    """Where strokes cross a rectangle around each of some boxes."""

    directions: list[tuple[float, ...]]
    """In degrees, rising."""
    share: Floats
    """How much of the rectangle is inked."""


class Through(NamedTuple):
    """Of each of some boxes; arrays."""

    line: Bools
    """Whether a line goes through the ink in the box and well past it at both sides,"""
    hidden: Bools
    """with one side hidden,"""
    along: Floats
    """and how much of that ink is on it."""


def exits_of(ink: Inked, strokes: Strokes, boxes: Numbers, roles: int, out_mm: float) -> Exits:
    """Where strokes of these ``roles`` cross a rectangle ``out_mm`` around each box."""
    windows, limits = strokes.windows.take(boxes), strokes.limits.take(boxes)
    around = windows.widened(round(out_mm * PX_PER_MM), limits)
    directions: list[tuple[float, ...]] = [()] * len(boxes)
    share = np.zeros(len(boxes))
    sizes: dict[tuple[int, int], list[int]] = {}
    for number, size in enumerate(zip(around.height.tolist(), around.width.tolist(), strict=True)):
        sizes.setdefault(size, []).append(number)
    for size, alike in sizes.items():
        those = np.array(alike)
        down, right = _rectangle(*size)
        down, right = around.top[those, None] + down, around.left[those, None] + right
        inked = strokes.role_of(boxes[those, None], ink.strokes[down, right]) & roles > 0
        share[those] = np.count_nonzero(inked, axis=1) / inked.shape[1]
        which, at = _crossings(inked)
        some = windows.take(those[which])
        away = down[which, at] - (some.top + some.bottom - 1) / 2, right[which, at] - (some.left + some.right - 1) / 2
        degrees = np.degrees(np.arctan2(*away)) % 360
        for number, one in zip(those[which].tolist(), degrees.tolist(), strict=True):
            directions[number] += (one,)
    return Exits([_apart(sorted(one)) for one in directions], share)


def _apart(directions: list[float]) -> tuple[float, ...]:
    """A line that leaves over a corner of the rectangle leaves once."""
    found = list[float]()
    for one in directions:
        if found and one - found[-1] < _SAME:
            found[-1] = (found[-1] + one) / 2
        else:
            found.append(one)
    if len(found) > 1 and found[0] + 360 - found[-1] < _SAME:
        found[0] = (found[0] + found.pop() - 360) / 2 % 360
    return tuple(sorted(found))


def _crossings(inked: Bools) -> tuple[Numbers, Numbers]:
    """Of rings (rings × pixels in order), the middle of each inked run: which ring, and which pixel."""
    length = inked.shape[1]
    ring = np.concatenate([inked[:, -2:], inked, inked[:, :2]], axis=1)  # a break of two pixels is none
    inked = inked | ring[:, 1:-3] & ring[:, 4:] | ring[:, :-4] & ring[:, 3:-1]
    ring = np.concatenate([inked[:, -1:], inked, inked[:, :1]], axis=1)
    (which, starts), (_, ends) = np.nonzero(inked & ~ring[:, :-2]), np.nonzero(inked & ~ring[:, 2:])
    if not len(which):
        return which, starts
    # A run that goes over the ring's end has its own end before all starts.
    first, count = np.searchsorted(which, which), np.bincount(which)[which]
    over = (ends[first] < starts[first]).astype(np.int64)
    ends = ends[first + (np.arange(len(which)) - first + over) % count]
    return which, (starts + ((ends - starts) % length + 1) // 2) % length


@lru_cache(maxsize=64)
def _rectangle(height: int, width: int) -> tuple[Numbers, Numbers]:
    """The pixels at the edge of a rectangle, in order: rows and columns from its top left corner."""
    across, down = np.arange(width - 1), np.arange(height - 1)
    rows = np.concatenate([np.zeros(len(across), int), down, np.full(len(across), height - 1), down[::-1] + 1])
    columns = np.concatenate([across, np.full(len(down), width - 1), across[::-1] + 1, np.zeros(len(down), int)])
    return rows, columns


def surrounded_of(around: Pixels, windows: Windows) -> Floats:
    """The share of directions in which there is ink of ``around`` well outside each box."""
    of = around.window
    down = around.row - ((windows.top + windows.bottom - 1) / 2)[of]
    right = around.column - ((windows.left + windows.right - 1) / 2)[of]
    half = np.maximum(windows.height, windows.width) / 2
    far = np.hypot(down, right) > (half + _WELL_OUTSIDE * PX_PER_MM)[of]
    sectors = (np.degrees(np.arctan2(down[far], right[far])) // (360 // _SECTORS)).astype(int) % _SECTORS
    seen = np.bincount(of[far] * _SECTORS + sectors, minlength=len(windows) * _SECTORS)
    return np.asarray(np.count_nonzero(seen.reshape(-1, _SECTORS), axis=1) / _SECTORS)


def through_of(ink: Inked, strokes: Strokes, boxes: Numbers, own: Pixels) -> Through:
    """Whether a line goes through the ink in each box, of which ``own`` are the pixels, and well past it at both sides.

    Printed places and other boxes, where ink can't be seen or is another's, don't count.
    """
    windows, limits = strokes.windows.take(boxes), strokes.limits.take(boxes)
    size = np.bincount(own.window, minlength=len(boxes))
    # Places are counted from the piece's corner; means from the box's, as numbers close to 0 are the most exact.
    row = np.bincount(own.window, own.row - windows.top[own.window], len(boxes)) / size + (windows.top - limits.top)
    column = np.bincount(own.window, own.column - windows.left[own.window], len(boxes)) / size
    column += windows.left - limits.left
    own = Pixels(own.window, own.row - limits.top[own.window], own.column - limits.left[own.window], own.value)
    half = np.maximum(windows.height, windows.width) / 2
    seen = _seen(ink)
    line, hidden, along = np.zeros(len(boxes), np.bool_), np.zeros(len(boxes), np.bool_), np.zeros(len(boxes))
    asked = _goes_beyond(seen, limits, row, column, half)
    for one in np.unique(half[asked]).tolist():
        those = asked[half[asked] == one]
        sides = _sides(seen, limits.take(those), row[those], column[those], one)
        # First as if nothing were seen in other boxes, whose marks are their own.
        for level in (_BOXED, _PRINTED):
            best, there, unseen = _best(sides, level)
            on_it = _on_line(own, those, best, row, column, size)
            new = there & ~line[those] & ((level == _BOXED) | (on_it > 0.8))
            line[those[new]], along[those[new]] = True, on_it[new]
            hidden[those[new]] = unseen[new] | (level == _PRINTED)
    return Through(line, hidden, along)


def _goes_beyond(seen: Grey, limits: Windows, row: Floats, column: Floats, half: Floats) -> Numbers:
    """Which boxes have more than a pixel of ink just past them."""
    reach = (half + _PAST * PX_PER_MM).astype(int) + 2
    top, left = row.astype(int) - reach + limits.top, column.astype(int) - reach + limits.left
    square = Windows(top, top + 2 * reach, left, left + 2 * reach).within(limits)
    inked = square.pixels(seen & np.uint8(_INK))
    of = inked.window
    away = np.hypot(inked.row - limits.top[of] - row[of], inked.column - limits.left[of] - column[of])
    beyond = np.bincount(of[away > half[of] + _JUST_PAST * PX_PER_MM - 1], minlength=len(row))
    return np.flatnonzero(beyond >= 2)


def _sides(seen: Grey, limits: Windows, row: Floats, column: Floats, half: float) -> Grey:
    """What is seen past each box: boxes × directions × 2 sides × distances; print beyond the piece."""
    past = half * _LEAVES[:, None] + np.arange(_JUST_PAST * PX_PER_MM, _PAST * PX_PER_MM)
    out = np.concatenate([-past, past], axis=1)
    down = np.rint(row[:, None] + (_SINES[:, None] * out).ravel()).astype(int)
    right = np.rint(column[:, None] + (_COSINES[:, None] * out).ravel()).astype(int)
    inside = (down >= 0) & (down < limits.height[:, None]) & (right >= 0) & (right < limits.width[:, None])
    if inside.all():
        sides = seen[down + limits.top[:, None], right + limits.left[:, None]]
    else:
        down, right = np.where(inside, down + limits.top[:, None], 0), np.where(inside, right + limits.left[:, None], 0)
        sides = np.where(inside, seen[down, right], np.uint8(_PRINTED))
    return np.asarray(sides, np.uint8).reshape(len(row), len(_DIRECTIONS), 2, -1)


def _best(sides: Grey, level: int) -> tuple[Numbers, Bools, Bools]:
    """Of each box the direction in which a line most likely runs; whether there is one; and whether a side of it is hidden."""
    open_ = sides < level
    visible = _counts(open_)
    unseen = visible < 4
    inked = _counts(open_ & (sides & _INK > 0))
    shares = np.where(unseen, 0.8, inked / np.maximum(visible, 1))
    both = np.where(unseen.all(axis=2), 0, shares.min(axis=2))
    best = both.argmax(axis=1)
    at = np.arange(len(sides))
    return best, both[at, best] >= 0.75, unseen[at, best].any(axis=1)


def _counts(those: Bools) -> Numbers:
    """How many along the last axis."""
    return sums(those.reshape(-1, those.shape[-1])).reshape(those.shape[:-1])


def _on_line(own: Pixels, those: Numbers, best: Numbers, row: Floats, column: Floats, size: Numbers) -> Floats:
    """The share of each box's own ink that lies on a line through its middle in the direction ``best``."""
    direction = np.full(len(row), -1)
    direction[those] = best
    of = own.window
    asked = direction[of] >= 0
    of, at = of[asked], direction[of[asked]]
    away = (own.row[asked] - row[of]) * _COSINES[at] - (own.column[asked] - column[of]) * _SINES[at]
    return (np.bincount(of[abs(away) < 0.5 * PX_PER_MM], minlength=len(row)) / size)[those]


def _seen(ink: Inked) -> Grey:
    """_INK or not, with _BOXED added in boxes and _PRINTED on print."""
    # Dust counts: what is seen of a line between boxes that stand close together is no more than that.
    seen = ((ink.strokes > 0) | (ink.inked > 0)).view(np.uint8)
    seen |= (ink.side.boxed & np.uint8(_BOXED)) | (ink.printed & np.uint8(_PRINTED))
    return np.asarray(seen, np.uint8)
