"""Paper to be marked: what is printed, what a pen leaves on it, and what a scanner makes of both."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from importlib.resources import files
from io import BytesIO
from typing import Literal

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from ocr.ask import MarksAsk
from ocr.page import BLANK_DPI, MM_PER_INCH, Grey, Page, Sheet
from ocr.reading import Box

SIZE_MM = (148, 210)
_PX = 12  # per mm while drawing
Points = NDArray[np.float64]
Rng = np.random.Generator
Truth = Literal["empty", "marked", "cancelled", "doubt"]


@dataclass(frozen=True, slots=True)
class Scan:
    """How the sheet was scanned."""

    dpi: int = 200
    tilt: float = 0.0
    misfit_mm: float = 0.0
    paper: float = 250.0
    noise: float = 3.0
    blur_mm: float = 0.05
    thicken_mm: float = 0.0
    stain: float = 0.0
    jpeg: int = 0
    fax: bool = False


@dataclass(slots=True)
class Drawing:
    """A sheet being made: print and pen as darkness 0 to 1, and what is true of each option."""

    rng: Rng
    print_: NDArray[np.uint8] = field(default_factory=lambda: np.zeros((SIZE_MM[1] * _PX, SIZE_MM[0] * _PX), np.uint8))
    pen: NDArray[np.float32] = field(default_factory=lambda: np.zeros((SIZE_MM[1] * _PX, SIZE_MM[0] * _PX), np.float32))
    groups: list[MarksAsk] = field(default_factory=list)
    truths: list[list[tuple[Truth, str]]] = field(default_factory=list)
    darkness: float = 0.85
    width_mm: float = 0.45

    def box(self, box: Box, round_: bool, line_mm: float = 0.2) -> None:
        """Print a checkbox or a bubble."""
        a, b = _px(box.left, box.top), _px(box.left + box.width, box.top + box.height)
        thick = max(1, round(line_mm * _PX))
        if round_:
            centre, radius = ((a[0] + b[0]) // 2, (a[1] + b[1]) // 2), (b[0] - a[0]) // 2
            cv2.circle(self.print_, centre, radius, 255, thick, cv2.LINE_AA)
        else:
            cv2.rectangle(self.print_, a, b, 255, thick)

    def word(self, text: str, left: float, top: float, height: float, shade: int = 255) -> Box:
        """Print words; the box around them."""
        picture = Image.fromarray(self.print_)
        draw = ImageDraw.Draw(picture)
        font = _font(round(height * _PX))
        at = _px(left, top)
        draw.text(at, text, fill=shade, font=font)
        self.print_ = np.asarray(picture).copy()
        x0, y0, x1, y1 = draw.textbbox(at, text, font=font)
        return Box(0, x0 / _PX, y0 / _PX, (x1 - x0) / _PX, (y1 - y0) / _PX)

    def stroke(self, points: Points, darkness: float = 0.0, width_mm: float = 0.0, soft_mm: float = 0.0) -> None:
        """A pen's way (mm), a little shaky."""
        dark, width = darkness or self.darkness, width_mm or self.width_mm
        shaken = _smooth(points) + np.cumsum(self.rng.normal(0, 0.012, (len(_smooth(points)), 2)), 0)
        layer = np.zeros(self.pen.shape, np.uint8)
        line = np.round(shaken * _PX * 16).astype(np.int32)
        cv2.polylines(layer, [line], False, 255, max(1, round(width * _PX)), cv2.LINE_AA, 4)
        low = np.maximum(np.floor(shaken.min(0) * _PX).astype(int) - 40, 0)
        high = np.ceil(shaken.max(0) * _PX).astype(int) + 40
        area = (slice(low[1], high[1]), slice(low[0], high[0]))
        part = layer[area].astype(np.float32) / 255 * np.float32(dark)
        if not part.size:
            return
        if dark < 0.65:  # pencil: the paper's grain shows
            grain = self.rng.normal(1, 0.25, part.shape).astype(np.float32)
            part *= np.clip(cv2.GaussianBlur(grain, (0, 0), 1.2), 0.3, 1.5)
        if soft_mm:
            part = np.asarray(cv2.GaussianBlur(part, (0, 0), soft_mm * _PX), np.float32)
        self.pen[area] = np.maximum(self.pen[area], part)

    def scanned(self, scan: Scan) -> Sheet:
        """The sheet as a scanner gives it, laid upon its blank with the misfit that ``scan`` says."""
        shape = (round(SIZE_MM[0] * BLANK_DPI / MM_PER_INCH), round(SIZE_MM[1] * BLANK_DPI / MM_PER_INCH))
        blank = 255 - cv2.resize(self.print_, shape, interpolation=cv2.INTER_AREA)
        image, transform = _scan(self.print_, self.pen, scan, self.rng)
        return Sheet(
            Page(image, scan.dpi, "made", 1),
            Page(np.asarray(blank, np.uint8), BLANK_DPI, "blank", 1),
            transform,
            scan.misfit_mm,
            0,
        )


