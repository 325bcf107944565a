"""What registration looks at: the ink of a page at one small resolution, whatever the scan's own."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from ocr.page import MM_PER_INCH, Grey, Page
from ocr.reading import Box

WORK_DPI = 100.0
WORK_PX_PER_MM = WORK_DPI / MM_PER_INCH
INK = 110
"""Ink at least this dark is seen by every scanner and fax; greyer tints come and go."""
BLOCK = 24
"""Side of a place in pixels of ink, 6 mm."""
Matrix = NDArray[np.float64]
Points = NDArray[np.float64]

_COARSE = 4
_WIDEST_INK = 9  # in coarse pixels, 9 mm: what is darker over more than that is paper, a stain or the scanner's lid
_FAINTEST = 24  # grey levels: paper grain and scanner noise stay below


@dataclass(frozen=True, slots=True, eq=False)
class Ink:
    """A page's ink at WORK_DPI: 0 paper, 255 as dark as its darkest print."""

    image: Grey
    to_page: Matrix
    """Pixels of ``image`` → pixels of the page."""
    contrast: float
    """Grey levels between its paper and its darkest print."""
    bilevel: bool
    """Whether the page is of nothing but black and white: thin rules come and go."""
    work: Grey
    """The picture that the ink was found on, of the same size."""
    paper: Grey
    """How bright the paper is, in pixels of about 1 mm."""

    @property
    def paper_to_page(self) -> Matrix:
        """Pixels of ``paper`` → pixels of the page."""
        y, x = (one / coarse for one, coarse in zip(self.image.shape, self.paper.shape, strict=True))
        return np.asarray(self.to_page @ [[x, 0, x / 2 - 0.5], [0, y, y / 2 - 0.5], [0, 0, 1]], np.float64)


def ink_of(page: Page) -> Ink:
    """The ink of a page, free of stains, shadows, black borders and weak toner."""
    work, to_page = _small(page)
    size = (work.shape[1], work.shape[0])
    coarse = cv2.resize(work, (max(2, size[0] // _COARSE), max(2, size[1] // _COARSE)), interpolation=cv2.INTER_AREA)
    paper = cv2.morphologyEx(coarse, cv2.MORPH_CLOSE, np.ones((_WIDEST_INK, _WIDEST_INK), np.uint8))
    dark = cv2.subtract(cv2.resize(paper, size, interpolation=cv2.INTER_LINEAR), work)
    levels = cv2.calcHist([dark], [0], None, [256], [0, 256]).ravel()
    above = levels[_FAINTEST:]
    contrast = float(_FAINTEST)
    if above.sum() > 0:
        contrast += float(np.searchsorted(np.cumsum(above) / above.sum(), 0.9))
    table = np.clip((np.arange(256) - _FAINTEST / 2) * 255 / max(contrast - _FAINTEST / 2, 40), 0, 255).astype(np.uint8)
    return Ink(
        np.asarray(cv2.LUT(dark, table), np.uint8), to_page, contrast, page.bilevel, work, np.asarray(paper, np.uint8)
    )


def _small(page: Page) -> tuple[Grey, Matrix]:
    """The page at WORK_DPI, and its pixels → the page's: whole blocks first, which is ten times faster than any fraction."""
    block = max(1, int(page.dpi / WORK_DPI))
    height, width = (max(8, side // block) for side in page.image.shape)
    whole = page.image[: height * block, : width * block]
    image = cv2.resize(whole, (width, height), interpolation=cv2.INTER_AREA) if block > 1 else whole
    rest = WORK_DPI * block / page.dpi
    if abs(rest - 1) > 0.005:
        size = (max(8, round(width * rest)), max(8, round(height * rest)))
        image = cv2.resize(image, size, interpolation=cv2.INTER_LINEAR)
    x, y = whole.shape[1] / image.shape[1], whole.shape[0] / image.shape[0]
    return np.asarray(image, np.uint8), np.array([[x, 0, x / 2 - 0.5], [0, y, y / 2 - 0.5], [0, 0, 1]])


def mm_to_work() -> Matrix:
    """mm on the form → pixels of the blank's ink."""
    return np.array([[WORK_PX_PER_MM, 0, -0.5], [0, WORK_PX_PER_MM, -0.5], [0, 0, 1]])


def inverse(transform: Matrix) -> Matrix:
    """The way back."""
    return np.asarray(np.linalg.inv(transform), np.float64)


def moved_by(transform: Matrix, points: Points) -> Points:
    """n × 2 points through a homography."""
    there = np.column_stack((points, np.ones(len(points)))) @ transform.T
    return np.asarray(there[:, :2] / there[:, 2:], np.float64)


def pixels_of(box: Box, px_per_mm: float, around_mm: float = 0.0) -> tuple[slice, slice]:
    """Rows and columns of a place on the form, with a little around it."""
    left, top = ((at - around_mm) * px_per_mm for at in (box.left, box.top))
    width, height = ((size + 2 * around_mm) * px_per_mm for size in (box.width, box.height))
    return slice(max(0, int(top)), int(top + height) + 1), slice(max(0, int(left)), int(left + width) + 1)


def per_block(where: NDArray[np.bool_]) -> NDArray[np.int64]:
    """How many pixels are set in each BLOCK × BLOCK."""
    height, width = (side // BLOCK for side in where.shape)
    blocks = where[: height * BLOCK, : width * BLOCK].reshape(height, BLOCK, width, BLOCK)
    return np.asarray(blocks.sum(axis=(1, 3)), np.int64)
