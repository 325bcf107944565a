"""The pieces of a page with the ink that was found on them: side by side for the many, one by one for the few."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ocr.ink.align import Window
from ocr.page import Grey
from ocr.windows import Bools, Numbers, Windows

Floats = NDArray[np.float64]

PALEST = 55
"""Of 255: pencil is darker than this; what shines through from the paper's other side is not."""


@dataclass(frozen=True, slots=True, eq=False)
class Place:
    """One box of a form within a piece."""

    window: Window
    """Rows and columns of the box in the piece."""
    found: float
    """0 to 1: how much of what the blank prints in and around the box the scan shows there too."""
    printed: bool
    """Whether the blank prints anything there that could be looked for."""


@dataclass(frozen=True, slots=True, eq=False)
class Piece:
    """A piece of a page with the ink on it; pictures of one shape, PX_PER_MM."""

    dark: Grey
    """How dark, 0 for the paper to 255."""
    blank: Grey
    """The same of the empty form, its print where the scan has it."""
    printed: Grey
    """255 where the print may hide ink."""
    strokes: NDArray[np.int32]
    """The number of the stroke (what hangs together) at each pixel; 0 for none."""
    count: int
    """More than the highest number of a stroke."""
    places: tuple[Place, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Side:
    """All pieces side by side; pictures of one shape, PX_PER_MM."""

    scan: Grey
    """How dark, 0 for the paper to 255."""
    blank: Grey
    """The same of the empty form, its print where the scan has it."""
    boxed: Grey
    """255 where the boxes of the form are."""
    at: Sequence[Window]
    """Where each piece lies."""
    pieces: Sequence[range]
    """The numbers of the boxes of each."""
    boxes: Windows
    """Where each box lies,"""
    limits: Windows
    """and the piece that it lies in."""


@dataclass(frozen=True, slots=True, eq=False)
class Inked:
    """The ink on all pieces; strokes are numbered through all of them, and none reaches from one piece to another."""

    side: Side
    strokes: NDArray[np.int32]
    """The number of the stroke (what hangs together) at each pixel; 0 for none."""
    areas: Numbers
    """Of each stroke, by its number: px,"""
    middles: Floats
    """and its mean row and column."""
    inked: Grey
    """255 where there is ink, dust and all."""
    bare: Grey
    """Darkness beyond the blank's print, ink or not, 0 to 255, noise and smudges and all."""
    printed: Grey
    """255 where the print may hide ink."""
    found: Floats
    """Of each box, 0 to 1: how much of what the blank prints in and around it the scan shows there too,"""
    looked_for: Bools
    """and whether the blank prints anything there that could be looked for."""
    heavier: Floats
    """How much darker each whole box is than on the blank, 0 to 255; below 0 where it is paler."""

    def piece(self, number: int) -> Piece:
        """One of the pieces by itself."""
        rows, columns = at = self.side.at[number]
        places = []
        for box in self.side.pieces[number]:
            top, bottom, left, right = (int(edge[box]) for edge in self.side.boxes.edges)
            window = slice(top - rows.start, bottom - rows.start), slice(left - columns.start, right - columns.start)
            places.append(Place(window, float(self.found[box]), bool(self.looked_for[box])))
        side = self.side
        return Piece(side.scan[at], side.blank[at], self.printed[at], self.strokes[at], len(self.areas), tuple(places))
