"""What of an empty form can be found again on a scan; worked out once a form and process."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

import cv2
import numpy as np
from numpy.typing import NDArray

from ocr.form import Form
from ocr.page import Grey
from ocr.register.frames import AROUND_MM, Frames, frames_of
from ocr.register.ink import BLOCK, INK, WORK_PX_PER_MM, Points, ink_of, mm_to_work, moved_by, per_block, pixels_of
from ocr.register.markers import MARK_MM, blank_marks
from ocr.register.sums import Spots
from ocr.register.words import Words, words_of

PATCH = 36
"""Side of a patch in pixels of the ink, 9 mm."""
REACH = 6
"""Pixels of ink a patch may lie off before the fine correction: 1.5 mm."""
WINDOW = 48
"""Pixels of ink, 12 mm: the neighbourhood in which lost print is counted."""
_ENOUGH = 64
_ALONE = 0.75
_APART = 33
_LEAST_TEXTURE = 0.02
_FEATURES = 2000
EDGE_MM = 8.0
_AROUND_MM = 2.0
_SAME = 0.2
_TINT, _NEAR = 25, 9
_CELL_MM = 30.0
_RULE = 28  # pixels, 7 mm: longer than any stroke of a letter
_BAR, _STRAIGHT = 3, 0.6  # pixels; of its rectangle
_THICK = 5  # pixels: no hairline is


@dataclass(frozen=True, slots=True, eq=False)
class Landmarks:
    """Of one empty page, in pixels of its ink."""

    ink: Grey
    print_: NDArray[np.bool_]
    """Pixels that are print."""
    patches: NDArray[np.int32]
    """Left and top of each patch that can only lie in one place."""
    few: NDArray[np.int32]
    """Some of them, all over the page: enough to place it by."""
    words: Words
    printed: Spots
    """The pixels that are print; their windows are neighbourhoods of 12 mm."""
    printed_sums: NDArray[np.float32]
    paleness: NDArray[np.float32]
    """Of each of those pixels, its ink against the usual of them, at most 1: hairlines are paler than letters."""
    frames: Frames
    free: Grey
    """1 away from all print, the faintest tint too, from the fields and from the paper's edge: ink there is news."""
    bare: Grey
    """The same without the cells that the form's rules close in: people fill in those too that no field asks for."""
    open: NDArray[np.bool_]
    """Blocks that are bare for more than a third."""
    symmetric: bool
    """Upside down it looks the same: without marks nothing tells which way it lies."""
    marks: Points | None
    """The corner marks in mm."""
    keypoints: NDArray[np.float32]
    descriptors: NDArray[np.uint8]


