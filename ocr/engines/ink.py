"""From the cuts of single characters to what the network sees: paper, print and neighbours taken away, ink kept."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields

import cv2
import numpy as np
from numpy.typing import NDArray

from ocr.engine import Cut
from ocr.engines.blank_print import FAINTEST, without_print
from ocr.engines.darkness import PAD, Stack, counted, darkness, grown, medians, on_tall, ranked
from ocr.engines.parts import (
    LOOSE,
    SPECK,
    Inner,
    Parts,
    at_upper_right,
    bounds,
    close_by,
    goes_on,
    line_at_edge,
    parts_of,
    through,
    without_neighbours,
)
from ocr.engines.pictures import SIDE, full_ink, pictures_of
from ocr.page import Grey
from ocr.windows import sums

PX_PER_MM = 8.0
"""Cuts at this resolution are used as they are; others are brought to it first."""
MARGIN_MM = 1.2
"""How much of the surroundings a character's cut should show, so that ink over the edge is seen."""

_LARGEST = 400  # px: a cell is some 60 × 80; a larger picture is brought down to this
_SMALLEST = 9  # px: no character but a dot is smaller
_TRACES = 28  # square px of specks that are worth a look: noise leaves up to 15 in an empty cell of a fax
_TRACES_TORN = 4  # where the scan tears strokes into dots, a speck may be all that is left of a character
_INKED = 8  # px of every fourth: as many at least a character has, so the darkest but these tell how dark its ink is
_GREY = 4  # of 255: bare paper's middle darkness is 2 at most; a pale scribble all over a cell makes it greyer
_NOISIEST = 12  # of 255
_DOTS = ".,・"
_VOICED = "ガ"
"""A cell that allows it may hold 濁点."""


@dataclass(frozen=True, slots=True, eq=False)
class Inks:
    """What is written in each cell; arrays over the cells in the order of the cuts."""

    pictures: NDArray[np.uint8]
    """cells × 2 × SIDE × SIDE: the ink cut close, and the ink where it lies in the cell; 255 is full ink."""
    written: NDArray[np.bool_]
    """Whether there is any ink that could be a character."""
    over: NDArray[np.float64]
    """The share of the ink that lies well outside the cell's box."""
    traces: NDArray[np.bool_]
    """Whether a cell without ink has more specks in its middle than an empty one should have, or is grey all over."""
    extent: NDArray[np.int_]
    """The longer side of the ink, px."""
    size: NDArray[np.float64]
    """The root of its width times its height, px: how large it is written, by a narrow hand as by a wide one."""
    like_print: NDArray[np.bool_]
    """Whether the ink is one straight line along the cell's edge, as print that the scan shows elsewhere would be."""
    shed: NDArray[np.bool_]
    """Whether what was taken for a neighbour's stroke lies where 濁点 would stand."""
    amount: NDArray[np.float64]
    """How much ink lies well within the cell, specks and all, square px,"""
    largest: NDArray[np.float64]
    """the largest part of it that hangs together,"""
    room: NDArray[np.float64]
    """and how much would fill it, square px."""
    inside: NDArray[np.float64]
    """How much ink lies there, whosever it is, square px."""
    specks: NDArray[np.bool_]
    """Whether no part is larger than a speck, where no dot may stand."""
    torn: NDArray[np.bool_]
    """Whether the scan has torn strokes into dots,"""
    level: NDArray[np.float64]
    """and how dark the ink is, 0 to 255."""


@dataclass(frozen=True, slots=True, eq=False)
class _Kept:
    """The parts of a stack's ink that belong to the cells' characters."""

    mask: Stack
    """255 there."""
    boxes: NDArray[np.int_]
    """cells × (left, top, right, bottom); of no meaning where nothing is kept."""
    written: NDArray[np.bool_]
    over: NDArray[np.float64]
    cropped: NDArray[np.bool_]
    like_print: NDArray[np.bool_]
    traces: NDArray[np.bool_]
    shed: NDArray[np.bool_]
    amount: NDArray[np.float64]
    largest: NDArray[np.float64]
    specks: NDArray[np.bool_]
    torn: NDArray[np.bool_]

    def put(self, those: NDArray[np.int_], found: _Kept) -> None:
        """Takes what was found of these cells."""
        for one in fields(self):
            getattr(self, one.name)[those] = getattr(found, one.name)


def find_ink(cuts: Sequence[Cut]) -> Inks:
    """The ink of every cut; cuts of one size are worked on together."""
    inks = no_ink(len(cuts))
    for numbers in of_one_size(cuts):
        find_into(inks, cuts, numbers)
    return inks


def no_ink(count: int) -> Inks:
    """So many cells in which nothing was found yet."""
    written, traces, like_print, shed, specks, torn = np.zeros((6, count), np.bool_)
    over, size, amount, largest, room, inside, level = np.zeros((7, count))
    pictures, extent = np.zeros((count, 2, SIDE, SIDE), np.uint8), np.zeros(count, np.int_)
    return Inks(
        pictures,
        written,
        over,
        traces,
        extent,
        size,
        like_print,
        shed,
        amount,
        largest,
        room,
        inside,
        specks,
        torn,
        level,
    )


