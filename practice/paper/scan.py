"""What a scanner, a fax and a desk do to a sheet of paper."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from math import cos, radians, sin

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image
from reportlab.lib.utils import ImageReader
from reportlab.pdfgen.canvas import Canvas

from practice.paper.pen import DPI

Grey = NDArray[np.uint8]


@dataclass(frozen=True)
class Scan:
    """How a sheet was scanned; angles in degrees, shift in mm."""

    dpi: int = 200
    tilt: float = 0.0
    scale: float = 1.0
    shift: tuple[float, float] = (0.0, 0.0)
    blur: float = 0.5
    """Standard deviation in pixels of the scan."""
    noise: float = 1.2
    """Standard deviation in grey levels."""
    white: float = 246.0
    """How bright the paper comes out."""
    black: float = 25.0
    quality: int = 55
    fax: bool = False
    coffee: bool = False
    specks: float = 0.0
    """The share of the pixels that come out black or white, whatever is there."""
    turned: int = 0
    """Degrees clockwise: 0, 90, 180, 270."""


def scanned(paper: NDArray[np.float32], how: Scan, rng: np.random.Generator) -> Grey:
    """A written page (0 to 1, at DPI) → the picture that the scanner gives."""
    if how.coffee:
        paper = _with_coffee(paper, rng)
    moved = _moved(paper, how)
    grey = how.black + (how.white - how.black) * cv2.GaussianBlur(moved, (0, 0), how.blur)
    if how.noise:
        grey = grey + rng.normal(0, how.noise, grey.shape).astype(np.float32)
    picture = np.clip(np.rint(grey), 0, 255).astype(np.uint8)
    # A scanner's own levels make the paper white; what is left of the noise is in the strokes.
    picture = np.where(picture > how.white - 6, 255, picture).astype(np.uint8)
    if how.fax:
        picture = faxed(picture, rng)
    if how.specks:
        struck = rng.random(picture.shape) < how.specks
        picture[struck] = rng.choice(np.array([0, 255], np.uint8), int(struck.sum()))
    return np.asarray(np.rot90(picture, -how.turned // 90), np.uint8).copy()


def _moved(paper: NDArray[np.float32], how: Scan) -> NDArray[np.float32]:
    height, width = paper.shape
    ratio = how.dpi / DPI
    size = round(width * ratio), round(height * ratio)
    angle, scale = radians(how.tilt), ratio * how.scale
    turn = np.array([[cos(angle), -sin(angle)], [sin(angle), cos(angle)]]) * scale
    centre = np.array([size[0] / 2, size[1] / 2]) + np.array(how.shift) * how.dpi / 25.4
    matrix = np.column_stack([turn, centre - turn @ np.array([width / 2, height / 2])])
    # Going to fewer pixels, what a pixel of the scan sees is a patch of the paper.
    soft = cv2.GaussianBlur(paper, (0, 0), 0.45 / ratio) if ratio < 1 else paper
    return np.asarray(cv2.warpAffine(soft, matrix, size, flags=cv2.INTER_LINEAR, borderValue=1.0), np.float32)


def _with_coffee(paper: NDArray[np.float32], rng: np.random.Generator) -> NDArray[np.float32]:
    """The ring that a cup leaves, and a drop."""
    stain = np.zeros(paper.shape, np.float32)
    height, width = paper.shape
    centre = (int(width * rng.uniform(0.3, 0.7)), int(height * rng.uniform(0.3, 0.7)))
    cv2.ellipse(stain, centre, (430, 415), float(rng.uniform(0, 90)), 20, 350, 0.11, 26, cv2.LINE_AA)
    drop = (int(width * rng.uniform(0.2, 0.8)), int(height * rng.uniform(0.2, 0.8)))
    cv2.circle(stain, drop, 60, 0.08, -1, cv2.LINE_AA)
    cloud = cv2.GaussianBlur(rng.random((height // 40, width // 40), dtype=np.float32), (0, 0), 2)
    cloud = cv2.resize(cloud, (width, height), interpolation=cv2.INTER_CUBIC)
    return np.asarray(paper * (1 - cv2.GaussianBlur(stain, (0, 0), 5) * (0.5 + cloud)), np.float32)


def faxed(picture: Grey, rng: np.random.Generator) -> Grey:
    """Black and white, with the specks and the ragged edges of a fax."""
    rough = picture.astype(np.float32) + rng.normal(0, 14, picture.shape)
    black = np.where(rough < 150, 0, 255).astype(np.uint8)
    specks = rng.random(picture.shape) < 0.00004
    return np.where(specks, 0, black).astype(np.uint8)


def jpeg(picture: Grey, how: Scan) -> bytes:
    """As a scanner's JPEG, its resolution told."""
    return _saved([picture], "JPEG", quality=how.quality, dpi=(how.dpi, how.dpi), optimize=True)


def fax_tiff(pictures: Sequence[Grey], how: Scan) -> bytes:
    """All pages of a fax in one TIFF, group 4."""
    return _saved(pictures, "TIFF", compression="group4", dpi=(how.dpi, how.dpi))


def _saved(pictures: Sequence[Grey], form: str, **options: object) -> bytes:
    file = io.BytesIO()
    first, *rest = [Image.fromarray(one).convert("1" if form == "TIFF" else "L") for one in pictures]
    more = {"save_all": True, "append_images": rest} if rest else {}
    first.save(file, form, **options, **more)
    return file.getvalue()


def pdf(pictures: Sequence[Grey], hows: Sequence[Scan]) -> bytes:
    """The pages as a multifunction printer puts them into one PDF: a JPEG each."""
    file = io.BytesIO()
    canvas = Canvas(file, invariant=1)
    for picture, how in zip(pictures, hows, strict=True):
        height, width = picture.shape
        size = width * 72 / how.dpi, height * 72 / how.dpi
        canvas.setPageSize(size)
        canvas.drawImage(ImageReader(io.BytesIO(jpeg(picture, how))), 0, 0, *size)
        canvas.showPage()
    canvas.save()
    return file.getvalue()
