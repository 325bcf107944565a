"""Office stamps, round or square, with the date of receipt.  What stands in them is nobody's entry."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

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
_BESIDE_MM, _CLEARER = 1.5, 0.35  # so far inside and outside of it so much less is: digits are as dense all over
_SEEN = 0.4  # of a side: print hides the rest
_CLEAR_SIDES, _CLEAR_SIDE = 0.42, 0.25  # the same as of a ring, of all sides of a rectangle and of one
_DIRECTIONS, _LINES = 3, 24  # in which a rectangle is looked for, and among how many lines
_LEVEL = 0.5  # degrees
_MOST = 40  # pieces of ink as large as a stamp: a page with more has free handwriting
_CORNERS = 24  # that stand for a circle


def stamps_of(over: Grey, blank: Landmarks) -> tuple[Stamp, ...]:
    """The stamps on the ink of a page that lies as the blank does."""
    hidden = _print(blank)
    free = cv2.subtract(_small(over), hidden)
    ink = np.asarray(cv2.threshold(free, _DARK, 1, cv2.THRESH_BINARY)[1], np.uint8)
    joined = np.asarray(cv2.dilate(ink, np.ones((3, 3), np.uint8)), np.uint8)
    # Where the form's print was taken out, a rim has gaps.
    whole = np.ascontiguousarray(cv2.dilate(joined, np.ones((3, 3), np.uint8))[::2, ::2])
    _, _, stats, _ = cv2.connectedComponentsWithStats(whole, connectivity=8)
    stats = stats[:, :4] * 2
    sides = stats[1:, [cv2.CC_STAT_WIDTH, cv2.CC_STAT_HEIGHT]] / _PX_PER_MM
    large = np.flatnonzero((sides.min(axis=1) >= _LOWEST_MM) & (sides.max(axis=1) >= _LEAST_MM)) + 1
    squares, rings = list[Points](), list[Points]()
    for number in large.tolist() if len(large) <= _MOST else ():
        left, top, width, height = stats[number].tolist()
        here = np.s_[top : top + height, left : left + width]
        # Lines in a round one make a square of a part of it, so one does not stand for the other.
        for found, seen in ((squares, _squares(ink[here], hidden[here])), (rings, _rings(joined[here], ink[here]))):
            for corners in seen:
                stamp = corners + np.array([left, top])
                middle = stamp.mean(axis=0).tolist()
                if all(cv2.pointPolygonTest(one.astype(np.float32), middle, False) < 0 for one in found):
                    found.append(stamp)
    return tuple(Stamp(tuple(map(tuple, ((one + 0.5) / _PX_PER_MM).tolist()))) for one in squares + rings)


def _small(picture: Grey) -> Grey:
    height, width = (side // 2 for side in picture.shape)
    whole = picture[: 2 * height, : 2 * width]  # whole blocks are averaged twenty times as fast
    return np.asarray(cv2.resize(whole, (width, height), interpolation=cv2.INTER_AREA), np.uint8)


@lru_cache(maxsize=64)
def _print(blank: Landmarks) -> Grey:
    """255 where the blank prints anything, a little wider: a fax makes black of what is grey there."""
    wide = cv2.dilate(blank.ink, np.ones((3, 3), np.uint8))
    return _small(np.asarray(cv2.threshold(wide, _PALEST_PRINT, 255, cv2.THRESH_BINARY)[1], np.uint8))


def _squares(ink: Grey, hidden: Grey) -> Iterator[Points]:
    """The corners of the largest rectangle, px, whose four sides are seen as lines; ``hidden``: where print was taken out."""
    best: tuple[float, Points] | None = None
    for askew in _slopes(ink):
        middle = (ink.shape[1] - 1) / 2, (ink.shape[0] - 1) / 2
        turn = cv2.getRotationMatrix2D(middle, askew, 1)
        room = round(sum(ink.shape) / 4) if askew % 90 > _LEVEL else 0  # what is turned is larger
        turn[:, 2] += room
        size = ink.shape[1] + 2 * room, ink.shape[0] + 2 * room
        seen, unseen = (cv2.warpAffine(one, turn, size, flags=cv2.INTER_NEAREST) > 0 for one in (ink, hidden))
        found = _framed(_Sides.of(seen, unseen), _Sides.of(seen.T, unseen.T))
        if found is not None and (best is None or found[0] > best[0]):
            back = cv2.invertAffineTransform(turn)
            best = found[0], found[1] @ back[:, :2].T + back[:, 2]
    if best is not None:
        yield best[1]


def _slopes(ink: Grey) -> list[float]:
    """In which directions long straight lines lie, in degrees of a quarter turn, those first that have most."""
    lines = cv2.HoughLinesP(
        ink, 1, np.pi / 180, 20, minLineLength=_LOWEST_MM * _PX_PER_MM, maxLineGap=_GAP_MM * _PX_PER_MM
    )
    if lines is None:
        return []
    along = lines.reshape(-1, 2, 2).astype(np.float64)
    along = along[:, 1] - along[:, 0]
    length, slope = np.hypot(*along.T), np.degrees(np.arctan2(along[:, 1], along[:, 0])) % 90
    found: list[float] = []
    while length.any() and len(found) < _DIRECTIONS:
        first = float(slope[length.argmax()])
        found.append(first)
        length = np.where(abs((slope - first + 45) % 90 - 45) < _ASKEW, 0, length)
    return found


class _Sides(NamedTuple):
    """The lines of a picture, row by row: lines × (length + 1), how much is there before each place."""

    inked: NDArray[np.int32]
    wide: NDArray[np.int32]
    """The same with the line above and below."""
    open: NDArray[np.int32]
    """Not hidden by print."""
    likely: NDArray[np.int64]
    """The lines that are inked for some way."""

    @classmethod
    def of(cls, seen: NDArray[np.bool_], unseen: NDArray[np.bool_]) -> _Sides:
        # Lines are never quite straight.
        thick = cv2.dilate(np.ascontiguousarray(seen).view(np.uint8), np.ones((3, 1), np.uint8)) > 0
        inked, wide, open_ = (
            np.pad(np.cumsum(one, axis=1, dtype=np.int32), ((0, 0), (1, 0)))
            for one in (seen & ~unseen, thick & ~unseen, ~unseen)
        )
        way = round(_LOWEST_MM * _PX_PER_MM)
        if inked.shape[1] <= way:
            return cls(inked, wide, open_, np.zeros(0, np.int64))
        part, room = (one[:, way:] - one[:, :-way] for one in (wide, open_))
        share = np.where(room >= _SEEN * way, part / np.maximum(room, 1), 0).max(axis=1)
        strongest = np.argsort(-share, kind="stable")[:_LINES]
        return cls(inked, wide, open_, np.sort(strongest[share[strongest] >= _RIM]))

    def drawn(self, lines: NDArray[np.int64], start: NDArray[np.int64], end: NDArray[np.int64]) -> NDArray[np.bool_]:
        """Whether lines are inked from ``start`` to ``end`` as far as they can be seen, which must be enough of it."""
        inked, open_ = (one[lines, end] - one[lines, start] for one in (self.wide, self.open))
        return np.asarray((open_ >= _SEEN * (end - start)) & (inked >= _RIM * open_))

    def clearer(self, line: int, start: int, end: int) -> float:
        """How much more of a line is inked than of what runs beside it."""

        def share(of: int) -> float:
            if not 0 <= of < len(self.inked):
                return 0.0
            inked, open_ = (int(one[of, end] - one[of, start]) for one in (self.inked, self.open))
            return inked / max(open_, 1)

        beside = round(_BESIDE_MM * _PX_PER_MM)
        rim = max(share(line + by) for by in (-1, 0, 1))
        return rim - max(share(line - beside), share(line + beside))


def _framed(level: _Sides, upright: _Sides) -> tuple[float, Points] | None:
    """The area, mm², and the corners of the largest rectangle that is drawn."""
    tops, bottoms = _pairs(level.likely)
    lefts, rights = _pairs(upright.likely)
    high, wide = (bottoms - tops)[:, None] / _PX_PER_MM, (rights - lefts)[None, :] / _PX_PER_MM
    long = np.maximum(high, wide)
    fits = (np.minimum(high, wide) >= _LOWEST_MM) & (long >= _LEAST_MM) & (long <= _LONGEST_MM)
    rows, columns = np.nonzero(fits)
    for lines in (tops, bottoms):
        drawn = level.drawn(lines[rows], lefts[columns], rights[columns])
        rows, columns = rows[drawn], columns[drawn]
    for lines in (lefts, rights):
        drawn = upright.drawn(lines[columns], tops[rows], bottoms[rows])
        rows, columns = rows[drawn], columns[drawn]
    area = high[rows, 0] * wide[0, columns]
    for one in np.argsort(-area).tolist():
        top, bottom, left, right = (
            int(of[at[one]]) for of, at in ((tops, rows), (bottoms, rows), (lefts, columns), (rights, columns))
        )
        clear = [level.clearer(line, left, right) for line in (top, bottom)]
        clear += [upright.clearer(line, top, bottom) for line in (left, right)]
        if min(clear) >= _CLEAR_SIDE and sum(clear) / len(clear) >= _CLEAR_SIDES:
            corners = [(left, top), (right, top), (right, bottom), (left, bottom)]
            return float(area[one]), np.array(corners, np.float64)
    return None


def _pairs(places: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The first and the second of any two."""
    first, second = np.triu_indices(len(places), 1)
    return places[first], places[second]


def _rings(joined: Grey, ink: Grey) -> Iterator[Points]:
    """Points around rings, px, the largest first; of each radius the one that is seen best."""
    most = int(min(*joined.shape, _MOST_MM * _PX_PER_MM) / 2)
    beside = max(1, round(_BESIDE_MM * _PX_PER_MM))
    turn = np.linspace(0, 2 * np.pi, _CORNERS, endpoint=False)
    for radius in range(most, int(_LEAST_MM * _PX_PER_MM / 2) - 1, -1):
        _, top, _, (column, row) = cv2.minMaxLoc(_shares(joined, radius))
        if top < _RIM:
            continue
        near = max(float(_shares(ink, one)[row, column]) for one in (radius - beside, radius + beside))
        rim = max(float(_shares(ink, one)[row, column]) for one in (radius - 1, radius, radius + 1))
        if rim >= near + _CLEARER:
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
