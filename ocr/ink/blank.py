"""What the ink of a page is measured against: pieces of the empty form, worked out once for every copy of a pile."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import cv2
import numpy as np

from ocr.cut import cut
from ocr.ink.align import PX_PER_MM, Sought, Window, room_around, sought_of, window_of
from ocr.page import BLANK_DPI, MM_PER_INCH, Grey, Page, Sheet
from ocr.reading import Box

_APART = 4  # px between pieces in one picture: what is done to one never reaches the next
_WIDER = (0, 100, 200, 400, 800, 1600)  # px by which that picture is tried wider than its widest piece
_SHADE = np.ones((13, 13), np.uint8)  # quarter pixels: shade of the paper is wider than this (6.5 mm), marks are not
_DARKEST_PAPER = 0.62  # of the piece's own white: darker than this is a mark, however wide
_SCALE = BLANK_DPI / MM_PER_INCH


@dataclass(frozen=True, slots=True, eq=False)
class BlankPieces:
    """Regions of the empty form; all tuples run as the regions do."""

    roomy: tuple[Grey, ...]
    """How dark each is, with room on all sides."""
    windows: tuple[tuple[Window, ...], ...]
    """The boxes within each."""
    sought: tuple[tuple[Sought | None, ...], ...]
    """The print of those boxes."""
    shape: tuple[int, int]
    """Of a picture in which all pieces lie side by side,"""
    at: tuple[Window, ...]
    """and where each lies in it: from even rows and columns on."""


@lru_cache(maxsize=64)
def blank_pieces(blank: Page, regions: tuple[Box, ...], boxes: tuple[tuple[Box, ...], ...]) -> BlankPieces:
    """The empty form's side of each region; ``boxes`` are those that lie in the region at the same index."""
    itself = Sheet(blank, blank, np.array([[_SCALE, 0, -0.5], [0, _SCALE, -0.5], [0, 0, 1]]), 0, 0)
    darks = [darkness(piece) for piece, _ in cut(itself, regions, PX_PER_MM, 0)]
    windows = [tuple(window_of(box, region) for box in inside) for region, inside in zip(regions, boxes, strict=True)]
    shape, at = _side_by_side([dark.shape for dark in darks])
    return BlankPieces(
        roomy=tuple(map(room_around, darks)),
        windows=tuple(windows),
        sought=tuple(
            tuple(sought_of(dark, one) for one in inside) for dark, inside in zip(darks, windows, strict=True)
        ),
        shape=shape,
        at=at,
    )


def _side_by_side(shapes: Sequence[tuple[int, ...]]) -> tuple[tuple[int, int], tuple[Window, ...]]:
    """The smallest picture that was found to hold all, and where in it each lies."""
    widest = max(shape[1] for shape in shapes) + _APART
    tried = (_packed(shapes, widest + wider) for wider in _WIDER)
    return min(tried, key=lambda one: one[0][0] * one[0][1])


def _packed(shapes: Sequence[tuple[int, ...]], width: int) -> tuple[tuple[int, int], tuple[Window, ...]]:
    """The tallest first, each where it comes to lie highest."""
    filled = np.zeros(width // 2 + 1, np.int64)  # of every second column, down to where
    at: dict[int, Window] = {}
    for number in sorted(range(len(shapes)), key=lambda one: -shapes[one][0]):
        rows, columns = shapes[number]
        wide = -(-(columns + _APART) // 2)
        tops = np.lib.stride_tricks.sliding_window_view(filled, wide).max(axis=1)
        left = int(tops.argmin())
        top = int(tops[left])
        filled[left : left + wide] = top + rows + _APART + (rows + _APART) % 2
        at[number] = (slice(top, top + rows), slice(2 * left, 2 * left + columns))
    windows = tuple(at[number] for number in range(len(shapes)))
    return (int(filled.max()), 2 * len(filled)), windows


def darkness(piece: Grey) -> Grey:
    """0 for the paper as it is there, shade and stains and all, to 255 for black."""
    height, width = piece.shape
    small = cv2.resize(piece, (max(1, width // 4), max(1, height // 4)), interpolation=cv2.INTER_AREA)
    paper = cv2.morphologyEx(small, cv2.MORPH_CLOSE, _SHADE)
    white = int(np.partition(small, small.size * 9 // 10, axis=None)[small.size * 9 // 10])
    paper = cv2.blur(np.maximum(paper, np.uint8(white * _DARKEST_PAPER)), (5, 5))
    level = cv2.resize(paper, (width, height), interpolation=cv2.INTER_LINEAR)
    return np.asarray(cv2.bitwise_not(cv2.divide(piece, level, scale=255)), np.uint8)
