"""Where a field's label goes: left of it, else above it, always clear of everything else."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ocr.draw.font import MM_PER_POINT, width_mm
from ocr.draw.paper import Paper, Rect, overlap, text_rect
from ocr.field import around
from ocr.reading import Box

_SIZES = (9.0, 8.0, 7.0, 6.0)
_GAP = 1.5
MARGIN = 8.0
"""Nothing is printed nearer the paper's edge, mm."""


def draw_label(paper: Paper, words: str, boxes: Sequence[Box]) -> None:
    """Prints the label at the first place that is free: left, above, at the right, smaller and smaller;
    none where it is nothing but space."""
    if not words.strip():
        return
    whole = around(boxes)
    for points in _SIZES:
        for left, base in _places(words, boxes[0], whole, points):
            rect = text_rect(words, left, base, points)
            if _free(paper, rect):
                paper.text(words, left, base, points)
                return


def _places(words: str, first: Box, whole: Box, points: float) -> Iterator[tuple[float, float]]:
    wide, size = width_mm(words, points), points * MM_PER_POINT
    middle = first.top + first.height / 2 + size * 0.36
    yield whole.left - _GAP - wide, middle
    yield whole.left, whole.top - _GAP
    yield whole.left + whole.width + _GAP, middle
    yield whole.left, whole.top + whole.height + _GAP + size


def _free(paper: Paper, rect: Rect) -> bool:
    width, height = paper.size
    inside = rect[0] >= MARGIN and rect[1] >= MARGIN and rect[2] <= width - MARGIN and rect[3] <= height - MARGIN
    return inside and not any(overlap(rect, other) for other in paper.taken)
