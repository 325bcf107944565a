"""What lies in and around a checkbox or bubble, each stroke followed to the box that it belongs to."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from ocr.ink import Piece
from ocr.ink_align import PX_PER_MM, Window, widened
from ocr.page import Grey

_MOAT = 0.7  # mm around the box: what crosses it leaves the box
_FAR_MOAT = 1.4
_WELL_OUTSIDE = 0.9
_AROUND_MM = 3.0
SPECK_MM2 = 0.05
MARK_MM2 = 0.25
_HARD_BY = 0.9  # mm
_TIMES = 3.0  # as much ink in this box as in any other makes a stroke this box's
_LODGED = 0.15  # of a stroke must lie in boxes, or it is nobody's
_NOBODYS, _MINE, _SHARED, _THEIRS = 1, 2, 3, 4
_MM2 = PX_PER_MM**2

_JUST_PAST = 0.4
_PAST = 2.6  # mm: a line that goes on for so long past both sides goes through
_DIRECTIONS = np.radians(np.arange(0, 180, 4))
_SINES, _COSINES = np.sin(_DIRECTIONS), np.cos(_DIRECTIONS)

Bools = NDArray[np.bool_]
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
    own_mm2: float = 0.0
    """Ink in the box of strokes that belong to it."""
    shared_mm2: float = 0.0
    """Of strokes that lie as much in another box."""
    foreign_mm2: float = 0.0
    """Of strokes that belong to another box."""
    orphan_mm2: float = 0.0
    """Hard by the box, of strokes that lie in no box."""
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
class Table:
    """Of each stroke of a piece (columns): how many pixels of it lie in each box (rows), hard by it, and in all."""

    inside: Counts
    near: Counts
    whole: Counts


def table_of(piece: Piece) -> Table:
    """Count every stroke once for all boxes of the piece."""
    count = int(piece.strokes.max()) + 1
    hard_by = round(_HARD_BY * PX_PER_MM)
    return Table(
        np.stack([_counted(piece, place.window, count) for place in piece.places]),
        np.stack(
            [_counted(piece, widened(place.window, hard_by, piece.strokes.shape), count) for place in piece.places]
        ),
        _counted(piece, (slice(None), slice(None)), count),
    )


def _counted(piece: Piece, window: Window, count: int) -> Counts:
    counts = np.bincount(piece.strokes[window].ravel(), minlength=count)
    counts[0] = 0
    return counts


def box_ink(piece: Piece, at: int, table: Table) -> BoxInk:
    """Measure the box ``at`` of the piece."""
    place = piece.places[at]
    window = place.window
    height, width = (part.stop - part.start for part in window)
    plain = BoxInk(
        found=not place.printed or place.found >= 0.4,
        area=height * width / _MM2,
        smudge=_smudge(piece, window),
        heavier=place.heavier,
    )
    if not (table.near[at] >= SPECK_MM2 * _MM2).any():
        return plain
    whose = _whose(table, at)
    near = (whose == _MINE) | (whose == _SHARED)
    plain = replace(
        plain,
        orphan_mm2=float(table.near[at][whose == _NOBODYS].sum()) / _MM2,
        foreign_mm2=float(table.inside[at][whose == _THEIRS].sum()) / _MM2,
    )
    if not near.any():
        return plain
    beside = np.delete(table.near, at, axis=0)[:, near].sum() >= SPECK_MM2 * _MM2
    return replace(
        _of_strokes(piece, window, table.inside[at], whose == _MINE, near, _free(table, at), plain),
        leans=bool(beside and table.near[at][near].sum() < 0.6 * table.whole[near].sum()),
    )


def _smudge(piece: Piece, window: Window) -> float:
    free = (piece.strokes[window] == 0) & (piece.printed[window] == 0)
    return float(piece.bare[window][free].mean()) if np.count_nonzero(free) >= 20 else 0.0


def _whose(table: Table, at: int) -> Counts:
    """For each stroke that touches the box or comes hard by it: whose it is."""
    own, whole = table.inside[at], table.whole
    others = np.delete(table.inside, at, axis=0).max(axis=0, initial=0)
    here = own >= SPECK_MM2 * _MM2
    lodged = _LODGED * whole
    whose = np.where(table.near[at] >= SPECK_MM2 * _MM2, _NOBODYS, 0)
    whose[here & (own + others >= lodged)] = _SHARED
    whose[here & (own >= _TIMES * others) & (own >= lodged)] = _MINE
    whose[(others >= _TIMES * own) & (others >= np.minimum(lodged, MARK_MM2 * _MM2))] = _THEIRS
    return whose


def _free(table: Table, at: int) -> Bools:
    """The strokes that no other box has: a broken ring around this one may be of several."""
    others = np.delete(table.inside, at, axis=0).max(axis=0, initial=0)
    free = others < _LODGED * table.whole
    free[0] = False
    return np.asarray(free, np.bool_)


def _of_strokes(
    piece: Piece, window: Window, own: Counts, mine: Bools, near: Bools, free: Bools, plain: BoxInk
) -> BoxInk:
    strokes = piece.strokes[window]
    belongs, touching = mine[strokes], near[strokes]
    reach, central = _reach(belongs if mine.any() else touching)
    wide = widened(window, round(_AROUND_MM * PX_PER_MM), piece.strokes.shape)
    around = near[piece.strokes[wide]]
    exits, moat = _exits(piece, window, near, _MOAT)
    far, _ = _exits(piece, window, near, _FAR_MOAT)
    through, hidden, along = _through(piece, window, touching)
    inner = near[piece.strokes[widened(window, round(_MOAT * PX_PER_MM), piece.strokes.shape)]]
    return replace(
        plain,
        own_mm2=float(own[mine].sum()) / _MM2,
        shared_mm2=float(own[near & ~mine].sum()) / _MM2,
        dark=_quartile(piece.dark[window][belongs if mine.any() else touching]),
        reach=reach,
        central=central,
        outside_mm2=float(around.sum() - inner.sum()) / _MM2,
        surrounded=_surrounded((near | free)[piece.strokes[wide]], wide, window),
        exits=exits,
        moat=moat,
        far_exits=len(far),
        through=through,
        hidden=hidden,
        along=along,
    )


def _quartile(values: Grey) -> float:
    """The upper one."""
    at = values.size * 3 // 4
    return float(np.partition(values, at)[at])


def _reach(ink: Bools) -> tuple[float, bool]:
    """How far the ink goes across the box, in sides of the box; and whether it comes to the middle."""
    height, width = ink.shape
    rows, columns = np.nonzero(ink)
    length = float(np.hypot(np.ptp(rows), np.ptp(columns)))
    middle = (abs(rows - height / 2) < height * 0.3) & (abs(columns - width / 2) < width * 0.3)
    return length / min(height, width), bool(middle.sum() >= 3)


def _exits(piece: Piece, window: Window, strokes: Bools, out_mm: float) -> tuple[tuple[float, ...], float]:
    """Where the strokes cross a rectangle ``out_mm`` around the box: directions in degrees, and the share of it inked."""
    rows, columns = _rectangle(window, round(out_mm * PX_PER_MM), piece.strokes.shape)
    inked = strokes[piece.strokes[rows, columns]]
    share = float(inked.mean())
    inked |= np.roll(inked, 1) & np.roll(inked, -2) | np.roll(inked, 2) & np.roll(inked, -1)
    starts = np.flatnonzero(inked & ~np.roll(inked, 1))
    middle = (window[0].start + window[0].stop - 1) / 2, (window[1].start + window[1].stop - 1) / 2
    exits = []
    for start in starts:
        length = int(np.argmin(np.roll(inked, -start)))
        at = (start + length // 2) % len(rows)
        exits.append(float(np.degrees(np.arctan2(rows[at] - middle[0], columns[at] - middle[1]))) % 360)
    return tuple(sorted(exits)), share


def _rectangle(window: Window, by: int, shape: tuple[int, ...]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The pixels of a rectangle around the window, in order."""
    top, bottom = max(0, window[0].start - by), min(shape[0], window[0].stop + by) - 1
    left, right = max(0, window[1].start - by), min(shape[1], window[1].stop + by) - 1
    across, down = np.arange(left, right), np.arange(top, bottom)
    rows = np.concatenate([np.full(len(across), top), down, np.full(len(across), bottom), down[::-1] + 1])
    columns = np.concatenate([across, np.full(len(down), right), across[::-1] + 1, np.full(len(down), left)])
    return rows, columns


