"""The connected parts of what is dark in a stack of cells, and what is known of each."""

from __future__ import annotations

from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from ocr.engines.darkness import PAD, Stack, grown, on_tall
from ocr.page import Grey
from ocr.windows import sums

LOOSE = 4  # px: half a millimetre over the line is how people write
_SPECKLED = 4  # parts a cell, on average, from which it is worth looking for cells of dots
SPECK, _DOTTED = 60, 30  # square px: a dot is smaller, and a character of dots has more
_TORN, _PIECES = 80, 4
"""Square px, and dots: a character that has as many, and hardly anything else, is one that the scan has torn."""
_GAP = 3  # px: dots closer than twice this belong together


_MINE, _THEIRS, _MOST_THEIRS = 0.35, 0.15, 0.12
"""The share in the box of a part that is the cell's own, at least, and of a neighbour's, at most; and how much of all may be the neighbour's."""
_GOES_ON = 3  # px of ink
_STRAIGHT = 0.05  # the spread across a line against that along it
_ON_LINE, _BEYOND = 4.0, 14.0  # px: from its middle line, and from its end
_BRIDGE = 2 * PAD + 1  # px: strokes are bridged over print as wide as this


class Inner(NamedTuple):
    """The cell's own box in a picture, px."""

    left: int
    top: int
    width: int
    height: int


class Parts(NamedTuple):
    """The connected parts of a stack's ink: where each pixel of ink belongs, and arrays over the parts (0 is none)."""

    ink: NDArray[np.int_]
    """The places of the ink's pixels in the flat stack; ``part`` is over them."""
    part: NDArray[np.int_]
    area: NDArray[np.int_]
    cell: NDArray[np.int_]
    sides: NDArray[np.int_]
    """4 × parts: left, top, right, bottom."""
    loose: NDArray[np.int_]
    """How many of its pixels lie in the cell's box or hard by it."""
    inside: NDArray[np.float64]
    """The share of the part that lies in the cell's box."""
    deep: NDArray[np.float64]
    """The share that lies well within it."""
    by_line: NDArray[np.float64]
    """The share that lies on printed lines."""
    torn: NDArray[np.bool_]
    """Over the cells: whether the scan has torn its strokes into dots."""


def parts_of(binary: Stack, lines: Stack, box: Inner) -> Parts:
    """Touching pixels are a part; in a cell of dots, as a fax makes of a pencil's stroke, so are pixels close by."""
    total, labels = _connected(binary)
    found = _measured(binary, lines, box, total, labels)
    specks = (found.area < SPECK) & (found.deep > 0.8)
    amount = np.bincount(found.cell[specks], found.area[specks], len(binary))
    whole = np.bincount(found.cell, found.area * (found.deep > 0.8), len(binary))
    pieces = np.bincount(found.cell[specks], minlength=len(binary))
    torn = (whole >= _TORN) & (amount > 0.5 * whole) & (pieces >= _PIECES)
    found = found._replace(torn=torn)
    if total < _SPECKLED * len(binary):
        return found
    dotted = np.flatnonzero((amount >= _DOTTED) & (amount > 0.25 * whole))
    if not dotted.size:
        return found
    linked, near = _connected(grown(binary[dotted], _GAP))
    stack = labels.reshape(binary.shape)
    stack[dotted] = np.where(binary[dotted] > 0, near.reshape(-1, *binary.shape[1:]) + total, 0)
    return _measured(binary, lines, box, total + linked, labels)._replace(torn=torn)


def _connected(binary: Stack) -> tuple[int, NDArray[np.int32]]:
    total, labels = cv2.connectedComponents(binary.reshape(-1, binary.shape[2]), connectivity=8, ltype=cv2.CV_32S)
    return total, np.asarray(labels, np.int32)


