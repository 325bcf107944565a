"""Sheets with marks that are known: boxes, bubbles and words, marked as hands do it, and scanned, all made by a seed."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from bench.marks_paper import Drawing, Points, Rng, Scan, Truth, any_scan
from ocr.ask import MarksAsk
from ocr.page import Sheet
from ocr.reading import Box


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
