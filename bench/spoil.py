"""Scanned pages spoiled as they are at a counter: other forms, newer versions, torn, two at once, askew, faint, blank.

Each spoils a page that was already scanned, so that many can be made in little time.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import cv2
import numpy as np

from ocr.form import Form
from ocr.page import MM_PER_INCH, Grey, Page, Sheet
from ocr.register.ink import WORK_PX_PER_MM, moved_by
from ocr.register.landmarks import landmarks_of


@dataclass(frozen=True, eq=False)
class Desk:
    """What lies on the desk: the page to spoil, and others that get in its way."""

    sheet: Sheet
    """The page, as it lies on its form."""
    copy: Page
    """Another copy of the form."""
    stranger: Page
    """A page of another form."""
    free: Sequence[tuple[float, float, float, float]]
    """Places of the form with nothing on them, mm: left, top, width, height."""
    boxes: Sequence[tuple[float, float, float, float]]
    """The form's fields, mm."""

    @property
    def image(self) -> Grey:
        return self.sheet.page.image

    @property
    def px(self) -> float:
        """Pixels a mm."""
        return self.sheet.page.dpi / MM_PER_INCH

    def at(self, *places: tuple[float, float]) -> np.ndarray[tuple[int, ...], np.dtype[np.int32]]:
        """Places on the form (mm) as pixels of the page."""
        return moved_by(self.sheet.transform, np.array(places, float)).round().astype(np.int32)


def _as_large(picture: Grey, desk: Desk) -> Grey:
    return np.asarray(cv2.resize(picture, desk.image.shape[::-1], interpolation=cv2.INTER_AREA), np.uint8)


def _noisy(picture: Grey, rng: random.Random, noise: float) -> Grey:
    grain = np.random.default_rng(rng.randrange(10**6)).normal(0, noise, picture.shape)
    return np.asarray(np.clip(picture + grain, 0, 255), np.uint8)


def _blank(desk: Desk, rng: random.Random) -> Grey:
    paper = np.full_like(desk.image, rng.choice((255, 235, 200)))
    height, width = paper.shape
    if rng.random() < 0.4:
        paper[int(height * rng.uniform(0.2, 0.8)) :][: rng.randint(1, 4)] = 150  # a fold
    if rng.random() < 0.3:
        paper[:, : rng.randint(5, 60)] = 20  # the lid
    if rng.random() < 0.3:
        cv2.circle(paper, (rng.randrange(width), rng.randrange(height)), rng.randint(40, 250), 150, rng.randint(8, 30))
    return _noisy(paper, rng, rng.uniform(0, 8))


def _back(desk: Desk, rng: random.Random) -> Grey:
    soft = cv2.GaussianBlur(desk.image[:, ::-1], (0, 0), rng.uniform(3, 7)).astype(np.float32)
    return _noisy(np.asarray(250 - (250 - soft) * rng.uniform(0.05, 0.15), np.uint8), rng, 2)


def _other(desk: Desk, rng: random.Random) -> Grey:
    return _askew(desk.stranger.image, rng.uniform(-3, 3))


def _faint(desk: Desk, rng: random.Random) -> Grey:
    """The toner ran out, or the lamp: hardly anything can be seen, in a lot of grain."""
    weak = 250 - (250 - desk.image.astype(np.float32)) * rng.uniform(0.04, 0.1)
    return _noisy(np.asarray(weak, np.uint8), rng, rng.uniform(6, 14))


def _torn(desk: Desk, rng: random.Random) -> Grey:
    """A part is gone beyond a ragged line from side to side."""
    height, width = desk.image.shape
    found, keep = desk.image.copy(), rng.uniform(0.35, 0.85)
    down = rng.random() < 0.7
    length, along = (height, width) if down else (width, height)
    ragged = np.cumsum(np.random.default_rng(rng.randrange(10**6)).normal(0, 1.2, along))
    edge = length * keep + ragged + np.linspace(-1, 1, along) * rng.uniform(0, 0.1) * length
    gone = np.arange(length)[:, None] > edge[None]
    gone = gone if down else gone.T
    if rng.random() < 0.5:
        gone = gone[::-1, ::-1]
    found[gone] = rng.choice((255, 245, 60, 20))
    return found


def _corner(desk: Desk, rng: random.Random) -> Grey:
    """A corner is torn off, or folded over, as far as into the form."""
    height, width = desk.image.shape
    x, y = width * rng.uniform(0.3, 0.6), height * rng.uniform(0.25, 0.5)
    corner = np.array([[0, 0], [x, 0], [0, y]], np.float32)
    if rng.random() < 0.5:
        corner[:, 0] = width - 1 - corner[:, 0]
    if rng.random() < 0.5:
        corner[:, 1] = height - 1 - corner[:, 1]
    found = desk.image.copy()
    cv2.fillConvexPoly(found, corner.astype(np.int32), rng.choice((255, 245, 60)))
    start, end = corner[1:].astype(int).tolist()
    cv2.line(found, start, end, 150, rng.randint(2, 6))
    return found


def _over(desk: Desk, picture: Grey, rng: random.Random) -> Grey:
    """Another sheet lies over a part of this one, shifted."""
    height = len(desk.image)
    found, from_ = desk.image.copy(), int(height * rng.uniform(0.15, 0.7))
    lower = np.roll(picture, rng.randint(-80, 80), axis=1)
    found[from_:] = lower[: height - from_]
    found[from_ - 3 : from_] = 150
    return found


def _covered(desk: Desk, rng: random.Random) -> Grey:
    return _over(desk, _as_large(desk.copy.image, desk), rng)


