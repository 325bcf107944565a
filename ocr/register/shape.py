"""Registration by the print as a whole: cells of a grid look alike, so their corners tell nothing, but all of them together do."""

from __future__ import annotations

from collections.abc import Iterator

import cv2
import numpy as np
from numpy.typing import NDArray

from ocr.page import Grey
from ocr.register.ink import WORK_PX_PER_MM, Ink, Matrix, inverse
from ocr.register.landmarks import Landmarks

_PX_PER_MM = 2.0
_WIDEST, _STEP, _FINE = 6.0, 0.5, 0.1
"""Degrees: how far a page is tilted at most, and how closely that is looked for, first and then."""
_SCALES = (1.0, 0.985, 1.015)
_PEAKS = 2  # for one turn
_APART_MM = 3.0
_SQUARE = 1.1
"""A picture with sides that differ less may be of a page turned by 90 degrees."""

_Reals = NDArray[np.float32]


def by_shape(ink: Ink, blank: Landmarks) -> list[Matrix]:
    """The ways the page may lie, whichever side is up: mm on the form → pixels of ``ink``; the check of the print decides."""
    page, form = _small(ink.image), _small(blank.ink)
    spectrum = np.fft.rfft2(form - form.mean())
    upright = _upright(page, form.shape)
    tilt = _tilt(page)
    ways: list[tuple[float, Matrix]] = []
    for turn in upright:
        found = [
            (height, _way(turned, at))
            for scale in _SCALES
            for turned in [_turned(page, form, turn * 90 + tilt, scale)]
            for height, at in _peaks(page, form, turned, spectrum)
        ]
        ways += sorted(found, key=lambda one: -one[0])[:_PEAKS]
    return [way for _, way in sorted(ways, key=lambda one: -one[0])]


def _small(ink: Grey) -> _Reals:
    factor = _PX_PER_MM / WORK_PX_PER_MM
    return np.asarray(cv2.resize(ink, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA), np.float32)


def _upright(page: _Reals, form: tuple[int, ...]) -> list[int]:
    """By how many quarters the page may be turned, by the shapes of both."""
    across = np.log(page.shape[1] / page.shape[0]) * np.log(form[1] / form[0])
    near_square = abs(np.log(page.shape[1] / page.shape[0])) < np.log(_SQUARE)
    return [0, 1, 2, 3] if near_square else [0, 2] if across > 0 else [1, 3]


def _tilt(page: _Reals) -> float:
    """Degrees by which turning the page makes its rows and columns most unlike each other: rules and lines stand level."""

    coarse = np.asarray(cv2.resize(page, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA), np.float32)
    first = max(np.arange(-_WIDEST, _WIDEST + _STEP / 2, _STEP), key=lambda degrees: _clear(coarse, degrees))
    near = np.arange(first - _STEP, first + _STEP, _FINE)
    return float(max(near, key=lambda degrees: _clear(page, degrees)))


def _clear(page: _Reals, degrees: float) -> float:
    height, width = page.shape
    level = cv2.warpAffine(page, cv2.getRotationMatrix2D((width / 2, height / 2), degrees, 1.0), (width, height))
    return sum(float(cv2.reduce(level, axis, cv2.REDUCE_SUM).var()) for axis in (0, 1))


def _turned(page: _Reals, form: _Reals, degrees: float, scale: float) -> Matrix:
    """Small pixels of the page → of the form's size, turned about its middle."""
    height, width = page.shape
    part = cv2.getRotationMatrix2D(((width - 1) / 2, (height - 1) / 2), degrees, scale)
    part[:, 2] += (form.shape[1] - width) / 2, (form.shape[0] - height) / 2
    return np.vstack((part, [0, 0, 1]))


def _peaks(
    page: _Reals, form: _Reals, turned: Matrix, spectrum: NDArray[np.complex128]
) -> Iterator[tuple[float, tuple[int, int]]]:
    """By how much the turned page lies beside the form (across, down), with how clearly that stands out."""
    height, width = form.shape
    level = cv2.warpAffine(page, turned[:2], (width, height))
    both = np.fft.rfft2(level - level.mean()) * np.conj(spectrum)
    # Between plain correlation, which likes whatever is dark, and that of phases alone, which hears every grain.
    alike = np.fft.irfft2(both / np.sqrt(np.abs(both) + 1e-6), form.shape)
    alike /= max(float(alike.std()), 1e-9)
    reach = round(_APART_MM * _PX_PER_MM)
    for _ in range(_PEAKS):
        y, x = divmod(int(alike.argmax()), width)
        yield float(alike[y, x]), ((x + width // 2) % width - width // 2, (y + height // 2) % height - height // 2)
        alike[np.ix_(np.arange(y - reach, y + reach + 1) % height, np.arange(x - reach, x + reach + 1) % width)] = 0


def _way(turned: Matrix, at: tuple[int, int]) -> Matrix:
    to_small = np.array([[_PX_PER_MM, 0, at[0] - 0.5], [0, _PX_PER_MM, at[1] - 0.5], [0, 0, 1]])
    grow = WORK_PX_PER_MM / _PX_PER_MM
    to_ink = np.array([[grow, 0, grow / 2 - 0.5], [0, grow, grow / 2 - 0.5], [0, 0, 1]])
    return np.asarray(to_ink @ inverse(turned) @ to_small, np.float64)
