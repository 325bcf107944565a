"""Rings around printed words: what each stroke covers around a word, what lies within, and which of several words it rings."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ocr.ink.align import PX_PER_MM
from ocr.ink.found import Piece, Place

OPEN_RING = 90  # degrees that a ring may be open
_OPEN_TOUCHING = 60  # the same of one that touches another word's
_STEP = 10  # degrees
_NEAR_MM = 3.0  # what stays farther off than this has nothing to do with a word
_DUST_MM = 2.0
_LEAST_PX = 16  # a smaller stroke is dust
_WHISKER_MM = 3.2
_BOTH_SIDES_MM = 2.2
_TWICE_MM = 2.3
_LEAST_HALF_MM = 1.1  # a narrow figure's ring still is as wide as this
_OUTER = 0.6  # of the way from the word's middle to its edge: nearer ink is on the word
_PEN_MM = 1.4  # the broadest pen whose own ring is told from a line through it
_PEN_SHARE = 0.15  # of the directions show the ring alone, and its pen, though lines within run along it
_POKING_PENS = 1.7  # at two opposite sides
_BAND_PENS = 1.5  # as wide as this, in pens, is a ring where it is askew
_LEFT_TO_SEE = 0.4  # of a word's middle: what the ring itself leaves free
_LOOSE_MM2 = 0.3  # within a ring that touches another word's: more may be a line through it
_HARD_BY_MM = 0.25
_WALLED = 0.9  # of the lines of sight between two words

Numbers = NDArray[np.float64]
Angles = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Seen:
    """One stroke from the middle of one word."""

    gap: float
    """Degrees: the widest gap in what the stroke covers around the word."""
    crossed: bool
    """Whether in some direction, or in two opposite ones, the stroke runs away from the word: a line through the ring."""
    rough: bool
    """Whether in some direction it is wider than a pen that goes around twice makes it, or pokes out at two opposite sides."""
    inner: Numbers
    """In each direction, in the word's own half sizes: where its outermost pen's breadth begins; inf where that isn't told."""
    loose_mm2: float
    """How much of its ink lies within that."""


@dataclass(frozen=True, slots=True)
class Around:
    """The strokes of a piece as one of its words has them."""

    strokes: Mapping[int, Numbers]
    """Rows and columns of their ink, N × 2; of a stroke that rings several words only what is nearest to this one."""
    seen: Mapping[int, Seen]
    rings: tuple[int, ...]
    """Those that go around this word alone,"""
    joint: tuple[int, ...]
    """those that go around it and others together,"""
    others: frozenset[int]
    """and those that go around one other word, and not around this."""
    dust: int
    """In how many directions, of 36, there is dust close around it."""
    lines_mm2: float
    """How much ink there is within the rings around this word alone that is not the rings'."""
    odd: bool = False
    """Whether it is chosen by a ring around the number before it, or by one in pieces."""


