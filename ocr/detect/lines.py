"""The printed lines of an empty form: characters where their ink is, cut into words at cells and wide gaps."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise

import numpy as np

from ocr.detect.rules import Mask, crop, inside
from ocr.detect.words import PX, Run, Sign, beside
from ocr.reading import Box

_APART = 1.3
"""Characters farther apart than this many of their heights belong to different words."""
_APART_IN_CHOICE = 0.75
"""The same where the words between dots are to be chosen from: a label stands right before the first of them."""
_TALLEST = 6.0
"""Gaps are judged by the height of the print, of which OCR's boxes may be far larger, mm."""
_BREAK = 0.4
"""Each character stands by itself where the gaps are wider than this many of their heights."""
_CLEAR = 1.0
"""No gap within a printed character or between neighbours in a word is as wide, mm."""
_TIGHT = 0.56
"""A dot in a name is nearer than this many widths of a character to what stands beside it (its own room is 0.45)."""
LONGEST_TIGHT, LONGEST_SPACED = 4, 6
"""No more characters are a word to be circled, where its dots stand tight and where they stand apart."""
_FARTHEST = 3.0
"""OCR is wrong by no more than this, mm."""
DOTS = ("・", "·")
_DOT_OUTSIDE = re.compile("^[^（(]*[・·]")
"""What stands in brackets explains."""
_DOT_GAP = 8.5
"""Words this near a dot belong to it, mm."""


def fitted(run: Run, ink: Mask) -> Run:
    """The run's characters where their ink is: OCR spreads those that stand far apart over the gaps between them."""
    box = run.box
    left = box.left - 1
    columns = np.flatnonzero(crop(ink, box._replace(left=left, width=box.width + 2), 0).max(0))
    if not len(columns):
        return run
    gaps = np.diff(columns)
    breaks = np.flatnonzero(gaps > _BREAK * min(box.height, _TALLEST) * PX)
    starts, ends = columns[np.r_[0, breaks + 1]], columns[np.r_[breaks, len(columns) - 1]]
    if len(starts) == len(run.signs):
        parts = [[sign] for sign in run.signs]
    else:
        clear = [
            (left + float(columns[at]) / PX, left + float(columns[at + 1]) / PX)
            for at in np.flatnonzero(gaps > _CLEAR * PX)
        ]
        parts, cuts = _parted(run.signs, clear)
        starts = np.array([columns[0], *((end - left) * PX for _, end in cuts)])
        ends = np.array([*((start - left) * PX for start, _ in cuts), columns[-1]])
    spans = [(left + one / PX, left + (end + 1) / PX) for one, end in zip(starts.tolist(), ends.tolist(), strict=True)]
    free = len(starts) == len(run.signs)
    return Run(
        tuple(sign for part, span in zip(parts, spans, strict=True) for sign in _moved(part, *span, freely=free))
    )


def _parted(
    signs: Sequence[Sign], gaps: Sequence[tuple[float, float]]
) -> tuple[list[list[Sign]], list[tuple[float, float]]]:
    """The characters parted at the gaps of the ink that lie between the middles of two of them, and those gaps."""
    parts, cuts = [[signs[0]]], []
    for before, sign in pairwise(signs):
        between = [gap for gap in gaps if before.middle[0] < (gap[0] + gap[1]) / 2 < sign.middle[0]]
        if between:
            cuts.append(max(between, key=lambda gap: gap[1] - gap[0]))
            parts.append([sign])
        else:
            parts[-1].append(sign)
    return parts, cuts


def _moved(signs: list[Sign], start: float, end: float, *, freely: bool) -> list[Sign]:
    """The characters stretched to reach from start to end; as they are where that is too far away to be theirs."""
    first, last = signs[0].box.left, signs[-1].box.left + signs[-1].box.width
    if not freely and max(abs(first - start), abs(last - end)) > _FARTHEST:
        return signs
    scale = (end - start) / max(last - first, 0.1)
    return [
        Sign(sign.text, sign.box._replace(left=start + (sign.box.left - first) * scale, width=sign.box.width * scale))
        for sign in signs
    ]