def _px(x: float, y: float) -> tuple[int, int]:
    return round(x * _PX), round(y * _PX)


def _font(size: int) -> ImageFont.FreeTypeFont:
    data = (files("ocr") / "fonts" / "BIZUDGothic-Regular.ttf").read_bytes()
    return ImageFont.truetype(BytesIO(data), size)


def _smooth(points: Points) -> Points:
    """Points every 0.3 mm or so along the way."""
    steps = np.hypot(*np.diff(points, axis=0).T)
    at = np.concatenate([[0], np.cumsum(steps)])
    fine = np.linspace(0, at[-1], max(2, int(at[-1] / 0.3)))
    return np.stack([np.interp(fine, at, points[:, 0]), np.interp(fine, at, points[:, 1])], 1)


def _scan(
    print_: NDArray[np.uint8], pen: NDArray[np.float32], scan: Scan, rng: Rng
) -> tuple[Grey, NDArray[np.float64]]:
    if scan.thicken_mm:
        size = 2 * round(abs(scan.thicken_mm) * _PX) + 1
        kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (size, size))
        print_ = np.asarray((cv2.dilate if scan.thicken_mm > 0 else cv2.erode)(print_, kernel), np.uint8)
    dark = np.asarray(1 - (1 - print_.astype(np.float32) / 255 * 0.92) * (1 - pen), np.float32)
    dark = np.asarray(cv2.GaussianBlur(dark, (0, 0), max(0.3, scan.blur_mm * _PX)), np.float32)
    per_mm = scan.dpi / MM_PER_INCH
    dark = np.asarray(
        cv2.resize(dark, None, fx=per_mm / _PX, fy=per_mm / _PX, interpolation=cv2.INTER_AREA), np.float32
    )
    height, width = dark.shape
    turn = np.vstack([cv2.getRotationMatrix2D((width / 2, height / 2), scan.tilt, 1), [0, 0, 1]])
    turn[:2, 2] += rng.uniform(-1, 1, 2) * per_mm
    dark = np.asarray(cv2.warpAffine(dark, turn[:2], (width, height), flags=cv2.INTER_LINEAR), np.float32)
    light = scan.paper * (1 - dark) * _shade(dark.shape, scan, rng)
    image = np.clip(light + rng.normal(0, scan.noise, dark.shape), 0, 255).astype(np.uint8)
    if scan.fax:
        image = np.where(image > rng.uniform(120, 175), 255, 0).astype(np.uint8)
        image[rng.random(image.shape) < 0.0005] = 0
    if scan.jpeg:
        _, data = cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, scan.jpeg])
        image = np.asarray(cv2.imdecode(data, cv2.IMREAD_GRAYSCALE), np.uint8)
    to_px = np.array([[per_mm, 0, -0.5], [0, per_mm, -0.5], [0, 0, 1]])
    corners = np.array([[0, 0], [SIZE_MM[0], 0], [SIZE_MM[0], SIZE_MM[1]], [0, SIZE_MM[1]]], np.float32)
    moved = corners + rng.uniform(-1, 1, (4, 2)).astype(np.float32) * scan.misfit_mm * 0.7
    return image, turn @ to_px @ cv2.getPerspectiveTransform(corners, moved)


def _shade(shape: tuple[int, ...], scan: Scan, rng: np.random.Generator) -> NDArray[np.float32]:
    """Light falling off to one side, and a coffee stain."""
    height, width = shape
    y, x = np.mgrid[0:height, 0:width].astype(np.float32) / height
    shade = 1 - rng.uniform(0, 0.06) * x - rng.uniform(0, 0.06) * y
    for _ in range(3 if scan.stain else 0):
        r = np.hypot(x - rng.uniform(0, 0.7), y - rng.uniform(0, 1)) / rng.uniform(0.08, 0.2)
        inside = 1 / (1 + np.exp(np.clip((r - 1) * rng.uniform(15, 60), -40, 40)))
        rim = np.exp(-(((r - 1) / 0.04) ** 2))
        shade *= 1 - scan.stain * (0.5 * inside + 0.5 * rim)
    return np.asarray(shade, np.float32)


def any_scan(rng: Rng) -> Scan:
    """A scanner of any office."""
    scan = Scan(
        dpi=int(rng.choice([150, 200, 240, 300])),
        tilt=rng.uniform(-3, 3),
        misfit_mm=0.3,
        paper=rng.uniform(215, 253),
        noise=rng.uniform(1, 8),
        blur_mm=rng.uniform(0.03, 0.1),
        thicken_mm=rng.choice([-0.04, 0, 0, 0.08]),
        stain=rng.choice([0, 0, rng.uniform(0.05, 0.25)]),
        jpeg=int(rng.choice([0, 50, 75, 90])),
    )
    fax = rng.random() < 0.15
    return replace(scan, fax=True, dpi=200, jpeg=0, stain=0.0) if fax else scan
