"""What the piles of scans have in common: which sheet is in which file, and how it was scanned."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from practice.paper.pen import BALL, BLUE, PENCIL, THICK, Pen
from practice.paper.scan import Scan

FILES = (
    *(f"{number:02}.jpg" for number in range(1, 5)),
    *["05-12.pdf"] * 8,
    *["13-24.tif"] * 12,
    *(f"{number:02}.jpg" for number in range(25, 31)),
)
"""The file of each sheet; several sheets of one file are its pages."""
PENS: tuple[Pen, ...] = (BALL, BALL, BLUE, BALL, PENCIL, BALL, THICK)
FACES = ("yomogi", "kurenaido", "seto", "yomogi", "slackside")


def any_scan(rng: np.random.Generator, *, steep: bool) -> Scan:
    """A sheet of a pile at 200 dpi: ``steep`` lies up to 3° askew, others up to 1°."""
    tilt = float(rng.uniform(-3, 3))
    return Scan(
        tilt=tilt if steep else tilt / 3,
        scale=float(rng.uniform(0.994, 1.006)),
        shift=(float(rng.uniform(-2, 2)), float(rng.uniform(-2, 2))),
        blur=float(rng.uniform(0.4, 0.8)),
        white=float(rng.uniform(238, 250)),
        black=float(rng.uniform(15, 45)),
        quality=42,
    )


def pile_scan(number: int, rng: np.random.Generator) -> Scan:
    """How the sheet of FILES was scanned: by the copier, in a PDF, by fax."""
    how = any_scan(rng, steep=number % 4 == 0)
    if FILES[number].endswith(".tif"):
        return replace(how, fax=True, tilt=how.tilt / 2)
    if number == 27:
        return replace(how, coffee=True, dpi=150)
    if number == 28:
        return replace(how, turned=180, dpi=150)
    return how if number < 4 else replace(how, dpi=150, quality=45)
