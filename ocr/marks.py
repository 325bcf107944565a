"""Which options are marked: ink against the empty form, and each stroke followed to the option it belongs to."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ocr.ask import Mark, Marks, MarksAsk
from ocr.ink import pieces_of
from ocr.marks_box import MARK_MM2, BoxInk, box_ink, table_of
from ocr.marks_judge import Pen, judge_box
from ocr.marks_word import judge_words
from ocr.page import Sheet
from ocr.reading import Box

_MARGIN_MM = {"box": 3.0, "word": 4.0}
_TOGETHER = 1.15  # boxes are cut as one piece where that costs at most this much more area


def read_marks(sheet: Sheet, groups: Sequence[MarksAsk]) -> list[Marks]:
    """The mark of each option of each group, in their order.  All groups of a page in one call: a stroke that leaves
    one option is known where it ends, and the page's own pen tells light from erased."""
    options = [(box, group.shape) for group in groups for box in group.boxes]
    if not options:
        return []
    boxes = [box for box, _ in options]
    regions, homes = _regions([(_grown(box, _MARGIN_MM[shape]), shape) for box, shape in options])
    inside = [_within(region, boxes) for region in regions]
    pieces = pieces_of(sheet, regions, [[boxes[one] for one in among] for among in inside])
    marks: list[Mark | None] = [None] * len(options)
    inks: dict[int, BoxInk] = {}
    for number, (piece, among) in enumerate(zip(pieces, inside, strict=True)):
        mine = [place for place, option in enumerate(among) if homes[option] == number]
        if options[among[mine[0]]][1] == "box":
            table = table_of(piece)
            inks |= {among[place]: box_ink(piece, place, table) for place in mine}
        else:
            words = judge_words(piece)
            for place in mine:
                marks[among[place]] = words[place]
    pen = _pen(list(inks.values()))
    for option, ink in inks.items():
        marks[option] = judge_box(ink, pen)
    answers = iter(one for one in marks if one is not None)
    return [tuple(next(answers) for _ in group.boxes) for group in groups]


def _grown(box: Box, by: float) -> Box:
    return Box(box.page, box.left - by, box.top - by, box.width + 2 * by, box.height + 2 * by)


def _regions(areas: Sequence[tuple[Box, str]]) -> tuple[list[Box], list[int]]:
    """Boxes that lie side by side, as one; and for each box the region it went to."""
    regions: list[tuple[Box, str, float]] = []
    homes = []
    for area, shape in areas:
        size = area.width * area.height
        for number, (region, kind, covered) in enumerate(regions):
            both = _union(region, area)
            if kind == shape and both.width * both.height <= _TOGETHER * (covered + size):
                regions[number] = (both, shape, min(covered + size, both.width * both.height))
                homes.append(number)
                break
        else:
            regions.append((area, shape, size))
            homes.append(len(regions) - 1)
    return [region for region, _, _ in regions], homes


def _union(one: Box, other: Box) -> Box:
    left, top = min(one.left, other.left), min(one.top, other.top)
    right = max(one.left + one.width, other.left + other.width)
    bottom = max(one.top + one.height, other.top + other.height)
    return Box(one.page, left, top, right - left, bottom - top)


def _within(region: Box, boxes: Sequence[Box]) -> list[int]:
    """The boxes that lie in the region, whichever region they were put into."""
    at = np.array([box[1:] for box in boxes])
    end = at[:, :2] + at[:, 2:]
    good = (at[:, 0] >= region.left) & (at[:, 1] >= region.top)
    good &= (end[:, 0] <= region.left + region.width) & (end[:, 1] <= region.top + region.height)
    return [int(one) for one in np.flatnonzero(good)]


def _pen(inks: Sequence[BoxInk]) -> Pen:
    marks = [ink for ink in inks if ink.own_mm2 > MARK_MM2] or [BoxInk(found=True, area=0)]
    empty = [ink for ink in inks if ink.own_mm2 == 0] or [BoxInk(found=True, area=0)]
    heavier = np.array([ink.heavier for ink in empty])
    return Pen(
        dark=float(np.median([ink.dark for ink in marks])),
        mass=float(np.median([ink.mass for ink in marks])),
        smudge=float(np.median([ink.smudge for ink in empty])),
        heavier=float(np.median(heavier)),
        spread=float(np.median(abs(heavier - np.median(heavier)))),
    )
