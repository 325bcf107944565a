"""What lies in and around checkboxes and bubbles, each stroke followed to the box that it belongs to; all boxes at once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, fields
from typing import Any

import cv2
import numpy as np

from ocr.ink.align import PX_PER_MM
from ocr.ink.found import Floats, Inked
from ocr.marks.around import exits_of, surrounded_of, through_of
from ocr.marks.strokes import AROUND, MINE, MM2, SHARED, Strokes, strokes_of
from ocr.page import Grey
from ocr.windows import Bools, Numbers, Pixels, Windows, sums

_MOAT = 0.7  # mm around the box: what crosses it leaves the box
_FAR_MOAT = 1.4
_AROUND_MM = 3.0
_FULL = 0.75  # of the box
_BLOT = 1.5  # times the box's sides
_SOLID = 0.95

Told = dict[str, Any]
"""By the names of BoxInk: arrays, or lists, over boxes."""


@dataclass(frozen=True, slots=True)
class BoxInk:
    """What lies in and around one box."""

    found: bool
    area: float
    """mm²."""
    smudge: float = 0.0
    """How dark the box is, over all its unprinted places, without any ink."""
    heavier: float = 0.0
    """How much darker the box is than the blank's, print and all."""
    middle: float = 0.0
    """The same of its middle half."""
    free: float = 1.0
    """The share of the box that is not printed, where ink is seen for certain."""
    own_mm2: float = 0.0
    """Ink in the box of strokes that belong to it."""
    open_mm2: float = 0.0
    """Of that, on unprinted places."""
    shared_mm2: float = 0.0
    """Of strokes that lie as much in another box."""
    foreign_mm2: float = 0.0
    """Of strokes that belong to another box."""
    orphan_mm2: float = 0.0
    """Hard by the box, of strokes that lie in no box."""
    torn: bool = False
    """Whether a stroke lies about as much by another box as by this one."""
    stubs: int = 0
    """How many ends of strokes that lie in no box, or mostly outside another, stand around it."""
    dark: float = 0.0
    """How dark its own ink is, 0 to 255."""
    reach: float = 0.0
    """The own ink's length within the box, in sides of the box."""
    central: bool = False
    """Whether own ink comes to the middle of the box."""
    outside_mm2: float = 0.0
    """Of its strokes, beyond the moat."""
    surrounded: float = 0.0
    """The share of directions in which its strokes lie well outside."""
    exits: tuple[float, ...] = ()
    """The directions (degrees) in which its strokes leave."""
    moat: float = 0.0
    """The share of the moat that is inked."""
    far_exits: int = 0
    leans: bool = False
    """Whether most of its strokes lies outside and comes near another box."""
    through: bool = False
    """Whether a line goes right through the box and on, at both sides."""
    hidden: bool = False
    """Whether at one of the sides print hides where the line goes on."""
    along: float = 0.0
    """The share of the ink in the box that lies on that line."""
    blot: bool = False
    """Whether its strokes are one solid blot that is hardly larger than the box, as a broad pen makes."""

    @property
    def kind(self) -> tuple[int, int]:
        """Of boxes whose size and print are alike."""
        return round(self.area), round(self.free * 10)

    @property
    def mass(self) -> float:
        """How much of a mark it is: mm² of full black."""
        return self.own_mm2 * self.dark / 255


_PLAIN = {one.name: one.default for one in fields(BoxInk)}


def boxes_ink(ink: Inked, boxes: Numbers, among: Numbers) -> list[BoxInk]:
    """Measure these ``boxes``; ``among`` are all boxes that a stroke may belong to, these too, in rising order."""
    told = _bare(ink, boxes)
    if len(ink.areas) > 1:
        strokes = strokes_of(ink, among)
        own = np.searchsorted(among, boxes)
        told |= {name: of[own] for name, of in strokes.told.items()}
        _put(told, strokes.has(AROUND)[own], lambda those: _stubs(ink, strokes, own[those]))
        _put(told, strokes.has(MINE | SHARED)[own], lambda those: _of_strokes(ink, strokes, own[those]))
    columns = [told.get(name, [plain] * len(boxes)) for name, plain in _PLAIN.items()]
    columns = [of.tolist() if isinstance(of, np.ndarray) else of for of in columns]
    return [BoxInk(*values) for values in zip(*columns, strict=True)]


def _put(told: Told, asked: Bools, measure: Callable[[Numbers], Told]) -> None:
    """Adds to what is told what is measured of those that are asked for; the others have it as BoxInk has it of itself."""
    those = np.flatnonzero(asked)
    if those.size:
        for name, of in measure(those).items():
            plain = [_PLAIN[name]] * len(asked)
            for place, one in zip(those.tolist(), of.tolist() if isinstance(of, np.ndarray) else of, strict=True):
                plain[place] = one
            told[name] = plain


def _bare(ink: Inked, boxes: Numbers) -> Told:
    """What is known of each box without its strokes."""
    windows = ink.side.boxes.take(boxes)
    size = windows.height * windows.width
    free, smudge = np.zeros(len(boxes), np.int64), np.zeros(len(boxes))
    for those, within, (printed, strokes, bare) in windows.stacks(ink.printed, ink.strokes, ink.bare):
        open_ = within & (printed == 0)
        free[those] = sums(open_)
        open_ &= strokes == 0
        seen = sums(open_)
        smudge[those] = np.where(seen >= 20, sums(bare * open_) * (1 / np.maximum(seen, 1)), 0.0)
    return {
        "found": ~ink.looked_for[boxes] | (ink.found[boxes] >= 0.4),
        "area": size / MM2,
        "smudge": smudge,
        "heavier": ink.heavier[boxes],
        "middle": _middle(ink, windows),
        "free": free / size,
    }


