"""Whether a page that was laid upon an empty form is that form: its own print must be found, everywhere, at its place."""

from __future__ import annotations

from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from ocr.page import Grey, Page
from ocr.register.frames import lost_field, moved_end
from ocr.register.ink import WORK_PX_PER_MM, Ink, Matrix, Points, inverse, mm_to_work, moved_by
from ocr.register.landmarks import PATCH, REACH, Landmarks, mm_between
from ocr.register.words import other_words

_FOUND = 0.5
_LEAST_FOUND = 8
_STILL = 0.4  # pixels: a smaller correction is not worth sampling the page again
_SHOWS = 0.35  # of the usual darkness of this page's print
_ALIKE = 0.65
_MOVED, _FAR = 0.5, 60  # pixels, 15 mm
_LOST_SHARE, _LOST_HERE, _LOST_FIELD = 0.1, 0.75, 0.12
_LOST_FIELD_BILEVEL = 0.4  # of a box that was moved by a fifth of its side more is lost
_LEAST_PRINT = 40  # pixels of print in a window for it to count


@dataclass(frozen=True, slots=True, eq=False)
class Laid:
    """A way the page can lie, corrected by its print, and what speaks for it."""

    way: Matrix
    """mm on the form → pixels of the page's ink."""
    residual_mm: float
    """95th percentile over the patches; infinite where too few were found."""
    over: Grey
    """The page's ink where the blank has its own."""
    lost: NDArray[np.bool_]
    """Pixels of the blank's print that the page does not show."""
    lost_share: float
    lost_here: float
    """The largest share of print lost in one window."""
    lost_field: float
    """The largest share of the print of a field's frame that is lost."""
    moved_end: bool
    """Whether such a frame ends elsewhere."""
    bilevel: bool
    """Whether the page is of nothing but black and white, which takes a part of the thin rules of a frame here and there."""
    other_at: tuple[float, float] | None
    """Where on the form (mm) other words stand than its own; not looked at where much is lost."""

    @property
    def lost_much(self) -> bool:
        """Whether print is missing that the form has: on the whole, all of it in one place, or a field's frame."""
        most = _LOST_FIELD_BILEVEL if self.bilevel else _LOST_FIELD
        lost = self.lost_share > _LOST_SHARE or self.lost_here > _LOST_HERE or self.lost_field > most
        return lost or self.moved_end

    @property
    def stands(self) -> bool:
        """Whether all the form's print is there, and no other in its place."""
        return not self.lost_much and self.other_at is None


def laid(page: Page, ink: Ink, blank: Landmarks, way: Matrix, *, fixed: bool) -> Laid:
    """The way checked over the whole page, and corrected by the print unless it is ``fixed``."""
    over = over_of(ink, blank, way)
    at, there, scores = _find_patches(over, blank)
    good = scores > _FOUND
    residual = float("inf")
    if np.count_nonzero(good) >= _LEAST_FOUND:
        correction = np.eye(3) if fixed else _fit(at[good], there[good])
        put = moved_by(correction, at)
        residual = float(np.percentile(mm_between(put[good], there[good]), 95))
        way = way @ inverse(mm_to_work()) @ correction @ mm_to_work()
        if np.abs(put - at).max() > _STILL:
            over = over_of(ink, blank, way)
    shown = blank.printed.values(np.asarray(cv2.dilate(over, np.ones((3, 3), np.uint8)), np.uint8))
    usual = float(np.median(shown)) if len(shown) else 255.0
    # Hairlines are pale on a grey scan; of black and white what is paler than letters is no less dark, or gone.
    expected = usual if ink.bilevel else usual * blank.paleness
    gone = shown < np.clip(_SHOWS * expected, 20, 80)
    lost = np.zeros(over.shape, np.bool_)
    lost.reshape(-1)[blank.printed.at[gone]] = True
    one = Laid(
        way=way,
        residual_mm=residual,
        over=over,
        lost=lost,
        lost_share=float(np.count_nonzero(gone)) / max(1, len(gone)),
        lost_here=_lost_here(gone, blank),
        lost_field=lost_field(lost, blank.frames),
        moved_end=moved_end(over, lost, blank.frames),
        bilevel=ink.bilevel,
        other_at=None,
    )
    return one if one.lost_much else replace(one, other_at=other_words(page, ink, ink.to_page @ way, blank.words))


