"""Whether a page that was laid upon an empty form is that form: its own print must be found, everywhere, at its place."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from ocr.page import Grey
from ocr.register_ink import Ink, Matrix, Points, inverse, mm_to_work, moved_by
from ocr.register_landmarks import GLYPH, PATCH, REACH, Landmarks, glyph_sums, mm_between

_FOUND = 0.5
_LEAST_FOUND = 8
_STILL = 0.4  # pixels: a smaller correction is not worth sampling the page again
_SHOWS = 0.35  # of the usual darkness of this page's print
WINDOW = 48
"""Pixels of ink, 12 mm: the neighbourhood in which lost print is counted."""
_ALIKE, _GONE, _MISSING, _OTHER = 0.65, 0.45, 0.04, 0.2
_GLYPH_REACH = 1
_MOST = 300  # windows looked at closely: as many show enough
_GRAIN = 150.0  # variance below which a window shows no print, only grain
_LOST_SHARE, _LOST_HERE = 0.1, 0.75
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
    other_print: float
    """How much of the print, away from every field, is another's; not looked at where much is lost."""

    @property
    def lost_much(self) -> bool:
        """Whether print is missing that the form has: on the whole, or all of it in one place."""
        return self.lost_share > _LOST_SHARE or self.lost_here > _LOST_HERE

    @property
    def stands(self) -> bool:
        """Whether all the form's print is there, and no other where nobody writes."""
        return not self.lost_much and self.other_print < _OTHER


def laid(ink: Ink, blank: Landmarks, way: Matrix, *, fixed: bool) -> Laid:
    """The way checked over the whole page, and corrected by the print unless it is ``fixed``."""
    over = _over(ink, blank, way)
    at, there, scores = _find_patches(over, blank)
    good = scores > _FOUND
    residual = float("inf")
    if np.count_nonzero(good) >= _LEAST_FOUND:
        correction = np.eye(3) if fixed else _fit(at[good], there[good])
        put = moved_by(correction, at)
        residual = float(np.percentile(mm_between(put[good], there[good]), 95))
        way = way @ inverse(mm_to_work()) @ correction @ mm_to_work()
        if np.abs(put - at).max() > _STILL:
            over = _over(ink, blank, way)
    near = cv2.dilate(over, np.ones((3, 3), np.uint8))
    usual = float(np.median(near[blank.print_])) if blank.print_.any() else 255.0
    lost = blank.print_ & (near < np.clip(_SHOWS * usual, 20, 80))
    share = float(np.count_nonzero(lost)) / max(1, int(np.count_nonzero(blank.print_)))
    here = _lost_here(lost, blank.print_)
    known = share <= _LOST_SHARE and here <= _LOST_HERE
    return Laid(way, residual, over, lost, share, here, _other_print(over, blank) if known else 0.0)


