"""Ink that nobody put into its cell: flecks that lie all over a scan, and what is left of grey rules; and ink so pale that it
may shine through from the other side.  The rest of the page tells: one cell cannot (docs/adr/0037)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ocr.engine import Cut
from ocr.engines.ink import Inks, find_ink
from ocr.engines.parts import SPECK

Bare = Callable[[], Sequence[Cut]]
"""Gives pieces of a page where nobody writes; asked for only where they are needed."""

_LEAST = 12  # bare places from which something can be said of the page
_SPREADS = 2.5  # standard deviations
_REST = 80  # square px: the stroke of a pencilled 1 is more
_DOTS, _OF_DOTS = 4, 0.05  # characters, and their share; faxes that lose none have at most four in a hundred
_ENOUGH = 4  # written cells from which their usual darkness is known
_PALEST, _PALE = 50, 0.35
"""Ink less dark than that (of 255), or than that share of what most ink on the page has, may shine through."""


def pale_ink(inks: Inks) -> NDArray[np.bool_]:
    """Which cells have ink much paler than most on the page."""
    level = inks.level[inks.written]
    usual = np.median(level) if len(level) >= _ENOUGH else 0.0
    return np.asarray(inks.written & (inks.level < max(_PALEST, _PALE * usual)))


def nobodys(inks: Inks, bare: Bare) -> NDArray[np.bool_]:
    """Which cells hold nothing but specks as they lie all over the page, or what the scan shows of a grey rule beside its place."""
    rests = np.asarray(pale_ink(inks) & (inks.amount == 0) & (inks.largest <= _REST), np.bool_)
    doubted = inks.specks & (inks.largest > 0) & (inks.traces | inks.written) & ~rests
    if doubted.any():
        rests |= doubted & _flecks_of(bare()).explain(inks)
    return rests


def loses_strokes(inks: Inks, noise: NDArray[np.bool_]) -> bool:
    """Whether so many characters of the page are dots, few or many, that others may be gone altogether; ``noise``: cells that
    hold none."""
    written = inks.written & ~noise
    dots = np.count_nonzero(written & (inks.specks | inks.torn))
    return bool(dots >= _DOTS and dots > _OF_DOTS * np.count_nonzero(written))


@dataclass(frozen=True, slots=True)
class _Flecks:
    """What flecks come to on a page."""

    share: float
    """Square px of flecks on each square px of bare paper,"""
    spread: float
    """the variance of their sum, on each square px,"""
    largest: float
    """and the largest, square px."""

    def explain(self, inks: Inks) -> NDArray[np.bool_]:
        """Which cells hold no more than so noisy a paper does anywhere."""
        by_chance = self.share * inks.room + _SPREADS * np.sqrt(self.spread * inks.room)
        return np.asarray((inks.largest <= self.largest) & (inks.amount <= by_chance))


def _flecks_of(bare: Sequence[Cut]) -> _Flecks:
    """Of pieces of bare paper; none where there are too few, or where most of them are written on."""
    inks = find_ink(bare)
    clean = inks.largest <= SPECK  # a larger part on bare paper is a stamp, a stain or a note
    if clean.sum() < max(_LEAST, len(bare) / 2):
        return _Flecks(0.0, 0.0, 0.0)
    amount, room = inks.amount[clean], inks.room[clean]
    return _Flecks(
        float(amount.sum() / room.sum()), float((amount**2).sum() / room.sum()), float(inks.largest[clean].max())
    )
