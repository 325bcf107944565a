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

_BLOCK = 8  # px: the paper's brightness is looked for in blocks of this size
_CHANNELS = 64  # OpenCV's pictures have at most 128


def on_tall(stack: Stack, work: Callable[[Stack], object]) -> Stack:
    """One OpenCV call over all cells."""
    return np.asarray(work(stack.reshape(-1, stack.shape[2])), np.uint8).reshape(stack.shape)


def grown(stack: Stack, by: int) -> Stack:
    """Each pixel the darkest within ``by`` px of it (a square): the stack as one long row, moved; PAD keeps cells apart.

    Five times as fast as OpenCV's dilation of pictures that are a few dozen pixels wide.
    """
    row = np.ascontiguousarray(stack).reshape(-1)
    for step in (1, stack.shape[2]):
        for _ in range(by):
            pairs, moved = np.maximum(row[:-step], row[step:]), np.empty_like(row)
            np.maximum(pairs[:-step], pairs[step:], out=moved[step:-step])
            moved[:step], moved[-step:] = pairs[:step], pairs[-step:]
            row = moved
    return row.reshape(stack.shape)


def closed(stack: Stack) -> Stack:
    """Grey closing by a square of 2 * PAD + 1: the stack as one tall picture, beyond whose edges is nothing."""
    side = 2 * PAD + 1
    dark = _squares(_framed(stack, PAD, PAD, 0), np.maximum, side)
    count, height, width = stack.shape
    dark = dark[: count * height, :width].reshape(stack.shape)
    return _squares(_framed(dark, PAD, PAD, 255), np.minimum, side)[: count * height, :width].reshape(stack.shape)


def _framed(stack: Stack, before: int, after: int, beyond: int) -> Stack:
    """The stack as one tall picture with so many pixels around it."""
    count, height, width = stack.shape
    tall = np.full((count * height + before + after, width + before + after), beyond, np.uint8)
    tall[before : before + count * height, before : before + width] = stack.reshape(-1, width)
    return tall


def _squares(tall: Stack, pick: np.ufunc, side: int) -> Stack:
    """What ``pick`` takes of each pixel and those to its right and below, ``side`` in a row, wherever they lie in the
    picture: as one long row, moved.  Two to five times as fast as OpenCV on pictures that are a few dozen pixels wide."""
    row = tall.reshape(-1)
    for step in (1, tall.shape[1]):
        covered = 1
        while covered < side:
            by = min(covered, side - covered)
            end = row.size - by * step
            moved = np.empty_like(row)
            pick(row[:end], row[by * step :], out=moved[:end])
            moved[end:] = row[end:]
            row, covered = moved, covered + by
    return row.reshape(tall.shape)


def counted(stack: Stack) -> NDArray[np.int64]:
    """cells × 256: how many pixels of each cell are at most so dark."""
    flat = stack.reshape(len(stack), -1)
    parts = [_histograms(flat[start : start + 256]) for start in range(0, len(flat), 256)]
    return np.cumsum(np.concatenate(parts), axis=1, dtype=np.int64)


def _histograms(flat: Stack) -> NDArray[np.float32]:
    """Of each row, of at most 256: as one histogram of two channels, of which the first tells the row."""
    rows = np.repeat(np.arange(len(flat), dtype=np.uint8), flat.shape[1]).reshape(flat.shape)
    found = cv2.calcHist([rows, flat], [0, 1], None, [len(flat), 256], [0, len(flat), 0, 256])
    return np.asarray(found, np.float32)


def ranked(counts: NDArray[np.int64], rank: int) -> NDArray[np.int64]:
    """Of ``counted`` pixels, the darkness of the one that so many others come before in each cell."""
    return np.asarray((counts <= rank).sum(axis=1))


def medians(counts: NDArray[np.int64], size: int) -> NDArray[np.float64]:
    """Of ``counted`` pixels, ``size`` a cell."""
    return (ranked(counts, (size - 1) // 2) + ranked(counts, size // 2)) / 2


def darkness(images: Stack) -> Stack:
    """How much darker than the paper around it each pixel is; with PAD of bare paper around each cell."""
    _, height, width = images.shape
    half = np.ascontiguousarray(on_tall(images, lambda tall: cv2.blur(tall, (3, 3)))[:, ::2, ::2])
    before = _BLOCK // 4
    bright = _squares(_framed(half, before, before - 1, 0), np.maximum, 2 * before)
    bright = bright[: half.shape[0] * half.shape[1], : half.shape[2]].reshape(half.shape)
    middle = min(_BLOCK // 4, half.shape[1] - 1, half.shape[2] - 1)
    coarse = _closed(bright[:, middle :: _BLOCK // 2, middle :: _BLOCK // 2])
    coarse = np.maximum(coarse, (coarse.max(axis=(1, 2)) * 0.78).astype(np.uint8)[:, None, None])
    paper = resized(coarse, width, height)
    lightness = cv2.divide(images.reshape(-1, width), paper.reshape(-1, width), scale=255)
    return padded(np.asarray(cv2.bitwise_not(lightness), np.uint8).reshape(images.shape))


def resized(stack: Stack, width: int, height: int) -> Stack:
    """Each picture by itself brought to that size: as the channels of one picture, since a call for each costs more than
    its pixels."""
    found = np.empty((len(stack), height, width), np.uint8)
    for start in range(0, len(stack), _CHANNELS):
        some = slice(start, start + _CHANNELS)
        channels = np.ascontiguousarray(stack[some].transpose(1, 2, 0))
        large = cv2.resize(channels, (width, height), interpolation=cv2.INTER_LINEAR)
        found[some] = cv2.transpose(large.reshape(height * width, -1)).reshape(-1, height, width)
    return found


def padded(dark: Stack) -> Stack:
    """Bare paper is brought to 0 by the cell's middle darkness, unless the cell is mostly ink."""
    count, height, width = dark.shape
    some = np.ascontiguousarray(dark[:, ::3, ::3])
    bare = np.minimum(medians(counted(some), some[0].size), 40).astype(np.uint8)[:, None, None]
    found = np.zeros((count, height + 2 * PAD, width + 2 * PAD), np.uint8)
    # Not by np.maximum, which is ten times as slow where one side is a single number; and copied last, as numpy is slow in
    # rows of a few dozen pixels.
    darker = dark - bare
    darker *= dark > bare
    found[:, PAD : PAD + height, PAD : PAD + width] = darker
    return found


def _closed(coarse: Stack) -> Stack:
    """Grey closing by 3 × 3 of each small picture: dark places narrower than that are taken for ink, not for paper."""
    return _neighbours(_neighbours(coarse, np.maximum, 0), np.minimum, 255)


def _neighbours(coarse: Stack, pick: np.ufunc, beyond: int) -> Stack:
    count, height, width = coarse.shape
    wide = np.full((count, height + 2, width + 2), beyond, np.uint8)
    wide[:, 1:-1, 1:-1] = coarse
    across = pick(pick(wide[:, :, :-2], wide[:, :, 1:-1]), wide[:, :, 2:])
    return np.asarray(pick(pick(across[:, :-2], across[:, 1:-1]), across[:, 2:]), np.uint8)
