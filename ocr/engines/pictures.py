"""The pictures that the network sees: a cell's ink cut close, and where it lies in its cell."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from ocr.engines.parts import Inner
from ocr.page import Grey

SIDE = 32
"""The network's pictures are SIDE × SIDE."""


def full_ink(
    pictures: NDArray[np.uint8], level: NDArray[np.float64], threshold: NDArray[np.float64]
) -> NDArray[np.uint8]:
    """Full ink at 255 whatever it was written with."""
    floor = (threshold * 0.5)[:, None, None, None].astype(np.float32)
    gain = (255 / np.maximum(level * 0.85 - threshold * 0.5, 1))[:, None, None, None].astype(np.float32)
    full = np.subtract(pictures, floor, dtype=np.float32)
    full *= gain
    return np.asarray(np.clip(full, 0, 255, out=full), np.uint8)


def close_up(boxes: NDArray[np.int_]) -> NDArray[np.float64]:
    """For each box a warp (2 × 3) that cuts the ink close, its longer side SIDE - 6; a small dot is not blown up to the
    size of a character."""
    left, top, right, bottom = boxes.T.astype(np.float64)
    scale = (SIDE - 6) / np.maximum.reduce([right - left, bottom - top, np.full(len(boxes), 14.0)])
    return _warps(scale, (left + right - 1) / 2, (top + bottom - 1) / 2)


def in_place(box: Inner) -> NDArray[np.float64]:
    """The warp that shows the whole cell with its box's longer side SIDE - 4."""
    scale = np.array([(SIDE - 4) / max(box.width, box.height)])
    (warp,) = _warps(scale, box.left + (box.width - 1) / 2, box.top + (box.height - 1) / 2)
    return np.asarray(warp, np.float64)


def _warps(
    scale: NDArray[np.float64], x: NDArray[np.float64] | float, y: NDArray[np.float64] | float
) -> NDArray[np.float64]:
    """That show the point (x, y) in the middle of SIDE × SIDE."""
    warps = np.zeros((len(scale), 2, 3))
    warps[:, 0, 0] = warps[:, 1, 1] = scale
    warps[:, 0, 2], warps[:, 1, 2] = (SIDE - 1) / 2 - scale * x, (SIDE - 1) / 2 - scale * y
    return warps


def warp(ink: Grey, how: NDArray[np.float64], out: Grey) -> None:
    """Shows the ink as the warp says in ``out``, SIDE × SIDE."""
    cv2.warpAffine(ink, how, (SIDE, SIDE), out, cv2.INTER_LINEAR)