_NOT_AROUND = Seen(360, False, False, np.full(360 // _STEP, np.inf), 0)


def around_words(piece: Piece) -> list[Around]:
    """What lies around each word of the piece."""
    strokes, dust = _sized(piece)
    lows, highs = (np.array([end(points, 0) for points in strokes.values()]) for end in (np.min, np.max))
    near = [
        {number: strokes[number] for number in _coming_near(place, list(strokes), lows, highs)}
        for place in piece.places
    ]
    whole = [
        {number: view(points, place) for number, points in some.items()}
        for place, some in zip(piece.places, near, strict=True)
    ]
    ringed: dict[int, list[int]] = {}
    for at, seen in enumerate(whole):
        for number, one in seen.items():
            if one.gap <= OPEN_RING:
                ringed.setdefault(number, []).append(at)
    return [_around(piece, at, some, whole[at], ringed, _ways(dust, piece.places[at])) for at, some in enumerate(near)]


def _coming_near(place: Place, numbers: Sequence[int], lows: Numbers, highs: Numbers) -> list[int]:
    """The strokes whose bounds come near the word."""
    if not numbers:
        return []
    starts, stops = np.array([(side.start, side.stop) for side in place.window]).T
    by = _NEAR_MM * PX_PER_MM
    return [numbers[int(at)] for at in np.flatnonzero(((lows < stops + by) & (highs >= starts - by)).all(1))]


def _ways(dust: Numbers, place: Place) -> int:
    """In how many directions there is dust close around the word."""
    angles, far = _polar(dust[off(dust, place) <= _DUST_MM * PX_PER_MM], place)
    return len(np.unique(angles[far > _OUTER]))


def _around(
    piece: Piece,
    at: int,
    strokes: Mapping[int, Numbers],
    seen: Mapping[int, Seen],
    ringed: Mapping[int, list[int]],
    dust: int,
) -> Around:
    own, views, place = dict(strokes), dict(seen), piece.places[at]
    rings: list[int] = []
    joint: list[int] = []
    others: set[int] = set()
    for number in strokes:
        words = ringed.get(number, [])
        rest = [piece.places[other] for other in words if other != at]
        if words and not rest:
            rings.append(number)
        elif len(words) == 1:
            others.add(number)
        elif rest:
            own[number] = _nearest(strokes[number], place, rest)
            views[number] = alone = view(own[number], place)
            if at in words:
                parted = alone.gap <= _OPEN_TOUCHING and all(_walled(piece, number, place, one) for one in rest)
                plain = parted and bool(np.isfinite(alone.inner).any())
                plain = plain and _lines_within(number, strokes, place, alone) <= _LOOSE_MM2
                (rings if plain else joint).append(number)
    lines = max((_lines_within(number, strokes, place, views[number]) for number in rings), default=0.0)
    return Around(own, views, tuple(rings), tuple(joint), frozenset(others), dust, lines)


def _sized(piece: Piece) -> tuple[dict[int, Numbers], Numbers]:
    """Rows and columns of the ink, N × 2: of each stroke that is more than dust, and of all dust."""
    rows, columns = np.nonzero(piece.strokes)
    labels = piece.strokes[rows, columns]
    order = np.argsort(labels, kind="stable")
    points = np.stack([rows, columns], 1)[order].astype(np.float64)
    numbers, starts = np.unique(labels[order], return_index=True)
    parts = np.split(points, starts[1:]) if len(numbers) else []
    strokes = {int(n): part for n, part in zip(numbers, parts, strict=True) if len(part) >= _LEAST_PX}
    return strokes, np.concatenate([np.zeros((0, 2)), *(part for part in parts if len(part) < _LEAST_PX)])


def _middle(place: Place) -> tuple[float, float, float, float]:
    """Middle row and column, half the height and half the width, in pixels."""
    rows, columns = place.window
    least = _LEAST_HALF_MM * PX_PER_MM
    half = max((rows.stop - rows.start) / 2, least), max((columns.stop - columns.start) / 2, least)
    return (rows.start + rows.stop - 1) / 2, (columns.start + columns.stop - 1) / 2, *half


def view(points: Numbers, place: Place) -> Seen:
    """How the points lie around the word."""
    row, column, tall, wide = _middle(place)
    if len(points) < _LEAST_PX:
        return _NOT_AROUND
    low, high = points.min(0), points.max(0)
    if not (low[0] < row < high[0] and low[1] < column < high[1]):
        return _NOT_AROUND
    angles, far = _polar(points, place)
    outer = far > _OUTER
    if outer.sum() < _LEAST_PX:
        return _NOT_AROUND
    all_angles, angles = angles, angles[outer]
    covered = np.unique(angles)
    gaps = np.diff(np.append(covered, covered[0] + 360 // _STEP)) - 1
    away = _spread(np.hypot(points[outer, 0] - row, points[outer, 1] - column), angles) / PX_PER_MM
    # The same as if the word were as tall as wide: a long ring's own roundness is no whisker.
    middles = np.radians(np.arange(len(away)) * _STEP + _STEP / 2)
    scale = np.hypot(np.sin(middles) * tall, np.cos(middles) * wide) / PX_PER_MM
    depth = _spread(far[outer], angles) * scale
    side = np.maximum(np.maximum(depth, np.roll(depth, 1)), np.roll(depth, -1))
    both = np.minimum(side, np.roll(side, len(side) // 2)).max()
    crossed = away.max() > _WHISKER_MM or both > _BOTH_SIDES_MM
    pen = max(float(np.quantile(depth[covered], _PEN_SHARE)), 1 / PX_PER_MM)
    # What runs away at two opposite sides, though not far, may be a line through it: then no ink is taken for the ring's own.
    poking = both > _POKING_PENS * pen
    inner = _NOT_AROUND.inner if poking else _inner(angles, far[outer], pen, scale)
    loose = np.count_nonzero(far < _told(inner)[all_angles]) / PX_PER_MM**2
    return Seen(float(gaps.max()) * _STEP, bool(crossed), bool(poking or depth.max() > _TWICE_MM), inner, loose)


def _told(inner: Numbers) -> Numbers:
    """The same, with nothing within where it isn't told."""
    return np.asarray(np.where(np.isfinite(inner), inner, 0), np.float64)


def _lines_within(ring: int, strokes: Mapping[int, Numbers], place: Place, seen: Seen) -> float:
    """How much ink there is within the ring, its own and that of other strokes: mm²."""
    count = 0
    for number, points in strokes.items():
        if number != ring:
            angles, far = _polar(points, place)
            count += int(np.count_nonzero(far < _told(seen.inner)[angles]))
    return seen.loose_mm2 + count / PX_PER_MM**2


def _polar(points: Numbers, place: Place) -> tuple[Angles, Numbers]:
    """The direction of each point from the word's middle, in steps, and how far off it is in the word's own half sizes."""
    row, column, tall, wide = _middle(place)
    down, right = (points[:, 0] - row) / tall, (points[:, 1] - column) / wide
    angles = (np.degrees(np.arctan2(down, right)) % 360 // _STEP).astype(np.int64)
    return angles, np.asarray(np.hypot(down, right), np.float64)


def _spread(distances: Numbers, angles: Angles) -> Numbers:
    """How far apart the nearest and the farthest lie in each direction."""
    nearest, farthest = np.full(360 // _STEP, np.inf), np.zeros(360 // _STEP)
    np.minimum.at(nearest, angles, distances)
    np.maximum.at(farthest, angles, distances)
    return np.asarray(np.maximum(farthest - nearest, 0), np.float64)


def _inner(angles: Angles, far: Numbers, pen_mm: float, scale: Numbers) -> Numbers:
    farthest = np.zeros(360 // _STEP)
    np.maximum.at(farthest, angles, far)
    if pen_mm > _PEN_MM:  # a scribble
        return _NOT_AROUND.inner
    band = (_BAND_PENS * pen_mm + 1 / PX_PER_MM) / scale
    return np.asarray(np.where(farthest > 0, farthest - band, np.inf), np.float64)


def _nearest(points: Numbers, place: Place, others: Sequence[Place]) -> Numbers:
    """Those that are nearer to the word than to any of the others."""
    own = off(points, place)
    near = np.ones(len(points), np.bool_)
    for other in others:
        near &= own <= off(points, other)
    return points[near]


def off(points: Numbers, place: Place) -> Numbers:
    """How far from the word's box each lies, in pixels."""
    beyond = [
        np.maximum(np.maximum(side.start - points[:, axis], points[:, axis] - side.stop + 1), 0)
        for axis, side in enumerate(place.window)
    ]
    return np.asarray(np.hypot(*beyond), np.float64)


def _walled(piece: Piece, number: int, one: Place, other: Place) -> bool:
    """Whether the stroke stands between the two words, before the box of the other."""
    starts, ends = _spots(one), _spots(other)
    share = np.linspace(0, 1, 2 + round(float(np.abs(ends - starts).max())))[None, :, None]
    ways = np.round(starts[:, None] * (1 - share) + ends[:, None] * share)
    # One pixel to the side too: a slanting line of sight slips through a thin one.
    rows, columns = ways[..., 0].astype(np.int64), ways[..., 1].astype(np.int64)
    met = piece.strokes[rows, columns] == number
    met |= piece.strokes[rows, np.minimum(columns + 1, piece.strokes.shape[1] - 1)] == number
    # In the other's box, and hard by it, it may be what hides that word.
    met &= off(ways.reshape(-1, 2), other).reshape(met.shape) > _HARD_BY_MM * PX_PER_MM
    return bool(met.any(axis=1).mean() >= _WALLED)


def _spots(place: Place) -> Numbers:
    """Points of the word's middle, N × 2."""
    rows, columns = place.window
    down, right = np.meshgrid(np.linspace(0.3, 0.7, 5), np.linspace(0.3, 0.7, 5), indexing="ij")
    return np.stack(
        [
            rows.start + down.ravel() * (rows.stop - rows.start),
            columns.start + right.ravel() * (columns.stop - columns.start),
        ],
        axis=1,
    )


def core(piece: Piece, place: Place, around: Around) -> tuple[float, int]:
    """How much of the word's middle is inked by strokes other than rings, its own and others', and how many lines run
    across it."""
    row, column, tall, wide = _middle(place)
    rows = slice(max(0, round(row - _OUTER * tall)), round(row + _OUTER * tall) + 1)
    columns = slice(max(0, round(column - _OUTER * wide)), round(column + _OUTER * wide) + 1)
    counts = np.ones(piece.count, np.bool_)
    counts[[0, *around.others]] = False
    labels = piece.strokes[rows, columns]
    inked, free = counts[labels], np.ones(labels.shape, np.bool_)
    if not inked.any():
        return 0.0, 0
    at = np.argwhere(free) + np.array([rows.start, columns.start])
    angles, far = _polar(at.astype(np.float64), place)
    for number in around.rings:
        band = (far > around.seen[number].inner[angles]).reshape(labels.shape)
        if (~band).mean() >= _LEFT_TO_SEE:
            inked &= ~(band & (labels == number))
            free &= ~band
    runs = (np.diff(inked.astype(np.int8), axis=0, prepend=0) == 1).sum(0)
    return float(inked.sum() / free.sum()), int(np.quantile(runs, 0.4))
