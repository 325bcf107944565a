"""What the empty form prints in a stack of cells, found again on the scan and taken away."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from operator import is_

import cv2
import numpy as np
from numpy.typing import NDArray

from ocr.engines.darkness import Stack, closed, grown, on_tall, padded
from ocr.page import Grey
from ocr.windows import sums

FAINTEST = 20
"""Darkness below which nothing is ink."""

_STEPS = np.arange(-4, 5)  # px: how far print may lie from where the blank has it (0.5 mm)
_PRINTED = 40  # darkness of the blank from which on a pixel is print
_THICKER = 3  # px: by how much the scan's print may be wider than the blank's, on each side
_BEYOND = _THICKER + 2

Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True, eq=False)
class Print:
    """The print of a stack of cells: the same for every copy of a pile."""

    dark: Stack
    """The blank's darkness, with PAD around each cell."""
    away: Stack
    """How far each pixel lies from print, px: 0 on it, at most _BEYOND."""
    across: Floats
    """shifts × cells × columns: the sharp peaks of upright lines, moved by each shift that is looked for,"""
    down: Floats
    """and, with rows for columns, of level lines."""
    weights: NDArray[np.int64]
    """2 × 2 × cells: of the even and of the odd rows, how much darkness the print has, and how many pixels."""


class _Blanks(tuple[Grey, ...]):
    """Pieces of the empty form that are the same by being the same objects."""

    def __hash__(self) -> int:
        return hash(tuple(map(id, self)))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Blanks) and len(self) == len(other) and all(map(is_, self, other))


def print_of(blanks: Sequence[Grey]) -> Print:
    """The print of pieces of one size; kept for the next copy where they are the kept ones of a form (read-only)."""
    if any(one.flags.writeable for one in blanks):
        return _print_of(blanks)
    return _kept_print(_Blanks(blanks))


@lru_cache(maxsize=64)
def _kept_print(blanks: _Blanks) -> Print:
    return _print_of(blanks)


def _print_of(blanks: Sequence[Grey]) -> Print:
    dark = padded(on_tall(np.stack(blanks), cv2.bitwise_not))
    core = on_tall(dark, lambda tall: cv2.threshold(tall, _PRINTED, 1, cv2.THRESH_BINARY)[1])
    weights = np.array([[sums(dark[:, odd::2] * core[:, odd::2]), sums(core[:, odd::2])] for odd in (0, 1)])
    across, down = (
        np.stack([np.roll(_peaks(profile), step, axis=1) for step in _STEPS])
        for profile in (_columns(dark), _rows(dark))
    )
    return Print(dark, _away(core), across, down, weights)


def _away(core: Stack) -> Stack:
    """How far each pixel lies from the core (1 there), px; at most _BEYOND."""
    away = np.full(core.shape, _BEYOND, np.uint8) - core
    for _ in range(_BEYOND - 1):
        core = grown(core, 1)
        away -= core
    return away


def without_print(dark: Stack, blanks: Sequence[Grey]) -> tuple[Stack, Stack]:
    """The darkness that the blank form does not explain, and where its lines lie, with a pixel around (1 there)."""
    print_ = print_of(blanks)
    if not print_.weights[:, 1].any():
        return dark, np.zeros_like(dark)
    right, down = _shift(_columns(dark), print_.across), _shift(_rows(dark), print_.down)
    away = print_.away
    if right.any() or down.any():
        away = _away(_moved((away == 0).view(np.uint8), right, down))
    weight, pixels = print_.weights[down % 2, :, np.arange(len(dark))].T
    there = sums(dark[:, ::2] * (away[:, ::2] == 0))
    wide = _width(dark, away, there / np.maximum(pixels, 1))[:, None, None]
    clean = dark * (away > wide)
    # Over dark print nothing can be seen: a stroke that comes up to it is bridged from both its sides.  Ink over pale print stays.
    sure = on_tall(clean, lambda tall: cv2.threshold(tall, FAINTEST + 10, 0, cv2.THRESH_TOZERO)[1])
    lines = (away <= wide + 1).view(np.uint8)
    touched = np.flatnonzero(sums(sure * lines))
    if touched.size:
        bridged = closed(sure[touched] * (away[touched] <= wide[touched] + 1))
        clean[touched] = np.maximum(clean[touched], bridged * (away[touched] <= wide[touched]))
    strength = there / np.maximum(weight, 1)
    pale = np.flatnonzero((strength < 0.55) & (pixels > 0))
    if pale.size:
        expected = grown(_moved(print_.dark[pale], right[pale], down[pale]), 2)
        limit = np.minimum(expected * (strength[pale] * 1.25)[:, None, None].astype(np.float32) + 84, 255)
        over = dark[pale] * ((dark[pale] > limit) & (away[pale] <= wide[pale]))
        clean[pale] = np.maximum(clean[pale], over)
    return clean, lines


def _width(dark: Stack, away: Stack, line: NDArray[np.float64]) -> NDArray[np.uint8]:
    """How far around the blank's print the scan's may reach: a ring that is dark all along belongs to the line."""
    dark_there = dark[:, ::2] > np.maximum(line * 0.3, 12).astype(np.uint8)[:, None, None]
    rings = away[:, ::2]
    found = np.ones(len(dark), np.uint8)
    for step in range(2, _THICKER + 1):
        asked = np.flatnonzero(found == step - 1)
        if not asked.size:
            break
        ring = rings[asked] == step
        share = sums(ring & dark_there[asked]) / np.maximum(sums(ring), 1)
        found[asked] += share > 0.3
    return found


def _shift(ours: Floats, theirs: Floats) -> NDArray[np.int_]:
    """By how many px each cell's print lies off along one axis: its profile against the sharp peaks of the blank's."""
    scores = (_peaks(ours) * theirs).sum(axis=2)
    scores -= scores.max(axis=0) * 0.02 * np.abs(_STEPS)[:, None]
    return np.where(theirs[0].any(axis=1), _STEPS[np.argmax(scores, axis=0)], 0)


def _rows(stack: Stack) -> Floats:
    """The mean darkness of each row."""
    rows = cv2.reduce(stack.reshape(-1, stack.shape[2]), 1, cv2.REDUCE_AVG, dtype=cv2.CV_32F)
    return np.asarray(rows, np.float32).reshape(stack.shape[:2])


def _columns(stack: Stack) -> Floats:
    """The mean darkness of each column, from every second pixel."""
    some = stack[:, ::2]
    means = np.add.reduce(some, axis=1, dtype=np.uint16).astype(np.float32) / np.float32(some.shape[1])
    return np.asarray(means, np.float32)


def _peaks(profile: Floats) -> Floats:
    broad = cv2.blur(profile, (13, 1), borderType=cv2.BORDER_REPLICATE)
    return np.asarray(np.maximum(profile - broad, 0), np.float32)


def _moved(stack: Stack, right: NDArray[np.int_], down: NDArray[np.int_]) -> Stack:
    moved = np.empty_like(stack)
    for x, y in set(zip(right.tolist(), down.tolist(), strict=True)):
        rows = (right == x) & (down == y)
        moved[rows] = np.roll(stack[rows], (y, x), axis=(1, 2))
    return moved
