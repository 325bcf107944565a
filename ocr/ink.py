"""Ink: what a pen has put on a piece of a page that is not on the same piece of the empty form; and fields that ask only that."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from ocr.ask import Guess, InkAsk
from ocr.cut import cut
from ocr.ink_align import PRINT, PX_PER_MM, Window, laid_print, shifted, shifts_of, widened
from ocr.ink_blank import blank_pieces, darkness
from ocr.page import Grey, Sheet
from ocr.reading import Box

Floats = NDArray[np.float64]

WRITTEN = "記入あり"

_SPECK = 4  # px: less ink than this in one place is dust
_STROKE = 10  # px: the least of a stroke of writing
_RIM_SPECK = 32  # px: the same, hard by the print, whose edge is never quite as the blank has it
_LEAST = 22  # of 255: what is paler than this is never ink
_SOLID = 51  # of 255: how much darker than its own print a printed place must be to have been written over
_AROUND = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (5, 5))  # print is allowed to be a quarter of a mm wider
_RIM = np.ones((3, 3), np.uint8)
_BRIDGE_PX = 13
_BRIDGE = cv2.getStructuringElement(
    cv2.MORPH_ELLIPSE, (_BRIDGE_PX, _BRIDGE_PX)
)  # a stroke is followed across a printed line
_LETTER = (5, 5)  # px: the neighbourhood in which written-over print is judged


@dataclass(frozen=True, slots=True, eq=False)
class Place:
    """One box of a form within a piece."""

    window: Window
    """Rows and columns of the box in the piece."""
    found: float
    """0 to 1: how much of what the blank prints in and around the box the scan shows there too."""
    printed: bool
    """Whether the blank prints anything there that could be looked for."""
    heavier: float
    """How much darker the whole box is than on the blank, 0 to 255; below 0 where it is paler."""


@dataclass(frozen=True, slots=True, eq=False)
class Piece:
    """A piece of a page with the ink on it; pictures of one shape, PX_PER_MM."""

    dark: Grey
    """How dark, 0 for the paper to 255."""
    strokes: NDArray[np.int32]
    """The number of the stroke (what hangs together) at each pixel; 0 for none."""
    middles: NDArray[np.float64]
    """The mean row and column of each stroke, by its number."""
    inked: Grey
    """255 where there is ink, dust and all."""
    bare: Grey
    """Darkness beyond the blank's print, ink or not, 0 to 255, noise and smudges and all."""
    printed: Grey
    """255 where the print may hide ink."""
    boxed: Grey
    """255 where the boxes of the form are."""
    places: tuple[Place, ...]

    @property
    def count(self) -> int:
        """More than the highest number of a stroke: 1 where there is no ink."""
        return len(self.middles)


@dataclass(frozen=True, slots=True, eq=False)
class _Side:
    """All pieces side by side."""

    scan: Grey
    blank: Grey
    boxed: Grey
    at: Sequence[Window]
    """Where each piece lies."""
    windows: Sequence[Sequence[Window]]
    """The boxes of each, in its own pixels."""

    def means(self, totals: Sequence[Floats], around: int) -> list[Floats]:
        """The mean of each box with so many pixels around it, as far as its piece reaches, all boxes in a row; for
        each picture, of which ``totals`` are the integrals."""
        limits = np.array([_edges(piece) for piece, inside in zip(self.at, self.windows, strict=True) for _ in inside])
        edges = np.array([_edges(one) for inside in self.windows for one in inside]) + limits[:, (0, 0, 2, 2)]
        top, left = np.maximum(edges[:, (0, 2)] - around, limits[:, (0, 2)]).T
        bottom, right = np.minimum(edges[:, (1, 3)] + around, limits[:, (1, 3)]).T
        size = (bottom - top) * (right - left)
        return [(of[bottom, right] - of[top, right] - of[bottom, left] + of[top, left]) / size for of in totals]


def _edges(window: Window) -> tuple[int, int, int, int]:
    rows, columns = window
    return rows.start, rows.stop, columns.start, columns.stop