def of_one_size(cuts: Sequence[Cut]) -> list[list[int]]:
    """The numbers of those that can be worked on together."""
    groups: dict[tuple[tuple[int, ...], float, tuple[int, int, int, int]], list[int]] = {}
    for number, cut in enumerate(cuts):
        groups.setdefault((cut.image.shape, cut.px_per_mm, cut.inner), []).append(number)
    return list(groups.values())


def find_into(inks: Inks, cuts: Sequence[Cut], numbers: Sequence[int]) -> NDArray[np.int_]:
    """Finds the ink of these cells, which are of one size; those in which something is written."""
    images, blanks, inner = _to_scale([cuts[number] for number in numbers])
    at = np.array(numbers)
    _find_in_stack(images, blanks, inner, [cuts[number].allowed for number in numbers], inks, at)
    return np.asarray(at[inks.written[at]], np.int_)


def _to_scale(cuts: Sequence[Cut]) -> tuple[list[Grey], list[Grey], Inner]:
    """Cuts of one size: their pictures, those of the blank, and the cell's box on them."""
    images, blanks = [cut.image for cut in cuts], [cut.blank for cut in cuts]
    height, width = images[0].shape
    near = 0.9 < cuts[0].px_per_mm / PX_PER_MM < 1.12
    factor = min(1.0 if near else PX_PER_MM / cuts[0].px_per_mm, _LARGEST / max(height, width))
    if factor == 1.0:
        return images, blanks, Inner(*cuts[0].inner)
    size = (max(1, round(width * factor)), max(1, round(height * factor)))
    how = cv2.INTER_AREA if factor < 1 else cv2.INTER_LINEAR
    left, top, wide, high = (round(side * factor) for side in cuts[0].inner)
    for pictures in (images, blanks):
        pictures[:] = [np.asarray(cv2.resize(one, size, interpolation=how), np.uint8) for one in pictures]
    return images, blanks, Inner(left, top, max(1, wide), max(1, high))


def _find_in_stack(
    images: Sequence[Grey],
    blanks: Sequence[Grey],
    inner: Inner,
    allowed: Sequence[str],
    inks: Inks,
    at: NDArray[np.int_],
) -> None:
    clean, lines = without_print(darkness(np.stack(images)), blanks)
    smooth = on_tall(clean, lambda tall: cv2.blur(tall, (3, 3)))
    box = Inner(inner.left + PAD, inner.top + PAD, inner.width, inner.height)
    level, threshold, middle = _levels(smooth, box)
    binary = (smooth > np.minimum(threshold, 255).astype(np.uint8)[:, None, None]).view(np.uint8)
    dots, voiced = _allowing(allowed, _DOTS), _allowing(allowed, _VOICED)
    kept = _characters(binary, lines, box, dots, voiced)
    joined = np.flatnonzero(kept.cropped)
    if joined.size:
        parted = without_neighbours(binary[joined], lines[joined], box)
        kept.put(joined, _characters(parted, lines[joined], box, dots[joined], voiced[joined]))
    inks.written[at], inks.like_print[at] = kept.written, kept.like_print
    inks.over[at] = np.where(through(binary, kept.mask, box, kept.written), 1.0, kept.over)
    inks.traces[at], inks.shed[at] = kept.traces | (~kept.written & (middle > _GREY)), kept.shed
    inks.amount[at], inks.largest[at], inks.specks[at] = kept.amount, kept.largest, kept.specks
    inks.torn[at], inks.level[at] = kept.torn, level
    well = binary[:, box.top + LOOSE : box.top + box.height - LOOSE, box.left + LOOSE : box.left + box.width - LOOSE]
    inks.room[at], inks.inside[at] = well[0].size, sums(well) if well.size else 0
    sides = np.where(kept.written[:, None], kept.boxes[:, 2:] - kept.boxes[:, :2], 0)
    inks.extent[at], inks.size[at] = sides.max(axis=1), np.sqrt(sides.prod(axis=1))
    own = smooth & grown(kept.mask, 1)
    rows = np.flatnonzero(kept.written)
    shown = pictures_of(own[rows], kept.boxes[rows], box)
    inks.pictures[at[rows]] = full_ink(shown, level[rows], threshold[rows])


def _allowing(allowed: Sequence[str], signs: str) -> NDArray[np.bool_]:
    """Which cells may hold one of these signs."""
    known = {each: not each or any(sign in each for sign in signs) for each in set(allowed)}
    return np.array([known[each] for each in allowed])