def _middle(ink: Inked, windows: Windows) -> Floats:
    """How much darker the middle half of each box is than on the blank."""
    down, right = windows.height // 4, windows.width // 4
    halves = Windows(windows.top + down, windows.bottom - down, windows.left + right, windows.right - right)
    found = np.zeros(len(windows))
    for those, _, (scan, blank) in halves.stacks(ink.side.scan, ink.side.blank):
        found[those] = sums(scan) - sums(blank)
    return np.asarray(found / np.maximum(halves.height * halves.width, 1))


def _stubs(ink: Inked, strokes: Strokes, boxes: Numbers) -> Told:
    return {"stubs": [len(one) for one in exits_of(ink, strokes, boxes, AROUND, _MOAT).directions]}


def _of_strokes(ink: Inked, strokes: Strokes, boxes: Numbers) -> Told:
    """What is known of boxes that have strokes of their own, or share some."""
    windows, limits = strokes.windows.take(boxes), strokes.limits.take(boxes)
    seen = windows.widened(round(_AROUND_MM * PX_PER_MM), limits).pixels(ink.strokes)
    role = strokes.role_of(boxes[seen.window], seen.value)
    near, mine = role & (MINE | SHARED) > 0, role & MINE > 0
    within = windows.has(seen)
    only_shared = ~strokes.has(MINE)[boxes]
    own = seen.where(within & (mine | near & only_shared[seen.window]))
    outside = near & ~windows.widened(round(_MOAT * PX_PER_MM), limits).has(seen)
    open_ = seen.where(within & mine)
    open_ = open_.where(ink.printed[open_.row, open_.column] == 0)
    reach, central = _reach_of(own, windows)
    exits, moat = exits_of(ink, strokes, boxes, MINE | SHARED, _MOAT)
    far = exits_of(ink, strokes, boxes, MINE | SHARED, _FAR_MOAT).directions
    through = through_of(ink, strokes, boxes, seen.where(within & near))
    free = strokes.free[boxes[seen.window] * strokes.count + seen.value]
    full = np.bincount(own.window, minlength=len(boxes)) >= _FULL * windows.height * windows.width
    return {
        "open_mm2": np.bincount(open_.window, minlength=len(boxes)) / MM2,
        "dark": _quartile(own, ink.side.scan, len(boxes)),
        "reach": reach,
        "central": central,
        "outside_mm2": np.bincount(seen.window[outside], minlength=len(boxes)) / MM2,
        "surrounded": surrounded_of(seen.where(near | free), windows),
        "exits": exits,
        "moat": moat,
        "far_exits": [len(one) for one in far],
        "through": through.line,
        "hidden": through.hidden,
        "along": through.along,
        "blot": _blots(seen.where(near & full[seen.window]), windows),
    }


def _blots(near: Pixels, windows: Windows) -> Bools:
    """Which boxes have strokes that leave no gap within their hull, and are hardly larger than the box."""
    found = np.zeros(len(windows), np.bool_)
    high, wide = windows.height * _BLOT, windows.width * _BLOT
    for box in np.unique(near.window).tolist():
        one = near.where(near.window == box)
        if np.ptp(one.row) >= high[box] or np.ptp(one.column) >= wide[box]:
            continue
        hull = cv2.convexHull(np.column_stack([one.column, one.row]).astype(np.int32))
        # The hull runs through the middles of the outermost pixels.
        area = cv2.contourArea(hull) + cv2.arcLength(hull, closed=True) / 2 + 1
        found[box] = len(one.row) >= _SOLID * area
    return found


def _reach_of(own: Pixels, windows: Windows) -> tuple[Floats, Bools]:
    """How far the ink goes across each box, in sides of the box; and whether it comes to the middle."""
    first = np.flatnonzero(np.diff(own.window, prepend=-1))
    lengths = np.zeros((2, len(windows)), np.int64)
    for length, of in zip(lengths, (own.row, own.column), strict=True):
        length[own.window[first]] = np.maximum.reduceat(of, first) - np.minimum.reduceat(of, first)
    of, height, width = own.window, windows.height, windows.width
    middle = abs(own.row - windows.top[of] - (height / 2)[of]) < (height * 0.3)[of]
    middle &= abs(own.column - windows.left[of] - (width / 2)[of]) < (width * 0.3)[of]
    central = np.bincount(of[middle], minlength=len(windows)) >= 3
    return np.hypot(*lengths) / np.minimum(height, width), central


def _quartile(own: Pixels, dark: Grey, count: int) -> Numbers:
    """How dark the upper quartile of each box's own ink is."""
    values = dark[own.row, own.column]
    below = np.bincount(own.window * 256 + values, minlength=count * 256).reshape(count, 256).cumsum(axis=1)
    return np.asarray((below <= (below[:, -1] * 3 // 4)[:, None]).sum(axis=1))