def _measured(binary: Stack, lines: Stack, box: Inner, total: int, labels: NDArray[np.int32]) -> Parts:
    _, height, width = binary.shape
    flat = binary.reshape(-1)
    # Nearly all is told by the runs of touching pixels, which are a tenth as many; none goes over a row's end, where PAD is.
    none = np.uint8(0)  # before the first pixel, and behind the last
    start, end = np.flatnonzero(np.diff(flat, prepend=none, append=none)).reshape(-1, 2).T
    length = end - start
    ink = np.flatnonzero(flat.view(np.bool_))
    run = labels.reshape(-1)[start].astype(np.int64)
    part = np.repeat(run, length)
    row = start // width
    left = start - row * width
    right = left + length
    # Runs come in rows from the top, and the last to be written stays: a part's first and last row need no search.
    top, bottom, sides = np.zeros(total, np.int64), np.zeros(total, np.int64), np.zeros((4, total), np.int64)
    bottom[run], top[run[::-1]] = row + 1, row[::-1]
    cell = top // height
    sides[0], sides[1], sides[3] = width, top - cell * height, bottom - cell * height
    np.minimum.at(sides[0], run, left)
    np.maximum.at(sides[2], run, right)
    down = row - cell[run] * height
    loose, inside, deep = (_within(box, by, run, down, left, right, total) for by in (LOOSE, 0, -LOOSE))
    area = _total(run, length, total)
    on_line = np.bincount(part[lines.reshape(-1)[ink] > 0], minlength=total)
    size = np.maximum(area, 1)
    return Parts(
        ink, part, area, cell, sides, loose, inside / size, deep / size, on_line / size, np.zeros(len(binary), np.bool_)
    )


def _within(
    box: Inner,
    by: int,
    run: NDArray[np.int_],
    down: NDArray[np.int_],
    left: NDArray[np.int_],
    right: NDArray[np.int_],
    total: int,
) -> NDArray[np.int_]:
    """How many pixels of each part lie in the box with ``by`` px more on each side, from the rows and ends of its runs."""
    covered = np.minimum(right, max(0, box.left + box.width + by)) - np.maximum(left, max(0, box.left - by))
    there = (covered > 0) & (down >= box.top - by) & (down < box.top + box.height + by)
    return _total(run[there], covered[there], total)


def _total(part: NDArray[np.int_], amount: NDArray[np.int_], total: int) -> NDArray[np.int_]:
    return np.bincount(part, amount, total).astype(np.int64)


def without_neighbours(binary: Stack, lines: Stack, box: Inner) -> Stack:
    """The cells without what is joined to their writing only over a printed line, and runs on beyond the picture: it is the
    end of a neighbour's stroke, unless it is too much of the ink for that."""
    found, (height, width) = binary.copy(), binary.shape[1:]
    rim = np.ones((height, width), np.bool_)
    rim[PAD + 1 : height - PAD - 1, PAD + 1 : width - PAD - 1] = False
    inside = np.zeros((height, width), np.bool_)
    inside[box.top : box.top + box.height, box.left : box.left + box.width] = True
    for cell, line in zip(found, lines, strict=True):
        count, whole = cv2.connectedComponents(cell, connectivity=8)
        own = np.bincount(whole[rim], minlength=count) > 0
        own &= np.bincount(whole[inside], minlength=count) > _MINE * np.bincount(whole.ravel(), minlength=count)
        own[0] = False
        one = cell * own[whole]
        count, pieces = cv2.connectedComponents(one * (line == 0), connectivity=8)
        area = np.bincount(pieces.ravel(), minlength=count)
        foreign = np.bincount(pieces[rim], minlength=count) > 0
        foreign &= np.bincount(pieces[inside], minlength=count) < _THEIRS * area
        foreign[0] = False
        if 0 < area[foreign].sum() <= _MOST_THEIRS * area[1:].sum():
            theirs = foreign[pieces]
            near = cv2.dilate(theirs.view(np.uint8), np.ones((_BRIDGE, _BRIDGE), np.uint8))
            cell[theirs | ((near & one & line) > 0) & ~inside] = 0
    return found


