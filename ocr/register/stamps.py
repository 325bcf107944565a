"""Office stamps, round or square, with the date of receipt.  What stands in them is nobody's entry."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

import cv2
import numpy as np
from numpy.typing import NDArray

from ocr.page import MM_PER_INCH, Grey, Stamp
from ocr.register.ink import Points
from ocr.register.landmarks import Landmarks

_DPI = 50.0
_PX_PER_MM = _DPI / MM_PER_INCH
_DARK = 40  # of 255, on the average of four pixels
_PALEST_PRINT = 24
_LEAST_MM, _MOST_MM = 17.0, 40.0  # across a round one: larger than rings around words and than people's seals
_LOWEST_MM, _LONGEST_MM = 10.0, 70.0  # along the sides of a square one,
_GAP_MM, _ASKEW = 2.5, 4.0  # whose lines may have gaps, and lie askew (degrees)
_RIM = 0.8  # of it is inked
_BESIDE_MM, _HOLLOW = 1.5, 0.65  # so far inside and outside of it less is
_MOST = 40  # pieces of ink as large as a stamp: a page with more has free handwriting
_CORNERS = 24  # that stand for a circle


def stamps_of(over: Grey, blank: Landmarks) -> tuple[Stamp, ...]:
    """The stamps on the ink of a page that lies as the blank does."""
    free = cv2.subtract(_small(over), _print(blank))
    ink = np.asarray(cv2.threshold(free, _DARK, 1, cv2.THRESH_BINARY)[1], np.uint8)
    joined = np.asarray(cv2.dilate(ink, np.ones((3, 3), np.uint8)), np.uint8)
    # Where the form's print was taken out, a rim has gaps.
    whole = np.ascontiguousarray(cv2.dilate(joined, np.ones((3, 3), np.uint8))[::2, ::2])
    _, _, stats, _ = cv2.connectedComponentsWithStats(whole, connectivity=8)
    stats = stats[:, :4] * 2
    sides = stats[1:, [cv2.CC_STAT_WIDTH, cv2.CC_STAT_HEIGHT]] / _PX_PER_MM
    large = np.flatnonzero((sides.min(axis=1) >= _LOWEST_MM) & (sides.max(axis=1) >= _LEAST_MM)) + 1
    found: list[Points] = []
    for number in large.tolist() if len(large) <= _MOST else ():
        left, top, width, height = stats[number].tolist()
        here = np.s_[top : top + height, left : left + width]
        for corners in [*_squares(ink[here]), *_rings(joined[here], ink[here])]:
            stamp = corners + np.array([left, top])
            middle = stamp.mean(axis=0).tolist()
            if all(cv2.pointPolygonTest(one.astype(np.float32), middle, False) < 0 for one in found):
                found.append(stamp)
    return tuple(Stamp(tuple(map(tuple, ((one + 0.5) / _PX_PER_MM).tolist()))) for one in found)


def _small(picture: Grey) -> Grey:
    height, width = (side // 2 for side in picture.shape)
    whole = picture[: 2 * height, : 2 * width]  # whole blocks are averaged twenty times as fast
    return np.asarray(cv2.resize(whole, (width, height), interpolation=cv2.INTER_AREA), np.uint8)


@lru_cache(maxsize=64)
def _print(blank: Landmarks) -> Grey:
    """255 where the blank prints anything, a little wider: a fax makes black of what is grey there."""
    wide = cv2.dilate(blank.ink, np.ones((3, 3), np.uint8))
    return _small(np.asarray(cv2.threshold(wide, _PALEST_PRINT, 255, cv2.THRESH_BINARY)[1], np.uint8))


def _squares(ink: Grey) -> Iterator[Points]:
    """The corners of a rectangle, px, of which long straight lines at right angles are seen."""
    lines = cv2.HoughLinesP(
        ink, 1, np.pi / 180, 20, minLineLength=_LOWEST_MM * _PX_PER_MM, maxLineGap=_GAP_MM * _PX_PER_MM
    )
    if lines is None:
        return
    ends = lines.reshape(-1, 4).astype(np.float64)
    along = ends[:, 2:] - ends[:, :2]
    length = np.hypot(*along.T)
    slope = np.degrees(np.arctan2(along[:, 1], along[:, 0]))
    from_longest = abs((slope - slope[length.argmax()] + 90) % 180 - 90)
    level, upright = from_longest < _ASKEW, from_longest > 90 - _ASKEW
    if not upright.any():
        return
    around = cv2.minAreaRect(ends[level | upright].reshape(-1, 2).astype(np.float32))
    short, long = sorted(side / _PX_PER_MM for side in around[1])
    if short >= _LOWEST_MM and _LEAST_MM <= long <= _LONGEST_MM:
        yield np.asarray(cv2.boxPoints(around), np.float64)


def _rings(joined: Grey, ink: Grey) -> Iterator[Points]:
    """Points around rings, px, the largest first; of each radius the one that is seen best."""
    most = int(min(*joined.shape, _MOST_MM * _PX_PER_MM) / 2)
    beside = max(1, round(_BESIDE_MM * _PX_PER_MM))
    turn = np.linspace(0, 2 * np.pi, _CORNERS, endpoint=False)
    for radius in range(most, int(_LEAST_MM * _PX_PER_MM / 2) - 1, -1):
        _, top, _, (column, row) = cv2.minMaxLoc(_shares(joined, radius))
        near = (float(_shares(ink, one)[row, column]) for one in (radius - beside, radius + beside))
        if top >= _RIM and max(near) < _HOLLOW:
            yield np.column_stack((column + radius * np.cos(turn), row + radius * np.sin(turn)))


def _shares(ink: Grey, radius: int) -> NDArray[np.float32]:
    """How much of the ring around each pixel is inked."""
    return np.asarray(
        cv2.filter2D(ink.astype(np.float32), cv2.CV_32F, _kernel(radius), borderType=cv2.BORDER_CONSTANT), np.float32
    )


@lru_cache(maxsize=128)
def _kernel(radius: int) -> NDArray[np.float32]:
    ring = np.zeros((2 * radius + 1, 2 * radius + 1), np.uint8)
    cv2.circle(ring, (radius, radius), radius, 1, 1)
    return np.asarray(ring / ring.sum(), np.float32)
