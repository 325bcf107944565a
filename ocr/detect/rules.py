"""The ruled lines of an empty form: cells between solid rules, dotted rules within cells, checkboxes, underlines."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

import cv2
import numpy as np
from numpy.typing import NDArray

from ocr.detect.words import PX
from ocr.page import Grey, Page
from ocr.reading import Box

Mask = NDArray[np.uint8]
_DARK = 170
_FAINT = 225
"""What still counts as a dot of a dotted rule."""
_RULE = 5.5
"""No stroke of a printed character is as long, mm."""
_SMALLEST = 3.0
_SQUARE = (2.2, 6.5)
_ROOM = 8.0
_DOT_GAP, _DOTTED, _HAIRLINE = 1.2, 10.0, 0.5
"""A dotted rule's dots are at most so far apart, it is at least so long, and at most so thick, mm."""
_DOTS_SHARE = (0.15, 0.9)
_WHITE = 0.02
"""The share of ink right above and below a rule up to which the paper is white there."""


def dark(page: Page) -> Mask:
    """1 where there is ink."""
    return (page.image < _DARK).astype(np.uint8)


def rules(page: Page) -> tuple[Mask, Mask]:
    """The horizontal and the vertical solid rules."""
    ink, length = dark(page), round(_RULE * PX)
    across = cv2.morphologyEx(ink, cv2.MORPH_OPEN, np.ones((1, length), np.uint8))
    down = cv2.morphologyEx(ink, cv2.MORPH_OPEN, np.ones((length, 1), np.uint8))
    return np.asarray(across, np.uint8), np.asarray(down, np.uint8)


def ink_without_rules(page: Page) -> Mask:
    """1 where something is printed that is no rule."""
    across, down = rules(page)
    lines = cv2.dilate(across | down, np.ones((3, 3), np.uint8))
    return np.where(np.asarray(lines) > 0, 0, dark(page)).astype(np.uint8)


def find_cells(page: Page) -> list[Box]:
    """The rectangles between rules, dotted ones too, in mm, from the top left."""
    across, down = rules(page)
    closed = cv2.dilate(across | down, np.ones((3, 3), np.uint8))
    count, _, stats, _ = cv2.connectedComponentsWithStats((closed == 0).astype(np.uint8), connectivity=4)
    height, width = closed.shape
    cells: list[Box] = []
    for left, top, wide, tall, area in stats[1:count].tolist():
        whole = wide * tall > 0.6 * width * height or left == 0 or top == 0
        if whole or min(wide, tall) < _SMALLEST * PX or area < 0.8 * wide * tall:
            continue
        box = Box(page.number - 1, (left - 1) / PX, (top - 1) / PX, (wide + 2) / PX, (tall + 2) / PX)
        cells += _divided(page.image, box)
    return sorted(cells, key=lambda one: (round(one.top), one.left))


def _divided(image: Grey, box: Box) -> Iterator[Box]:
    """A cell taken apart at its dotted rules: across first, then down."""
    for part in _split(image, box, across=True):
        yield from _split(image, part, across=False)


def _split(image: Grey, box: Box, *, across: bool) -> list[Box]:
    part = crop(image, box, 0.35)
    if min(part.shape) < 2 * _SMALLEST * PX / 2:
        return [box]
    faint = (part < _FAINT).astype(np.uint8)
    places = _dotted(faint if across else faint.T)
    start = (box.top if across else box.left) + 0.35
    edges = [
        start - 0.35,
        *(start + place / PX for place in places),
        (box.top + box.height) if across else (box.left + box.width),
    ]
    found = []
    for first, last in pairwise(edges):
        if last - first >= 2.0:
            one = (
                box._replace(top=first, height=last - first) if across else box._replace(left=first, width=last - first)
            )
            found.append(one)
    return found or [box]


def _dotted(faint: Mask) -> list[float]:
    """The rows that hold a dotted rule from end to end and nothing right above or below it."""
    segments = max(6, round(faint.shape[1] / PX))
    near, far = round(0.3 * PX), round(1.1 * PX)
    thick = cv2.dilate(faint, np.ones((3, 1), np.uint8))
    parts = np.array_split(np.arange(faint.shape[1]), segments)
    dotted = np.array([thick[:, part].max(1) for part in parts]).mean(0)
    plain = thick.mean(1)
    beside = np.array([faint[:, part].max(1) for part in parts])
    rows: list[list[int]] = []
    for row in np.flatnonzero((dotted > 0.9) & (plain > 0.12)):
        if rows and row - rows[-1][-1] <= 3:
            rows[-1].append(int(row))
            continue
        rows.append([int(row)])
    found = []
    for group in rows:
        first, last = group[0], group[-1]
        around = [*range(first - far, first - near), *range(last + near + 1, last + far + 1)]
        inside = [row for row in around if 0 <= row < len(faint)]
        if last - first <= 0.9 * PX and inside and beside[:, inside].max(1).mean() < 0.25:
            found.append(float(first + last + 1) / 2)
    return found