def _surrounded(around: Bools, wide: Window, window: Window) -> float:
    """The share of directions in which there is ink well outside the box."""
    rows, columns = np.nonzero(around)
    down = rows + wide[0].start - (window[0].start + window[0].stop - 1) / 2
    right = columns + wide[1].start - (window[1].start + window[1].stop - 1) / 2
    half = max(window[0].stop - window[0].start, window[1].stop - window[1].start) / 2
    far = np.hypot(down, right) > half + _WELL_OUTSIDE * PX_PER_MM
    directions = (np.degrees(np.arctan2(down[far], right[far])) // 15).astype(int) % 24
    return len(np.unique(directions)) / 24


def _through(piece: Piece, window: Window, ink: Bools) -> tuple[bool, bool, float]:
    """Whether a line goes through the ink in the box and well past it at both sides, with one side hidden, and how much of that ink is on it.

    Printed places and other boxes, where ink can't be seen or is another's, don't count.
    """
    rows, columns = np.nonzero(ink)
    row, column = rows.mean() + window[0].start, columns.mean() + window[1].start
    half = max(ink.shape) / 2
    out = np.arange(half + _JUST_PAST * PX_PER_MM, half + _PAST * PX_PER_MM)
    out = np.concatenate([-out, out])
    down = np.rint(row + np.outer(_SINES, out)).astype(int)
    right = np.rint(column + np.outer(_COSINES, out)).astype(int)
    height, width = piece.strokes.shape
    there = (down >= 0) & (down < height) & (right >= 0) & (right < width)
    down, right = down.clip(0, height - 1), right.clip(0, width - 1)
    counts = there & (piece.printed[down, right] == 0) & ~piece.boxed[down, right]
    inked = counts & (piece.strokes[down, right] > 0)
    seen = np.stack([part.sum(1) for part in np.split(counts, 2, axis=1)])
    covered = np.stack([part.sum(1) for part in np.split(inked, 2, axis=1)]) / np.maximum(seen, 1)
    covered[seen < 4] = np.nan
    both = np.where(np.isnan(covered).all(0), 0, np.nanmin(np.nan_to_num(covered, nan=0.8), axis=0))
    best = int(both.argmax())
    if both[best] < 0.75:
        return False, False, 0.0
    away = (rows + window[0].start - row) * _COSINES[best] - (columns + window[1].start - column) * _SINES[best]
    return True, bool(np.isnan(covered[:, best]).any()), float((abs(away) < 0.5 * PX_PER_MM).mean())
