"""Sheets with marks that are known: printed boxes, bubbles and words, marked by a pen, and scanned, all made by a seed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
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

    rng: np.random.Generator
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
    print_: NDArray[np.uint8], pen: NDArray[np.float32], scan: Scan, rng: np.random.Generator
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


Rng = np.random.Generator


def tick(box: Box, rng: Rng, reach: float = 0.0) -> list[Points]:
    """レ: down to the box's middle and up, ``reach`` (in boxes) past its corner."""
    s, up = _side(box), reach or rng.uniform(0.1, 1.0)
    way = np.array([[-0.35, -0.1], [-0.05, 0.3], [0.35 + up * 0.6, -0.35 - up * 0.8]])
    return [_centre(box) + (way + rng.normal(0, 0.06, way.shape)) * s]


def cross(box: Box, rng: Rng) -> list[Points]:
    """×"""
    r, s = rng.uniform(0.3, 0.7), _side(box)
    ways = (np.array([[-r, -r], [r, r]]), np.array([[r, -r], [-r, r]]))
    return [_centre(box) + (way + rng.normal(0, 0.06, way.shape)) * s for way in ways]


def fill(box: Box, rng: Rng, over: float = 0.0) -> list[Points]:
    """Hatched from top to bottom; ``over`` (mm) past the box."""
    r = _side(box) / 2 * rng.uniform(0.85, 1.05) + over
    y = np.arange(-r, r, rng.uniform(0.25, 0.4))
    x = np.where(np.arange(len(y)) % 2, 1, -1) * np.sqrt(np.maximum(r * r - y * y * 0.7, 0.01))
    return [_centre(box) + np.stack([x, y], 1) + rng.normal(0, 0.06, (len(y), 2))]


def dot(box: Box, rng: Rng) -> list[Points]:
    """A point pressed into the box."""
    t = np.linspace(0, 6 * np.pi, 40)
    r = rng.uniform(0.1, 0.22) * _side(box) * t / t[-1]
    return [_centre(box) + rng.normal(0, 0.07, 2) * _side(box) + np.stack([r * np.cos(t), r * np.sin(t)], 1)]


def loop(box: Box, rng: Rng) -> list[Points]:
    """A small ring inside the box."""
    return [_ellipse(_centre(box), 0.32 * _side(box), 0.32 * _side(box), rng, rng.uniform(350, 400))]


def slash(box: Box, rng: Rng) -> list[Points]:
    """／"""
    r = rng.uniform(0.35, 0.6) * _side(box)
    return [_centre(box) + np.array([[-r, r], [r, -r]]) + rng.normal(0, 0.15, (2, 2))]


def scribble(box: Box, rng: Rng) -> list[Points]:
    """Rubbed out with the pen, well past the box on all sides."""
    over = rng.uniform(1.2, 2.2)
    rx, ry = box.width / 2 + over, box.height / 2 + over * 0.9
    x = np.arange(-rx, rx, rng.uniform(0.35, 0.6))
    y = np.where(np.arange(len(x)) % 2, 1, -1) * ry
    return [_centre(box) + np.stack([x, y], 1) + rng.normal(0, 0.15, (len(x), 2))]


def two_lines(box: Box, rng: Rng) -> list[Points]:
    """二重線"""
    r, gap, slope = (
        box.width / 2 + rng.uniform(1.1, 2.5),
        rng.uniform(0.5, 0.6) * min(box.height, 3) / 2,
        rng.normal(0, 0.08),
    )
    lines = (
        np.array([[-r, -gap - slope * r], [r, -gap + slope * r]]),
        np.array([[-r, gap - slope * r], [r, gap + slope * r]]),
    )
    return [_centre(box) + line + rng.normal(0, 0.08, (2, 2)) for line in lines]


def seal(box: Box, rng: Rng) -> list[Points]:
    """訂正印: a ring with a name in it."""
    centre, r = _centre(box) + rng.normal(0, 0.3, 2), max(box.width, box.height) / 2 + rng.uniform(1.2, 2.0)
    strokes = [_ellipse(centre, r, r, rng, 365)]
    for x in (-0.35, 0, 0.35):
        strokes.append(centre + r * np.array([[x, -0.6], [x, 0.6]]) + rng.normal(0, 0.1, (2, 2)))
    for y in (-0.45, -0.1, 0.3, 0.5):
        strokes.append(centre + r * np.array([[-0.5, y], [0.5, y]]) + rng.normal(0, 0.1, (2, 2)))
    return strokes