def through(binary: Stack, mask: Stack, box: Inner, written: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Which cells' ink is a straight line that goes on beyond the box at both its ends: a crease of the paper, no 1.

    ``mask``: the ink that was kept of each cell.
    """
    found = np.zeros(len(binary), np.bool_)
    foreign = (binary > mask).view(np.uint8)
    across, down = slice(box.left, box.left + box.width), slice(box.top, box.top + box.height)
    beside = (
        foreign[:, : down.start],
        foreign[:, down.stop :],
        foreign[:, :, : across.start],
        foreign[:, :, across.stop :],
    )
    sides = np.add.reduce([sums(one) >= _GOES_ON for one in beside], dtype=np.int64)
    for cell in np.flatnonzero(written & (sides >= 2)).tolist():
        row, column = _places(mask[cell])
        middle = row.mean(), column.mean()
        row, column = row - middle[0], column - middle[1]
        upright, level, both = row @ row, column @ column, row @ column
        # The eigenvalues of the spread, and the direction of the larger one.
        mean, apart = (upright + level) / 2, np.hypot((upright - level) / 2, both)
        if mean - apart > _STRAIGHT * (mean + apart):
            continue
        angle = np.arctan2(2 * both, level - upright) / 2
        sine, cosine = np.sin(angle), np.cos(angle)
        along = column * cosine + row * sine
        row, column = (of - at for of, at in zip(_places(foreign[cell]), middle, strict=True))
        there = (column * cosine + row * sine)[np.abs(row * cosine - column * sine) < _ON_LINE]
        ends = (
            (there < along.min()) & (there > along.min() - _BEYOND),
            (there > along.max()) & (there < along.max() + _BEYOND),
        )
        found[cell] = all(np.count_nonzero(one) >= _GOES_ON for one in ends)
    return found


def _places(picture: Grey) -> tuple[NDArray[np.int_], NDArray[np.int_]]:
    """Rows and columns of what is not 0; three times as fast as numpy's own."""
    place = np.flatnonzero(picture > 0)
    row = place // picture.shape[1]
    return row, place - row * picture.shape[1]


def goes_on(
    binary: Stack,
    part: NDArray[np.int_],
    ink: NDArray[np.int_],
    cell: NDArray[np.int_],
    asked: NDArray[np.bool_],
    inside: NDArray[np.float64],
) -> NDArray[np.bool_]:
    """Which of the asked parts have ink of another cell within 1.5 mm, across the line."""
    cells = np.unique(cell[asked])
    place = np.full(len(binary), -1)
    place[cells] = np.arange(len(cells))
    size = binary[0].size
    here = place[ink // size]
    foreign = np.zeros((len(cells), *binary.shape[1:]), np.uint8)
    theirs = (here >= 0) & (inside[part] <= 0.35)
    foreign.ravel()[here[theirs] * size + ink[theirs] % size] = 255
    near = on_tall(foreign, lambda tall: cv2.dilate(tall, np.ones((13, 13), np.uint8))).ravel()
    ours = (here >= 0) & asked[part]
    touched = part[ours][near[here[ours] * size + ink[ours] % size] > 0]
    return np.bincount(touched, minlength=len(asked)) > 0


def line_at_edge(boxes: NDArray[np.int_], box: Inner) -> NDArray[np.bool_]:
    left, top, right, bottom = boxes.T
    wide, high = right - left, bottom - top
    beside = np.minimum(np.abs((left + right) / 2 - box.left), np.abs((left + right) / 2 - box.left - box.width)) < 8
    level = np.minimum(np.abs((top + bottom) / 2 - box.top), np.abs((top + bottom) / 2 - box.top - box.height)) < 8
    upright = (wide <= 7) & (high >= 0.7 * box.height) & beside
    return np.asarray(upright | ((high <= 7) & (wide >= 0.6 * box.width) & level))


def close_by(sides: NDArray[np.int_], cell: NDArray[np.int_], boxes: NDArray[np.int_]) -> NDArray[np.bool_]:
    """Which parts lie on or close to what was kept of their cell: the strokes of 濁点 are as small as specks."""
    left, top, right, bottom = boxes[cell].T
    reach = np.clip(np.maximum(right - left, bottom - top) * 0.2, 4, 10)
    x, y = (sides[0] + sides[2]) / 2, (sides[1] + sides[3]) / 2
    across = (x > left - reach) & (x < right + reach)
    return np.asarray(across & (y > top - reach) & (y < bottom + reach))


def at_upper_right(sides: NDArray[np.int_], boxes: NDArray[np.int_]) -> NDArray[np.bool_]:
    """Which parts lie where 濁点 of the character in their cell would."""
    left, top, right, bottom = boxes.T
    x, y = (sides[0] + sides[2]) / 2, (sides[1] + sides[3]) / 2
    across = (x > (left + right) / 2) & (x < right + 10)
    return np.asarray(across & (y > top - 10) & (y < top + 0.45 * (bottom - top)))


def bounds(cell: NDArray[np.int_], keep: NDArray[np.bool_], sides: NDArray[np.int_], count: int) -> NDArray[np.int_]:
    """cells × (left, top, right, bottom) around each cell's kept parts."""
    edges, kept, of = np.zeros((4, count), np.int64), sides[:, keep], cell[keep]
    edges[:2] = 1 << 20
    for edge, side in zip(edges[:2], kept[:2], strict=True):
        np.minimum.at(edge, of, side)
    for edge, side in zip(edges[2:], kept[2:], strict=True):
        np.maximum.at(edge, of, side)
    return edges.T