@lru_cache(maxsize=128)
def landmarks_of(form: Form, page_index: int) -> Landmarks:
    """The landmarks of an empty page, worked out once for each Form object."""
    ink = ink_of(form.blanks[page_index])
    keypoints, descriptors = features_of(ink.image)
    marks = blank_marks(ink)
    written = _written(form, page_index, ink.image.shape)
    free = _free(ink.image, written)
    bare = np.asarray(free & ~_cells(ink.image), np.uint8)
    print_ = _print(ink.image, marks)
    printed = Spots.of(print_, WINDOW // 4, 4)
    printed_ink = printed.values(ink.image).astype(np.float32)
    patches = _patches(ink.image)
    return Landmarks(
        ink=ink.image,
        print_=print_,
        patches=patches,
        few=_spread(patches),
        words=words_of(form, page_index, _letters(ink.image, print_)),
        printed=printed,
        printed_sums=printed.sums(),
        paleness=np.minimum(printed_ink / max(float(np.median(printed_ink)) if len(printed_ink) else 1.0, 1.0), 1),
        frames=frames_of(_boxes(form, page_index, AROUND_MM), print_),
        free=free,
        bare=bare,
        open=per_block(bare > 0) > BLOCK**2 / 3,
        symmetric=_symmetric(ink.image, print_),
        marks=marks,
        keypoints=keypoints,
        descriptors=descriptors,
    )


def _spread(patches: NDArray[np.int32]) -> NDArray[np.int32]:
    """As many patches as are enough, each as far from the others as can be."""
    if len(patches) <= _ENOUGH:
        return patches
    chosen, far = [0], np.full(len(patches), np.inf)
    while len(chosen) < _ENOUGH:
        far = np.minimum(far, np.abs(patches - patches[chosen[-1]]).max(axis=1))
        chosen.append(int(far.argmax()))
    return patches[chosen]


def _letters(ink: Grey, print_: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Where print is, but no rule: hairlines come out strong or faint, letters come out as they are."""
    faint = np.asarray(ink > _TINT, np.uint8)
    # A shaded cell and a black square are no rules, nor is what is printed on them.
    thick = np.asarray(cv2.morphologyEx(faint, cv2.MORPH_OPEN, np.ones((_THICK, _THICK), np.uint8)), np.uint8)
    rules = np.maximum(_rules(print_.astype(np.uint8)), _rules(faint & ~thick))
    bars = _bars(np.where(rules > 0, 0, faint).astype(np.uint8), rules)
    return np.asarray(print_ & ~((rules > 0) | bars))


def _rules(inked: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """1 on what is longer than any stroke of a letter, and hard by it."""
    across = cv2.morphologyEx(inked, cv2.MORPH_OPEN, np.ones((1, _RULE), np.uint8))
    down = cv2.morphologyEx(inked, cv2.MORPH_OPEN, np.ones((_RULE, 1), np.uint8))
    return np.asarray(cv2.dilate(np.maximum(across, down), np.ones((3, 3), np.uint8)), np.uint8)


def _bars(rest: NDArray[np.uint8], rules: NDArray[np.uint8]) -> NDArray[np.bool_]:
    """Straight bars from one rule to the next, as between the cells of a row: they are rules too."""
    _, labels, parts, _ = cv2.connectedComponentsWithStats(rest, connectivity=8)
    known = np.zeros(len(parts), np.bool_)
    for number, (left, top, width, height, area) in enumerate(parts.tolist()):
        right, bottom, thick, long = left + width, top + height, min(width, height), max(width, height)
        if thick > _BAR or long < 2 * thick or area < _STRAIGHT * thick * long:
            continue
        ends = (
            (rules[max(0, top - 1) : top, left:right], rules[bottom : bottom + 1, left:right])
            if height > width
            else (rules[top:bottom, max(0, left - 1) : left], rules[top:bottom, right : right + 1])
        )
        known[number] = all(end.any() for end in ends)
    return np.asarray(known[labels], np.bool_)


def _symmetric(ink: Grey, print_: NDArray[np.bool_]) -> bool:
    upside_down = cv2.dilate(cv2.rotate(ink, cv2.ROTATE_180), np.ones((5, 5), np.uint8)) > INK
    return bool(np.count_nonzero(print_ & ~upside_down) < _SAME * np.count_nonzero(print_))


def _written(form: Form, page_index: int, shape: tuple[int, ...]) -> NDArray[np.uint8]:
    """1 where people write: the fields and a little around them."""
    written = np.zeros(shape, np.uint8)
    for box in _boxes(form, page_index, _AROUND_MM):
        written[box] = 1
    return written


def _boxes(form: Form, page_index: int, around_mm: float) -> Iterator[tuple[slice, slice]]:
    """Rows and columns of each field with a little around it."""
    for field in form.fields:
        for _, box in field.kind.boxes(field.params):
            if box.page == page_index:
                yield pixels_of(box, WORK_PX_PER_MM, around_mm)


def features_of(ink: Grey) -> tuple[NDArray[np.float32], NDArray[np.uint8]]:
    """Places (n × 2) and descriptors (n × 32) of a picture's corners."""
    orb = cv2.ORB.create(_FEATURES, scaleFactor=1.3, nlevels=4, edgeThreshold=15, fastThreshold=20)
    keypoints, descriptors = orb.detectAndCompute(cv2.bitwise_not(ink), None)
    if descriptors is None:
        return np.zeros((0, 2), np.float32), np.zeros((0, 32), np.uint8)
    return np.array([one.pt for one in keypoints], np.float32), np.asarray(descriptors, np.uint8)


def _print(ink: Grey, marks: Points | None) -> NDArray[np.bool_]:
    """Where the form's own print must be seen: not at the very edge, which scanners cut, and not the marks themselves."""
    edge = round(EDGE_MM * WORK_PX_PER_MM)
    print_ = np.zeros(ink.shape, np.bool_)
    print_[edge:-edge, edge:-edge] = ink[edge:-edge, edge:-edge] > INK
    half = round(MARK_MM * WORK_PX_PER_MM)
    for x, y in [] if marks is None else moved_by(mm_to_work(), marks).round().astype(int):
        print_[max(0, y - half) : y + half, max(0, x - half) : x + half] = False
    return print_


def _free(ink: Grey, written: NDArray[np.uint8]) -> Grey:
    own = cv2.dilate((ink > _TINT).astype(np.uint8), np.ones((_NEAR, _NEAR), np.uint8))
    free = np.zeros_like(own)
    edge = round(EDGE_MM * WORK_PX_PER_MM)
    inside = np.s_[edge:-edge, edge:-edge]
    free[inside] = 1 - np.maximum(own, written)[inside]
    return np.asarray(free, np.uint8)


def _cells(ink: Grey) -> NDArray[np.bool_]:
    """What the form's rules close in, if it is no larger than a place to write into."""
    walls = cv2.dilate((ink > _TINT).astype(np.uint8), np.ones((3, 3), np.uint8))
    _, labels, parts, _ = cv2.connectedComponentsWithStats(1 - walls, connectivity=4)
    cells = np.minimum(parts[:, cv2.CC_STAT_WIDTH], parts[:, cv2.CC_STAT_HEIGHT]) <= _CELL_MM * WORK_PX_PER_MM
    cells[0] = False
    return np.asarray(cells[labels], np.bool_)


def _patches(ink: Grey) -> NDArray[np.int32]:
    """Places whose ink runs in two directions, so that a shift either way is seen; the strongest of each neighbourhood."""
    soft = ink.astype(np.float32) / 255
    across, down = cv2.Sobel(soft, cv2.CV_32F, 1, 0), cv2.Sobel(soft, cv2.CV_32F, 0, 1)
    sigma = PATCH / 5
    xx, yy, xy = (cv2.GaussianBlur(one, (0, 0), sigma) for one in (across**2, down**2, across * down))
    least = (xx + yy) / 2 - np.sqrt(((xx - yy) / 2) ** 2 + xy**2)
    half = PATCH // 2
    places: list[tuple[int, int]] = []
    inside = np.zeros_like(least)
    inside[half:-half, half:-half] = least[half:-half, half:-half]
    peaks = np.argwhere((inside > _LEAST_TEXTURE) & (inside >= cv2.dilate(inside, np.ones((_APART, _APART), np.uint8))))
    for y, x in peaks:
        if all(max(abs(x - half - left), abs(y - half - top)) > _APART // 2 for left, top in places):
            places.append((int(x) - half, int(y) - half))
    return np.array([place for place in places if _alone(ink, place)], np.int32).reshape(-1, 2)


def _alone(ink: Grey, place: tuple[int, int]) -> bool:
    """Whether a patch looks like nothing else within reach: the cells of a grid and dotted rules look like each other."""
    wide = cv2.copyMakeBorder(ink, REACH, REACH, REACH, REACH, cv2.BORDER_CONSTANT, value=0)
    x, y = place
    window = wide[y : y + PATCH + 2 * REACH, x : x + PATCH + 2 * REACH]
    alike = cv2.matchTemplate(window, ink[y : y + PATCH, x : x + PATCH], cv2.TM_CCOEFF_NORMED)
    alike[REACH - 2 : REACH + 3, REACH - 2 : REACH + 3] = 0
    return float(alike.max()) < _ALONE


def mm_between(first: Points, second: Points) -> NDArray[np.float64]:
    """Distances between pixels of ink, in mm."""
    return np.asarray(np.linalg.norm(first - second, axis=1) / WORK_PX_PER_MM, np.float64)
