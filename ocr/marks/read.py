"""Which options are marked: ink against the empty form, and each stroke followed to the option it belongs to."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import accumulate
from statistics import median

import numpy as np
from numpy.typing import NDArray

from ocr.ask import Mark, Marks, MarksAsk
from ocr.beside import beside
from ocr.ink.find import dark_pieces, ink_of
from ocr.ink.found import Inked
from ocr.marks.box import BoxInk, boxes_ink
from ocr.marks.judge import Empty, Pen, judge_box
from ocr.marks.strokes import HARD_BY_MM, MARK_MM2
from ocr.marks.word import judge_words
from ocr.page import Sheet
from ocr.reading import Box

_MARGIN_MM = {"box": 3.0, "word": 4.0}
_NEAR_MM = {"box": HARD_BY_MM, "word": 4.0}  # a ring may go wide around its word
_ALIKE = 8  # boxes of one kind that tell how it is without ink
_TOGETHER = 1.15  # boxes are cut as one piece where that costs at most this much more area


@dataclass(frozen=True, slots=True, eq=False)
class _Layout:
    """How the options of a page are cut: the same for every copy of a pile."""

    regions: tuple[Box, ...]
    inside: tuple[tuple[int, ...], ...]
    """The options that lie in each region,"""
    boxes: tuple[tuple[Box, ...], ...]
    """their boxes,"""
    own: tuple[tuple[int, ...], ...]
    """and which of them, by their place among those, are judged there."""
    near_mm: tuple[float, ...]
    """How near ink must come to matter in that region."""
    words: tuple[int, ...]
    """The regions of words; those of checkboxes and bubbles are worked on together:"""
    options: tuple[int, ...]
    """the options that they are,"""
    judged: NDArray[np.int64]
    """their boxes by their numbers through all regions,"""
    among: NDArray[np.int64]
    """and the numbers of all boxes in those regions."""


@dataclass(frozen=True, slots=True)
class _Region:
    """Options that are cut as one piece."""

    box: Box
    shape: str
    covered: float
    """mm² that it would take to cut them one by one, at most its own size."""
    options: tuple[int, ...]
    """In rising order."""

    def joined(self, other: _Region) -> _Region | None:
        """Both as one; None where that costs too much more area."""
        both = _union(self.box, other.box)
        size, covered = both.width * both.height, self.covered + other.covered
        if self.shape != other.shape or size > _TOGETHER * covered:
            return None
        return _Region(both, self.shape, min(covered, size), tuple(sorted(self.options + other.options)))


def begin_marks(sheet: Sheet, groups: Sequence[MarksAsk]) -> Callable[[], list[Marks]]:
    """Begins to read the mark of each option of each group, in their order.  All groups of a page in one call: a stroke that
    leaves one option is known where it ends, and the page's own pen tells light from erased."""
    if not groups:
        return list
    layout = _layout(tuple((box, group.shape) for group in groups for box in group.boxes))
    pieces = beside(dark_pieces, sheet, layout.regions)
    return lambda: _marks(ink_of(sheet, pieces(), layout.regions, layout.boxes, layout.near_mm), layout, groups)


def _marks(ink: Inked, layout: _Layout, groups: Sequence[MarksAsk]) -> list[Marks]:
    marks: list[Mark | None] = [None] * sum(len(group.boxes) for group in groups)
    pieces = [ink.piece(number) for number in layout.words]
    for number, words in zip(layout.words, judge_words(pieces), strict=True):
        for place in layout.own[number]:
            marks[layout.inside[number][place]] = words[place]
    if layout.options:
        inks = boxes_ink(ink, layout.judged, layout.among)
        pen = _pen(inks)
        for option, one in zip(layout.options, inks, strict=True):
            marks[option] = judge_box(one, pen)
    answers = iter(one for one in marks if one is not None)
    return [tuple(next(answers) for _ in group.boxes) for group in groups]


