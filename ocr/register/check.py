"""Whether a page that was laid upon an empty form is that form: its own print must be found, everywhere, at its place."""

from __future__ import annotations

from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from ocr.page import Grey
from ocr.register.ink import WORK_PX_PER_MM, Ink, Matrix, Points, inverse, mm_to_work, moved_by
from ocr.register.landmarks import GLYPH, PATCH, REACH, Landmarks, mm_between

_FOUND = 0.5
_LEAST_FOUND = 8
_STILL = 0.4  # pixels: a smaller correction is not worth sampling the page again
_SHOWS = 0.35  # of the usual darkness of this page's print
_ALIKE, _GONE, _MISSING, _OTHER = 0.65, 0.45, 0.04, 0.2
_GLYPH_REACH = 1
_MOST = 300  # windows looked at closely: as many show enough
_GRAIN = 150.0  # variance below which a window shows no print, only grain
_MOVED, _FAR = 0.5, 60  # pixels, 15 mm
_LOST_SHARE, _LOST_HERE, _LOST_FIELD = 0.1, 0.75, 0.12
_LOST_FIELD_BILEVEL = 0.4  # of a box that was moved by a fifth of its side more is lost
_HALF, _LEAST_GONE = 0.5, 16
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
    bilevel: bool
    """Whether the page is of nothing but black and white, which takes a part of the thin rules of a frame here and there."""
    other_print: float
    """How much of the print, away from every field, is another's; not looked at where much is lost."""

    @property
    def lost_much(self) -> bool:
        """Whether print is missing that the form has: on the whole, all of it in one place, or a field's frame."""
        most = _LOST_FIELD_BILEVEL if self.bilevel else _LOST_FIELD
        return self.lost_share > _LOST_SHARE or self.lost_here > _LOST_HERE or self.lost_field > most

    @property
    def stands(self) -> bool:
        """Whether all the form's print is there, and no other where nobody writes."""
        return not self.lost_much and self.other_print < _OTHER


def laid(ink: Ink, blank: Landmarks, way: Matrix, *, fixed: bool) -> Laid:
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
        lost_field=_lost_field(lost, blank.boxes),
        bilevel=ink.bilevel,
        other_print=0.0,
    )
    return one if one.lost_much else replace(one, other_print=_other_print(over, blank))


def _other_print(over: Grey, blank: Landmarks) -> float:
    """How much of the print away from all fields is another's; 0 where every glyph is the form's own.

    What is written or stamped upon the print takes nothing away from it, so it does not count.
    """
    if not blank.quiet.any():
        return 0.0
    soft = np.asarray(cv2.blur(over, (3, 3)), np.uint8)
    ink = blank.glyphs.values(soft).astype(np.float32)
    sums = (blank.glyphs.sums(one)[blank.quiet] for one in (ink, ink * blank.glyph_ink, ink * ink))
    unlike = _alike(*blank.quiet_sums, *sums) < _ALIKE
    if not unlike.any():
        return 0.0
    print_ = blank.print_ & (blank.near > 0)
    usual, plain = (float(np.median(one[print_])) for one in (soft, blank.soft))
    doubtful = np.argwhere(blank.quiet)[unlike]
    alike, missing = _shifted(soft, blank, doubtful[:: -(-len(doubtful) // _MOST)], usual, plain)
    return float(np.sum((_ALIKE - alike)[(alike < _ALIKE) & (missing > _MISSING)]))


def _alike(*sums: NDArray[np.float32]) -> NDArray[np.float32]:
    """Correlation from the sums of: pixels, form, form², page, form × page, page²."""
    count, own, own_own, page, both, page_page = sums
    across = both - page * own / count
    spread = (own_own - own * own / count) * (page_page - page * page / count)
    return np.asarray(across / np.sqrt(np.maximum(spread, (count * _GRAIN) ** 2)), np.float32)


def _shifted(
    soft: Grey, blank: Landmarks, windows: NDArray[np.int64], usual: float, plain: float
) -> tuple[NDArray[np.float32], NDArray[np.float64]]:
    """Of some glyph windows, at best within a quarter of a millimetre: likeness, and the share of print missing; ``usual`` and
    ``plain``: how dark print is on the page and on the blank.

    Paper is drawn through a scanner unevenly: a page may lie well on the whole and a line of it a little off.
    """
    side, reach = GLYPH, _GLYPH_REACH
    y, x = ((windows.T - 1) * (GLYPH // 3)).clip(0)
    wide = cv2.copyMakeBorder(soft, reach, reach, reach, reach, cv2.BORDER_CONSTANT, value=0)
    views = np.lib.stride_tricks.sliding_window_view
    page = views(wide, (side + 2 * reach, side + 2 * reach))[y, x].astype(np.float32)
    near, form, print_ = (views(one, (side, side))[y, x] for one in (blank.near, blank.soft, blank.print_))
    count, own, own_own = near.sum((1, 2)), form.sum((1, 2)), (form * form).sum((1, 2))
    printed = np.maximum(print_.sum((1, 2)), 1)
    # Hairlines and thin ends are pale on the blank too, and no darker on a copy that thickens letters.
    faint = _GONE * np.minimum(usual, form * min(1, usual / max(plain, 1)))
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


def _lost_field(lost: NDArray[np.bool_], boxes: NDArray[np.int64]) -> float:
    """The share of a frame's print that is lost, of the frame that lost most: more than the others, unless it is half.

    A light copy loses thin rules of every frame; a frame that was moved loses its own.
    """
    if not len(boxes):
        return 0.0
    sums = cv2.integral(lost.view(np.uint8))
    left, top, right, bottom, print_ = boxes.T
    right, bottom = np.minimum(right, lost.shape[1]), np.minimum(bottom, lost.shape[0])
    gone = sums[bottom, right] - sums[top, right] - sums[bottom, left] + sums[top, left]
    share = gone / print_
    beyond = np.where(share > _HALF, share, share - np.median(share))
    return float(np.max(beyond[gone >= _LEAST_GONE], initial=0.0))


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
