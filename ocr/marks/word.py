"""Printed words of which one is circled: a ring is a stroke that goes around a word."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import median

import numpy as np
from numpy.typing import NDArray

from ocr.ask import Mark
from ocr.ink.align import PX_PER_MM
from ocr.ink.found import PALEST, Piece, Place
from ocr.marks.odd_ring import with_odd_rings
from ocr.marks.ring import Around, around_words, core, view

_SURE_EMPTY, _SURE, _LIKELY, _STRUCK, _OPEN = 0.9999, 0.9995, 0.998, 0.95, 0.5
_HALF_RING = 200  # degrees
_TORN_RING = 120  # the same of one in pieces
_BESIDE_MM = 1.0
_DUST_WAYS = 6  # of 36 directions: dust in so many around a word may be a ring that the scan made dots of
_HEAVIER, _HEAVIER_SPREADS = 12.0, 12.0
"""Of 255, and in median distances: print so much darker than that of the page's other empty words may hide a ring."""
_LINES_MM2 = 0.3  # within a ring: more may be a line through it
_LEAST_PRINT = 64  # px: less tells nothing
_TORN_MM = 2.5  # pieces that lie farther from the word are not of its ring
_TOUCH = 20  # px of ink that come near: less is dust

Numbers = NDArray[np.float64]


def judge_words(pieces: Sequence[Piece]) -> list[list[Mark]]:
    """The mark of each word in each piece of a page: what is usual on the page tells what its print hides."""
    arounds = [with_odd_rings(piece, around_words(piece)) for piece in pieces]
    marks = [
        [_judge(piece, place, around) for place, around in zip(piece.places, some, strict=True)]
        for piece, some in zip(pieces, arounds, strict=True)
    ]
    empty = [(at, n) for at, some in enumerate(marks) for n, mark in enumerate(some) if mark.state == "empty"]
    over = [_over(pieces[at], pieces[at].places[n]) for at, n in empty]
    usual = median(over) if over else 0.0
    unusual = max(_HEAVIER, _HEAVIER_SPREADS * median(abs(one - usual) for one in over)) if over else 0.0
    for (at, n), one in zip(empty, over, strict=True):
        if one > usual + unusual:
            marks[at][n] = _unclear("ほかの語より印刷が黒く、印刷に重なった丸かもしれません")
    return marks


def _over(piece: Piece, place: Place) -> float:
    """How much darker the word's print is than the blank's, beside what strokes were found there."""
    free = (piece.printed[place.window] > 0) & (piece.strokes[place.window] == 0)
    if free.sum() < _LEAST_PRINT:
        return 0.0
    return float((piece.dark[place.window][free].astype(np.float64) - piece.blank[place.window][free]).mean())


def _judge(piece: Piece, place: Place, around: Around) -> Mark:
    if place.printed and place.found < 0.4:
        return _unclear("印刷された語が空の帳票と同じ場所に見つかりません。用紙のずれか別の帳票の疑いがあります")
    if around.odd:
        return Mark("marked", _SURE, ())
    share, lines = core(piece, place, around)
    if around.joint:
        return _unclear("一つの丸が二つ以上の語を囲んでいます")
    if around.rings:
        seen = [around.seen[ring] for ring in around.rings]
        if share < 0.12 and any(one.crossed for one in seen):
            return _unclear("丸の上を線が通っていて、取り消しかどうか分かりません")
        if share < 0.12:
            dark = _dark(piece, around.rings)
            clean = dark > PALEST and share < 0.04 and around.lines_mm2 <= _LINES_MM2
            clean = clean and not any(one.rough for one in seen)
            return Mark("marked", _SURE if clean else _LIKELY, () if clean else ("丸が薄いか、中に線があります",))
        if lines >= 2 or share > 0.5:
            return Mark("cancelled", _STRUCK, ("丸の上から線や訂正印で消されています",))
        return _unclear("丸の中に線があり、選んだのか消したのか分かりません")
    if lines >= 2 and share > 0.2:
        return Mark("cancelled", _STRUCK, ("二重線などで消されています",))
    if share > 0.12:
        return _unclear("語の上に丸ではない印があります（チェックか取り消しか分かりません）")
    return _beside(place, around)


def _dark(piece: Piece, strokes: Sequence[int]) -> float:
    counts = np.zeros(piece.count, np.bool_)
    counts[list(strokes)] = True
    return float(np.quantile(piece.dark[counts[piece.strokes]], 0.75))


def _beside(place: Place, around: Around) -> Mark:
    """No ring and nothing on the word: is there something that could have been meant for it?"""
    touched, free = False, []
    for number, points in around.strokes.items():
        if around.seen[number].gap <= _HALF_RING:
            return _unclear("丸が大きく開いているか、途切れています")
        if number in around.others:
            continue
        near = _near(points, place, _BESIDE_MM)
        if len(near) >= 0.5 * len(points) and len(near) >= 0.5 * PX_PER_MM**2:
            return _unclear("語のすぐそばに印があります（下線など）")
        touched = touched or len(near) >= _TOUCH
        free.append(_near(points, place, _TORN_MM))
    if len(free) > 1 and view(np.concatenate(free), place).gap <= _TORN_RING:
        return _unclear("丸が途切れているか、まわりに書き込みがあります")
    if around.dust >= _DUST_WAYS:
        return _unclear("語のまわりに点々があります。かすれた丸かもしれません")
    if touched:
        return Mark("empty", _LIKELY, ("となりの書き込みが語にかかっています",))
    return Mark("empty", _SURE_EMPTY, ())


def _near(points: Numbers, place: Place, by_mm: float) -> Numbers:
    """Those that come so near to the word's box."""
    rows, columns = place.window
    by = by_mm * PX_PER_MM
    good = (points[:, 0] >= rows.start - by) & (points[:, 0] < rows.stop + by)
    good &= (points[:, 1] >= columns.start - by) & (points[:, 1] < columns.stop + by)
    return np.asarray(points[good], np.float64)


def _unclear(why: str) -> Mark:
    return Mark("unclear", _OPEN, (why,))