def _lost_here(gone: NDArray[np.bool_], blank: Landmarks) -> float:
    """The share of print lost in the neighbourhood that lost most."""
    enough = blank.printed_sums >= _LEAST_PRINT
    return float(np.max(blank.printed.sums(gone)[enough] / blank.printed_sums[enough], initial=0.0))


def over_of(ink: Ink, blank: Landmarks, way: Matrix) -> Grey:
    """The page's ink where the blank has its own."""
    size = blank.ink.shape[::-1]
    there = way @ inverse(mm_to_work())
    return np.asarray(
        cv2.warpPerspective(ink.image, there, size, flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP), np.uint8
    )


def _find_patches(over: Grey, blank: Landmarks) -> tuple[Points, Points, NDArray[np.float64]]:
    """Centre of each patch, where it was found, and how alike (-1 to 1)."""
    wide = cv2.copyMakeBorder(over, REACH, REACH, REACH, REACH, cv2.BORDER_CONSTANT, value=0)
    side = PATCH + 2 * REACH
    offsets, scores = np.zeros((len(blank.few), 2)), np.zeros(len(blank.few))
    for number, (x, y) in enumerate(blank.few.tolist()):
        alike = cv2.matchTemplate(
            wide[y : y + side, x : x + side], blank.ink[y : y + PATCH, x : x + PATCH], cv2.TM_CCOEFF_NORMED
        )
        _, score, _, (column, row) = cv2.minMaxLoc(alike)
        # A top at the rim of the search is the flank of something further off.
        if 0 < row < 2 * REACH and 0 < column < 2 * REACH:
            scores[number] = score
            beside, above = alike[row, column - 1 : column + 2].tolist(), alike[row - 1 : row + 2, column].tolist()
            offsets[number] = column + _top(*beside) - REACH, row + _top(*above) - REACH
    at = np.asarray(blank.few + (PATCH - 1) / 2, np.float64)
    return at, at + offsets, scores


def shifts_of_lost(one: Laid, blank: Landmarks) -> tuple[Points, Points]:
    """Print that is not at its place, but near: its places, and how far off it lies (n × 2 each, mm).

    Nothing where less than half of what is lost lies within 15 mm.
    """
    lost = [
        (int(x), int(y))
        for x, y in blank.patches
        if np.count_nonzero(one.lost[y : y + PATCH, x : x + PATCH])
        > _MOVED * np.count_nonzero(blank.print_[y : y + PATCH, x : x + PATCH])
    ]
    wide = cv2.copyMakeBorder(one.over, _FAR, _FAR, _FAR, _FAR, cv2.BORDER_CONSTANT, value=0)
    found = []
    for x, y in lost:
        window, patch = (
            wide[y : y + PATCH + 2 * _FAR, x : x + PATCH + 2 * _FAR],
            blank.ink[y : y + PATCH, x : x + PATCH],
        )
        _, score, _, there = cv2.minMaxLoc(cv2.matchTemplate(window, patch, cv2.TM_CCOEFF_NORMED))
        if score > _ALIKE:
            found.append((x, y, there[0] - _FAR, there[1] - _FAR))
    told = np.array(found if len(found) > len(lost) / 2 else [], np.float64).reshape(-1, 4) / WORK_PX_PER_MM
    return told[:, :2], told[:, 2:]


def _top(before: float, middle: float, after: float) -> float:
    """Where between the pixels the top lies, by a parabola."""
    bend = before - 2 * middle + after
    return 0.0 if bend >= 0 else min(0.5, max(-0.5, (before - after) / (2 * bend)))


def _fit(at: Points, there: Points) -> Matrix:
    part, _ = cv2.estimateAffine2D(at, there, method=cv2.RANSAC, ransacReprojThreshold=1.5)
    return np.vstack((np.asarray(part, np.float64), [0, 0, 1])) if part is not None else np.eye(3)
