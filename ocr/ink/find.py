"""Ink: what a pen has put on a piece of a page that is not on the same piece of the empty form; and fields that ask only that."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import accumulate, pairwise

import cv2
import numpy as np
from numpy.typing import NDArray

from ocr.ask import Guess, InkAsk
from ocr.cut import cut
from ocr.ink.align import PRINT, PX_PER_MM, Window, laid_print, shifted, shifts_of, widened
from ocr.ink.blank import BlankPieces, blank_pieces, darkness
from ocr.ink.found import PALEST, Floats, Inked, Piece, Side
from ocr.page import Grey, Sheet
from ocr.reading import Box
from ocr.windows import Bools, Numbers, Windows, sums

WRITTEN = "記入あり"

_SPECK = 4  # px: less ink than this in one place is dust
_STROKE = 10  # px: the least of a stroke of writing
_RIM_SPECK = 32  # px: the same, hard by the print, whose edge is never quite as the blank has it
_THIN, _THICK = np.ones((3, 3), np.uint8), 0.05
"""px: so much less than this a frame's sides may come out thicker, most of all in black and white; the share that is thick all the
same, as where two sides meet."""
_LEAST = 22  # of 255: what is paler than this is never ink
_LEAST_OF_DOTS = 36  # the same where dots were made grey: a lone one is 28
_SOLID_PRINT = 128  # of 255: print that no scan should make pale
_PALE_COPY = 1.6  # times as dark as this copy has it
_SOLID = 51  # of 255: how much darker than its own print a printed place must be to have been written over
_AROUND = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (5, 5))  # print is allowed to be a quarter of a mm wider
_RIM = np.ones((3, 3), np.uint8)
_BRIDGE_PX = 13
_BRIDGE = cv2.getStructuringElement(
    cv2.MORPH_ELLIPSE, (_BRIDGE_PX, _BRIDGE_PX)
)  # a stroke is followed across a printed line
_MERE_LINE = 1.5  # times as long as it reaches: writing turns more than a line
_LETTER = (5, 5)  # px: the neighbourhood in which written-over print is judged


def dark_pieces(sheet: Sheet, regions: Sequence[Box]) -> list[Grey]:
    """How dark the page is in each region."""
    return [darkness(piece) for piece, _ in cut(sheet, regions, PX_PER_MM, 0)]


def ink_of(
    sheet: Sheet,
    pieces: Sequence[Grey],
    regions: tuple[Box, ...],
    boxes: tuple[tuple[Box, ...], ...],
    near_mm: Sequence[float],
) -> Inked:
    """Each region of the page, ``pieces`` as ``dark_pieces`` gives them, with its ink; ``boxes`` are those that lie in the
    region at the same index.

    The print of every box is looked for within half a millimetre, its neighbours' shift weighing in, and taken away
    there.  A piece in which no ink comes within ``near_mm`` of any of its boxes is given as one without strokes.
    """
    form = blank_pieces(sheet.blank, regions, boxes)
    scan, blank = np.zeros(form.shape, np.uint8), np.zeros(form.shape, np.uint8)
    scans, blanks = [scan[window] for window in form.at], [blank[window] for window in form.at]
    for place, piece in zip(scans, pieces, strict=True):
        place[:] = piece
    shifts = shifts_of(scans, form.sought)
    for roomy, inside, by, place in zip(form.roomy, form.windows, shifts, blanks, strict=True):
        laid_print(roomy, inside, by, place)
    if sheet.page.bilevel:  # grey print comes out black
        blank[:] = _above(blank, PRINT)
    scan = _as_dark(scan, blank)
    windows = [
        [shifted(window, one) for window, one in zip(inside, by, strict=True)]
        for inside, by in zip(form.windows, shifts, strict=True)
    ]
    least = _LEAST_OF_DOTS if sheet.page.of_dots else _LEAST
    return _inked(_side(scan, blank, form, windows), windows, [round(mm * PX_PER_MM) for mm in near_mm], least)


def _as_dark(scan: Grey, blank: Grey) -> Grey:
    """A pale copy made as dark as its print tells that it should be, or nearly."""
    # The print may lie a quarter of a pixel beside its place.
    near = np.asarray(cv2.dilate(scan, _RIM), np.uint8)[::2, ::2]
    core = blank[::2, ::2] > _SOLID_PRINT
    if not core.any():
        return scan
    paler = float(np.median(blank[::2, ::2][core])) / max(float(np.percentile(near[core], 60)), 1)
    if paler <= _PALE_COPY:
        return scan
    return np.asarray(cv2.convertScaleAbs(scan, alpha=min(paler / 1.2, 3)), np.uint8)


def _side(scan: Grey, blank: Grey, form: BlankPieces, windows: Sequence[Sequence[Window]]) -> Side:
    ends = list(accumulate(map(len, windows), initial=0))
    limits = Windows.of([at for at, inside in zip(form.at, windows, strict=True) for _ in inside])
    inner = Windows.of([one for inside in windows for one in inside])
    boxed = np.zeros_like(scan)
    for at, inside in zip(form.at, windows, strict=True):
        for one in inside:
            boxed[at][one] = 255
    return Side(
        scan=scan,
        blank=blank,
        boxed=boxed,
        at=form.at,
        pieces=[range(first, end) for first, end in pairwise(ends)],
        boxes=inner.moved(limits.top, limits.left),
        limits=limits,
    )


def _inked(side: Side, windows: Sequence[Sequence[Window]], near: Sequence[int], least: int) -> Inked:
    """Each thing is done once for all pieces, however many they are; ``least``: what is paler is never ink."""
    scan, blank = side.scan, side.blank
    cover, wide = np.asarray(cv2.dilate(blank, _AROUND), np.uint8), np.asarray(cv2.dilate(blank, _RIM), np.uint8)
    printed = _above(cover, PRINT)
    bare = np.asarray(cv2.subtract(scan, cv2.convertScaleAbs(cover, alpha=1.5)), np.uint8)
    thicker = _thicker(*_means(side.boxes.widened(8, side.limits), scan, blank, wide))
    expected = np.asarray(cv2.addWeighted(blank, 1 - thicker, wide, thicker, 0), np.uint8)
    mask = np.asarray(
        cv2.bitwise_or(_written_over(scan, expected, printed), _above(bare, _least(scan, blank, side.at, least))),
        np.uint8,
    )
    numbers, areas, middles = _numbered(mask, printed, side.at, windows, near)
    dark, plain = _means(side.boxes.widened(0, side.limits), scan, blank)
    found, looked_for = _found(side)
    return Inked(side, numbers, areas, middles, mask, bare, printed, found, looked_for, dark - plain)


def _means(windows: Windows, *pictures: Grey) -> list[Floats]:
    """Of each window, on each picture."""
    found = np.zeros((len(pictures), len(windows)))
    for those, _, stacks in windows.stacks(*pictures):
        found[:, those] = [sums(stack) for stack in stacks]
    return list(found / np.maximum(windows.height * windows.width, 1))


def _found(side: Side) -> tuple[Floats, Bools]:
    """Of each box: how much of what the blank prints in and around it the scan shows too; and whether it prints anything."""
    found, looked_for = np.ones(len(side.boxes)), np.zeros(len(side.boxes), np.bool_)
    for those, _, (scan, print_) in side.boxes.widened(4, side.limits).stacks(side.scan, side.blank):
        level = np.maximum(print_.max(axis=(1, 2)) // 2, PRINT)
        core = print_ > level[:, None, None]
        pixels = sums(core)
        shown = np.minimum(scan, print_) / np.maximum(print_, 1).astype(np.float32)
        shares = np.add.reduce(shown * core, axis=(1, 2), dtype=np.float64) / np.maximum(pixels, 1)
        found[those], looked_for[those] = np.where(pixels > 0, shares, 1.0), pixels > 0
    if looked_for.any():  # a pale copy shows all of it paler
        found[looked_for] /= np.clip(np.median(found[looked_for]), 0.25, 1)
    return np.minimum(found, 1), looked_for


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


def _least(scan: Grey, blank: Grey, at: Sequence[Window], least: int) -> int:
    """The darkness from which on the unprinted paper of this page is ink and not noise."""
    paler = (blank[::2, ::2] < 8).astype(np.uint8)
    counts = cv2.calcHist([np.ascontiguousarray(scan[::2, ::2])], [0], paler, [256], [0, 256]).ravel().astype(np.int64)
    halves = [[(part.stop - part.start + 1) // 2 for part in window] for window in at]
    counts[0] -= paler.size - sum(rows * columns for rows, columns in halves)  # what lies between the pieces
    share = np.cumsum(counts) / max(counts.sum(), 1)
    middle, upper = int(np.searchsorted(share, 0.5)), int(np.searchsorted(share, 0.84))
    return int(np.clip(middle + 5 * (upper - middle), least, 64))


def _written_over(scan: Grey, expected: Grey, printed: Grey) -> Grey:
    """Where even the printed places are darker than their print can make them."""
    over = cv2.subtract(cv2.blur(scan, _LETTER), cv2.dilate(cv2.blur(expected, _LETTER), _RIM))
    return np.asarray(cv2.bitwise_and(_above(np.asarray(over, np.uint8), _SOLID), printed), np.uint8)


def _numbered(
    mask: Grey, printed: Grey, at: Sequence[Window], windows: Sequence[Sequence[Window]], near: Sequence[int]
) -> tuple[NDArray[np.int32], Numbers, Floats]:
    """The strokes of the pieces that have ink ``near`` any of their boxes, numbered; and of each its area and middle."""
    numbers = np.zeros(mask.shape, np.int32)
    areas, middles, count = [np.zeros(1, np.int64)], [np.zeros((1, 2))], 1
    for (rows, columns), inside, by in zip(at, windows, near, strict=True):
        found = mask[rows, columns]
        if any(cv2.countNonZero(found[widened(window, by, found.shape)]) for window in inside):
            area, middle = _strokes(found, printed[rows, columns], numbers[rows, columns], count)
            areas.append(area)
            middles.append(middle + np.array([rows.start, columns.start]))
            count += len(area)
    return numbers, np.concatenate(areas), np.concatenate(middles)


def _bands(mask: Grey) -> Iterator[slice]:
    """The rows of all ink with what is bridged around them, in parts between which no bridge leads."""
    rows = np.flatnonzero(mask.max(axis=1))
    starts = np.flatnonzero(np.diff(rows, prepend=-2 * _BRIDGE_PX) >= 2 * _BRIDGE_PX)
    for some in np.split(rows, starts[1:]):
        yield slice(max(0, int(some[0]) - _BRIDGE_PX), int(some[-1]) + 1 + _BRIDGE_PX)


def _strokes(mask: Grey, printed: Grey, out: NDArray[np.int32], first: int) -> tuple[Numbers, Floats]:
    """Number, from ``first`` on, what hangs together, also across a printed line, leaving out the dust; the area and
    the middle of each number."""
    if cv2.countNonZero(mask) < _SPECK:
        return np.zeros(0, np.int64), np.zeros((0, 2))
    left, top, width, height = cv2.boundingRect(mask)
    inked = widened((slice(top, top + height), slice(left, left + width)), _BRIDGE_PX, mask.shape)
    part, print_ = mask[inked], printed[inked]
    bridged = part.copy()
    for band in _bands(part):
        closed = cv2.morphologyEx(part[band], cv2.MORPH_CLOSE, _BRIDGE)
        bridged[band] |= np.asarray(cv2.bitwise_and(closed, print_[band]), np.uint8)
    count, found = cv2.connectedComponents(bridged, connectivity=8)
    # What is known of each is counted over its pixels: OpenCV's own figures cost six times the components.
    rows, columns = np.divmod(np.flatnonzero(bridged != 0), part.shape[1])
    labels = np.asarray(found, np.int32)[rows, columns]
    area = np.bincount(labels, minlength=count)
    rim = np.asarray(cv2.dilate(print_, _RIM), np.uint8)[rows, columns]
    clear = np.bincount(labels[rim == 0], minlength=count)
    keep = (area >= _SPECK) & ((clear > 0) | (area >= _RIM_SPECK))
    hidden = keep & (clear == 0)
    if (
        hidden.any()
    ):  # all on the print: it is the print's own where it is hardly anywhere thicker than a dot of the scan
        thick = np.asarray(cv2.erode(bridged, _THIN), np.uint8)[rows, columns] > 0
        keep &= ~hidden | (np.bincount(labels[thick], minlength=count) >= _THICK * area)
    # Those that are kept have numbers in a row: what is worked out of each later is worked out of no dust.
    names = np.where(keep, np.cumsum(keep) + (first - 1), 0).astype(np.int32)
    rows, columns = rows + inked[0].start, columns + inked[1].start
    out[rows, columns] = names[labels]
    middles = [np.bincount(labels, of, count)[keep] / area[keep] for of in (rows, columns)]
    return area[keep], np.stack(middles, axis=1)


def read_ink(sheet: Sheet, asks: Sequence[InkAsk]) -> list[Guess]:
    """Whether something is written at each place: text 記入あり or "", blank by ink; dust and stray noise are not ink."""
    if not asks:
        return []
    margin = 1.5
    regions = tuple(_around(ask.box, margin) for ask in asks)
    pieces = dark_pieces(sheet, regions)
    ink = ink_of(sheet, pieces, regions, tuple((ask.box,) for ask in asks), [0.0] * len(asks))
    return [_guess(ink.piece(number), ink.areas) for number in range(len(asks))]


def _around(box: Box, margin: float) -> Box:
    return Box(box.page, box.left - margin, box.top - margin, box.width + 2 * margin, box.height + 2 * margin)


def _guess(piece: Piece, whole: Numbers) -> Guess:
    (place,) = piece.places
    if place.printed and place.found < 0.4:
        return Guess(
            "", 0.5, "unsure", ("印刷された枠が、空の帳票と同じ場所に見つかりません。原本を見てください",), "ink"
        )
    inside = piece.strokes[place.window]
    areas = np.bincount(inside.ravel(), minlength=len(whole))
    areas[0] = 0
    strokes = areas >= _STROKE
    own = strokes & (areas >= 0.5 * whole)
    passing = np.zeros_like(own)
    passing[[number for number in np.flatnonzero(own) if _passes(piece, int(number))]] = True
    own &= ~passing
    comes_in = float(areas[passing].sum()) / PX_PER_MM**2
    written = float(areas[own].sum()) / PX_PER_MM**2
    foreign = float(areas[strokes & ~own & ~passing].sum()) / PX_PER_MM**2
    rows, columns = np.nonzero(own[inside])
    reach = max(int(np.ptp(rows)), int(np.ptp(columns))) / PX_PER_MM if len(rows) else 0.0
    if written >= 0.3 and np.percentile(piece.dark[place.window][own[inside]], 75) < PALEST:
        why = "とても薄い跡です。裏の文字が透けているのかもしれません"
        return Guess(WRITTEN, 0.8, "unsure", (why,), "ink")
    if written >= 1.2 and reach >= 2:
        return Guess(WRITTEN, 0.9995, "read", (), "ink")
    if written >= 0.3 or foreign >= 1 or comes_in >= 0.3:
        small = foreign < 1 and comes_in < 0.3
        why = "わずかな書き込みか汚れがあります" if small else "となりの欄からはみ出した線があります"
        return Guess(WRITTEN if written >= 0.3 else "", 0.8, "unsure", (why,), "ink")
    return Guess("", 0.9995 if foreign + comes_in == 0 else 0.99, "blank", (), "ink")


def _passes(piece: Piece, number: int) -> bool:
    """Whether the stroke comes in from beyond the piece and is a mere line, or goes right through: it may well be a
    neighbour's."""
    stroke = piece.strokes == number
    top, bottom, left, right = (bool(rim.any()) for rim in (stroke[0], stroke[-1], stroke[:, 0], stroke[:, -1]))
    if (top and bottom) or (left and right):
        return True
    inside = np.pad(stroke[piece.places[0].window], 1).astype(np.uint8)
    pen = 2 * float(np.quantile(cv2.distanceTransform(inside, cv2.DIST_L2, 3)[inside > 0], 0.9))
    _, _, width, height = cv2.boundingRect(inside)
    line = np.count_nonzero(inside) < _MERE_LINE * pen * np.hypot(width, height)
    return bool(line and (top or bottom or left or right))
