"""What lies in and around a checkbox or bubble, each stroke followed to the box that it belongs to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from ocr.ink import Piece, Place
from ocr.ink_align import PX_PER_MM, Window, widened
from ocr.marks_around import Bools, exits_of, reach_of, surrounded_of, through_of
from ocr.page import Grey

_MOAT = 0.7  # mm around the box: what crosses it leaves the box
_FAR_MOAT = 1.4
_AROUND_MM = 3.0
SPECK_MM2 = 0.05
MARK_MM2 = 0.25
HARD_BY_MM = 0.9
_TIMES = 3.0  # as much ink in this box as in any other makes a stroke this box's
_AS_NEAR = 2.0  # times as far is nearly as near
_LODGED = 0.15  # of a stroke must lie in boxes, or it is nobody's
_NOBODYS, _MINE, _SHARED, _THEIRS = 1, 2, 3, 4
_MM2 = PX_PER_MM**2

Counts = NDArray[np.int64]


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

    @property
    def mass(self) -> float:
        """How much of a mark it is: mm² of full black."""
        return self.own_mm2 * self.dark / 255


@dataclass(frozen=True, slots=True, eq=False)
class _Table:
    """Of each stroke of a piece (columns): how many pixels of it lie in each box (rows), hard by it, and in all."""

    inside: Counts
    near: Counts
    others: Counts
    """How many lie in that of the other boxes which has most of it."""
    whole: Counts
    centres: NDArray[np.float64]
    """Row and column of the middle of each box."""


def boxes_ink(piece: Piece, numbers: Sequence[int]) -> list[BoxInk]:
    """Measure these boxes of the piece."""
    bare = {at: _bare(piece, piece.places[at]) for at in numbers}
    if piece.count == 1:
        return list(bare.values())
    table = _table_of(piece)
    return [_with_ink(piece, at, table, plain) for at, plain in bare.items()]


def _bare(piece: Piece, place: Place) -> BoxInk:
    window = place.window
    height, width = (part.stop - part.start for part in window)
    free = cv2.bitwise_not(piece.printed[window])
    share = cv2.countNonZero(free) / (height * width)
    if piece.count > 1:
        free = cv2.bitwise_and(free, (piece.strokes[window] == 0).astype(np.uint8))
    return BoxInk(
        found=not place.printed or place.found >= 0.4,
        area=height * width / _MM2,
        smudge=cv2.mean(piece.bare[window], free)[0] if cv2.countNonZero(free) >= 20 else 0.0,
        heavier=place.heavier,
        free=share,
    )


def _table_of(piece: Piece) -> _Table:
    """Count every stroke once for all boxes of the piece."""
    hard_by = round(HARD_BY_MM * PX_PER_MM)
    windows = [place.window for place in piece.places]
    inside = np.stack([_counted(piece, window) for window in windows])
    if len(windows) == 1:
        others = np.zeros_like(inside)
    else:
        second, most = np.partition(inside, (-2, -1), axis=0)[-2:]
        others = np.where(inside == most, second, most)
    near = np.stack([_counted(piece, widened(window, hard_by, piece.strokes.shape)) for window in windows])
    centres = np.array([[(part.start + part.stop - 1) / 2 for part in window] for window in windows])
    return _Table(inside, near, others, _counted(piece, (slice(None), slice(None))), centres)


def _counted(piece: Piece, window: Window) -> Counts:
    counts = np.bincount(piece.strokes[window].ravel(), minlength=piece.count)
    counts[0] = 0
    return counts


def _with_ink(piece: Piece, at: int, table: _Table, bare: BoxInk) -> BoxInk:
    if not (table.near[at] >= SPECK_MM2 * _MM2).any():
        return bare
    whose = _whose(table, at)
    near = (whose == _MINE) | (whose == _SHARED)
    stray = whose == _NOBODYS
    sprawling = (whose == _THEIRS) & (table.near[at] >= SPECK_MM2 * _MM2) & (table.others[at] < 0.5 * table.whole)
    around = stray | sprawling
    plain = replace(
        bare,
        torn=_torn(piece, at, table, (whose > 0) & ~stray),
        stubs=len(exits_of(piece, around, piece.places[at].window, _MOAT)[0]) if around.any() else 0,
        orphan_mm2=float(table.near[at][stray].sum()) / _MM2,
        foreign_mm2=float(table.inside[at][whose == _THEIRS].sum()) / _MM2,
    )
    if not near.any():
        return plain
    hard_by = int(table.near[at][near].sum())
    beside = int(table.near[:, near].sum()) - hard_by >= SPECK_MM2 * _MM2
    plain = replace(plain, leans=bool(beside and hard_by < 0.6 * table.whole[near].sum()))
    return _of_strokes(piece, at, table, whose == _MINE, near, plain)


def _whose(table: _Table, at: int) -> Counts:
    """For each stroke that touches the box or comes hard by it: whose it is."""
    own, others, whole = table.inside[at], table.others[at], table.whole
    here = own >= SPECK_MM2 * _MM2
    lodged = _LODGED * whole
    whose = np.where(table.near[at] >= SPECK_MM2 * _MM2, _NOBODYS, 0)
    whose[here & (own + others >= lodged)] = _SHARED
    whose[here & (own >= _TIMES * others) & (own >= lodged)] = _MINE
    whose[(others >= _TIMES * own) & (others >= np.minimum(lodged, MARK_MM2 * _MM2))] = _THEIRS
    return whose


def _torn(piece: Piece, at: int, table: _Table, lodged: Bools) -> bool:
    """Whether the middle of some stroke that is ``lodged`` in a box is nearly as near to the middle of another box that it comes hard by."""
    for stroke in np.flatnonzero(lodged & (table.near[at] >= SPECK_MM2 * _MM2) & (table.whole >= MARK_MM2 * _MM2)):
        away = np.hypot(*(table.centres - piece.middles[stroke]).T).tolist()
        beside = [away[other] for other in np.flatnonzero(table.near[:, stroke] >= SPECK_MM2 * _MM2) if other != at]
        if beside and max(away[at], min(beside)) < _AS_NEAR * min(away[at], *beside):
            return True
    return False


def _free(table: _Table, at: int) -> Bools:
    """The strokes that no other box has: a broken ring around this one may be of several."""
    free = table.others[at] < _LODGED * table.whole
    free[0] = False
    return np.asarray(free, np.bool_)


def _of_strokes(piece: Piece, at: int, table: _Table, mine: Bools, near: Bools, plain: BoxInk) -> BoxInk:
    window, own, shape = piece.places[at].window, table.inside[at], piece.strokes.shape
    here = piece.strokes[window]
    ink = (mine if mine.any() else near)[here]
    reach, central = reach_of(ink)
    wide = widened(window, round(_AROUND_MM * PX_PER_MM), shape)
    inner = piece.strokes[widened(window, round(_MOAT * PX_PER_MM), shape)]
    around = piece.strokes[wide]
    exits, moat = exits_of(piece, near, window, _MOAT)
    through, hidden, along = through_of(piece, window, near[here])
    return replace(
        plain,
        own_mm2=float(own[mine].sum()) / _MM2,
        open_mm2=np.count_nonzero(mine[here] & (piece.printed[window] == 0)) / _MM2,
        shared_mm2=float(own[near & ~mine].sum()) / _MM2,
        dark=_quartile(piece.dark[window][ink]),
        reach=reach,
        central=central,
        outside_mm2=(np.count_nonzero(near[around]) - np.count_nonzero(near[inner])) / _MM2,
        surrounded=surrounded_of((near | _free(table, at))[around], wide, window),
        exits=exits,
        moat=moat,
        far_exits=len(exits_of(piece, near, window, _FAR_MOAT)[0]),
        through=through,
        hidden=hidden,
        along=along,
    )


def _quartile(values: Grey) -> float:
    """The upper one."""
    at = values.size * 3 // 4
    return float(np.partition(values, at)[at])
