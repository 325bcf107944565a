"""Whether each printed word is the form's own: in the next version of a form it may be one word that differs, 有 for 無.

Writing covers print and takes none of it away.  So of each place with letters it is asked how much of the empty form's
print is missing on the page, where it is looked at so closely that one character in place of another shows.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from ocr.ask import MarksAsk
from ocr.form import Form
from ocr.page import MM_PER_INCH, Grey, Page
from ocr.register.ink import Ink, Matrix, ink_of, inverse, pixels_of
from ocr.register.sums import Spots

_DPI = 175.0
_SIDE, _ACROSS = 7, 3  # pixels; windows of 3 mm, 1 mm apart
_DARK, _DENSE = 110, 0.5  # of 255; of a window
_SOFT = 1.05  # pixels: as a scanner sees
_BLURRED = 5.0  # of 255: a drawn form has less than 1 there, a scan at 300 dpi 2 to 5, at 200 dpi 5 to 9, at 150 dpi 14
_SHARPEN, _BLUR, _CORE = 2.0, 1.5, 0.7  # times; pixels; of the darkest beside
_REACH = 2  # pixels, 0.3 mm
_HALF = 0.5  # of the usual darkness: what is paler is missing
_SOME = 4000  # places: as many tell how this page shows print
_WIDE = 4096
_LEVEL, _ENOUGH = 10, 50  # grey levels together; places
_SHOWN, _SAFE, _SOLID = 0.97, 40, 240.0  # of the places of a level; levels above it; any page shows what is solid
_LEAST = 23  # places in a window
_MISSING, _MISSING_BILEVEL = 0.1, 0.25
_WINDOWS = 2
"""So much is missing in two windows of 2 of some 1,000 grey pages of the form, and of 1 in 60 faxes; ``python -m bench.versions``."""


@dataclass(frozen=True, slots=True, eq=False)
class Words:
    """The letters of an empty page, pixel by pixel."""

    places: NDArray[np.float32]
    """n × 2, mm."""
    soft: NDArray[np.float32]
    """How dark each comes out where a pen's breadth is seen at once: thin strokes are paler."""
    spots: Spots


def words_of(form: Form, page_index: int, letters: NDArray[np.bool_]) -> Words:
    """The letters of an empty page; ``letters`` tells where they are, in pixels of its ink."""
    page = form.blanks[page_index]
    ink = ink_of(page)
    size = tuple(round(side * _DPI / page.dpi) for side in page.image.shape[::-1])
    paper = cv2.resize(ink.paper, size, interpolation=cv2.INTER_LINEAR)
    darker = cv2.subtract(paper, cv2.resize(page.image, size, interpolation=cv2.INTER_AREA)).astype(np.float32)
    dark = np.minimum(darker * 255 / ink.contrast, 255)
    where = cv2.resize(letters.astype(np.uint8), size, interpolation=cv2.INTER_NEAREST) > 0
    if _spread(dark) > _BLURRED:
        dark, core = _sharpened(dark)
        where &= core
    where &= dark > _DARK
    for box in _written(form, page_index):
        where[box] = False
    # A picture of dots comes out another way on each copy; no letter is so dense, unless it is solid.
    inked = np.asarray(dark > _DARK, np.uint8)
    solid = cv2.morphologyEx(inked, cv2.MORPH_OPEN, np.ones((_SIDE, _SIDE), np.uint8)) > 0
    where &= solid | (cv2.boxFilter(inked.astype(np.float32), -1, (_SIDE * _ACROSS,) * 2) < _DENSE)
    soft = cv2.GaussianBlur(dark, (0, 0), _SOFT)
    y, x = np.nonzero(where)
    places = ((np.column_stack((x, y)) + 0.5) * MM_PER_INCH / _DPI).astype(np.float32)
    return Words(places, soft[where], Spots.of(where, _SIDE, _ACROSS))


def _spread(dark: NDArray[np.float32]) -> float:
    """How dark it is beside print, in the second pixel from it."""
    inked = np.asarray(dark > _DARK, np.uint8)
    first, second = (cv2.dilate(inked, np.ones((side, side), np.uint8)) > 0 for side in (3, 5))
    beside = second & ~first
    return float(dark[beside].mean()) if beside.any() else 0.0


def _sharpened(dark: NDArray[np.float32]) -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
    """The letters of a blank that was scanned with thin strokes again, and the middle of each: a sharper scan of the same form
    has paper where they were blurred."""
    sharp = np.clip(dark + _SHARPEN * (dark - cv2.GaussianBlur(dark, (0, 0), _BLUR)), 0, 255)
    return sharp, sharp >= _CORE * cv2.dilate(sharp, np.ones((5, 5), np.uint8))


def _written(form: Form, page_index: int) -> Iterator[tuple[slice, slice]]:
    """Rows and columns of where people write, not mark: what is printed there may be the sheet's own number or name."""
    for field in form.fields:
        for ask in field.kind.asks(field.params, form.rules):
            if not isinstance(ask, MarksAsk) and ask.box.page == page_index:
                yield pixels_of(ask.box, _DPI / MM_PER_INCH)


