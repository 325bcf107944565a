"""Finding the print of each box on the scan, half a millimetre about, and laying the blank's print there."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

import cv2
import numpy as np
from numpy.typing import NDArray

from ocr.page import Grey
from ocr.reading import Box

PX_PER_MM = 8.0
PRINT = 30
"""Of 255: from here on the blank is printed on."""

_SHIFT = 4  # px: how far, at most, a printed box is looked for around its place (0.5 mm)
_AROUND = 12  # px around a box that move with it

Window = tuple[slice, slice]
Shift = tuple[int, int]
"""Pixels down and right."""
Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True, eq=False)
class Sought:
    """The print of one box, to be looked for on a scan."""

    around: Window
    """Where to look."""
    spectrum: Floats
    """Of its darkness from the mean on, divided by its energy; what is looked at is filled up with 0 to the same size."""


def window_of(box: Box, region: Box) -> Window:
    top, left = (box.top - region.top) * PX_PER_MM, (box.left - region.left) * PX_PER_MM
    return (
        slice(max(0, round(top)), max(1, round(top + box.height * PX_PER_MM))),
        slice(max(0, round(left)), max(1, round(left + box.width * PX_PER_MM))),
    )


def shifted(window: Window, by: Shift) -> Window:
    rows, columns = window
    return (
        slice(max(0, rows.start + by[0]), max(1, rows.stop + by[0])),
        slice(max(0, columns.start + by[1]), max(1, columns.stop + by[1])),
    )


def widened(window: Window, by: int, shape: tuple[int, ...]) -> Window:
    """The window with ``by`` pixels more on each side, as far as the piece reaches."""
    rows, columns = window
    return (
        slice(max(0, rows.start - by), min(shape[0], rows.stop + by)),
        slice(max(0, columns.start - by), min(shape[1], columns.stop + by)),
    )


def sought_of(blank: Grey, window: Window) -> Sought | None:
    """What the blank prints in and around the box at ``window``; None where that is nothing."""
    rows, columns = around = widened(window, _AROUND, blank.shape)
    print_ = blank[rows.start + _SHIFT : rows.stop - _SHIFT, columns.start + _SHIFT : columns.stop - _SHIFT]
    if min(print_.shape) < 2 or int(print_.max()) < PRINT:
        return None
    plain = print_.astype(np.float32) - np.float32(print_.mean())
    size = tuple(cv2.getOptimalDFTSize(span.stop - span.start) for span in around)
    return Sought(around, _spectrum(plain / max(float((plain**2).sum()), 1.0), size))


def _spectrum(picture: Grey | Floats, size: tuple[int, ...]) -> Floats:
    whole = np.zeros(size, np.float32)
    whole[: picture.shape[0], : picture.shape[1]] = picture
    return np.asarray(cv2.dft(whole), np.float32)


def shifts_of(scans: Sequence[Grey], sought: Sequence[Sequence[Sought | None]]) -> list[list[Shift]]:
    """How far down and right each box's print lies from its place, in pixels."""
    maps = [
        None if one is None else _match(scan, one) for scan, inside in zip(scans, sought, strict=True) for one in inside
    ]
    every = [one for one in maps if one is not None]
    if not every:
        return [[(0, 0)] * len(inside) for inside in sought]
    # What the whole page agrees on settles what a single box, hidden under a mark, can't.
    common = np.mean(every, axis=0) * 0.5
    best = iter([_best(common if one is None else common + one) for one in maps])
    return [[next(best) for _ in inside] for inside in sought]


def _match(scan: Grey, sought: Sought) -> Floats:
    """How well the blank's print fits the scan at each shift, about 0 to 1."""
    both = cv2.mulSpectrums(_spectrum(scan[sought.around], sought.spectrum.shape), sought.spectrum, 0, conjB=True)
    found = cv2.dft(both, flags=cv2.DFT_INVERSE | cv2.DFT_SCALE | cv2.DFT_REAL_OUTPUT)
    return np.asarray(found[: 2 * _SHIFT + 1, : 2 * _SHIFT + 1], np.float32)


def _best(match: Floats) -> Shift:
    down, right = divmod(int(match.argmax()), match.shape[1])
    return down - _SHIFT, right - _SHIFT


def room_around(blank: Grey) -> Grey:
    """The blank with room on all sides, to be given to ``laid_print``."""
    return np.asarray(
        cv2.copyMakeBorder(blank, _SHIFT, _SHIFT, _SHIFT, _SHIFT, cv2.BORDER_REPLICATE),
        np.uint8,
    )


def laid_print(roomy: Grey, windows: Sequence[Window], shifts: Sequence[Shift], out: Grey) -> None:
    """Lay the blank, ``roomy`` as ``room_around`` gives it, into ``out``, each box's surroundings where the scan has them."""
    down, right = (round(median(shift[axis] for shift in shifts)) for axis in (0, 1))
    whole = (slice(0, out.shape[0]), slice(0, out.shape[1]))
    out[:] = _moved(roomy, whole, (down, right))
    for window, shift in zip(windows, shifts, strict=True):
        if shift != (down, right):
            wide = widened(window, _AROUND, out.shape)
            out[wide] = _moved(roomy, wide, shift)


def _moved(roomy: Grey, window: Window, shift: Shift) -> Grey:
    rows, columns = window
    down, right = _SHIFT - shift[0], _SHIFT - shift[1]
    return roomy[rows.start + down : rows.stop + down, columns.start + right : columns.stop + right]