def ring(box: Box, rng: Rng, turns: float = 0.0) -> list[Points]:
    """○ around a word, as large and as askew as hands draw it."""
    rx, ry = box.width / 2 + rng.uniform(0.4, 1.5), box.height / 2 + rng.uniform(0.3, 1.3)
    grow = 1.12 if box.width < 1.5 * box.height else 1.05
    return [_ellipse(_centre(box) + rng.normal(0, 0.3, 2), rx * grow, ry * grow, rng, turns or rng.uniform(320, 420))]


def ring_two(box: Box, other: Box, rng: Rng) -> list[Points]:
    """One ring around two words."""
    both = Box(0, box.left, box.top, other.left + other.width - box.left, box.height)
    return ring(both, rng)


def underline(box: Box, rng: Rng) -> list[Points]:
    y = box.top + box.height + rng.uniform(0.3, 0.7)
    return [np.array([[box.left - 0.3, y], [box.left + box.width + 0.3, y]]) + rng.normal(0, 0.1, (2, 2))]


def _centre(box: Box) -> Points:
    return np.array([box.left + box.width / 2, box.top + box.height / 2])


def _side(box: Box) -> float:
    return min(box.width, box.height)


def _ellipse(centre: Points, rx: float, ry: float, rng: Rng, degrees: float) -> Points:
    start = rng.uniform(0, 2 * np.pi)
    t = np.linspace(start, start + np.radians(degrees), 60)
    wobble = 1 + 0.05 * np.sin(2 * t + rng.uniform(0, 6)) + np.linspace(0, rng.normal(0, 0.05), 60)
    return np.asarray(centre + np.stack([rx * np.cos(t), ry * np.sin(t)], 1) * wobble[:, None])


Draw = Callable[[Box, Rng], list[Points]]
BOX_MARKS: tuple[Draw, ...] = (tick, tick, tick, cross, fill, fill, dot, loop, slash)
CANCELS: tuple[Draw, ...] = (scribble, two_lines, seal)
WORDS = (
    "男 女",
    "T S H R",
    "昭和 平成 令和",
    "有 無",
    "1 2 3 4 5 6",
    "普通 当座",
    "銀行 信金 信組 農協",
    "明 大 昭 平 令",
    "（1） （2） （3）",
)


def draw_marks(drawing: Drawing, group: MarksAsk) -> list[tuple[Truth, str]]:
    """Fill in one group as somebody might, rightly or not; the truth of each option and what was done."""
    rng, boxes = drawing.rng, group.boxes
    truths: list[tuple[Truth, str]] = [("empty", "")] * len(boxes)
    what = rng.choice(["blank", "one", "two", "cancel", "erase", "stray", "between", "near"], p=_CHANCES)
    at = int(rng.integers(len(boxes)))
    mark: Draw = ring if group.shape == "word" else BOX_MARKS[rng.integers(len(BOX_MARKS))]
    other = (at + 1 + int(rng.integers(len(boxes) - 1))) % len(boxes)
    if what in ("one", "two", "stray", "near"):
        _draw(drawing, mark(boxes[at], rng))
        truths[at] = ("marked", mark.__name__)
    if what == "two":
        _draw(drawing, mark(boxes[other], rng))
        truths[other] = ("marked", mark.__name__)
    elif what == "cancel":
        _cancel(drawing, group, at, mark, truths)
        if rng.random() < 0.7:
            _draw(drawing, mark(boxes[other], rng))
            truths[other] = ("marked", mark.__name__)
    elif what == "erase":
        for way in mark(boxes[at], rng):
            drawing.stroke(way, darkness=rng.uniform(0.03, 0.1), width_mm=0.8, soft_mm=0.15)
        truths[at] = ("empty", "erased")
    elif what == "stray":
        _stray(drawing, boxes, truths)
    elif what == "between" and len(boxes) > 1:
        _between(drawing, group, truths)
    elif what == "near" and boxes[-1].left > 60:
        _near(drawing, group)
    return truths


_CHANCES = [0.16, 0.5, 0.06, 0.12, 0.04, 0.04, 0.04, 0.04]


def _draw(drawing: Drawing, strokes: Sequence[Points], darkness: float = 0.0) -> None:
    for way in strokes:
        drawing.stroke(way, darkness)


def _cancel(drawing: Drawing, group: MarksAsk, at: int, mark: Draw, truths: list[tuple[Truth, str]]) -> None:
    rng = drawing.rng
    how = CANCELS[rng.integers(3)]
    if group.shape == "box" or rng.random() < 0.6:
        _draw(drawing, mark(group.boxes[at], rng))
    elif how is seal:
        how = two_lines
    _draw(drawing, how(group.boxes[at], rng), rng.uniform(0.4, 0.7) if how is seal else 0.0)
    truths[at] = ("cancelled", how.__name__)


