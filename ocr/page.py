"""A scanned page, and a page laid upon the empty form it belongs to."""

from __future__ import annotations

from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import NDArray

MM_PER_INCH = 25.4
BLANK_DPI = 200.0
"""Empty forms are drawn at this resolution, whatever the scans have."""

Grey = NDArray[np.uint8]
"""height × width, 0 black to 255 white."""


def bilevel(image: Grey) -> bool:
    """Whether a picture is of nothing but black and white, as a fax is."""
    counts = cv2.calcHist([np.ascontiguousarray(image[::5, ::5])], [0], None, [256], [0, 256]).ravel()
    dark = float(counts[:200].sum())
    return dark > 0 and bool(counts[:40].sum() / dark > 0.95)


@dataclass(frozen=True, slots=True, eq=False)
class Page:
    """One page as a grey picture."""

    image: Grey
    dpi: float
    """As the file says it, or as the paper's size gives it; registration measures the true scale itself."""
    source: str
    """The file's name."""
    number: int
    """Its place in the file, from 1."""


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


def softened(sheet: Sheet) -> Sheet:
    """The sheet as it is, or, of nothing but black and white, as grey as its dots stand close: those of a pencil's stroke, or
    those that stand for a shade, are what a grey scan would show."""
    image = sheet.page.image
    return replace(sheet, page=replace(sheet.page, image=_blurred(image))) if bilevel(image) else sheet


def _blurred(image: Grey) -> Grey:
    return np.asarray(cv2.blur(image, (3, 3)), np.uint8)