def _other_print(over: Grey, blank: Landmarks) -> float:
    """How much of the print away from all fields is another's; 0 where every glyph is the form's own.

    What is written or stamped upon the print takes nothing away from it, so it does not count.
    """
    if not blank.quiet.any():
        return 0.0
    soft = cv2.blur(over, (3, 3)).astype(np.float32)
    usual = float(np.median(soft[blank.print_]))
    near = soft * blank.near
    count, own, own_own = (sums[blank.quiet] for sums in blank.near_sums)
    page, both, page_page = (glyph_sums(one)[blank.quiet] for one in (near, near * blank.soft, near * near))
    unlike = _alike(count, own, own_own, page, both, page_page) < _ALIKE
    if not unlike.any():
        return 0.0
    doubtful = np.argwhere(blank.quiet)[unlike]
    alike, missing = _shifted(soft, blank, doubtful[:: -(-len(doubtful) // _MOST)], _GONE * usual)
    return float(np.sum((_ALIKE - alike)[(alike < _ALIKE) & (missing > _MISSING)]))


def _alike(*sums: NDArray[np.float32]) -> NDArray[np.float32]:
    """Correlation from the sums of: pixels, form, form², page, form × page, page²."""
    count, own, own_own, page, both, page_page = sums
    across = both - page * own / count
    spread = (own_own - own * own / count) * (page_page - page * page / count)
    return np.asarray(across / np.sqrt(np.maximum(spread, (count * _GRAIN) ** 2)), np.float32)


def _shifted(
    soft: NDArray[np.float32], blank: Landmarks, windows: NDArray[np.int64], faint: float
) -> tuple[NDArray[np.float32], NDArray[np.float64]]:
    """Of some glyph windows, at best within a quarter of a millimetre: likeness, and the share of print missing.

    Paper is drawn through a scanner unevenly: a page may lie well on the whole and a line of it a little off.
    """
    side, reach = GLYPH, _GLYPH_REACH
    y, x = ((windows.T - 1) * (GLYPH // 3)).clip(0)
    wide = cv2.copyMakeBorder(soft, reach, reach, reach, reach, cv2.BORDER_CONSTANT, value=0)
    views = np.lib.stride_tricks.sliding_window_view
    page = views(wide, (side + 2 * reach, side + 2 * reach))[y, x]
    near, form, print_ = (views(one, (side, side))[y, x] for one in (blank.near, blank.soft, blank.print_))
    count, own, own_own = near.sum((1, 2)), form.sum((1, 2)), (form * form).sum((1, 2))
    printed = np.maximum(print_.sum((1, 2)), 1)
    best, missing = np.full(len(windows), -1, np.float32), np.ones(len(windows))
    for down in range(2 * reach + 1):
        for right in range(2 * reach + 1):
            part = page[:, down : down + side, right : right + side]
            shown = part * near
            sums = shown.sum((1, 2)), (shown * form).sum((1, 2)), (shown * shown).sum((1, 2))
            alike = _alike(count, own, own_own, *sums)
            best = np.maximum(best, alike)
            missing = np.minimum(missing, np.count_nonzero((part < faint) & print_, axis=(1, 2)) / printed)
    return best, missing


def _lost_here(lost: NDArray[np.bool_], print_: NDArray[np.bool_]) -> float:
    of, gone = _blocks(print_), _blocks(lost)
    return float(np.max(np.where(of >= _LEAST_PRINT, gone / np.maximum(of, 1), 0)))


def _blocks(where: NDArray[np.bool_]) -> NDArray[np.float32]:
    """How many pixels are set in each window; windows lie a quarter of their side apart."""
    step = WINDOW // 4
    height, width = (-(-side // step) for side in where.shape)
    padded = np.zeros((height * step, width * step), np.uint8)
    padded[: where.shape[0], : where.shape[1]] = where
    counts = cv2.resize(padded.astype(np.float32), (width, height), interpolation=cv2.INTER_AREA) * step**2
    return np.asarray(cv2.boxFilter(counts, cv2.CV_32F, (4, 4), normalize=False), np.float32)


def _over(ink: Ink, blank: Landmarks, way: Matrix) -> Grey:
    size = blank.ink.shape[::-1]
    there = way @ inverse(mm_to_work())
    return np.asarray(
        cv2.warpPerspective(ink.image, there, size, flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP), np.uint8
    )


def _find_patches(over: Grey, blank: Landmarks) -> tuple[Points, Points, NDArray[np.float64]]:
    """Centre of each patch, where it was found, and how alike (-1 to 1)."""
    wide = cv2.copyMakeBorder(over, REACH, REACH, REACH, REACH, cv2.BORDER_CONSTANT, value=0)
    offsets, scores = np.zeros((len(blank.patches), 2)), np.zeros(len(blank.patches))
    for number, (x, y) in enumerate(blank.patches):
        window = wide[y : y + PATCH + 2 * REACH, x : x + PATCH + 2 * REACH]
        alike = np.asarray(
            cv2.matchTemplate(window, blank.ink[y : y + PATCH, x : x + PATCH], cv2.TM_CCOEFF_NORMED), np.float32
        )
        row, column = divmod(int(alike.argmax()), alike.shape[1])
        # A top at the rim of the search is the flank of something further off.
        inside = 0 < row < alike.shape[0] - 1 and 0 < column < alike.shape[1] - 1
        scores[number] = alike[row, column] if inside else 0
        offsets[number] = _peak(alike, row, column) - REACH
    at = np.asarray(blank.patches + (PATCH - 1) / 2, np.float64)
    return at, at + offsets, scores


def _peak(alike: NDArray[np.floating[Any]], row: int, column: int) -> NDArray[np.float64]:
    """x and y of the top, between the pixels by a parabola through the neighbours."""
    x, y = float(column), float(row)
    if 0 < column < alike.shape[1] - 1:
        x += _top(*alike[row, column - 1 : column + 2])
    if 0 < row < alike.shape[0] - 1:
        y += _top(*alike[row - 1 : row + 2, column])
    return np.array([x, y])


def _top(before: float, middle: float, after: float) -> float:
    bend = before - 2 * middle + after
    return 0.0 if bend >= 0 else float(np.clip((before - after) / (2 * bend), -0.5, 0.5))


def _fit(at: Points, there: Points) -> Matrix:
    part, _ = cv2.estimateAffine2D(at, there, method=cv2.RANSAC, ransacReprojThreshold=1.5)
    return np.vstack((np.asarray(part, np.float64), [0, 0, 1])) if part is not None else np.eye(3)
