"""Printed words of which one is circled: a ring is a stroke that goes around a word."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ocr.ask import Mark
from ocr.ink.align import PX_PER_MM
from ocr.ink.found import PALEST, Piece, Place

_SURE_EMPTY, _SURE, _LIKELY, _STRUCK, _OPEN = 0.9999, 0.9995, 0.998, 0.95, 0.5
_STEP = 10  # degrees
_OPEN_RING = 90  # degrees that a ring may be open
_HALF_RING = 200
_TORN_RING = 120  # the same of one in pieces
_WHISKER_MM = 3.2
_BOTH_SIDES_MM = 2.2
_TWICE_MM = 2.3
_TOUCH = 20  # px of ink that come near: less is dust
_LEAST_HALF_MM = 1.1  # a narrow figure's ring still is as wide as this

Numbers = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class _Seen:
    """One stroke from the middle of one word."""

    gap: float
    """Degrees: the widest gap in what the stroke covers around the word."""
    crossed: bool
    """Whether in some direction, or in two opposite ones, the stroke runs away from the word: a line through the ring."""
    rough: bool
    """Whether in some direction it is wider than a pen that goes around twice makes it."""


def judge_words(piece: Piece) -> list[Mark]:
    """The mark of each word in the piece."""
    strokes = _sized(piece)
    seen = [{number: _view(points, place) for number, points in strokes.items()} for place in piece.places]
    rings: list[list[int]] = [[n for n, view in one.items() if view.gap <= _OPEN_RING] for one in seen]
    return [_judge(piece, at, strokes, seen, rings) for at in range(len(piece.places))]


def _sized(piece: Piece) -> dict[int, Numbers]:
    """The strokes that are more than dust: rows and columns of their ink, N × 2."""
    rows, columns = np.nonzero(piece.strokes)
    labels = piece.strokes[rows, columns]
    order = np.argsort(labels, kind="stable")
    points = np.stack([rows, columns], 1)[order].astype(np.float64)
    numbers, starts = np.unique(labels[order], return_index=True)
    parts = np.split(points, starts[1:]) if len(numbers) else []
    return {int(n): part for n, part in zip(numbers, parts, strict=True) if len(part) >= 16}


def _middle(place: Place) -> tuple[float, float, float, float]:
    """Middle row and column, half the height and half the width, in pixels."""
    rows, columns = place.window
    least = _LEAST_HALF_MM * PX_PER_MM
    half = max((rows.stop - rows.start) / 2, least), max((columns.stop - columns.start) / 2, least)
    return (rows.start + rows.stop - 1) / 2, (columns.start + columns.stop - 1) / 2, *half


_NOT_AROUND = _Seen(360, False, False)


def _view(points: Numbers, place: Place) -> _Seen:
    row, column, tall, wide = _middle(place)
    low, high = points.min(0), points.max(0)
    if not (low[0] < row < high[0] and low[1] < column < high[1]):
        return _NOT_AROUND
    down, right = (points[:, 0] - row) / tall, (points[:, 1] - column) / wide
    outer = down * down + right * right > 0.36
    if outer.sum() < 16:
        return _NOT_AROUND
    angles = (np.degrees(np.arctan2(down[outer], right[outer])) % 360 // _STEP).astype(int)
    covered = np.unique(angles)
    gaps = np.diff(np.append(covered, covered[0] + 360 // _STEP)) - 1
    away = _spread(np.hypot(points[outer, 0] - row, points[outer, 1] - column), angles) / PX_PER_MM
    # The same as if the word were as tall as wide: a long ring's own roundness is no whisker.
    middles = np.radians(np.arange(len(away)) * _STEP + _STEP / 2)
    scale = np.hypot(np.sin(middles) * tall, np.cos(middles) * wide) / PX_PER_MM
    depth = _spread(np.hypot(down[outer], right[outer]), angles) * scale
    side = np.maximum(np.maximum(depth, np.roll(depth, 1)), np.roll(depth, -1))
    both = np.minimum(side, np.roll(side, len(side) // 2)).max()
    crossed = away.max() > _WHISKER_MM or both > _BOTH_SIDES_MM
    return _Seen(float(gaps.max()) * _STEP, bool(crossed), bool(depth.max() > _TWICE_MM))


def _spread(distances: Numbers, angles: NDArray[np.int64]) -> Numbers:
    """How far apart the nearest and the farthest lie in each direction."""
    nearest, farthest = np.full(360 // _STEP, np.inf), np.zeros(360 // _STEP)
    np.minimum.at(nearest, angles, distances)
    np.maximum.at(farthest, angles, distances)
    return np.asarray(np.maximum(farthest - nearest, 0), np.float64)


def _judge(
    piece: Piece,
    at: int,
    strokes: dict[int, Numbers],
    seen: Sequence[dict[int, _Seen]],
    rings: Sequence[Sequence[int]],
) -> Mark:
    place = piece.places[at]
    if place.printed and place.found < 0.4:
        return _unclear("印刷された語が空の帳票と同じ場所に見つかりません。用紙のずれか別の帳票の疑いがあります")
    elsewhere = {ring for other, of in enumerate(rings) if other != at for ring in of}
    share, lines = _core(piece, place, elsewhere - set(rings[at]))
    if rings[at]:
        if any(ring in elsewhere for ring in rings[at]):
            return _unclear("一つの丸が二つ以上の語を囲んでいます")
        if share < 0.12 and any(seen[at][ring].crossed for ring in rings[at]):
            return _unclear("丸の上を線が通っていて、取り消しかどうか分かりません")
        if share < 0.12:
            dark = _dark(piece, rings[at])
            clean = dark > PALEST and share < 0.04 and not any(seen[at][ring].rough for ring in rings[at])
            return Mark("marked", _SURE if clean else _LIKELY, () if clean else ("丸が薄いか、中に線があります",))
        if lines >= 2 or share > 0.5:
            return Mark("cancelled", _STRUCK, ("丸の上から線や訂正印で消されています",))
        return _unclear("丸の中に線があり、選んだのか消したのか分かりません")
    if lines >= 2 and share > 0.2:
        return Mark("cancelled", _STRUCK, ("二重線などで消されています",))
    if share > 0.12:
        return _unclear("語の上に丸ではない印があります（チェックか取り消しか分かりません）")
    return _beside(piece, at, strokes, seen, elsewhere)


def _core(piece: Piece, place: Place, without: set[int]) -> tuple[float, int]:
    """How much of the word's middle is inked by strokes other than ``without``, and how many lines run across it."""
    row, column, tall, wide = _middle(place)
    rows = slice(max(0, round(row - 0.6 * tall)), round(row + 0.6 * tall) + 1)
    columns = slice(max(0, round(column - 0.6 * wide)), round(column + 0.6 * wide) + 1)
    counts = np.ones(piece.count, np.bool_)
    counts[[0, *without]] = False
    inked = counts[piece.strokes[rows, columns]]
    if not inked.any():
        return 0.0, 0
    runs = (np.diff(inked.astype(np.int8), axis=0, prepend=0) == 1).sum(0)
    return float(inked.mean()), int(np.quantile(runs, 0.4))


