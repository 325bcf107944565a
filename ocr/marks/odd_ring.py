"""Rings that choose a printed word though they are not one stroke around it: around the number before it only, or torn."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from ocr.ink.align import PX_PER_MM
from ocr.ink.found import PALEST, Piece, Place
from ocr.marks.ring import Around, Numbers, core, off, view

_LONG_WORD = 1.8  # times as wide as tall: a shorter one is ringed as a whole
_OF_WIDTH = 0.6  # of the word: a wider ring is not the number's
_OF_HEIGHT = 0.8
_LEAST_MM = 3.0
_WITHIN_MM = 0.3  # of the word's left end the ring begins, at the latest
_OFF_MIDDLE = 0.3  # of the word's height
_AWAY_MM = 0.3  # from every other word
_OPEN_RING = 30  # degrees
_WITHIN = 0.6  # of the ring's sides: what it rings
_CLEAN = 0.04  # of what it rings, and of the word
_LOOSE_MM2 = 0.1  # within the ring: more may be a line through it
_TOUCH = 20  # px
_NEAR_MM = 4.0  # of the word stays all of a torn ring
_AROUND_NONE = 150  # degrees that it leaves open around any other word, at the least
_NONE: frozenset[int] = frozenset()


def with_odd_rings(piece: Piece, arounds: Sequence[Around]) -> list[Around]:
    """The same, with these rings told: no word but its own has to do with such a ring."""
    taken = frozenset(ring for around in arounds for ring in (*around.rings, *around.joint))
    found = {
        at: _torn(piece, at, arounds, taken) or _numbers_ring(piece, at, arounds, taken)
        for at, around in enumerate(arounds)
        if not around.rings and not around.joint
    }
    every = frozenset().union(*found.values())
    return [
        replace(around, odd=bool(found.get(at)), others=around.others | (every - found.get(at, frozenset())))
        for at, around in enumerate(arounds)
    ]


def _torn(piece: Piece, at: int, arounds: Sequence[Around], taken: frozenset[int]) -> frozenset[int]:
    """The strokes that are together a ring around the word and around no other."""
    place, around = piece.places[at], arounds[at]
    near = {
        ring: points
        for ring, points in around.strokes.items()
        if ring not in taken and len(points) and off(points, place).max() <= _NEAR_MM * PX_PER_MM
    }
    if len(near) < 2:
        return _NONE
    points = np.concatenate(list(near.values()))
    others = [view(points, other).gap for n, other in enumerate(piece.places) if n != at]
    if min(others, default=360) < _AROUND_NONE or not _clean(piece, place, place, around, frozenset(near), points):
        return _NONE
    return frozenset(near)


def _numbers_ring(piece: Piece, at: int, arounds: Sequence[Around], taken: frozenset[int]) -> frozenset[int]:
    """The stroke that is a ring around the number before the word."""
    place, around = piece.places[at], arounds[at]
    for ring, points in around.strokes.items():
        number = None if ring in taken or not len(points) else _number(place, points)
        if number is None or any(
            off(points, other).min() < _AWAY_MM * PX_PER_MM for n, other in enumerate(piece.places) if n != at
        ):
            continue
        beside, _ = core(piece, place, replace(around, others=around.others | {ring}))
        if beside < _CLEAN and _clean(piece, place, number, around, frozenset({ring}), points):
            return frozenset({ring})
    return _NONE


def _clean(piece: Piece, place: Place, ringed: Place, around: Around, rings: frozenset[int], points: Numbers) -> bool:
    """Whether the points, all those of some strokes, are a plain ring around what should be ringed, and no other ink comes
    near the word."""
    seen = view(points, ringed)
    if seen.gap > _OPEN_RING or seen.crossed or seen.rough or seen.loose_mm2 > _LOOSE_MM2:
        return False
    dark = np.quantile(piece.dark[points[:, 0].astype(int), points[:, 1].astype(int)], 0.75)
    within, _ = core(piece, ringed, replace(around, seen=dict.fromkeys(rings, seen), rings=tuple(rings)))
    touched = any(
        np.count_nonzero(off(other, place) <= PX_PER_MM) >= _TOUCH
        for ring, other in around.strokes.items()
        if ring not in rings and ring not in around.others
    )
    return bool(dark > PALEST and within < _CLEAN and not touched)


def _number(place: Place, points: Numbers) -> Place | None:
    """What the stroke encloses, if that is the left end of the word and no more."""
    rows, columns = place.window
    tall, wide = rows.stop - rows.start, columns.stop - columns.start
    if not len(points):
        return None
    (top, left), (bottom, right) = points.min(0), points.max(0)
    high, broad, least = bottom - top + 1, right - left + 1, _LEAST_MM * PX_PER_MM
    if wide < _LONG_WORD * tall or broad > _OF_WIDTH * wide or broad < least or high < max(_OF_HEIGHT * tall, least):
        return None
    row, column = (top + bottom) / 2, (left + right) / 2
    begins = left <= columns.start + _WITHIN_MM * PX_PER_MM and columns.start <= column
    if not begins or abs(row - (rows.start + rows.stop - 1) / 2) > _OFF_MIDDLE * tall:
        return None
    down, across = _WITHIN * high / 2, _WITHIN * broad / 2
    window = (
        slice(round(row - down), round(row + down) + 1),
        slice(max(0, round(column - across)), round(column + across) + 1),
    )
    return Place(window, place.found, place.printed)
