"""Darkness of cells: how much darker than the paper each pixel is, and what of that the empty form does not explain.

Everything works on stacks (cells × height × width); for OpenCV a stack is one tall picture, so that a page of 200 cells
costs a handful of calls.  Darkness is 0 for bare paper and 255 for black.
"""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np
from numpy.typing import NDArray

Stack = NDArray[np.uint8]
"""cells × height × width."""
PAD = 4
"""Bare paper around each cell of a darkness, px, so that no filter sees the next cell."""
FAINTEST = 20
"""Darkness below which nothing is ink."""

_REACH = 4  # px: how far print may lie from where the blank has it (0.5 mm)
_BLOCK = 8  # px: the paper's brightness is looked for in blocks of this size


def on_tall(stack: Stack, work: Callable[[Stack], object]) -> Stack:
    """One OpenCV call over all cells."""
    return np.asarray(work(stack.reshape(-1, stack.shape[2])), np.uint8).reshape(stack.shape)


def grown(stack: Stack, by: int) -> Stack:
    """Each pixel the darkest within ``by`` px of it (a square): the stack as one long row, moved; PAD keeps cells apart.

    Five times as fast as OpenCV's dilation of pictures that are a few dozen pixels wide.
    """
    row = np.ascontiguousarray(stack).reshape(-1)
    for step in (1, stack.shape[2]):
        row = _spread(row, by, step, np.maximum)
    return row.reshape(stack.shape)


def _spread(row: Stack, by: int, step: int, pick: np.ufunc) -> Stack:
    for _ in range(by):
        moved = row.copy()
        pick(moved[step:], row[:-step], out=moved[step:])
        pick(moved[:-step], row[step:], out=moved[:-step])
        row = moved
    return row


def _sums(stack: Stack) -> NDArray[np.int64]:
    """The sum of each cell."""
    flat = np.ascontiguousarray(stack).reshape(len(stack), -1)
    return np.asarray(cv2.reduce(flat, 1, cv2.REDUCE_SUM, dtype=cv2.CV_32S))[:, 0].astype(np.int64)


