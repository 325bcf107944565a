"""Pens and what they draw: characters laid into a box, ticks, crosses, rings, lines that strike out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import cos, pi, sin

import cv2
import numpy as np
from numpy.typing import NDArray

from practice.paper.sources import Ink

DPI = 300
PX = DPI / 25.4
"""Pixels in a mm of the paper while it is being written on."""
Points = Sequence[tuple[float, float]]
Place = tuple[float, float, float, float]
"""left, top, width, height, mm."""


@dataclass(frozen=True)
class Pen:
    """What one writes with. dark: 0 to 1; width in mm; grain: how much the paper's tooth shows."""

    name: str
    dark: float
    width: float
    grain: float = 0.0


BALL, BLUE, PENCIL, THICK = (
    Pen("ball", 0.9, 0.45),
    Pen("blue", 0.72, 0.45),
    Pen("pencil", 0.55, 0.45, 0.5),
    Pen("thick", 0.95, 0.85),
)
PENS = {pen.name: pen for pen in (BALL, BLUE, PENCIL, THICK)}


@dataclass(frozen=True, eq=False)
class Sheet:
    """A page being written on: ``paper`` is grey from 0 to 1."""

    paper: NDArray[np.float32]
    rng: np.random.Generator

    def lay(self, ink: Ink, left: float, top: float, pen: Pen) -> None:
        """Lays ink with its top left corner at a place in mm."""
        x, y = round(left * PX), round(top * PX)
        height, width = ink.shape
        x0, y0, x1, y1 = max(0, x), max(0, y), min(self.paper.shape[1], x + width), min(self.paper.shape[0], y + height)
        if x0 >= x1 or y0 >= y1:
            return
        part = ink[y0 - y : y1 - y, x0 - x : x1 - x] * pen.dark
        if pen.grain:
            tooth = cv2.GaussianBlur(self.rng.random(part.shape, dtype=np.float32), (0, 0), 0.8)
            part = part * (1 - pen.grain * np.clip((tooth - 0.4) * 5, 0, 1))
        self.paper[y0:y1, x0:x1] *= 1 - part

    def stroke(self, points: Points, pen: Pen, width: float | None = None) -> None:
        """A line through points in mm, its ends a little uneven."""
        wide = max(1.0, (width or pen.width) * PX)
        margin = wide + 4
        xs, ys = [x * PX for x, _ in points], [y * PX for _, y in points]
        left, top = int(min(xs) - margin), int(min(ys) - margin)
        size = int(max(ys) + margin) - top, int(max(xs) + margin) - left
        mask = np.zeros(size, np.uint8)
        path = np.array([[(x - left) * 16, (y - top) * 16] for x, y in zip(xs, ys, strict=True)], np.int32)
        cv2.polylines(mask, [path], False, 255, max(1, round(wide)), cv2.LINE_AA, 4)
        self.lay(mask.astype(np.float32) / np.float32(255), left / PX, top / PX, pen)

    def near(self, value: float, spread: float) -> float:
        """A number near another."""
        return float(value + self.rng.normal(0, spread))


def curve(points: Points, count: int = 24) -> list[tuple[float, float]]:
    """A Bézier curve through its control points."""
    steps = np.linspace(0, 1, count)
    found = np.zeros((count, 2))
    degree = len(points) - 1
    weight = 1
    for number, point in enumerate(points):
        found += np.outer(weight * steps**number * (1 - steps) ** (degree - number), point)
        weight = weight * (degree - number) // (number + 1)
    return [(float(x), float(y)) for x, y in found]


def tick(sheet: Sheet, place: Place, pen: Pen, *, far: bool = False) -> None:
    """✓; ``far`` leaves the box at the upper right."""
    left, top, width, height = place
    near = sheet.near
    start = (left + near(0.15, 0.06) * width, top + near(0.5, 0.06) * height)
    turn = (left + near(0.42, 0.06) * width, top + near(0.85, 0.05) * height)
    out = 1.0 if far else 0.0
    end = (left + (near(0.95, 0.08) + out * 0.7) * width, top + (near(0.12, 0.08) - out * 0.6) * height)
    bend = (turn[0] + 0.3 * (end[0] - turn[0]), turn[1] + 0.55 * (end[1] - turn[1]))
    sheet.stroke([start, turn, *curve([turn, bend, end])], pen)


def cross(sheet: Sheet, place: Place, pen: Pen) -> None:
    """×"""
    left, top, width, height = place
    near = sheet.near
    for x1, x2 in ((0.12, 0.9), (0.88, 0.1)):
        sheet.stroke(
            curve(
                [
                    (left + near(x1, 0.05) * width, top + near(0.12, 0.05) * height),
                    (left + near(0.5, 0.08) * width, top + near(0.5, 0.08) * height),
                    (left + near(x2, 0.05) * width, top + near(0.9, 0.05) * height),
                ]
            ),
            pen,
        )


def fill(sheet: Sheet, place: Place, pen: Pen) -> None:
    """■ by hand: strokes to and fro."""
    left, top, width, height = place
    rows = max(4, round(height / (pen.width * 0.8)))
    path = []
    for row in range(rows + 1):
        y = top + height * (0.08 + 0.84 * row / rows)
        ends = (0.06, 0.94) if row % 2 else (0.94, 0.06)
        path += [(left + sheet.near(x, 0.04) * width, sheet.near(y, 0.08)) for x in ends]
    sheet.stroke(path, pen)


def ring(sheet: Sheet, place: Place, pen: Pen, *, size: float = 1.0) -> None:
    """○ around a printed word, begun at the top and closed a little beyond where it began."""
    left, top, width, height = place
    cx, cy = left + sheet.near(width / 2, 0.3), top + sheet.near(height / 2, 0.3)
    wide, high = width / 2 * size * sheet.near(1, 0.04), height / 2 * size * sheet.near(1, 0.04)
    begin, wobble, phase = sheet.near(-pi / 2, 0.3), sheet.near(0.04, 0.02), sheet.rng.uniform(0, 2 * pi)
    turn = sheet.near(2 * pi + 0.25, 0.12)
    path = []
    for step in np.linspace(0, 1, 60):
        angle = begin - turn * step
        out = 1 + wobble * sin(2 * angle + phase) + 0.05 * step
        path.append((cx + wide * out * cos(angle), cy + high * out * sin(angle)))
    sheet.stroke(path, pen)


def strike(sheet: Sheet, place: Place, pen: Pen) -> None:
    """Two lines through something, as one cancels on paper."""
    left, top, width, height = place
    for part in (0.4, 0.62):
        y = top + height * part
        sheet.stroke(
            [
                (left - sheet.near(1.2, 0.2), sheet.near(y, 0.15)),
                (left + width / 2, sheet.near(y, 0.1)),
                (left + width + sheet.near(1.2, 0.2), sheet.near(y, 0.15)),
            ],
            pen,
        )


def scribble(sheet: Sheet, place: Place, pen: Pen) -> None:
    """A cancelled mark under a tangle of strokes."""
    left, top, width, height = place
    x = np.linspace(-0.35, 1.35, 15)
    path = [
        (left + float(one) * width, top + height * (0.5 + (0.75 if number % 2 else -0.75) + sheet.near(0, 0.1)))
        for number, one in enumerate(x)
    ]
    sheet.stroke(path, pen)
    sheet.stroke([(left + width * (1 - (a - left) / width), b) for a, b in path], pen)


MARKS = {"tick": tick, "cross": cross, "fill": fill}