def _dark(piece: Piece, strokes: Sequence[int]) -> float:
    counts = np.zeros(piece.count, np.bool_)
    counts[list(strokes)] = True
    return float(np.quantile(piece.dark[counts[piece.strokes]], 0.75))


def _beside(
    piece: Piece, at: int, strokes: dict[int, Numbers], seen: Sequence[dict[int, _Seen]], elsewhere: set[int]
) -> Mark:
    """No ring and nothing on the word: is there something that could have been meant for it?"""
    touched, place = False, piece.places[at]
    for number, points in strokes.items():
        if seen[at][number].gap <= _HALF_RING:
            return _unclear("丸が大きく開いているか、途切れています")
        if number in elsewhere:
            continue
        near = _near(points, place)
        if near >= 0.5 * len(points) and near >= 0.5 * PX_PER_MM**2:
            return _unclear("語のすぐそばに印があります（下線など）")
        touched = touched or near >= _TOUCH
    free = [points for number, points in strokes.items() if number not in elsewhere]
    if len(free) > 1 and _view(np.concatenate(free), place).gap <= _TORN_RING:
        return _unclear("丸が途切れているか、まわりに書き込みがあります")
    if touched:
        return Mark("empty", _LIKELY, ("となりの書き込みが語にかかっています",))
    return Mark("empty", _SURE_EMPTY, ())


def _near(points: Numbers, place: Place) -> int:
    rows, columns = place.window
    by = 1.0 * PX_PER_MM
    good = (points[:, 0] >= rows.start - by) & (points[:, 0] < rows.stop + by)
    good &= (points[:, 1] >= columns.start - by) & (points[:, 1] < columns.stop + by)
    return int(good.sum())


def _unclear(why: str) -> Mark:
    return Mark("unclear", _OPEN, (why,))
