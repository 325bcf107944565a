"""Printed rules that the empty form does not have: another version of it, whose other print is the same.

A rule is told from a pen's stroke, a stamp's rim and a fold by being straight to a tenth of a millimetre, level or
upright to a third of a degree as the form lies, and part of something drawn with a ruler: a long line across, two lines
of a box, two that meet at right angles.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations

import cv2
import numpy as np
from numpy.typing import NDArray

from ocr.page import Grey
from ocr.register.ink import WORK_PX_PER_MM
from ocr.register.landmarks import Landmarks

_DARK = 60
_DARK_BILEVEL = 25  # a fax thins its lines, but its paper is white
_LEAST_MM = 15.0
_ALONE_MM = 40.0
_WHOLE = 0.85  # of the paper: a fold, a fax's lost line; of a line's length: what is dark beside it
_SLOPE, _DRIFT_PX = 0.006, 1.0
_STRAIGHT_PX = 0.4
_THICK_PX = 5.0
_MEET_MM = 1.5
_GAP_MM = 3.0  # closer ones strike something out
_RING_MM, _RING = 1.0, 0.75  # how far a stamp's rim may lie from round, and how much of it is seen
_SHADOW = 3
_CELL = 15  # pixels: any run of 12 mm fills two


@dataclass(frozen=True, slots=True)
class Rule:
    """A straight line, in pixels of the blank's ink: ``at`` across its way, from ``start`` to ``end`` along it."""

    level: bool
    at: float
    start: float
    end: float

    @property
    def mm(self) -> float:
        return (self.end - self.start) / WORK_PX_PER_MM


def new_rules(over: Grey, blank: Landmarks, *, bilevel: bool) -> bool:
    """Whether the page, lying as the blank does, has rules drawn where the form has none and nobody writes.

    bilevel: it is of nothing but black and white.
    """
    dark = np.asarray(cv2.threshold(over, _DARK_BILEVEL if bilevel else _DARK, 255, cv2.THRESH_BINARY)[1], np.uint8)
    new = np.asarray(cv2.bitwise_and(dark, dark, mask=blank.free), np.uint8)
    level = _rules(over, dark, new, level=True)
    if any(rule.mm >= _ALONE_MM for rule in level):
        return True
    upright = _rules(over.T, dark.T, np.ascontiguousarray(new.T), level=False)
    pairs = [pair for rules in (level, upright) for pair in combinations(rules, 2) if _same_ends(*pair)]
    if any(not _in_a_ring(dark, *pair) for pair in pairs):
        return True
    return any(_meet(a, b) for a in level for b in upright)


def _rules(over: Grey, dark: Grey, new: Grey, *, level: bool) -> list[Rule]:
    """The level rules of 15 mm or more in ``new`` (given turned pictures, the upright ones)."""
    least = round(_LEAST_MM * WORK_PX_PER_MM)
    thick = np.asarray(cv2.dilate(new, np.ones((3, 1), np.uint8)), np.uint8)
    if not _has_runs(thick):
        return []
    long = cv2.morphologyEx(thick, cv2.MORPH_OPEN, np.ones((1, round(0.8 * least)), np.uint8))
    count, labels, stats, _ = cv2.connectedComponentsWithStats(long, connectivity=8)
    found = []
    for number in range(1, count):
        x, y, width, height, _ = (int(value) for value in stats[number])
        if width < least or height > _THICK_PX + 2 + width * _SLOPE:
            continue
        here = labels[y : y + height, x : x + width] == number
        at = _straight(np.where(here, over[y : y + height, x : x + width], 0).astype(np.float64))
        if at is not None and not _goes_on(dark, y + at) and not _of_a_band(dark[:, x : x + width], y + at):
            found.append(Rule(level, y + at, x, x + width))
    return found


def _has_runs(thick: Grey) -> bool:
    """A quick look that ends most searches: whether two cells of a row, side by side, are full."""
    height, width = thick.shape
    cells = cv2.resize(thick[:, : width // _CELL * _CELL], (width // _CELL, height), interpolation=cv2.INTER_AREA)
    full = cells > 250
    return bool((full[:, 1:] & full[:, :-1]).any())


def _straight(ink: NDArray[np.float64]) -> float | None:
    """Where a line lies, if it is straight, level and thin all along."""
    weight = ink.sum(axis=0)
    columns = np.flatnonzero(weight > 0)
    if len(columns) < 0.9 * ink.shape[1]:
        return None
    middle = (ink * np.arange(len(ink))[:, None]).sum(axis=0)[columns] / weight[columns]
    slope, _ = np.polyfit(columns, middle, 1)
    off = middle - np.polyval(np.polyfit(columns, middle, 1), columns)
    if abs(slope) > max(_SLOPE, _DRIFT_PX / len(columns)) or float(np.sqrt(np.mean(off**2))) > _STRAIGHT_PX:
        return None
    return float(middle.mean())


def _goes_on(dark: Grey, at: float) -> bool:
    """Whether it is a piece of something that runs over the whole paper."""
    row = round(at)
    return float(np.mean(dark[max(0, row - _SHADOW) : row + _SHADOW + 1].any(axis=0))) > _WHOLE


def _of_a_band(dark: Grey, at: float) -> bool:
    """Whether it is the part of something broad, a highlighter's band, that lies between the places where people write."""
    sides = [round(at + by) for by in (-_THICK_PX, _THICK_PX)]
    return any(float(np.mean(dark[row] > 0)) > _WHOLE for row in sides if 0 <= row < len(dark))


def _same_ends(a: Rule, b: Rule) -> bool:
    near = _MEET_MM * WORK_PX_PER_MM
    apart = abs(a.at - b.at) >= _GAP_MM * WORK_PX_PER_MM
    return apart and abs(a.start - b.start) <= near and abs(a.end - b.end) <= near


def _in_a_ring(dark: Grey, a: Rule, b: Rule) -> bool:
    """Whether a ring goes through the ends of both, as of a round stamp with the date between two lines."""
    along, across = (a.start + a.end + b.start + b.end) / 4, (a.at + b.at) / 2
    radius = np.hypot((a.end - a.start + b.end - b.start) / 4, (a.at - b.at) / 2)
    out = radius + np.arange(-_RING_MM, _RING_MM, 1 / WORK_PX_PER_MM) * WORK_PX_PER_MM
    turn = np.radians(np.arange(0, 360, 5))[:, None]
    x, y = (np.rint(one).astype(int) for one in (along + np.cos(turn) * out, across + np.sin(turn) * out))
    row, column = (y, x) if a.level else (x, y)
    inside = (row >= 0) & (row < dark.shape[0]) & (column >= 0) & (column < dark.shape[1])
    inked = inside & (dark[row.clip(0, dark.shape[0] - 1), column.clip(0, dark.shape[1] - 1)] > 0)
    return bool(inked.any(axis=1).mean() > _RING)


def _meet(level: Rule, upright: Rule) -> bool:
    near = _MEET_MM * WORK_PX_PER_MM
    return (
        level.start - near <= upright.at <= level.end + near and upright.start - near <= level.at <= upright.end + near
    )
