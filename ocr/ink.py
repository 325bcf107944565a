"""Ink: what a pen has put on a piece of a page that is not on the same piece of the empty form; and fields that ask only that."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from ocr.ask import Guess, InkAsk
from ocr.cut import cut
from ocr.ink_align import PRINT, PX_PER_MM, Window, laid_print, shifted, shifts_of, widened, window_of
from ocr.page import Grey, Sheet
from ocr.reading import Box

WRITTEN = "記入あり"

_SPECK = 4  # px: less ink than this in one place is dust
_STROKE = 10  # px: the least of a stroke of writing
_RIM_SPECK = 32  # px: the same, hard by the print, whose edge is never quite as the blank has it
_LEAST = 22  # of 255: what is paler than this is never ink
_SOLID = 51  # of 255: how much darker than its own print a printed place must be to have been written over
_AROUND = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (5, 5))  # print is allowed to be a quarter of a mm wider
_RIM = np.ones((3, 3), np.uint8)
_BRIDGE = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (13, 13))  # a stroke is followed across a printed line
_APART = 16  # px between pieces in one picture: wider than a bridge
_ROW_PX = 1000
_LETTER = (5, 5)  # px: the neighbourhood in which written-over print is judged
_SHADE_PX = 13  # quarter pixels: shade of the paper is wider than this (6.5 mm), marks are not
_DARKEST_PAPER = 0.62  # of the piece's own white: darker than this is a mark, however wide


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
    bare: Grey
    """Darkness beyond the blank's print, ink or not, 0 to 255, noise and smudges and all."""
    printed: Grey
    """255 where the print may hide ink."""
    boxed: NDArray[np.bool_]
    """Where the boxes of the form are."""
    places: tuple[Place, ...]


def pieces_of(sheet: Sheet, regions: Sequence[Box], boxes: Sequence[Sequence[Box]]) -> list[Piece]:
    """Each region of the page with its ink; ``boxes`` are those that lie in the region at the same index.

    The print of every box is looked for within half a millimetre, its neighbours' shift weighing in, and taken away there.
    """
    darks = [(darkness(scan), darkness(blank)) for scan, blank in cut(sheet, regions, PX_PER_MM, 0)]
    windows = [[window_of(box, region) for box in inside] for region, inside in zip(regions, boxes, strict=True)]
    shifts = shifts_of(darks, windows)
    laid = [laid_print(blank, inside, shift) for (_, blank), inside, shift in zip(darks, windows, shifts, strict=True)]
    windows = [
        [shifted(window, by) for window, by in zip(inside, shift, strict=True)]
        for inside, shift in zip(windows, shifts, strict=True)
    ]
    if _bilevel(sheet.page.image):  # grey print comes out black
        laid = [_above(blank, PRINT) for blank in laid]
    scans = [scan for scan, _ in darks]
    places = [
        tuple(_found(scan, blank, one) for one in inside)
        for scan, blank, inside in zip(scans, laid, windows, strict=True)
    ]
    return _inked(scans, laid, places, _thicker(scans, laid, windows), _least(scans, laid))


def _bilevel(image: Grey) -> bool:
    dark = image[::5, ::5]
    dark = dark[dark < 200]
    return dark.size > 0 and bool((dark < 40).mean() > 0.95)


