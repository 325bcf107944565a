"""The printed frames of an empty form's fields, and whether a page shows them where they were: as long, and no longer."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from ocr.page import Grey
from ocr.register.ink import WORK_PX_PER_MM

AROUND_MM = 1.0
_FRAME, _FRAMED = 40, 0.3  # pixels of print that make a frame; of its edges
_SIDE_MM, _WHOLE = 4.0, 0.9  # the shortest side; of its length printed
_END_MM = 3.0
_HALF, _LEAST_GONE = 0.5, 16
_DARK = 60  # of 255: a hairline on a grey scan

Place = tuple[int, int, int, int]
"""Left, top, right and bottom pixel."""
Boxes = NDArray[np.int64]
"""n × 5: left, top, right and bottom pixel, and how much of it is print."""


@dataclass(frozen=True, slots=True, eq=False)
class Frames:
    """Of one empty page, in pixels of its ink."""

    boxes: Boxes
    """Each field whose frame is printed, with a little around it."""
    sides: Boxes
    """Each of their sides that is a rule from end to end, without the corners."""
    within: Boxes
    """Of each side the last 3 mm of the two sides that meet it: twice as many."""
    beyond: Boxes
    """The same, where those would go on."""
    bare: NDArray[np.bool_]
    """Where the form has no print, nor beside."""


def frames_of(places: Iterable[tuple[slice, slice]], print_: NDArray[np.bool_]) -> Frames:
    """The frames among the places (rows and columns) of fields: those with print along enough of their edges.

    A dotted line to write upon is pale, and scans lose it.
    """
    around = 2 * round(AROUND_MM * WORK_PX_PER_MM)
    found = []
    for rows, columns in places:
        edges = 2 * (rows.stop - rows.start - around + columns.stop - columns.start - around)
        if np.count_nonzero(print_[rows, columns]) >= max(_FRAME, _FRAMED * edges):
            found.append((columns.start, rows.start, columns.stop, rows.stop))
    ends = [end for one in found for end in _ends(*one, print_)]
    return Frames(
        _boxes(found, print_),
        _boxes([end.side for end in ends], print_),
        _boxes([one for end in ends for one in end.within], print_),
        _boxes([one for end in ends for one in end.beyond], print_),
        cv2.dilate(print_.view(np.uint8), np.ones((3, 3), np.uint8)) == 0,
    )


@dataclass(frozen=True, slots=True)
class _End:
    """A side of a frame, and the last of the two sides that meet it, before it and beyond it."""

    side: Place
    within: tuple[Place, Place]
    beyond: tuple[Place, Place]


def _ends(left: int, top: int, right: int, bottom: int, print_: NDArray[np.bool_]) -> Iterator[_End]:
    """The sides of a frame that are whole rules, each with what meets it.  A short one is lost too easily."""
    deep, end = 2 * round(AROUND_MM * WORK_PX_PER_MM), round(_END_MM * WORK_PX_PER_MM)
    for turned in (False, True):
        low, high, near, far = (top, bottom, left, right) if turned else (left, right, top, bottom)
        ends = ((near, near + deep, near - end), (far - deep, far - deep - end, far))
        for at, within, beyond in ends:
            side = _place(low + deep, at, high - low - 2 * deep, deep, turned)
            x, y, to_x, to_y = side
            piece = print_[y:to_y, x:to_x]
            length, shown = piece.shape[not turned], np.count_nonzero(piece.any(axis=int(turned)))
            if length >= _SIDE_MM * WORK_PX_PER_MM and shown > _WHOLE * length:
                inside, outside = (
                    (_place(low, one, deep, end, turned), _place(high - deep, one, deep, end, turned))
                    for one in (within, beyond)
                )
                yield _End(side, inside, outside)


def _place(along: int, across: int, length: int, width: int, turned: bool) -> Place:
    box = along, across, along + length, across + width
    return (box[1], box[0], box[3], box[2]) if turned else box


def _boxes(places: Sequence[Place], print_: NDArray[np.bool_]) -> Boxes:
    height, width = print_.shape
    boxes = np.array(places, np.int64).reshape(-1, 4).clip(0, (width, height, width, height))
    return np.column_stack((boxes, _count(print_, np.column_stack((boxes, boxes[:, 0])))))


def _count(where: NDArray[np.bool_], boxes: Boxes) -> NDArray[np.int64]:
    """How many pixels are set in each box."""
    sums = cv2.integral(where.view(np.uint8))
    left, top, right, bottom, _ = boxes.T
    return np.asarray(sums[bottom, right] - sums[top, right] - sums[bottom, left] + sums[top, left], np.int64)


def lost_field(lost: NDArray[np.bool_], frames: Frames) -> float:
    """The share of a frame's print that is lost, of the frame that lost most: more than the others, unless it is half.

    A light copy loses thin rules of every frame; a frame that was moved loses its own.
    """
    if not len(frames.boxes):
        return 0.0
    gone = _count(lost, frames.boxes)
    share = gone / frames.boxes[:, 4]
    beyond = np.where(share > _HALF, share, share - np.median(share))
    return float(np.max(beyond[gone >= _LEAST_GONE], initial=0.0))


def moved_end(over: Grey, lost: NDArray[np.bool_], frames: Frames) -> bool:
    """Whether a frame ends elsewhere: its end is lost, and the two sides that meet it go on beyond, or end before it.

    A fax loses thin rules too, but not so.
    """
    gone = _count(lost, frames.sides) >= _HALF * frames.sides[:, 4]
    if not gone.any():
        return False
    print_, before = frames.within[:, 4], _count(lost, frames.within)
    ends_before = ((print_ > 0) & (before >= _HALF * print_)).reshape(-1, 2).all(axis=1)
    size = _END_MM * WORK_PX_PER_MM
    goes_on = _count((over > _DARK) & frames.bare, frames.beyond) >= _HALF * size
    return bool((gone & (ends_before | goes_on.reshape(-1, 2).all(axis=1))).any())
