"""Streaks: the lines that dirt on a scanner's glass draws along the way the paper takes, from one edge of it to the other.

They are looked for level and upright on the picture as it was scanned, within a few degrees, since many scanners turn it
straight afterwards; what the empty form prints there itself is none.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

import cv2
import numpy as np
from numpy.typing import NDArray

from ocr.page import MM_PER_INCH, Grey, Page, Streak
from ocr.register.ink import Matrix, Points, inverse, moved_by

_BLOCK = 8  # px of the work picture, 2 mm along the way: their mean shows a pale line, and no noise
_WIDEST = 5  # px, 1.3 mm: what is as wide across is no streak
_DARKER, _NOISES = 8, 3  # grey levels than what is beside it; and times the noise
_EDGE = 10  # blocks, 20 mm: dirt draws up to the paper's edges,
_CROWD = 15  # and shows there between the lines of print: rows with more thin strokes tell nothing
_LEANS = 0.06  # 3.5°: scanners straighten less
_SHARE, _SEEN_BARE = 0.35, 0.4  # of the blocks, and of those where nothing is printed
_PARTS, _LEAST = 8, 0.08  # of the way; each has at least so much of the line
_ON_PAPER, _BARE = 0.9, 0.4  # of the way; beside the paper are shadows, and on print nothing can be told
_SAME = 3.0  # px: lines that are nearer to each other are one
_CLEAR = 0.5  # of the blocks
_MOST = 12  # lines are looked at, those that are seen best
_PRINTED = 200  # of 255: darker is print
_NEAR_MM = 0.8
_BESIDE_MM, _HALF_MM = 1.0, 0.3  # how far beside a streak is looked at; half of the widest
_USUAL = 0.8  # of its rows are at most as dark as it is by itself
_SEEN = 0.25  # of its darkest column: as dark is a column of the streak
_BROADEST_MM = 0.7  # a fold is broader
_MORE, _MORE_LEVELS = 1.3, 40  # times as dark as usual, and so many grey levels more, is not the streak alone
_FULL = 100  # grey levels: as dark as this counts as black, lest rules and strokes outweigh a pale streak
_PIECES = 24  # of a line that is followed

Bools = NDArray[np.bool_]


@dataclass(frozen=True, slots=True, eq=False)
class Line:
    """A thin dark line from edge to edge of the work picture that may be a streak."""

    upright: bool
    start: float
    """Where it lies at the first row (column, where it is level), px,"""
    end: float
    """and at the last of which ``seen`` tells."""
    seen: Bools
    """Whether it is dark in each block."""

    def points(self) -> Points:
        """n × 2: the places of ``seen``."""
        along = (np.arange(len(self.seen)) + 0.5) * _BLOCK - 0.5
        across = np.linspace(self.start, self.end, len(self.seen))
        return np.column_stack((across, along) if self.upright else (along, across))

    @property
    def clear(self) -> bool:
        """Whether it is seen all the way, whatever the form prints."""
        parts = [float(part.mean()) for part in np.array_split(self.seen, _PARTS)]
        return min(parts) >= _SHARE and float(self.seen.mean()) >= _CLEAR


def lines_of(work: Grey) -> tuple[Line, ...]:
    """The lines on a page's picture at WORK_DPI that may be streaks."""
    height, width = work.shape
    down, right = height // _BLOCK, width // _BLOCK
    if min(down, right) < 3 * _EDGE:
        return ()
    rows = cv2.resize(work[: down * _BLOCK], (width, down), interpolation=cv2.INTER_AREA)
    columns = cv2.resize(work[:, : right * _BLOCK], (right, height), interpolation=cv2.INTER_AREA)
    return *_lines(np.asarray(rows, np.uint8), True), *_lines(np.asarray(columns.T, np.uint8), False)


