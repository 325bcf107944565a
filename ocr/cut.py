"""Cutting the pieces of a page: all of them in one sampling, straight from the scan, never warping the whole page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache

import cv2
import numpy as np
from numpy.typing import NDArray

from ocr.page import BLANK_DPI, MM_PER_INCH, Grey, Page, Sheet
from ocr.reading import Box

_BLANK_SCALE = BLANK_DPI / MM_PER_INCH
_TO_BLANK = np.array([[_BLANK_SCALE, 0, -0.5], [0, _BLANK_SCALE, -0.5], [0, 0, 1]])
_WIDE = 4096
"""Pixels a row of the one picture that all pieces are sampled into (remap takes at most 32,767)."""


def cut(sheet: Sheet, boxes: Sequence[Box], px_per_mm: float, margin_mm: float) -> list[tuple[Grey, Grey]]:
    """Each box with ``margin_mm`` around it: (piece of the scan, same piece of the blank), both upright.

    A piece is round((width + 2 * margin) * px_per_mm) wide; outside the paper it is white.
    """
    if not boxes:
        return []
    places = tuple(boxes)
    scan = _pieces(sheet.page.image, sheet.transform, places, px_per_mm, margin_mm)
    return list(zip(scan, _blank_pieces(sheet.blank, places, px_per_mm, margin_mm), strict=True))


@lru_cache(maxsize=64)
def _blank_pieces(blank: Page, boxes: tuple[Box, ...], px_per_mm: float, margin_mm: float) -> list[Grey]:
    """The empty form's pieces: the same for every copy of a pile."""
    pieces = _pieces(blank.image, _TO_BLANK, boxes, px_per_mm, margin_mm)
    for piece in pieces:
        piece.flags.writeable = False
    return pieces


def _pieces(
    image: Grey, transform: NDArray[np.float64], boxes: tuple[Box, ...], px_per_mm: float, margin_mm: float
) -> list[Grey]:
    alike: dict[tuple[int, int], list[int]] = {}
    for place, box in enumerate(boxes):
        shape = _pixels(box.height + 2 * margin_mm, px_per_mm), _pixels(box.width + 2 * margin_mm, px_per_mm)
        alike.setdefault(shape, []).append(place)
    corners = np.array([(box.left - margin_mm, box.top - margin_mm) for box in boxes], np.float32)
    sampled = _sample(image, transform, alike, corners, px_per_mm)
    return [sampled[place] for place in range(len(boxes))]


def _pixels(mm: float, px_per_mm: float) -> int:
    return max(1, round(mm * px_per_mm))


def _sample(
    image: Grey,
    transform: NDArray[np.float64],
    alike: Mapping[tuple[int, int], list[int]],
    corners: NDArray[np.float32],
    px_per_mm: float,
) -> dict[int, Grey]:
    """The pieces by their places in the list: where each of their pixels lies on the picture, then one remap."""
    total = sum(height * width * len(places) for (height, width), places in alike.items())
    rows = -(-total // _WIDE)
    x, y = np.zeros(rows * _WIDE, np.float32), np.zeros(rows * _WIDE, np.float32)
    matrix = (transform / transform[2, 2]).astype(np.float32)
    start = 0
    for (height, width), places in alike.items():
        end = start + height * width * len(places)
        here = (len(places), height, width)
        across = (corners[places, 0:1] + (np.arange(width, dtype=np.float32) + 0.5) / px_per_mm)[:, None, :]
        down = (corners[places, 1:2] + (np.arange(height, dtype=np.float32) + 0.5) / px_per_mm)[:, :, None]
        np.add(matrix[0, 0] * across + matrix[0, 2], matrix[0, 1] * down, out=x[start:end].reshape(here))
        np.add(matrix[1, 0] * across + matrix[1, 2], matrix[1, 1] * down, out=y[start:end].reshape(here))
        if matrix[2, 0] or matrix[2, 1]:
            depth = ((matrix[2, 0] * across + matrix[2, 2]) + matrix[2, 1] * down).reshape(-1)
            x[start:end] /= depth
            y[start:end] /= depth
        start = end
    sampled = cv2.remap(
        image,
        x.reshape(rows, _WIDE),
        y.reshape(rows, _WIDE),
        cv2.INTER_LINEAR,
        borderMode=cv2.BORDER_CONSTANT,
        borderValue=255,
    ).reshape(-1)
    pieces, start = {}, 0
    for (height, width), places in alike.items():
        for place in places:
            end = start + height * width
            pieces[place] = np.asarray(sampled[start:end], np.uint8).reshape(height, width)
            start = end
    return pieces