def crop(image: Grey, box: Box, margin: float) -> Grey:
    """The inside of a box, ``margin`` mm from its edges."""
    left, top = round((box.left + margin) * PX), round((box.top + margin) * PX)
    right, bottom = round((box.left + box.width - margin) * PX), round((box.top + box.height - margin) * PX)
    return image[max(0, top) : max(top + 1, bottom), max(0, left) : max(left + 1, right)]


def find_squares(page: Page) -> list[Box]:
    """Empty squares as large as a checkbox (a character such as 口 may be among them)."""
    ink = dark(page)
    contours, tree = cv2.findContours(ink, cv2.RETR_CCOMP, cv2.CHAIN_APPROX_SIMPLE)
    found = []
    for contour, (_, _, child, parent) in zip(contours, tree[0] if tree is not None else (), strict=False):
        _, _, wide, tall = cv2.boundingRect(contour)
        if parent < 0 or not _SQUARE[0] * PX <= min(wide, tall) + 2 <= max(wide, tall) + 2 <= _SQUARE[1] * PX:
            continue
        outer = cv2.boundingRect(contours[parent])
        alone = outer[2] <= wide + 1.4 * PX and outer[3] <= tall + 1.4 * PX
        if (
            child < 0
            and alone
            and 0.8 <= wide / tall <= 1.25
            and cv2.contourArea(contour) > 0.85 * (wide - 1) * (tall - 1)
        ):
            found.append(Box(page.number - 1, outer[0] / PX, outer[1] / PX, outer[2] / PX, outer[3] / PX))
    return found


def dotted_lines(page: Page) -> list[Box]:
    """Thin dotted rules that lead across white paper, in mm."""
    ink = (page.image < _FAINT).astype(np.uint8)
    whole = cv2.morphologyEx(ink, cv2.MORPH_CLOSE, np.ones((1, round(_DOT_GAP * PX)), np.uint8))
    long = cv2.morphologyEx(whole, cv2.MORPH_OPEN, np.ones((1, round(_DOTTED * PX)), np.uint8))
    count, _, stats, _ = cv2.connectedComponentsWithStats(np.asarray(long, np.uint8))
    found = []
    for left, top, wide, tall, _ in stats[1:count].tolist():
        dots = float(ink[top : top + tall, left : left + wide].max(0).mean())
        near = [*range(top - 3, top - 1), *range(top + tall + 1, top + tall + 3)]
        around = float(ink[[row for row in near if 0 <= row < len(ink)], left : left + wide].mean())
        if tall <= _HAIRLINE * PX and _DOTS_SHARE[0] < dots < _DOTS_SHARE[1] and around < _WHITE:
            found.append(Box(page.number - 1, left / PX, top / PX, wide / PX, tall / PX))
    return found


def find_underlines(page: Page, cells: list[Box]) -> list[Box]:
    """Rules that belong to no cell, with room to write above them: the room, at most 8 mm high."""
    across, down = rules(page)
    ink = ink_without_rules(page)
    count, _, stats, _ = cv2.connectedComponentsWithStats(across)
    found: list[Box] = []
    for left, top, wide, tall, _ in sorted(stats[1:count].tolist(), key=lambda one: one[1]):
        room = Box(page.number - 1, left / PX, top / PX - _ROOM, wide / PX, _ROOM)
        if wide < 30 * PX or tall > PX or room.top < 0 or any(_edge_of(one, room) for one in cells):
            continue
        reach = round(0.7 * PX)
        ends = [down[max(0, top - reach) : top + reach, max(0, x - reach) : x + reach] for x in (left, left + wide)]
        if any(end.any() for end in ends):
            continue
        if crop(ink, room._replace(top=room.top + 3, height=_ROOM - 3), 0.4).max(0).mean() < 0.6:
            found.append(room)
    return found


def _edge_of(cell: Box, room: Box) -> bool:
    """Whether the rule under the room is an edge of the cell, or lies in it."""
    rule = room.top + room.height
    beside = min(cell.left + cell.width, room.left + room.width) - max(cell.left, room.left)
    return beside > 2 and cell.top - 1 < rule < cell.top + cell.height + 1


def inside(box: Box, point: tuple[float, float]) -> bool:
    """Whether a point in mm lies in a box."""
    return box.left <= point[0] < box.left + box.width and box.top <= point[1] < box.top + box.height