def _lines(means: Grey, upright: bool) -> Iterator[Line]:
    """Along the columns of ``means``, which has a row a block."""
    blocks, wide = means.shape
    darker = cv2.subtract(cv2.morphologyEx(means, cv2.MORPH_CLOSE, np.ones((1, _WIDEST), np.uint8)), means)
    hits = darker > max(_DARKER, _NOISES * float(np.median(darker)))
    wide_hits = cv2.dilate(hits.view(np.uint8), np.ones((1, 3), np.uint8))
    near = np.asarray(wide_hits + hits, np.uint8)  # 2 on the line itself
    columns = np.flatnonzero(np.count_nonzero(near, axis=0) >= _SHARE * blocks)
    across = np.concatenate([_seen_enough(near, _from_edge_to_edge(hits)), columns[:, None] + np.zeros(blocks)])
    if not len(across):
        return
    there = _met(near, across)
    best = int(there.sum(axis=1).argmax())
    if np.count_nonzero(there[best]) >= _CLEAR * blocks:
        # Dirt draws lines that lie alike, also where the paper's edges don't show them.
        alike = np.arange(wide)[:, None] + (across[best] - across[best, 0])
        across = np.concatenate([across, _seen_enough(near, alike)])
        there = _met(near, across)
    for _ in range(_MOST):
        best = int(there.sum(axis=1).argmax())
        if np.count_nonzero(there[best]) < _SHARE * blocks:
            return
        yield Line(upright, float(across[best, 0]), float(across[best, -1]), there[best] > 0)
        there[abs(across - across[best]) <= _SAME] = 0  # what is of this line tells of no other


def _met(near: Grey, across: Points) -> Grey:
    """What lies under each line in each block."""
    at = np.arange(len(near))
    return np.asarray(near[at, np.rint(across).astype(int).clip(0, near.shape[1] - 1)], np.uint8)


def _seen_enough(near: Grey, across: Points) -> Points:
    return np.asarray(across[np.count_nonzero(_met(near, across), axis=1) >= _SHARE * len(near)])


def _from_edge_to_edge(hits: Bools) -> Points:
    """Where lines run, block by block, of which something shows near both edges of the paper."""
    blocks = len(hits)
    (top, first), (bottom, last) = _middles(hits[:_EDGE]), _middles(hits[-_EDGE:])
    bottom += blocks - _EDGE
    slope = (last - first[:, None]) / (bottom - top[:, None])
    one, other = np.nonzero(abs(slope) <= _LEANS * _BLOCK)
    slope = slope[one, other]
    return np.asarray((first[one] - slope * top[one])[:, None] + slope[:, None] * np.arange(blocks))


def _middles(hits: Bools) -> tuple[NDArray[np.int_], NDArray[np.int_]]:
    """Of runs in rows that are not crowded: their rows, and the columns of their middles."""
    hits = hits & (np.count_nonzero(hits, axis=1) <= _CROWD)[:, None]
    edges = np.diff(hits.astype(np.int8), axis=1, prepend=0, append=0)
    (row, first), (_, end) = np.nonzero(edges == 1), np.nonzero(edges == -1)
    return row, (first + end - 1) // 2


def without_streaks(
    page: Page, lines: Sequence[Line], to_page: Matrix, transform: Matrix, blank: Page
) -> tuple[Page, tuple[Streak, ...]]:
    """The page without the lines that the blank doesn't print, and they; ``to_page`` leads from the work picture to the
    page, ``transform`` from mm on the form.  Dots that stand for shades lie in lines of their own: none of theirs is taken
    out."""
    if page.of_dots:
        return page, ()
    to_mm, image, streaks = inverse(transform), page.image, list[Streak]()
    for line in lines:
        there = moved_by(to_page, line.points())
        places = moved_by(to_mm, there)
        if _of_the_scanner(line, places, blank):
            wiped = _wiped(image, there[0], there[-1], line.upright, page.dpi / MM_PER_INCH)
            if wiped is not None:
                (left, top), (right, bottom) = places[0].tolist(), places[-1].tolist()
                image = wiped
                streaks.append(Streak(left, top, right, bottom))
    return (replace(page, image=image) if streaks else page), tuple(streaks)


def without_lines(page: Page, lines: Sequence[Line], to_page: Matrix) -> Page:
    """The page without these lines, whatever they are."""
    image = page.image
    for line in lines:
        ends = moved_by(to_page, line.points()[[0, -1]])
        wiped = _wiped(image, ends[0], ends[1], line.upright, page.dpi / MM_PER_INCH)
        image = image if wiped is None else wiped
    return replace(page, image=image)


def _of_the_scanner(line: Line, places: Points, blank: Page) -> bool:
    """Whether it goes on where nothing is printed; ``places`` are mm on the form."""
    bare_paper = _bare_paper(blank)
    height, width = bare_paper.shape
    column, row = np.rint(places.T * (blank.dpi / MM_PER_INCH)).astype(int)
    on_paper = (row >= 0) & (row < height) & (column >= 0) & (column < width)
    bare = on_paper & bare_paper[row.clip(0, height - 1), column.clip(0, width - 1)]
    if np.count_nonzero(on_paper) < _ON_PAPER * len(bare) or np.count_nonzero(bare) < _BARE * len(bare):
        return False
    starts = np.arange(_PARTS) * len(bare) // _PARTS
    there, seen = (np.add.reduceat(one.astype(np.int64), starts) for one in (bare, bare & line.seen))
    return bool((seen >= _LEAST * there).all() and seen.sum() >= _SEEN_BARE * there.sum())