def _covered_by_stranger(desk: Desk, rng: random.Random) -> Grey:
    return _over(desk, _as_large(desk.stranger.image, desk), rng)


def _shows_through(desk: Desk, rng: random.Random) -> Grey:
    below = np.roll(_as_large(desk.copy.image, desk), (rng.randint(60, 900), rng.randint(-200, 200)), (0, 1))
    return np.minimum(desk.image, below)


def _askew(picture: Grey, degrees: float) -> Grey:
    height, width = picture.shape
    turn = cv2.getRotationMatrix2D((width / 2, height / 2), degrees, 1)
    return np.asarray(cv2.warpAffine(picture, turn, (width, height), borderValue=255), np.uint8)


def _turned_far(desk: Desk, rng: random.Random) -> Grey:
    return _askew(desk.image, rng.choice((-1, 1)) * rng.uniform(10, 45))


def _stretched(desk: Desk, rng: random.Random) -> Grey:
    """The feed slipped on the way: from there on the paper is shorter."""
    middle = int(len(desk.image) * rng.uniform(0.25, 0.6))
    lower = desk.image[middle:]
    short = cv2.resize(
        lower, (lower.shape[1], round(len(lower) * rng.uniform(0.9, 0.97))), interpolation=cv2.INTER_AREA
    )
    found = np.full_like(desk.image, 255)
    found[:middle] = desk.image[:middle]
    found[middle : middle + len(short)] = short
    return found


def _rules(picture: Grey, desk: Desk, box: tuple[float, float, float, float], cells: int, dark: int) -> None:
    left, top, width, height = box
    thick = max(1, round(0.25 * desk.px))
    outline = desk.at((left, top), (left + width, top), (left + width, top + height), (left, top + height))
    cv2.polylines(picture, [outline], True, dark, thick, cv2.LINE_AA)
    for cell in range(1, cells):
        x = left + width * cell / cells
        start, end = desk.at((x, top), (x, top + height)).tolist()
        cv2.line(picture, start, end, dark, thick, cv2.LINE_AA)


def _added(desk: Desk, rng: random.Random) -> Grey:
    """The next version asks one thing more, where this one has nothing."""
    left, top, width, height = rng.choice(list(desk.free))
    found, dark = desk.image.copy(), rng.choice((20, 60, 90))
    wide = min(width, rng.uniform(20, 80))
    cells = rng.choice((1, 1, round(wide / 6)))
    _rules(found, desk, (left, top + rng.uniform(0, height - 7), wide, rng.uniform(6, 7)), cells, dark)
    return found


def _moved(desk: Desk, rng: random.Random) -> Grey:
    """The next version has one field elsewhere."""
    left, top, width, height = rng.choice([box for box in desk.boxes if box[2] >= 15])
    low, right = top + height + 1, left + width + 1
    corners = desk.at((left - 1, top - 1), (right, top - 1), (right, low), (left - 1, low))
    field = np.zeros_like(desk.image)
    cv2.fillConvexPoly(field, corners, 255)
    across, down = rng.choice((-12, -8, 8, 12)), rng.choice((-5, -3, 3, 5))
    by = desk.at((left + across, top + down))[0] - desk.at((left, top))[0]
    there = np.array([[1, 0, by[0]], [0, 1, by[1]]], float)
    size = desk.image.shape[::-1]
    piece = cv2.warpAffine(cv2.bitwise_or(desk.image, cv2.bitwise_not(field)), there, size, borderValue=255)
    return np.asarray(np.minimum(cv2.bitwise_or(desk.image, field), piece), np.uint8)


Spoil = Callable[[Desk, random.Random], Grey]
SPOILED: Mapping[str, tuple[Spoil, frozenset[str]]] = {
    "blank": (_blank, frozenset({"blank"})),
    "back": (_back, frozenset({"blank"})),
    "other": (_other, frozenset({"other_form"})),
    "added": (_added, frozenset({"other_version"})),
    "moved": (_moved, frozenset({"other_version"})),
    "torn": (_torn, frozenset({"torn"})),
    "corner": (_corner, frozenset({"torn"})),
    "covered": (_covered, frozenset({"double_fed"})),
    "covered_by_other": (_covered_by_stranger, frozenset({"double_fed", "unclear", "other_form"})),
    "shows_through": (_shows_through, frozenset({"double_fed"})),
    "turned_far": (_turned_far, frozenset({"turned"})),
    "stretched": (_stretched, frozenset({"damaged"})),
    "faint": (_faint, frozenset({"blank", "faint"})),
}
"""How each kind is made, and what it may be refused as."""


def spoiled(kind: str, desk: Desk, rng: random.Random) -> Page:
    """The page of the desk, spoiled."""
    return replace(desk.sheet.page, image=SPOILED[kind][0](desk, rng), source=f"{kind}.png", number=1)


def free_places(form: Form) -> list[tuple[float, float, float, float]]:
    """Places of at least 30 × 9 mm on a form's first page where nothing is printed and nobody writes."""
    sums = cv2.integral(1 - landmarks_of(form, 0).free)
    found = []
    for width, height in ((120, 12), (80, 10), (50, 9), (30, 9)):
        for top in range(20, 275 - height, 3):
            for left in range(20, 190 - width, 5):
                x, y, right, low = (round(mm * WORK_PX_PER_MM) for mm in (left, top, left + width, top + height))
                if sums[low, right] - sums[y, right] - sums[low, x] + sums[y, x] == 0:
                    found.append((float(left), float(top), float(width), float(height)))
    return found