@lru_cache(maxsize=64)
def _layout(options: tuple[tuple[Box, str], ...]) -> _Layout:
    boxes = [box for box, _ in options]
    regions, homes = _regions([(_grown(box, _MARGIN_MM[shape]), shape) for box, shape in options])
    inside = [_within(region, boxes) for region in regions]
    own = [
        tuple(place for place, option in enumerate(among) if homes[option] == number)
        for number, among in enumerate(inside)
    ]
    shapes = [options[homes.index(number)][1] for number in range(len(regions))]
    firsts = list(accumulate(map(len, inside), initial=0))
    of_boxes = [number for number, shape in enumerate(shapes) if shape == "box"]
    return _Layout(
        regions=tuple(regions),
        inside=tuple(inside),
        boxes=tuple(tuple(boxes[one] for one in among) for among in inside),
        own=tuple(own),
        near_mm=tuple(_NEAR_MM[shape] for shape in shapes),
        words=tuple(number for number, shape in enumerate(shapes) if shape == "word"),
        options=tuple(inside[number][place] for number in of_boxes for place in own[number]),
        judged=np.array([firsts[number] + place for number in of_boxes for place in own[number]]),
        among=np.array([one for number in of_boxes for one in range(firsts[number], firsts[number + 1])]),
    )


def _grown(box: Box, by: float) -> Box:
    return Box(box.page, box.left - by, box.top - by, box.width + 2 * by, box.height + 2 * by)


def _regions(areas: Sequence[tuple[Box, str]]) -> tuple[list[Box], list[int]]:
    """Boxes that lie side by side, as one, and rows of them too, so that a stroke from one to another stays whole; and for each
    box the region it went to."""
    regions: list[_Region] = []
    for number, (area, shape) in enumerate(areas):
        one = _Region(area, shape, area.width * area.height, (number,))
        place = 0
        while place < len(regions):
            both = regions[place].joined(one)
            if both is None:
                place += 1
            else:  # larger now, it may take in what came before
                del regions[place]
                one, place = both, 0
        regions.append(one)
    regions.sort(key=lambda region: region.options[0])
    homes = {option: number for number, region in enumerate(regions) for option in region.options}
    return [region.box for region in regions], [homes[option] for option in range(len(areas))]


def _union(one: Box, other: Box) -> Box:
    left, top = min(one.left, other.left), min(one.top, other.top)
    right = max(one.left + one.width, other.left + other.width)
    bottom = max(one.top + one.height, other.top + other.height)
    return Box(one.page, left, top, right - left, bottom - top)


def _within(region: Box, boxes: Sequence[Box]) -> tuple[int, ...]:
    """The boxes that lie in the region, whichever region they were put into."""
    right, bottom = region.left + region.width, region.top + region.height
    return tuple(
        number
        for number, box in enumerate(boxes)
        if box.left >= region.left
        and box.top >= region.top
        and box.left + box.width <= right
        and box.top + box.height <= bottom
    )


def _pen(inks: Sequence[BoxInk]) -> Pen:
    marks = [ink for ink in inks if ink.own_mm2 > MARK_MM2] or [BoxInk(found=True, area=0)]
    empty = [ink for ink in inks if ink.own_mm2 == 0] or [BoxInk(found=True, area=0)]
    kinds: dict[tuple[int, int], list[BoxInk]] = {}
    for ink in empty:
        kinds.setdefault(ink.kind, []).append(ink)
    return Pen(
        dark=median(ink.dark for ink in marks),
        mass=median(ink.mass for ink in marks),
        smudge=median(ink.smudge for ink in empty),
        empty=_usual(empty),
        of_kind={kind: _usual(alike) for kind, alike in kinds.items() if len(alike) >= _ALIKE},
    )


def _usual(inks: Sequence[BoxInk]) -> Empty:
    heavier, middle = median(ink.heavier for ink in inks), median(ink.middle for ink in inks)
    return Empty(
        heavier=heavier,
        spread=median(abs(ink.heavier - heavier) for ink in inks),
        middle=middle,
        middle_spread=median(abs(ink.middle - middle) for ink in inks),
    )