def pieces_of(
    sheet: Sheet, regions: tuple[Box, ...], boxes: tuple[tuple[Box, ...], ...], near_mm: Sequence[float]
) -> list[Piece]:
    """Each region of the page with its ink; ``boxes`` are those that lie in the region at the same index.

    The print of every box is looked for within half a millimetre, its neighbours' shift weighing in, and taken away
    there.  A piece in which no ink comes within ``near_mm`` of any of its boxes is given as one without ink.
    """
    form = blank_pieces(sheet.blank, regions, boxes)
    scan, blank, boxed = (np.zeros(form.shape, np.uint8) for _ in range(3))
    scans, blanks = [scan[window] for window in form.at], [blank[window] for window in form.at]
    for place, (piece, _) in zip(scans, cut(sheet, regions, PX_PER_MM, 0), strict=True):
        place[:] = darkness(piece)
    shifts = shifts_of(scans, form.sought)
    for roomy, inside, by, place in zip(form.roomy, form.windows, shifts, blanks, strict=True):
        laid_print(roomy, inside, by, place)
    if _bilevel(sheet.page.image):  # grey print comes out black
        blank[:] = _above(blank, PRINT)
    windows = [
        [shifted(window, one) for window, one in zip(inside, by, strict=True)]
        for inside, by in zip(form.windows, shifts, strict=True)
    ]
    for area, placed in zip(form.at, windows, strict=True):
        for one in placed:
            boxed[area][one] = 255
    return _inked(_Side(scan, blank, boxed, form.at, windows), [round(mm * PX_PER_MM) for mm in near_mm])


def _bilevel(image: Grey) -> bool:
    dark = image[::5, ::5]
    dark = dark[dark < 200]
    return dark.size > 0 and bool((dark < 40).mean() > 0.95)


def _inked(side: _Side, near: Sequence[int]) -> list[Piece]:
    """All pieces lie side by side in one picture: each thing is done once, however many they are."""
    scan, blank = side.scan, side.blank
    cover, wide = np.asarray(cv2.dilate(blank, _AROUND), np.uint8), np.asarray(cv2.dilate(blank, _RIM), np.uint8)
    printed = _above(cover, PRINT)
    bare = np.asarray(cv2.subtract(scan, cv2.convertScaleAbs(cover, alpha=1.5)), np.uint8)
    totals = [np.asarray(cv2.integral(picture, sdepth=cv2.CV_64F), np.float64) for picture in (scan, blank, wide)]
    thicker = _thicker(*side.means(totals, 8))
    expected = np.asarray(cv2.addWeighted(blank, 1 - thicker, wide, thicker, 0), np.uint8)
    mask = np.asarray(
        cv2.bitwise_or(_written_over(scan, expected, printed), _above(bare, _least(scan, blank, side.at))), np.uint8
    )
    dark, plain, _ = side.means(totals, 0)
    heavier = iter((dark - plain).tolist())
    pieces = []
    for at, windows, by in zip(side.at, side.windows, near, strict=True):
        found = mask[at]
        close = any(cv2.countNonZero(found[widened(window, by, found.shape)]) for window in windows)
        strokes, middles = _strokes(found, printed[at]) if close else _none(found.shape)
        places = tuple(Place(one, *_found(scan[at], blank[at], one), next(heavier)) for one in windows)
        pieces.append(Piece(scan[at], strokes, middles, found, bare[at], printed[at], side.boxed[at], places))
    return pieces


