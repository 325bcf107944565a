"""A scanned page, and a page laid upon the empty form it belongs to."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

MM_PER_INCH = 25.4
BLANK_DPI = 200.0
"""Empty forms are drawn at this resolution, whatever the scans have."""

Grey = NDArray[np.uint8]
"""height × width, 0 black to 255 white."""
_LONELY, _MIDDLE, _BLACK = 0.1, 0.12, 0.7
_JPEG_BLOCK, _PAPER, _WHITE, _FEW = 8, 244, 0.5, 2
"""px; of 255: what is darker is no bare paper; the share of the page that is, at least; blocks."""
_CROSS = np.array([[0, 1, 0], [1, 0, 1], [0, 1, 0]], np.uint8)


def bilevel(image: Grey) -> bool:
    """Whether a picture is of nothing but black and white, as a fax is."""
    counts = cv2.calcHist([np.ascontiguousarray(image[::5, ::5])], [0], None, [256], [0, 256]).ravel()
    dark = float(counts[:200].sum())
    return dark > 0 and bool(counts[:40].sum() / dark > 0.95)


@dataclass(frozen=True, eq=False)
class Page:
    """One page as a grey picture."""

    image: Grey
    dpi: float
    """As the file says it, or as the paper's size gives it; registration measures the true scale itself."""
    source: str
    """The file's name."""
    number: int
    """Its place in the file, from 1."""
    of_dots: bool = False
    """Whether its grey was made of a black-and-white picture's dots."""

    @cached_property
    def bilevel(self) -> bool:
        """Whether it is of nothing but black and white."""
        return bilevel(self.image)


class Streak(NamedTuple):
    """A line that the scanner drew over a page: where it begins and ends, mm on the form."""

    left: float
    top: float
    right: float
    bottom: float

    def crosses(self, left: float, top: float, width: float, height: float) -> bool:
        """Whether it runs through this place, mm."""
        upright = abs(self.bottom - self.top) >= abs(self.right - self.left)
        along, across = ((top, height), (left, width)) if upright else ((left, width), (top, height))
        (x, y), (to_x, to_y) = self[:2], self[2:]
        (start, at), (end, to) = ((y, x), (to_y, to_x)) if upright else ((x, y), (to_x, to_y))
        there = at + (to - at) * (along[0] + along[1] / 2 - start) / (end - start)
        return across[0] <= there <= across[0] + across[1]


class Stamp(NamedTuple):
    """An office stamp on a page."""

    corners: tuple[tuple[float, float], ...]
    """Around it, mm on the form; a round one has many."""

    def touches(self, left: float, top: float, width: float, height: float) -> bool:
        """Whether it covers a part of this place, mm."""
        place = [(left, top), (left + width, top), (left + width, top + height), (left, top + height)]
        area, _ = cv2.intersectConvexConvex(np.array(place, np.float32), np.array(self.corners, np.float32))
        return bool(area > 0)


@dataclass(frozen=True, slots=True, eq=False)
class Sheet:
    """A scanned page laid upon the blank one."""

    page: Page
    blank: Page
    """The empty form's page at BLANK_DPI: x mm lies at x * BLANK_DPI / MM_PER_INCH - 0.5 (pixel centres at whole numbers)."""
    transform: NDArray[np.float64]
    """3 × 3, homogeneous: mm on the form → pixels of ``page.image`` (pixel centres at whole numbers)."""
    residual_mm: float
    """How far, at worst, a place of the form was found from where the transform puts it."""
    turned: int
    """Degrees clockwise by which ``page.image`` lies turned (0, 90, 180, 270); the transform includes it."""
    streaks: tuple[Streak, ...] = ()
    """What dirt on the scanner's glass drew, and was taken out of ``page.image``."""
    stamps: tuple[Stamp, ...] = ()
    """What an office has stamped on it."""
    before: Page | None = None
    """The page before its streaks were taken out, where it was laid: what a person is shown, since a stroke may have gone with them."""

    @property
    def as_scanned(self) -> Page:
        """The page as the scanner gave it."""
        return self.before or self.page


def of_dots(image: Grey) -> bool:
    """Whether a picture of black and white shows shades by dots (error diffusion): many black pixels have hardly a neighbour.

    Of plain faxes 0 to 13 % of the black pixels are such, of grey scans made black and white by most programs 56 to 90 %, of
    those whose paper was made white before 9 to 56 %.
    """
    if not bilevel(image):
        return False
    black = (image < 128).astype(np.uint8)
    beside = cv2.filter2D(black, cv2.CV_8U, _CROSS, borderType=cv2.BORDER_CONSTANT)
    return bool(np.count_nonzero((beside <= 1) & (black > 0)) > _LONELY * np.count_nonzero(black))


def as_it_was(image: Grey) -> Grey:
    """A black-and-white picture that somebody saved as a JPEG, without the greys that this put around its strokes.

    Of what is dark in such pictures 0 to 11 % lies in the middle at the JPEG quality of 30 that scanners stop at; of pages that
    a program drew 17 % and more, of grey scans 29 %.
    """
    counts = cv2.calcHist([np.ascontiguousarray(image[::5, ::5])], [0], None, [256], [0, 256]).ravel()
    black, middle, dark = (float(counts[span].sum()) for span in (slice(80), slice(80, 176), slice(200)))
    if not counts[1:255].any() or middle > _MIDDLE * dark or black < _BLACK * dark:
        return image
    if counts[_PAPER:].sum() < _WHITE * counts.sum():
        return image
    plain = np.asarray(cv2.threshold(image, 127, 255, cv2.THRESH_BINARY)[1], np.uint8)
    # What is pale where no black is near is no rim: pencil, a stain, a tint.
    size = (image.shape[1] // _JPEG_BLOCK, image.shape[0] // _JPEG_BLOCK)
    whole = np.s_[: size[1] * _JPEG_BLOCK, : size[0] * _JPEG_BLOCK]
    was, now = (cv2.resize(one[whole], size, interpolation=cv2.INTER_AREA) for one in (image, plain))
    pale = np.count_nonzero((now == 255) & (was < _PAPER))
    return image if pale > _FEW else plain


def softened(image: Grey) -> Grey:
    """Black and white as the grey that its dots stand for: of a pencil's stroke, or of a shade."""
    return np.asarray(cv2.blur(image, (3, 3)), np.uint8)
