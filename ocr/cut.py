"""Cutting the pieces of a page: those of a row in one sampling, straight from the scan, never warping the whole page."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import cv2
import numpy as np
from numpy.typing import NDArray

from ocr.beside import beside
from ocr.page import BLANK_DPI, MM_PER_INCH, Grey, Page, Sheet
from ocr.reading import Box

_BLANK_SCALE = BLANK_DPI / MM_PER_INCH
_TO_BLANK = np.array([[_BLANK_SCALE, 0, -0.5], [0, _BLANK_SCALE, -0.5], [0, 0, 1]])
_FINER = 1.7
"""Scans with more pixels than this for each that is sampled are averaged first, or their noise would be picked from."""
_TO_HALF = np.array([[0.5, 0, -0.25], [0, 0.5, -0.25], [0, 0, 1]])
_WIDEST = 16_384
"""Pixels of a row that is sampled at once (OpenCV takes at most 32,767)."""
_MANY = 1 << 19
"""Pixels from which on half of them are sampled beside the other half."""


def cut(sheet: Sheet, boxes: Sequence[Box], px_per_mm: float, margin_mm: float) -> list[tuple[Grey, Grey]]:
    """Each box with ``margin_mm`` around it: (piece of the scan, same piece of the blank), both upright, not to be written to.

    A piece is round((width + 2 * margin) * px_per_mm) wide, and at most half a pixel beside its box; outside the paper it
    is white.
    """
    places = tuple(boxes)
    if not places:
        return []
    image, transform = sheet.page.image, sheet.transform
    if np.hypot(*transform[:2, 0]) / transform[2, 2] > _FINER * px_per_mm:
        image, transform = _halved(sheet.page), _TO_HALF @ transform
    strips = _laid_out(places, px_per_mm, margin_mm)
    blanks = blank_pieces(sheet.blank, places, px_per_mm, margin_mm)
    return list(zip(_pieces(image, transform, strips, px_per_mm), blanks, strict=True))


@lru_cache(maxsize=2)
def _halved(page: Page) -> Grey:
    height, width = page.image.shape[0] // 2, page.image.shape[1] // 2
    whole = page.image[: 2 * height, : 2 * width]
    return np.asarray(cv2.resize(whole, (width, height), interpolation=cv2.INTER_AREA), np.uint8)


@lru_cache(maxsize=64)
def blank_pieces(blank: Page, boxes: tuple[Box, ...], px_per_mm: float, margin_mm: float) -> list[Grey]:
    """The empty form's pieces: the same for every copy of a pile."""
    return _pieces(blank.image, _TO_BLANK, _laid_out(boxes, px_per_mm, margin_mm), px_per_mm)


@dataclass(frozen=True, slots=True)
class _Strip:
    """Pieces that lie side by side, sampled at once."""

    left: float
    top: float
    """On the form, mm."""
    size: tuple[int, int]
    """Width and height, px."""
    pieces: tuple[tuple[int, int, int], ...]
    """Of each its place in the list of boxes, and the columns where it begins and ends."""


@lru_cache(maxsize=64)
def _laid_out(boxes: tuple[Box, ...], px_per_mm: float, margin_mm: float) -> tuple[_Strip, ...]:
    """What is to be sampled: the same for every copy of a pile."""
    rows: dict[tuple[float, float], list[int]] = {}
    for place, box in enumerate(boxes):
        rows.setdefault((box.top, box.height), []).append(place)
    strips = []
    for (top, height), places in rows.items():
        high = _pixels(height + 2 * margin_mm, px_per_mm)
        places.sort(key=lambda place: boxes[place].left)
        while places:
            left, pieces = boxes[places[0]].left, list[tuple[int, int, int]]()
            for place in places:
                start = round((boxes[place].left - left) * px_per_mm)
                end = start + _pixels(boxes[place].width + 2 * margin_mm, px_per_mm)
                if pieces and (start > pieces[-1][2] or end > _WIDEST):
                    break
                pieces.append((place, start, end))
            del places[: len(pieces)]
            wide = max(end for _, _, end in pieces)
            strips.append(_Strip(left - margin_mm, top - margin_mm, (wide, high), tuple(pieces)))
    return tuple(strips)


def _pixels(mm: float, px_per_mm: float) -> int:
    return max(1, round(mm * px_per_mm))


def _pieces(image: Grey, transform: NDArray[np.float64], strips: Sequence[_Strip], px_per_mm: float) -> list[Grey]:
    """By the places of their boxes."""
    if len(strips) > 1 and sum(math.prod(strip.size) for strip in strips) >= _MANY:
        others = beside(_sampled, image, transform, strips[1::2], px_per_mm)
        found = _sampled(image, transform, strips[::2], px_per_mm) | others()
    else:
        found = _sampled(image, transform, strips, px_per_mm)
    return [found[place] for place in range(len(found))]


def _sampled(
    image: Grey, transform: NDArray[np.float64], strips: Sequence[_Strip], px_per_mm: float
) -> dict[int, Grey]:
    found: dict[int, Grey] = {}
    for strip in strips:
        to_mm = np.array(
            [
                [1 / px_per_mm, 0, strip.left + 0.5 / px_per_mm],
                [0, 1 / px_per_mm, strip.top + 0.5 / px_per_mm],
                [0, 0, 1],
            ]
        )
        whole = cv2.warpPerspective(
            image,
            transform @ to_mm,
            strip.size,
            flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP,
            borderMode=cv2.BORDER_CONSTANT,
            borderValue=255,
        )
        whole.flags.writeable = False  # neighbours share their margins
        for place, start, end in strip.pieces:
            found[place] = np.asarray(whole[:, start:end], np.uint8)
    return found
