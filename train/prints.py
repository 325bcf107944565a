"""What is printed on a form around its cells: lines, dots, small pale words."""

from __future__ import annotations

from typing import Literal

import numpy as np
from numpy.typing import NDArray

from ocr.reading import Box

Reals = NDArray[np.float32]
Frame = Literal["solid", "comb", "dotted", "none"]


def rectangle(layer: Reals, px: float, box: tuple[float, float, float, float], dark: float) -> None:
    """left, top, right, bottom in mm, drawn with soft edges."""
    left, top, right, bottom = (side * px for side in box)
    x0, y0 = max(0, int(left)), max(0, int(top))
    x1, y1 = min(layer.shape[1], int(right) + 1), min(layer.shape[0], int(bottom) + 1)
    if x1 <= x0 or y1 <= y0:
        return
    xs, ys = np.arange(x0, x1), np.arange(y0, y1)
    across = np.clip(np.minimum(right, xs + 1) - np.maximum(left, xs), 0, 1)
    down = np.clip(np.minimum(bottom, ys + 1) - np.maximum(top, ys), 0, 1)
    place = layer[y0:y1, x0:x1]
    np.maximum(place, (down[:, None] * across[None, :] * dark).astype(np.float32), out=place)


def frame(
    layer: Reals, px: float, box: Box, style: Frame, thick: float, dark: float, dots: tuple[float, float], first: bool
) -> None:
    half = thick / 2
    left, top, right, bottom = box.left, box.top, box.left + box.width, box.top + box.height
    if style == "none":
        return
    rectangle(layer, px, (left - half, bottom - half, right + half, bottom + half), dark)
    if style == "comb":
        for x in (left, right):
            rectangle(layer, px, (x - half, bottom - box.height * 0.3, x + half, bottom + half), dark)
        return
    rectangle(layer, px, (left - half, top - half, right + half, top + half), dark)
    for x in (left, right):
        if style == "solid" or (first and x == left):
            rectangle(layer, px, (x - half, top, x + half, bottom), dark)
        else:
            for y in np.arange(top, bottom, dots[1]):
                rectangle(layer, px, (x - half, float(y), x + half, float(y) + dots[0]), dark)


def unit(layer: Reals, px: float, box: Box, dark: float, number: int) -> None:
    """A small printed word in the cell's corner, as 年 or 円 stand there: here a pattern of short lines."""
    x, y = box.left + box.width - 1.9, box.top + box.height - 1.9
    for step in (0.1, 0.7, 1.3):
        rectangle(layer, px, (x + 0.1, y + step, x + 1.5, y + step + 0.14), dark)
    rectangle(layer, px, (x + 0.1 + 0.4 * (number % 3), y, x + 0.25 + 0.4 * (number % 3), y + 1.5), dark)
