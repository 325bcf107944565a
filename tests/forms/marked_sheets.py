"""Sheets to be marked, for tests: rows of boxes and words, what a pen leaves on them, and what is read of it."""

from __future__ import annotations

from collections.abc import Sequence

from bench.marks_paper import Drawing, Points, Scan
from ocr.ask import Mark, Marks, MarksAsk
from ocr.marks.read import begin_marks
from ocr.reading import Box

SCANS = {
    "plain": Scan(),
    "coarse": Scan(dpi=150, tilt=2.5, misfit_mm=0.3, paper=225, noise=5, jpeg=60),
    "fine": Scan(dpi=300, tilt=-3, misfit_mm=0.3, stain=0.2),
    "fax": Scan(fax=True, misfit_mm=0.2, tilt=1),
    "thick print": Scan(thicken_mm=0.08, misfit_mm=0.3),
}


def boxes(drawing: Drawing, count: int = 4, side: float = 3.5, pitch: float = 25, top: float = 30) -> MarksAsk:
    row = tuple(Box(0, 20 + n * pitch, top, side, side) for n in range(count))
    for one in row:
        drawing.box(one, side < 3)
    drawing.groups.append(MarksAsk(row, "box"))
    return drawing.groups[-1]


def words(drawing: Drawing, *texts: str, top: float = 60) -> MarksAsk:
    left, row = 30.0, []
    for text in texts:
        row.append(drawing.word(text, left, top, 3.5))
        left = row[-1].left + row[-1].width + 3
    drawing.groups.append(MarksAsk(tuple(row), "word"))
    return drawing.groups[-1]


def ink(drawing: Drawing, *ways: list[Points], darkness: float = 0.0) -> None:
    for way in ways:
        for stroke in way:
            drawing.stroke(stroke, darkness)


def read(drawing: Drawing, scan: Scan | None = None) -> list[Marks]:
    return begin_marks(drawing.scanned(scan or Scan()), drawing.groups)()


def states(marks: Sequence[Mark]) -> list[str]:
    return [mark.state for mark in marks]