def _levels(smooth: Stack, box: Inner) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.int64]]:
    """How dark each cell's ink is, from where on darkness is ink, and how dark the cell is in the middle."""
    inside = np.ascontiguousarray(smooth[:, box.top : box.top + box.height : 2, box.left : box.left + box.width : 2])
    size = inside[0].size
    if size < 2 * _INKED:
        return np.zeros(len(smooth)), np.full(len(smooth), 256.0), np.zeros(len(smooth), np.int64)
    counts = counted(inside)
    level, middle = ranked(counts, size - _INKED).astype(np.float64), ranked(counts, size // 2)
    # How many pixels lie at most so far from the middle darkness, on both its sides; a cell that is mostly ink is not noisy.
    away = np.arange(_NOISIEST * 2)
    above, below = np.minimum(middle[:, None] + away, 255), middle[:, None] - 1 - away
    least = np.where(below < 0, 0, np.take_along_axis(counts, np.maximum(below, 0), axis=1))
    noise = np.minimum(medians(np.take_along_axis(counts, above, axis=1) - least, size) * 1.5, _NOISIEST)
    threshold = np.maximum.reduce(
        [level * 0.33, 4 * noise + np.minimum(middle, 30), np.full(len(smooth), float(FAINTEST))]
    )
    # A cell that is scribbled over looks noisy; what is this dark is ink all the same.
    return level, np.where(level >= 2 * FAINTEST, np.minimum(threshold, level * 0.6), threshold), middle


def _characters(binary: Stack, lines: Stack, box: Inner, dots: NDArray[np.bool_], voiced: NDArray[np.bool_]) -> _Kept:
    """Keeps the connected parts that are the cell's own writing: no specks, no remains of lines, no neighbour's strokes."""
    count, height, width = binary.shape
    found = parts_of(binary, lines, box)
    ink, part, area, cell, sides, loose, inside, deep, by_line, torn = found
    wide, high = sides[2] - sides[0], sides[3] - sides[1]
    extent = np.maximum(wide, high)
    keep = (extent >= 5) & (area >= 14)
    keep &= inside > 0.35
    foreign, corner = _foreign(binary, found, box, voiced, keep)
    keep &= ~foreign
    shed = foreign & corner
    keep &= (by_line < 0.9) | (np.minimum(wide, high) > 4)
    keep[0] = False
    largest = np.zeros(count, np.int64)
    np.maximum.at(largest, cell[keep], extent[keep])
    keep &= extent >= 0.1 * largest[cell]
    own = np.bincount(cell[keep], area[keep], count)
    pieces = np.bincount(cell[keep], minlength=count)
    written = (largest >= _SMALLEST) | ((pieces >= 3) & (own >= 60)) | (dots & (pieces == 1) & (own >= 30))
    keep &= written[cell]
    small = (extent >= 3) & (area >= 6) & (inside > 0.8) & (by_line < 0.9) & written[cell]
    keep |= small & close_by(sides, cell, bounds(cell, keep, sides, count))
    keep[0] = False

    mask = np.negative(binary)
    mask.reshape(-1)[ink[~keep[part]]] = 0
    near = np.bincount(cell[keep], loose[keep], count)
    over = 1 - near / np.maximum(np.bincount(cell[keep], area[keep], count), 1)
    left, top, right, bottom = sides
    edge = (left <= PAD) | (top <= PAD) | (right >= width - PAD) | (bottom >= height - PAD)
    cropped = np.bincount(cell[keep & edge], minlength=count) > 0
    boxes = bounds(cell, keep, sides, count)
    shed |= ~keep & (area >= 4) & (by_line < 0.9) & voiced[cell] & at_upper_right(sides, boxes[cell])
    shed[0] = False
    within = deep > 0.5
    within[0] = False
    amount = np.bincount(cell[within], area[within], count).astype(np.float64)
    within |= keep
    thickest = np.zeros(count)
    np.maximum.at(thickest, cell[within], area[within])
    return _Kept(
        mask,
        boxes,
        written,
        np.where(written, over, 0),
        cropped,
        line_at_edge(boxes, box),
        ~written & (amount >= (_TRACES_TORN if np.count_nonzero(torn) >= 2 else _TRACES)),  # one alone is chance
        written & (np.bincount(cell[shed], minlength=count) > 0),
        amount,
        thickest,
        (thickest <= SPECK) & ~(dots & written),
        torn,
    )


def _foreign(
    binary: Stack, found: Parts, box: Inner, voiced: NDArray[np.bool_], keep: NDArray[np.bool_]
) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Which of the parts that would be kept are a neighbour's; and which stand where 濁点 would.

    A small part at the very edge is a neighbour's tail if the stroke goes on beyond the line, else a 濁点.
    """
    left, top, right, bottom = found.sides
    extent = np.maximum(right - left, bottom - top)
    at_edge = keep & (found.deep <= 0.15) & (extent <= 0.35 * max(box.width, box.height))
    at_edge[0] = False
    none = np.zeros(len(keep), np.bool_)
    if not at_edge.any():
        return none, none
    across, down = left + right - 2 * box.left, top + bottom - 2 * box.top
    corner = at_edge & voiced[found.cell] & (across > box.width) & (down < 0.9 * box.height)
    beyond = goes_on(binary, found.part, found.ink, found.cell, at_edge, found.inside)
    return at_edge & (beyond | ((found.inside < 0.85) & ~corner)), corner