def _found(scan: Grey, blank: Grey, window: Window) -> tuple[float, bool]:
    around = widened(window, 4, scan.shape)
    print_ = blank[around]
    core = _above(print_, max(PRINT, int(cv2.minMaxLoc(print_)[1]) // 2))
    if not cv2.countNonZero(core):
        return 1.0, False
    shown = cv2.divide(cv2.min(scan[around], print_), print_, dtype=cv2.CV_32F)
    return cv2.mean(shown, core)[0], True


def _above(picture: Grey, level: int) -> Grey:
    """255 where it is more than ``level``."""
    return np.asarray(cv2.threshold(picture, level, 255, cv2.THRESH_BINARY)[1], np.uint8)


def _thicker(scan: Floats, blank: Floats, wide: Floats) -> float:
    """How much thicker this scan's print is than the blank's, from how dark the surroundings of each box are on both
    and on the blank with wider print: 0 as it is, 1 a pixel on each side."""
    room = wide - blank
    if not (room > 2).any():
        return 0.0
    shares = (scan - blank)[room > 2] / room[room > 2]
    # Marks only make it darker, so what the paler third shows is the print's own.
    return float(np.clip(np.quantile(shares, 0.33), 0, 3))


def _least(scan: Grey, blank: Grey, at: Sequence[Window]) -> int:
    """The darkness from which on the unprinted paper of this page is ink and not noise."""
    paler = (blank[::2, ::2] < 8).astype(np.uint8)
    counts = cv2.calcHist([np.ascontiguousarray(scan[::2, ::2])], [0], paler, [256], [0, 256]).ravel().astype(np.int64)
    halves = [[(part.stop - part.start + 1) // 2 for part in window] for window in at]
    counts[0] -= paler.size - sum(rows * columns for rows, columns in halves)  # what lies between the pieces
    share = np.cumsum(counts) / max(counts.sum(), 1)
    middle, upper = int(np.searchsorted(share, 0.5)), int(np.searchsorted(share, 0.84))
    return int(np.clip(middle + 5 * (upper - middle), _LEAST, 64))


def _written_over(scan: Grey, expected: Grey, printed: Grey) -> Grey:
    """Where even the printed places are darker than their print can make them."""
    over = cv2.subtract(cv2.blur(scan, _LETTER), cv2.dilate(cv2.blur(expected, _LETTER), _RIM))
    return np.asarray(cv2.bitwise_and(_above(np.asarray(over, np.uint8), _SOLID), printed), np.uint8)


def _none(shape: tuple[int, ...]) -> tuple[NDArray[np.int32], Floats]:
    return np.zeros(shape, np.int32), np.zeros((1, 2))


def _strokes(mask: Grey, printed: Grey) -> tuple[NDArray[np.int32], Floats]:
    """Number what hangs together, also across a printed line, and leave out the dust; and the middle of each number."""
    if cv2.countNonZero(mask) < _SPECK:
        return _none(mask.shape)
    left, top, width, height = cv2.boundingRect(mask)
    inked = widened((slice(top, top + height), slice(left, left + width)), _BRIDGE_PX, mask.shape)
    part, print_ = mask[inked], printed[inked]
    bridged = cv2.bitwise_or(part, cv2.bitwise_and(cv2.morphologyEx(part, cv2.MORPH_CLOSE, _BRIDGE), print_))
    count, found, stats, middles = cv2.connectedComponentsWithStats(bridged, connectivity=8)
    clear = np.bincount(found[cv2.dilate(print_, _RIM) == 0], minlength=count)
    area = stats[:, cv2.CC_STAT_AREA]
    keep = np.arange(count, dtype=np.int32)
    keep[(area < _SPECK) | (clear == 0) & (area < _RIM_SPECK)] = 0
    if not keep.any():
        return _none(mask.shape)
    strokes = np.zeros(mask.shape, np.int32)
    strokes[inked] = keep[found]
    return strokes, np.asarray(middles, np.float64)[:, ::-1] + (inked[0].start, inked[1].start)


def read_ink(sheet: Sheet, asks: Sequence[InkAsk]) -> list[Guess]:
    """Whether something is written at each place: text 記入あり or "", blank by ink; dust and stray noise are not ink."""
    if not asks:
        return []
    margin = 1.5
    regions = tuple(_around(ask.box, margin) for ask in asks)
    pieces = pieces_of(sheet, regions, tuple((ask.box,) for ask in asks), [0.0] * len(asks))
    return [_guess(piece) for piece in pieces]


def _around(box: Box, margin: float) -> Box:
    return Box(box.page, box.left - margin, box.top - margin, box.width + 2 * margin, box.height + 2 * margin)


def _guess(piece: Piece) -> Guess:
    (place,) = piece.places
    if place.printed and place.found < 0.4:
        return Guess(
            "", 0.5, "unsure", ("印刷された枠が、空の帳票と同じ場所に見つかりません。原本を見てください",), "ink"
        )
    inside = piece.strokes[place.window]
    areas = np.bincount(inside.ravel(), minlength=piece.count)
    whole = np.bincount(piece.strokes.ravel(), minlength=len(areas))
    areas[0] = 0
    strokes = areas >= _STROKE
    own = strokes & (areas >= 0.5 * whole)
    written = float(areas[own].sum()) / PX_PER_MM**2
    foreign = float(areas[strokes & ~own].sum()) / PX_PER_MM**2
    rows, columns = np.nonzero(own[inside])
    reach = max(int(np.ptp(rows)), int(np.ptp(columns))) / PX_PER_MM if len(rows) else 0.0
    if written >= 1.2 and reach >= 2:
        return Guess(WRITTEN, 0.9995, "read", (), "ink")
    if written >= 0.3 or foreign >= 1:
        why = "わずかな書き込みか汚れがあります" if foreign < 1 else "となりの欄からはみ出した線があります"
        return Guess(WRITTEN if written >= 0.3 else "", 0.8, "unsure", (why,), "ink")
    return Guess("", 0.9995 if foreign == 0 else 0.99, "blank", (), "ink")
