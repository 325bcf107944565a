"""Cutting the pieces of a page: many in one sampling, straight from the scan, never warping the whole page."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
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
_WIDE = 1024
"""Pixels a row of the picture that pieces are sampled into (remap takes at most 32,767)."""
_AT_ONCE = 200_000
"""Pixels sampled at once: their places stay in the processor's cache."""

Floats = NDArray[np.float32]


def cut(sheet: Sheet, boxes: Sequence[Box], px_per_mm: float, margin_mm: float) -> list[tuple[Grey, Grey]]:
    """Each box with ``margin_mm`` around it: (piece of the scan, same piece of the blank), both upright.

    A piece is round((width + 2 * margin) * px_per_mm) wide; outside the paper it is white.
    """
    pieces = {place: piece for part in begin_cut(sheet, boxes, px_per_mm, margin_mm) for place, piece in part().items()}
    return [pieces[place] for place in range(len(boxes))]


def begin_cut(
    sheet: Sheet, boxes: Sequence[Box], px_per_mm: float, margin_mm: float
) -> list[Callable[[], dict[int, tuple[Grey, Grey]]]]:
    """As ``cut``, in parts of one size, each to be called for its pieces by the places of their boxes, which rise.

    They are cut beside what is done before, the first part first.
    """
    places = tuple(boxes)
    if not places:
        return []
    blanks = _blank_pieces(sheet.blank, places, px_per_mm, margin_mm)
    matrix = (sheet.transform / sheet.transform[2, 2]).astype(np.float32)
    return [
        _with_blanks(_begin_pieces(sheet.page.image, matrix, alike), blanks)
        for alike in _laid_out(places, px_per_mm, margin_mm)
    ]


def _with_blanks(
    begun: Callable[[], dict[int, Grey]], blanks: Sequence[Grey]
) -> Callable[[], dict[int, tuple[Grey, Grey]]]:
    return lambda: {place: (piece, blanks[place]) for place, piece in begun().items()}


@lru_cache(maxsize=64)
def _blank_pieces(blank: Page, boxes: tuple[Box, ...], px_per_mm: float, margin_mm: float) -> list[Grey]:
    """The empty form's pieces: the same for every copy of a pile."""
    matrix, pieces = _TO_BLANK.astype(np.float32), {}
    for alike in _laid_out(boxes, px_per_mm, margin_mm):
        pieces.update(_begin_pieces(blank.image, matrix, alike)())
    for piece in pieces.values():
        piece.flags.writeable = False
    return [pieces[place] for place in range(len(boxes))]


@dataclass(frozen=True, slots=True, eq=False)
class _Alike:
    """Pieces of one size that are sampled at once."""

    places: tuple[int, ...]
    """In the list of boxes."""
    across: Floats
    """pieces × 1 × width: how far right on the form each column lies, mm;"""
    down: Floats
    """and pieces × height × 1: how far down each row."""


def _begin_pieces(image: Grey, matrix: Floats, alike: tuple[_Alike, ...]) -> Callable[[], dict[int, Grey]]:
    sampled = [beside(_remapped, image, matrix, some.across, some.down) for some in alike]

    def pieces() -> dict[int, Grey]:
        stacks = [stack() for stack in reversed(sampled)]
        return {
            place: piece
            for some, stack in zip(alike, reversed(stacks), strict=True)
            for place, piece in zip(some.places, stack, strict=True)
        }

    return pieces


@lru_cache(maxsize=64)
def _laid_out(boxes: tuple[Box, ...], px_per_mm: float, margin_mm: float) -> tuple[tuple[_Alike, ...], ...]:
    """What is to be sampled, by its size, the same for every copy of a pile."""
    alike: dict[tuple[int, int], list[int]] = {}
    for place, box in enumerate(boxes):
        shape = _pixels(box.height + 2 * margin_mm, px_per_mm), _pixels(box.width + 2 * margin_mm, px_per_mm)
        alike.setdefault(shape, []).append(place)
    corners = np.array([(box.left - margin_mm, box.top - margin_mm) for box in boxes], np.float32)
    return tuple(tuple(_at_once(places, shape, corners, px_per_mm)) for shape, places in alike.items())


def _at_once(places: list[int], shape: tuple[int, int], corners: Floats, px_per_mm: float) -> Iterator[_Alike]:
    height, width = shape
    each = max(1, _AT_ONCE // (height * width))
    for start in range(0, len(places), each):
        some = places[start : start + each]
        across = corners[some, 0:1] + (np.arange(width, dtype=np.float32) + 0.5) / px_per_mm
        down = corners[some, 1:2] + (np.arange(height, dtype=np.float32) + 0.5) / px_per_mm
        yield _Alike(tuple(some), across[:, None, :], down[:, :, None])


def _pixels(mm: float, px_per_mm: float) -> int:
    return max(1, round(mm * px_per_mm))


def _remapped(image: Grey, matrix: Floats, across: Floats, down: Floats) -> NDArray[np.uint8]:
    """pieces × height × width: the picture at these places (mm), laid in wide rows for OpenCV."""
    here = (len(across), down.shape[1], across.shape[2])
    size = here[0] * here[1] * here[2]
    x, y = maps = np.empty((2, -(-size // _WIDE) * _WIDE), np.float32)
    maps[:, size:] = 0
    for to, row in zip(maps, matrix, strict=False):
        np.add(row[0] * across + row[2], row[1] * down, out=to[:size].reshape(here))
    if matrix[2, 0] or matrix[2, 1]:
        depth = ((matrix[2, 0] * across + matrix[2, 2]) + matrix[2, 1] * down).reshape(-1)
        for to in maps:
            np.divide(to[:size], depth, out=to[:size])
    sampled = cv2.remap(
        image,
        x.reshape(-1, _WIDE),
        y.reshape(-1, _WIDE),
        cv2.INTER_LINEAR,
        borderMode=cv2.BORDER_CONSTANT,
        borderValue=255,
    )
    return np.asarray(sampled, np.uint8).reshape(-1)[:size].reshape(here)
