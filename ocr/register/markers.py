"""Corner marks: four solid black squares, the one at the paper's top left with a white hole."""

from __future__ import annotations

from itertools import product
from typing import NamedTuple

import cv2
import numpy as np

from ocr.page import Grey
from ocr.register.ink import WORK_PX_PER_MM, Ink, Matrix, Points, inverse, mm_to_work, moved_by

MARK_MM = 6.0
HOLE_MM = 2.0
_CORNER_MM = 50.0  # a mark's centre lies 17 mm from the edges; tilt and shift add as much again
_SOLID = 128
_STRAY = 0.9  # of a mark's side: boxes that somebody filled are smaller
_MOST = 3  # candidates a corner
_CLOSE_MM = (
    4.0  # how far the fourth mark may lie from where the other three put it: a phone, a bent sheet, a worn roller
)
_PLAIN_MM = 1.5  # from here on it may be something else: the other three are tried without it, too


class Mark(NamedTuple):
    x: float
    y: float
    hole: bool


def blank_marks(ink: Ink) -> Points | None:
    """The four marks of an empty form in mm: top left, top right, bottom right, bottom left; None where it has none."""
    corners = _corners(ink.image)
    if not all(len(one) == 1 for one in corners) or [one[0].hole for one in corners] != [True, False, False, False]:
        return None
    found = np.array([[one[0].x, one[0].y] for one in corners], np.float64)
    return moved_by(inverse(mm_to_work()), found)


def by_marks(ink: Ink, marks: Points) -> list[Matrix]:
    """The ways the page can lie by its marks, best first: mm on the form → pixels of ``ink``."""
    corners = _corners(ink.image)
    ways: list[tuple[float, Matrix]] = []
    for turn in range(4):
        placed = corners[turn:] + corners[:turn]
        whole, off = _whole(placed, marks)
        ways += whole if off <= _PLAIN_MM else [*whole, *_three(placed, marks)]
    return [way for _, way in sorted(ways, key=lambda way: way[0])]


def stray_marks(ink: Ink) -> bool:
    """Whether a mark stands where no corner of a sheet can be: another sheet's."""
    height, width = ink.image.shape
    side = _CORNER_MM * WORK_PX_PER_MM
    found = _marks(ink.image, 0, 0, max(height, width), _STRAY)
    return any(side < one.y < height - side or side < one.x < width - side for one in found)


def _whole(placed: list[list[Mark]], marks: Points) -> tuple[list[tuple[float, Matrix]], float]:
    """The best way by four marks, if there is one; and how far the fourth lies from where the others put it, mm."""
    best: list[tuple[float, float, Matrix]] = []
    for four in product(*placed):
        there = np.array([[one.x, one.y] for one in four])
        off = _far(marks[:3], there[:3], marks[3:], there[3:])
        if off <= _CLOSE_MM:
            way = cv2.getPerspectiveTransform(marks.astype(np.float32), there.astype(np.float32))
            best.append((_strange(four, (True, False, False, False)), off, np.asarray(way, np.float64)))
    if not best:
        return [], float("inf")
    strange, off, way = min(best, key=lambda one: one[:2])
    return [(strange, way)], off


def _three(placed: list[list[Mark]], marks: Points) -> list[tuple[float, Matrix]]:
    """One mark is covered or torn off: the other three still tell, and the check of the whole page decides."""
    best: list[tuple[float, Matrix]] = []
    for lost in range(4):
        kept = [number for number in range(4) if number != lost]
        for three in product(*(placed[number] for number in kept)):
            there = np.array([[one.x, one.y] for one in three])
            way = _affine(marks[kept], there)
            if _likely(way):
                best.append((10 + _strange(three, tuple(number == 0 for number in kept)), way))
    return sorted(best, key=lambda way: way[0])[:2]


def _strange(marks: tuple[Mark, ...], holes: tuple[bool, ...]) -> float:
    return sum(one.hole != hole for one, hole in zip(marks, holes, strict=True))