def by_cell(run: Run, boxes: Sequence[Box]) -> list[tuple[int, list[Sign]]]:
    """The run's characters, those of one cell together; -1 outside all cells."""
    parts: list[tuple[int, list[Sign]]] = []
    for sign in run.signs:
        number = next((place for place, box in enumerate(boxes) if inside(box, sign.middle)), -1)
        if parts and parts[-1][0] == number:
            parts[-1][1].append(sign)
        else:
            parts.append((number, [sign]))
    return parts


def words(signs: Sequence[Sign]) -> list[Run]:
    """The characters of one line, parted where there is room between them; before and after a choice less is enough."""
    found: list[Run] = []
    for part in _cut(signs, _APART, dots=True):
        if _DOT_OUTSIDE.search("".join(sign.text for sign in part)):
            pieces = [one for piece in _cut(part, _APART_IN_CHOICE, dots=False) for one in _label_off(piece)]
            found += [Run(tuple(piece)) for piece in pieces]
        else:
            found.append(Run(tuple(part)))
    return found


def _label_off(signs: list[Sign]) -> list[list[Sign]]:
    """A choice, and the next one's label that stands so near its last word that only the widest gap parts them."""
    last_dot = max((place for place, sign in enumerate(signs) if sign.text in DOTS), default=len(signs))
    if len(signs) - last_dot - 1 <= LONGEST_SPACED or tight(Run(tuple(signs))):
        return [signs]
    cut = max(range(last_dot + 2, len(signs)), key=lambda place: gap(signs[place - 1].box, signs[place].box))
    return [signs[:cut], signs[cut:]] if gap(signs[cut - 1].box, signs[cut].box) >= _CLEAR else [signs]


def _cut(signs: Sequence[Sign], apart: float, *, dots: bool) -> list[list[Sign]]:
    """The characters parted at gaps of so many heights; beside a dot only where ``dots``."""
    groups = [[signs[0]]]
    for before, sign in pairwise(signs):
        beside_dot = before.text in DOTS or sign.text in DOTS
        if gap(before.box, sign.box) > apart * min(sign.box.height, _TALLEST) and (dots or not beside_dot):
            groups.append([sign])
        else:
            groups[-1].append(sign)
    return groups


def joined(runs: Sequence[Run]) -> list[Run]:
    """Words with a ・ between them, however far apart, as the one choice that they are."""
    found: list[Run] = []
    for run in sorted(runs, key=lambda one: (round(one.box.top / 3), one.box.left)):
        last = found[-1] if found else None
        dot = last is not None and (run.text[0] in DOTS or last.text[-1] in DOTS)
        if last and dot and beside(last.box, run.box) and 0 <= gap(last.box, run.box) < _DOT_GAP:
            found[-1] = Run((*last.signs, *run.signs))
        else:
            found.append(run)
    return found


def tight(run: Run) -> bool:
    """Whether a dot stands as near to the words beside it as within a name, and not as between words to be circled."""
    near = [gap(one.box, other.box) for one, other in pairwise(run.signs) if {one.text, other.text} & set(DOTS)]
    return bool(near) and min(near) < _TIGHT * max(sign.box.width for sign in run.signs)


def wide(before: Box, after: Box) -> bool:
    """Whether there is more room between two characters of a choice than within a word."""
    return gap(before, after) > _APART_IN_CHOICE * min(after.height, _TALLEST)


def far(before: Box, after: Box) -> bool:
    """Whether two characters belong to different words."""
    return gap(before, after) > _APART * min(after.height, _TALLEST)


def gap(before: Box, after: Box) -> float:
    """From the right end of one box to the left end of another, mm."""
    return after.left - before.left - before.width