def darkness(piece: Grey) -> Grey:
    """0 for the paper as it is there, shade and stains and all, to 255 for black."""
    height, width = piece.shape
    small = cv2.resize(piece, (max(1, width // 4), max(1, height // 4)), interpolation=cv2.INTER_AREA)
    paper = cv2.morphologyEx(small, cv2.MORPH_CLOSE, np.ones((_SHADE_PX, _SHADE_PX), np.uint8))
    white = int(np.partition(small, small.size * 9 // 10, axis=None)[small.size * 9 // 10])
    paper = cv2.blur(np.maximum(paper, np.uint8(white * _DARKEST_PAPER)), (5, 5))
    level = cv2.resize(paper, (width, height), interpolation=cv2.INTER_LINEAR)
    return 255 - np.asarray(cv2.divide(piece, level, scale=255), np.uint8)


def _thicker(scans: Sequence[Grey], blanks: Sequence[Grey], windows: Sequence[Sequence[Window]]) -> float:
    """How much thicker this scan's print is than the blank's: 0 as it is, 1 a pixel on each side."""
    shares = []
    for scan, blank, inside in zip(scans, blanks, windows, strict=True):
        wide = cv2.dilate(blank, _RIM)
        for window in inside:
            around = widened(window, 8, scan.shape)
            plain = cv2.mean(blank[around])[0]
            room = cv2.mean(wide[around])[0] - plain
            if room > 2:
                shares.append((cv2.mean(scan[around])[0] - plain) / room)
    # Marks only make it darker, so what the paler third shows is the print's own.
    return float(np.clip(np.quantile(shares, 0.33), 0, 3)) if shares else 0.0


def _least(scans: Sequence[Grey], blanks: Sequence[Grey]) -> int:
    """The darkness from which on the unprinted paper of this page is ink and not noise."""
    counts = np.zeros(256)
    for scan, blank in zip(scans, blanks, strict=True):
        counts += np.bincount(scan[::2, ::2][blank[::2, ::2] < 8], minlength=256)
    share = np.cumsum(counts) / max(counts.sum(), 1)
    middle, upper = int(np.searchsorted(share, 0.5)), int(np.searchsorted(share, 0.84))
    return int(np.clip(middle + 5 * (upper - middle), _LEAST, 64))


def _inked(
    scans: Sequence[Grey], blanks: Sequence[Grey], places: Sequence[tuple[Place, ...]], thicker: float, least: int
) -> list[Piece]:
    """All pieces side by side in one picture: each thing is done once, however many they are."""
    shape, at = _side_by_side([scan.shape for scan in scans])
    scan, blank, boxed = np.zeros(shape, np.uint8), np.zeros(shape, np.uint8), np.zeros(shape, np.bool_)
    for window, one, other, inside in zip(at, scans, blanks, places, strict=True):
        scan[window], blank[window] = one, other
        for place in inside:
            boxed[window][place.window] = True
    cover = np.asarray(cv2.dilate(blank, _AROUND), np.uint8)
    printed = _above(cover, PRINT)
    bare = np.asarray(cv2.subtract(scan, cv2.convertScaleAbs(cover, alpha=1.5)), np.uint8)
    mask = cv2.bitwise_or(_above(bare, least), _written_over(scan, blank, thicker, printed))
    strokes = [_strokes(np.asarray(mask[window], np.uint8), printed[window]) for window in at]
    return [
        Piece(one, numbers, bare[window], printed[window], boxed[window], inside)
        for window, one, numbers, inside in zip(at, scans, strokes, places, strict=True)
    ]


def _above(picture: Grey, level: int) -> Grey:
    """255 where it is more than ``level``."""
    return np.asarray(cv2.threshold(picture, level, 255, cv2.THRESH_BINARY)[1], np.uint8)


def _side_by_side(shapes: Sequence[tuple[int, ...]]) -> tuple[tuple[int, int], list[Window]]:
    """The size of a picture that holds all, and where in it each lies."""
    width = max(_ROW_PX, *(shape[1] for shape in shapes))
    windows = []
    top = left = high = 0
    for rows, columns in shapes:
        if left + columns > width:
            top, left, high = top + high + _APART, 0, 0
        windows.append((slice(top, top + rows), slice(left, left + columns)))
        left, high = left + columns + _APART, max(high, rows)
    return (top + high, width), windows


def _strokes(mask: Grey, printed: Grey) -> NDArray[np.int32]:
    """Number what hangs together, also across a printed line, and leave out the dust."""
    if cv2.countNonZero(mask) < _SPECK:
        return np.zeros(mask.shape, np.int32)
    bridged = cv2.bitwise_or(mask, cv2.bitwise_and(cv2.morphologyEx(mask, cv2.MORPH_CLOSE, _BRIDGE), printed))
    count, found, stats, _ = cv2.connectedComponentsWithStats(bridged, connectivity=8)
    strokes = np.asarray(found, np.int32)
    clear = np.bincount(strokes[cv2.dilate(printed, _RIM) == 0], minlength=count)
    area = stats[:, cv2.CC_STAT_AREA]
    keep = np.arange(count, dtype=np.int32)
    keep[(area < _SPECK) | (clear == 0) & (area < _RIM_SPECK)] = 0
    return keep[strokes]


def _written_over(scan: Grey, blank: Grey, thicker: float, printed: Grey) -> Grey:
    """Where even the printed places are darker than their print can make them."""
    expected = cv2.addWeighted(blank, 1 - thicker, cv2.dilate(blank, _RIM), thicker, 0)
    over = cv2.subtract(cv2.blur(scan, _LETTER), cv2.dilate(cv2.blur(expected, _LETTER), _RIM))
    return np.asarray(cv2.bitwise_and(_above(np.asarray(over, np.uint8), _SOLID), printed), np.uint8)


def _found(scan: Grey, blank: Grey, window: Window) -> Place:
    around = widened(window, 4, scan.shape)
    print_ = blank[around]
    heavier = cv2.mean(scan[window])[0] - cv2.mean(blank[window])[0]
    core = print_ > max(PRINT, int(print_.max()) // 2)
    if not core.any():
        return Place(window, 1.0, False, heavier)
    shown = np.minimum(scan[around][core] / print_[core].astype(np.float32), 1)
    return Place(window, float(shown.mean()), True, heavier)


def read_ink(sheet: Sheet, asks: Sequence[InkAsk]) -> list[Guess]:
    """Whether something is written at each place: text 記入あり or "", blank by ink; dust and stray noise are not ink."""
    if not asks:
        return []
    margin = 1.5
    regions = [_around(ask.box, margin) for ask in asks]
    pieces = pieces_of(sheet, regions, [[ask.box] for ask in asks])
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
    areas = np.bincount(inside.ravel(), minlength=int(piece.strokes.max()) + 1)
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