@lru_cache(maxsize=64)
def _bare_paper(blank: Page) -> Bools:
    """Where nothing is printed on the blank, nor near by."""
    reach = 2 * round(_NEAR_MM * blank.dpi / MM_PER_INCH) + 1
    return np.asarray(cv2.erode(blank.image, np.ones((reach, reach), np.uint8)) >= _PRINTED)


def _wiped(image: Grey, first: Points, last: Points, upright: bool, scale: float) -> Grey | None:
    """The picture with what is thin and dark along the line filled in from both its sides; None where it is too broad for a
    streak.  ``scale``: px a mm."""
    if not upright:
        found = _wiped(np.ascontiguousarray(image.T), first[::-1], last[::-1], True, scale)
        return None if found is None else np.ascontiguousarray(found.T)
    reach, half = round(_BESIDE_MM * scale), max(1, round(_HALF_MM * scale))
    rows = np.arange(len(image))
    middle = first[0] + (last[0] - first[0]) / max(1.0, last[1] - first[1]) * (rows - first[1])
    middle = _followed(_dark_beside(image, middle, reach, half)[1], middle, reach)
    band, dark, columns = *_dark_beside(image, middle, reach, half), _columns(image, middle, reach)
    near = slice(reach - half - 1, reach + half + 2)
    usual = np.quantile(dark[:, near], _USUAL, axis=0)
    streak = np.flatnonzero(usual > _SEEN * usual.max()) + near.start
    if not len(streak) or np.ptp(streak) + 1 > _BROADEST_MM * scale:
        return None
    part = slice(int(streak[0]) - 1, int(streak[-1]) + 2)
    left, right = (band[:, one].astype(np.float32)[:, None] for one in (part.start - 1, part.stop))
    way = np.arange(1, part.stop - part.start + 1) / (part.stop - part.start + 1)
    filled = np.rint(left + (right - left) * way).astype(np.uint8)
    thin = cv2.dilate((dark > _DARKER).astype(np.uint8), np.ones((1, 3), np.uint8))[:, part] > 0
    # Where it is darker or broader than elsewhere, a stroke runs along with it, and stays.
    more = np.maximum(dark[:, near] - (_MORE * usual + _DARKER), 0).sum(axis=1)
    thin &= (more <= _MORE_LEVELS)[:, None]
    wiped = image.copy()
    where = np.broadcast_to(rows[:, None], thin.shape)[thin], columns[:, part][thin]
    wiped[where] = np.maximum(filled, band[:, part])[thin]
    return wiped


def _columns(image: Grey, middle: Points, reach: int) -> NDArray[np.int_]:
    """rows × columns from ``reach`` before to ``reach`` after the middle of each row."""
    columns = np.rint(middle).astype(int)[:, None] + np.arange(-reach, reach + 1)
    return np.asarray(columns.clip(0, image.shape[1] - 1))


def _dark_beside(image: Grey, middle: Points, reach: int, half: int) -> tuple[Grey, Grey]:
    """Those pixels; and how much darker they are than what is beside, where no more than a streak is."""
    band = np.ascontiguousarray(image[np.arange(len(image))[:, None], _columns(image, middle, reach)])
    beside = cv2.morphologyEx(band, cv2.MORPH_CLOSE, np.ones((1, 2 * half + 3), np.uint8))
    return band, np.asarray(cv2.subtract(beside, band), np.uint8)


def _followed(dark: Grey, middle: Points, reach: int) -> Points:
    """The line moved to where it is darkest, piece by piece: it was found on a coarser picture."""
    pieces = np.array_split(np.arange(len(dark)), _PIECES)
    means = np.stack([np.minimum(dark[piece], _FULL).mean(axis=0) for piece in pieces])
    usual = means.mean(axis=0)
    at = np.array([piece.mean() for piece in pieces])
    # Strokes and rules beside it pull at single pieces; what most of them tell holds.
    off = means[:, 1:-1].argmax(axis=1) + 1 - reach
    near = abs(off - np.median(off)) <= 2
    slope, start = np.polyfit(at[near], off[near], 1, w=means.max(axis=1)[near] + 1e-3)
    return np.asarray(middle + start + slope * np.arange(len(dark))) if usual.any() else middle