def _missing(page: Page, ink: Ink, transform: Matrix, words: Words, most: float) -> NDArray[np.float32]:
    """Of each window in which more than a share ``most`` of the letters' print is missing, that share; 0 elsewhere.

    transform: mm on the form → pixels of the page; a window may lie off by 0.15 mm, and each cell of it by as much again.
    """
    some = np.arange(0, len(words.places), max(1, len(words.places) // _SOME))
    shifted = _dark(page, ink, transform, words.places[some], _REACH)
    seen = shifted[len(shifted) // 2]
    expected = _HALF * _usual(words.soft, words.soft[some], seen)
    safe = words.soft >= _safe_level(words.soft[some], np.asarray((shifted >= expected[some]).any(axis=0)))
    count = np.maximum(words.spots.sums(safe), 1)
    gone = (_dark(page, ink, transform, words.places, 0)[0] < expected) & safe
    doubtful = (words.spots.sums(gone) > most * count) & (count >= _LEAST)
    if not doubtful.any():
        return np.zeros(count.shape, np.float32)
    near = cv2.dilate(doubtful.astype(np.uint8), np.ones((_ACROSS, _ACROSS), np.uint8)).reshape(-1)
    look = np.flatnonzero((near[words.spots.cell] > 0) & safe)
    cells = np.array(
        [
            np.bincount(words.spots.cell[look], one < expected[look], count.size)
            for one in _dark(page, ink, transform, words.places[look], _REACH)
        ]
    ).reshape(2 * _REACH + 1, 2 * _REACH + 1, *count.shape)
    least = np.full(count.shape, np.inf, np.float32)
    # The window as a whole, and each cell of it a little besides: paper is drawn through a scanner unevenly.
    for down in range(2 * _REACH - 1):
        for right in range(2 * _REACH - 1):
            gone = cells[down : down + 3, right : right + 3].min(axis=(0, 1))
            least = np.minimum(least, words.spots.windows(gone) / count)
    return np.where(doubtful & (least > most), least, 0).astype(np.float32)


def _dark(page: Page, ink: Ink, transform: Matrix, places: NDArray[np.float32], reach: int) -> NDArray[np.float32]:
    """How dark the page is at some places (n × 2, mm) or half a pixel beside: one row for each shift of at most ``reach``
    pixels, row by row."""
    steps = np.arange(-reach - 0.5, reach + 1) * MM_PER_INCH / _DPI
    seen = _seen(page, ink, transform, places, steps).reshape(len(steps), len(steps), -1)
    wide = np.maximum(seen[:-1], seen[1:])
    return np.maximum(wide[:, :-1], wide[:, 1:]).reshape(-1, len(places))


def _usual(soft: NDArray[np.float32], some: NDArray[np.float32], seen: NDArray[np.float32]) -> NDArray[np.float32]:
    """How dark print of each softness comes out on this page, by what was ``seen`` of ``some``: thin strokes come out paler."""
    level = (some / _LEVEL).astype(np.intp)
    count = np.bincount(level)
    known = np.flatnonzero(count >= min(_ENOUGH, count.max()))
    mean = np.bincount(level, seen)[known] / count[known]
    return np.interp(soft / _LEVEL - 0.5, known, mean).astype(np.float32)


def _safe_level(soft: NDArray[np.float32], shown: NDArray[np.bool_]) -> float:
    """How dark print must be for this page to show it: a light copy and a fax lose thin strokes."""
    level = (soft / _LEVEL).astype(np.intp)
    count, seen = np.bincount(level), np.bincount(level, shown)
    # Darker print is shown no worse: other words in a heading, the darkest there is, must not hide themselves.
    known = np.flatnonzero(count >= _ENOUGH)
    safe = known[seen[known] >= _SHOWN * count[known]]
    if len(safe) and safe[0] == known[0]:
        return 0.0
    return min(_SOLID, float(safe[0] * _LEVEL) + _SAFE) if len(safe) else _SOLID


def _seen(
    page: Page, ink: Ink, transform: Matrix, places: NDArray[np.float32], steps: NDArray[np.float64]
) -> NDArray[np.float32]:
    """How much darker than the paper the page is around some places (mm), one row for each step down and right."""
    across, down = (transform[:2, :2].T / transform[2, 2]).astype(np.float32)
    off = np.array([right * across + low * down for low in steps for right in steps], np.float32)
    rows = -(-len(places) // _WIDE)
    wide = np.resize(places, (rows * _WIDE, 2))  # OpenCV takes no longer rows
    at = _moved(transform, wide) + off[:, None]
    dark = _sampled(page.image, at, rows * len(off)).reshape(len(off), -1)
    paper = _sampled(ink.paper, _moved(inverse(ink.paper_to_page) @ transform, wide), rows).reshape(1, -1)
    return cv2.subtract(np.tile(paper, (len(off), 1)), dark)[:, : len(places)].astype(np.float32)


def _moved(transform: Matrix, places: NDArray[np.float32]) -> NDArray[np.float32]:
    return np.asarray(cv2.perspectiveTransform(places[None], transform)[0], np.float32)


def _sampled(picture: Grey, at: NDArray[np.float32], rows: int) -> Grey:
    x, y = np.ascontiguousarray(np.moveaxis(at, -1, 0)).reshape(2, rows, _WIDE)
    return np.asarray(cv2.remap(picture, x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE), np.uint8)


def other_words(page: Page, ink: Ink, transform: Matrix, words: Words) -> tuple[float, float] | None:
    """Where on the form (mm) most of its words is missing, if so much is that other words must stand there."""
    if not len(words.places):
        return None
    found = _missing(page, ink, transform, words, _MISSING_BILEVEL if ink.bilevel else _MISSING)
    if np.count_nonzero(found) < _WINDOWS:
        return None
    row, column = np.unravel_index(int(found.argmax()), found.shape)
    side = _SIDE * MM_PER_INCH / _DPI
    return (float(column) + 0.5) * side, (float(row) + 0.5) * side