def _stray(drawing: Drawing, boxes: Sequence[Box], truths: list[tuple[Truth, str]]) -> None:
    """A line right through every box of the row."""
    first, last = _centre(boxes[0]), _centre(boxes[-1])
    along = (last - first) / max(float(np.hypot(*(last - first))), 0.1)
    drawing.stroke(np.array([first - 6 * along, last + 6 * along]) + drawing.rng.normal(0, 0.2, (2, 2)))
    for number, (truth, how) in enumerate(truths):
        truths[number] = ("doubt", f"stray+{how}") if truth == "marked" else ("empty", "stray")


def _between(drawing: Drawing, group: MarksAsk, truths: list[tuple[Truth, str]]) -> None:
    rng, at = drawing.rng, int(drawing.rng.integers(len(group.boxes) - 1))
    one, two = group.boxes[at], group.boxes[at + 1]
    if group.shape == "word":
        if rng.random() < 0.5:
            _draw(drawing, ring_two(one, two, rng))
            truths[at] = truths[at + 1] = ("doubt", "ring_two")
        else:
            how = (underline, tick)[rng.integers(2)]
            _draw(drawing, how(one, rng))
            truths[at] = ("doubt", how.__name__)
        return
    a, b = _centre(one), _centre(two)
    if np.hypot(*(b - a)) > 2.2 * _side(one):
        return
    middle = (a + b) / 2 - _side(one) / 2
    _draw(drawing, cross(Box(0, float(middle[0]), float(middle[1]), _side(one) * 1.3, _side(one) * 1.3), rng))
    truths[at] = truths[at + 1] = ("doubt", "between")


def _near(drawing: Drawing, group: MarksAsk) -> None:
    """Handwriting to the right of the row."""
    rng, last = drawing.rng, group.boxes[-1]
    right, y = last.left + last.width + 9, last.top + last.height / 2
    for n in range(5):
        way = np.array([right + n * 3.5, y]) + rng.uniform(-1.6, 1.6, (6, 2))
        drawing.stroke(way)


def make_sheet(
    seed: int, scan: Scan | None = None
) -> tuple[Sheet, tuple[MarksAsk, ...], list[list[tuple[Truth, str]]]]:
    """A sheet with checkboxes, bubbles and words, some 160 options, and what is true of each."""
    rng = np.random.default_rng(seed)
    scan = scan or any_scan(rng)
    pencil = not scan.fax and rng.random() < 0.5  # a fax shows no pencil
    darkness = rng.uniform(0.25, 0.6) if pencil else rng.uniform(0.65, 0.95)
    drawing = Drawing(rng, darkness=darkness, width_mm=rng.uniform(0.28, 0.65))
    _checkboxes(drawing)
    _bubbles(drawing)
    _circled(drawing)
    for group in drawing.groups:
        drawing.truths.append(draw_marks(drawing, group))
    return drawing.scanned(scan), tuple(drawing.groups), drawing.truths


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


def _checkboxes(drawing: Drawing) -> None:
    for row in range(9):
        side, pitch = drawing.rng.uniform(2.8, 4.2), drawing.rng.uniform(22, 32)
        boxes = tuple(Box(0, 14 + n * pitch, 14 + row * 8.0, side, side) for n in range(4))
        for box in boxes:
            drawing.box(box, False)
            drawing.word("項目", box.left + side + 1, box.top, 3.2)
        drawing.groups.append(MarksAsk(boxes, "box"))


def _bubbles(drawing: Drawing) -> None:
    side, pitch, letters = drawing.rng.uniform(2, 3), drawing.rng.uniform(3.6, 5.5), drawing.rng.random() < 0.4
    for row in range(10):
        boxes = tuple(Box(0, 16 + n * pitch, 88 + row * max(4.2, pitch), side, side) for n in range(8))
        for number, box in enumerate(boxes):
            drawing.box(box, True)
            if letters:
                drawing.word(str(number), box.left + side * 0.32, box.top + side * 0.18, side * 0.68, 150)
        drawing.groups.append(MarksAsk(boxes, "box"))


def _circled(drawing: Drawing) -> None:
    for row in range(10):
        words, height = WORDS[drawing.rng.integers(len(WORDS))].split(), drawing.rng.uniform(3, 4)
        left, top, boxes = 74.0 - 10, 88 + row * 11.0, []
        dots = drawing.rng.random() < 0.6
        for word in words:
            box = drawing.word(word, left, top, height)
            boxes.append(box)
            left = box.left + box.width + (height * 0.1 if dots else height * 0.8)
            if dots and word != words[-1]:
                between = drawing.word("・", left, top, height)
                left = between.left + between.width + height * 0.35
        drawing.groups.append(MarksAsk(tuple(boxes), "word"))