def darkness(images: Stack) -> Stack:
    """How much darker than the paper around it each pixel is; with PAD of bare paper around each cell."""
    _, height, width = images.shape
    half = np.ascontiguousarray(on_tall(images, lambda tall: cv2.blur(tall, (3, 3)))[:, ::2, ::2])
    bright = on_tall(half, lambda tall: cv2.dilate(tall, np.ones((_BLOCK // 2, _BLOCK // 2), np.uint8)))
    middle = min(_BLOCK // 4, half.shape[1] - 1, half.shape[2] - 1)
    coarse = _closed(bright[:, middle :: _BLOCK // 2, middle :: _BLOCK // 2])
    coarse = np.maximum(coarse, (coarse.max(axis=(1, 2)) * 0.78).astype(np.uint8)[:, None, None])
    paper = np.empty_like(images)
    for small, large in zip(coarse, paper, strict=True):
        cv2.resize(small, (width, height), large, interpolation=cv2.INTER_LINEAR)
    lightness = cv2.divide(images.reshape(-1, width), paper.reshape(-1, width), scale=255)
    return _padded(np.asarray(cv2.bitwise_not(lightness), np.uint8).reshape(images.shape))


def darkness_of_blank(blanks: Stack) -> Stack:
    return _padded(on_tall(blanks, cv2.bitwise_not))


def _padded(dark: Stack) -> Stack:
    """Bare paper is brought to 0 by the cell's middle darkness, unless the cell is mostly ink."""
    count, height, width = dark.shape
    bare = np.minimum(np.median(dark[:, ::3, ::3], axis=(1, 2)), 40).astype(np.uint8)[:, None, None]
    padded = np.zeros((count, height + 2 * PAD, width + 2 * PAD), np.uint8)
    padded[:, PAD : PAD + height, PAD : PAD + width] = np.maximum(dark, bare) - bare
    return padded


def _closed(coarse: Stack) -> Stack:
    """Grey closing by 3 × 3 of each small picture: dark places narrower than that are taken for ink, not for paper."""
    return _neighbours(_neighbours(coarse, np.max, 0), np.min, 255)


def _neighbours(coarse: Stack, pick: Callable[..., object], beyond: int) -> Stack:
    _, height, width = coarse.shape
    wide = np.pad(coarse, ((0, 0), (1, 1), (1, 1)), constant_values=beyond)
    around = [wide[:, y : y + height, x : x + width] for y in range(3) for x in range(3)]
    return np.asarray(pick(around, axis=0), np.uint8)


def without_print(dark: Stack, print_: Stack) -> tuple[Stack, Stack]:
    """The darkness that the blank form does not explain, and where its lines lie, with a pixel around (255 there)."""
    print_ = _moved(print_, _shift(dark, print_, 1), _shift(dark, print_, 2))
    core = on_tall(print_, lambda tall: cv2.threshold(tall, 40, 255, cv2.THRESH_BINARY)[1])
    if not core.any():
        return dark, core
    strength = _sums(dark[:, ::2] & core[:, ::2]) / np.maximum(_sums(print_[:, ::2] & core[:, ::2]), 1)
    frame = _as_thick(dark, core)
    clean = dark & ~frame
    # Over dark print nothing can be seen: a stroke is bridged from both its sides.  Ink over pale print stays.
    sure = on_tall(clean, lambda tall: cv2.threshold(tall, FAINTEST + 10, 0, cv2.THRESH_TOZERO)[1])
    beside = grown(frame, 1)
    touched = np.flatnonzero(_sums(sure & beside))
    if touched.size:
        bridge = np.ones((9, 9), np.uint8)
        bridged = on_tall(sure[touched], lambda tall: cv2.morphologyEx(tall, cv2.MORPH_CLOSE, bridge))
        clean[touched] = np.maximum(clean[touched], bridged & frame[touched])
    pale = np.flatnonzero((strength < 0.55) & core.any(axis=(1, 2)))
    if pale.size:
        expected = grown(print_[pale], 2)
        limit = np.minimum(expected * (strength[pale] * 1.25)[:, None, None].astype(np.float32) + 84, 255)
        over = np.where(dark[pale] > limit, dark[pale], 0) & frame[pale]
        clean[pale] = np.maximum(clean[pale], over)
    return clean, beside


def _shift(dark: Stack, print_: Stack, across: int) -> NDArray[np.int_]:
    """By how many px each cell's print lies off along one axis, by the sharp peaks of its lines."""
    ours, theirs = (_peaks(_profile(stack, across)) for stack in (dark, print_))
    steps = np.arange(-_REACH, _REACH + 1)
    scores = np.stack([(ours * np.roll(theirs, step, axis=1)).sum(axis=1) for step in steps])
    scores -= scores.max(axis=0) * 0.02 * np.abs(steps)[:, None]
    best = steps[np.argmax(scores, axis=0)]
    return np.where(theirs.sum(axis=1) > 0, best, 0)


def _profile(stack: Stack, across: int) -> NDArray[np.float32]:
    """Mean darkness by column (across 1) or by row (across 2)."""
    if across == 2:
        rows = cv2.reduce(stack.reshape(-1, stack.shape[2]), 1, cv2.REDUCE_AVG, dtype=cv2.CV_32F)
        return np.asarray(rows, np.float32).reshape(stack.shape[:2])
    return np.asarray(stack[:, ::2].mean(axis=1, dtype=np.float32), np.float32)


def _peaks(profile: NDArray[np.float32]) -> NDArray[np.float32]:
    broad = cv2.blur(profile, (13, 1), borderType=cv2.BORDER_REPLICATE)
    return np.asarray(np.maximum(profile - broad, 0), np.float32)


def _moved(stack: Stack, right: NDArray[np.int_], down: NDArray[np.int_]) -> Stack:
    moved = np.empty_like(stack)
    for x, y in set(zip(right.tolist(), down.tolist(), strict=True)):
        rows = (right == x) & (down == y)
        moved[rows] = np.roll(stack[rows], (y, x), axis=(1, 2))
    return moved


def _as_thick(dark: Stack, core: Stack) -> Stack:
    """The print's place, as much thicker as the scan shows it: a ring that is dark all along belongs to the line."""
    line = _sums(dark[:, ::2] & core[:, ::2]) / np.maximum(_sums(core[:, ::2]) / 255, 1)
    limit = np.maximum(line * 0.3, 12).astype(np.int16)[:, None, None]
    dark_there = dark[:, ::2] > limit
    frame = grown(core, 1)
    for _ in range(2):
        wider = grown(frame, 1)
        ring = wider[:, ::2] ^ frame[:, ::2]
        share = _sums(ring * dark_there) / np.maximum(_sums(ring), 1)
        rows = share > 0.3
        frame[rows] = wider[rows]
    return frame
