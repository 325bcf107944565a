"""The pictures that the network sees: a cell's ink cut close, and where it lies in its cell."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from ocr.engines.darkness import Stack
from ocr.engines.parts import Inner

SIDE = 32
"""The network's pictures are SIDE × SIDE."""
_TALLEST = 32_000  # px: OpenCV takes at most 32,767
_BEYOND = 10  # px


def full_ink(
    pictures: NDArray[np.uint8], level: NDArray[np.float64], threshold: NDArray[np.float64]
) -> NDArray[np.uint8]:
    """Full ink at 255 whatever it was written with."""
    floor = (threshold * 0.5)[:, None, None, None].astype(np.float32)
    gain = (255 / np.maximum(level * 0.85 - threshold * 0.5, 1))[:, None, None, None].astype(np.float32)
    full = np.subtract(pictures, floor, dtype=np.float32)
    full *= gain
    return np.asarray(np.clip(full, 0, 255, out=full), np.uint8)


def pictures_of(ink: Stack, boxes: NDArray[np.int_], box: Inner) -> NDArray[np.uint8]:
    """cells × 2 × SIDE × SIDE: the ink in each of ``boxes`` (cells × (left, top, right, bottom)) cut close, its longer side
    SIDE - 6, and where it lies in its cell, of whose ``box`` the longer side is SIDE - 4.

    A small dot is not blown up to the size of a character.
    """
    count, height, width = ink.shape
    found = np.empty((count, 2, SIDE, SIDE), np.uint8)
    at_once = _TALLEST // max(height, 2 * SIDE)
    steps = np.arange(SIDE) - (SIDE - 1) / 2
    for start in range(0, count, at_once):
        some = slice(start, start + at_once)
        left, top, right, bottom = boxes[some].T.astype(np.float64)
        shown = np.zeros((3, len(left), 2, 1))
        shown[0, :, 0, 0] = np.maximum.reduce([right - left, bottom - top, np.full(len(left), 14.0)]) / (SIDE - 6)
        shown[1:, :, 0, 0] = (left + right - 1) / 2, (top + bottom - 1) / 2
        shown[0, :, 1] = max(box.width, box.height) / (SIDE - 4)
        shown[1, :, 1], shown[2, :, 1] = box.left + (box.width - 1) / 2, box.top + (box.height - 1) / 2
        step, x, y = shown
        across, down = x + step * steps, y + step * steps
        # Beyond its cell a picture shows nothing: the next cell begins there.
        down = np.where((down > -1) & (down < height), down + np.arange(len(left))[:, None, None] * height, -_BEYOND)
        columns, rows = np.empty((2, *found[some].shape), np.float32)
        columns[:], rows[:] = across[:, :, None, :], down[:, :, :, None]
        cv2.remap(
            ink[some].reshape(-1, width),
            columns.reshape(-1, SIDE),
            rows.reshape(-1, SIDE),
            cv2.INTER_LINEAR,
            found[some].reshape(-1, SIDE),
        )
    return found