def _affine(form: Points, there: Points) -> Matrix:
    part = cv2.getAffineTransform(form.astype(np.float32), there.astype(np.float32))
    return np.vstack((np.asarray(part, np.float64), [0, 0, 1]))


def _far(form: Points, there: Points, fourth: Points, found: Points) -> float:
    """How far the fourth mark lies from its place, mm; infinite where the three cannot be a sheet of paper."""
    way = _affine(form, there)
    if not _likely(way):
        return float("inf")
    return float(np.linalg.norm(moved_by(way, fourth) - found)) / WORK_PX_PER_MM


def _likely(way: Matrix) -> bool:
    """A sheet on a scanner: not mirrored, not skewed, its size within 6 %."""
    across, down = way[:2, 0] / WORK_PX_PER_MM, way[:2, 1] / WORK_PX_PER_MM
    lengths = np.linalg.norm(across), np.linalg.norm(down)
    square = abs(float(across @ down)) < 0.03
    return all(0.94 < length < 1.06 for length in lengths) and square and float(np.linalg.det(way[:2, :2])) > 0


def _corners(ink: Grey) -> list[list[Mark]]:
    """Marks near each corner of the picture, clockwise from its top left."""
    height, width = ink.shape
    side = round(_CORNER_MM * WORK_PX_PER_MM)
    x, y = max(0, width - side), max(0, height - side)
    return [_marks(ink, left, top, side)[:_MOST] for left, top in ((0, 0), (x, 0), (x, y), (0, y))]


def _marks(ink: Grey, left: int, top: int, side: int, least: float = 0.75) -> list[Mark]:
    part = ink[top : top + side, left : left + side]
    solid = (part > _SOLID).astype(np.uint8)
    _, labels, stats, _ = cv2.connectedComponentsWithStats(solid, connectivity=4)
    size = MARK_MM * WORK_PX_PER_MM
    across, down, inked = stats[1:, 2:5].T
    square = (np.minimum(across, down) > least * size) & (np.maximum(across, down) < 1.35 * size)
    full_ = (inked >= 0.62 * across * down) & (inked > 0.6 * size**2) & (inked < 1.3 * size**2)
    found = []
    for number in (1 + np.flatnonzero(square & full_)).tolist():  # 0 is the ground
        x, y, width, height, _ = stats[number].tolist()
        shape = (labels[y : y + height, x : x + width] == number).astype(np.uint8)
        outline, _ = cv2.findContours(shape, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
        full = cv2.drawContours(np.zeros_like(shape), outline, -1, 1, cv2.FILLED)
        centre = _centre(part, full, x, y)
        found.append(Mark(left + centre[0], top + centre[1], _has_hole(part, *centre)))
    return found


def _centre(part: Grey, full: Grey, x: int, y: int) -> tuple[float, float]:
    """The middle of the mark, weighing the grey pixels of its rim; its hole counts as black."""
    rim = 2
    top, left = max(0, y - rim), max(0, x - rim)
    piece = part[top : y + full.shape[0] + rim, left : x + full.shape[1] + rim].astype(np.float32)
    inside = np.zeros(piece.shape, np.uint8)
    inside[y - top : y - top + full.shape[0], x - left : x - left + full.shape[1]] = full
    core = cv2.erode(inside, np.ones((3, 3), np.uint8), borderType=cv2.BORDER_CONSTANT, borderValue=0)
    near = cv2.dilate(inside, np.ones((2 * rim + 1, 2 * rim + 1), np.uint8))
    weight = np.where(core > 0, 255.0, piece * near)
    moments = cv2.moments(weight.astype(np.float32))
    return left + moments["m10"] / moments["m00"], top + moments["m01"] / moments["m00"]


def _has_hole(part: Grey, x: float, y: float) -> bool:
    half = HOLE_MM * WORK_PX_PER_MM / 4
    middle = part[round(y - half) : round(y + half) + 1, round(x - half) : round(x + half) + 1]
    return float(middle.mean()) < _SOLID
