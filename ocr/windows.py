"""Many windows of one picture, worked on at once: a form has dozens of boxes, and a call for each costs more than its pixels."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from ocr.page import Grey

Numbers = NDArray[np.int64]
Bools = NDArray[np.bool_]

_ALIKE = 16  # px by which the sides of windows that are worked on together may differ
_AT_ONCE = 1 << 21  # px of windows that are held at once


@dataclass(frozen=True, slots=True, eq=False)
class Pixels:
    """Pixels of windows, in the order of the windows' groups, then of rows and columns; arrays of one length."""

    window: Numbers
    """Which window it is seen in,"""
    row: Numbers
    column: Numbers
    """where it lies on the picture,"""
    value: NDArray[Any]
    """and what the picture has there."""

    def where(self, those: Bools) -> Pixels:
        return Pixels(self.window[those], self.row[those], self.column[those], self.value[those])


@dataclass(frozen=True, slots=True, eq=False)
class Windows:
    """Rows and columns of each, ends exclusive; arrays of one length."""

    top: Numbers
    bottom: Numbers
    left: Numbers
    right: Numbers

    @classmethod
    def of(cls, windows: Sequence[tuple[slice, slice]]) -> Windows:
        edges = [(rows.start, rows.stop, columns.start, columns.stop) for rows, columns in windows]
        return cls(*np.array(edges, np.int64).reshape(-1, 4).T)

    def __len__(self) -> int:
        return len(self.top)

    @property
    def height(self) -> Numbers:
        return self.bottom - self.top

    @property
    def width(self) -> Numbers:
        return self.right - self.left

    @property
    def edges(self) -> tuple[Numbers, Numbers, Numbers, Numbers]:
        return self.top, self.bottom, self.left, self.right

    def moved(self, down: Numbers, right: Numbers) -> Windows:
        return Windows(self.top + down, self.bottom + down, self.left + right, self.right + right)

    def take(self, those: Numbers) -> Windows:
        return Windows(*(edge[those] for edge in self.edges))

    def widened(self, by: int, limits: Windows) -> Windows:
        """With ``by`` pixels more on each side, as far as ``limits`` reach."""
        return Windows(self.top - by, self.bottom + by, self.left - by, self.right + by).within(limits)

    def within(self, limits: Windows) -> Windows:
        """What of each lies in that of ``limits``."""
        top, left = np.maximum(self.top, limits.top), np.maximum(self.left, limits.left)
        bottom, right = np.minimum(self.bottom, limits.bottom), np.minimum(self.right, limits.right)
        return Windows(top, np.maximum(bottom, top), left, np.maximum(right, left))

    def has(self, pixels: Pixels) -> Bools:
        """Which pixels lie in the window of the number that they carry."""
        window, row, column = pixels.window, pixels.row, pixels.column
        down = (row >= self.top[window]) & (row < self.bottom[window])
        return np.asarray(down & (column >= self.left[window]) & (column < self.right[window]))

    def stacks(self, *pictures: Grey | NDArray[np.int32]) -> Iterator[tuple[Numbers, Bools, list[NDArray[Any]]]]:
        """Windows of about one size together: which they are, where in the stacks they lie, and a stack (windows ×
        height × width) of each picture, 0 around them."""
        for those in self._alike():
            yield those, *self._stacked(those, pictures)

    def pixels(self, picture: Grey | NDArray[np.int32]) -> Pixels:
        """What is not 0."""
        found = []
        for those, _, (stack,) in self.stacks(picture):
            height, width = stack.shape[1:]
            place = np.flatnonzero(stack != 0)
            line = place // width  # twice as fast as divmod
            at = line // height
            top, left = self._corners(those, picture.shape, (height, width))
            row, column = (top - np.arange(len(top)) * height)[at] + line, left[at] + place - line * width
            found.append(Pixels(those[at], row, column, stack.reshape(-1)[place]))
        if len(found) == 1:
            return found[0]
        none = np.zeros(0, np.int64)
        parts = [Pixels(none, none, none, picture[:0, 0]), *found]
        names = ("window", "row", "column", "value")
        return Pixels(*(np.concatenate([getattr(part, name) for part in parts]) for name in names))

    def _alike(self) -> Iterator[Numbers]:
        sizes: dict[tuple[int, int], list[int]] = {}
        steps = zip((self.height // _ALIKE).tolist(), (self.width // _ALIKE).tolist(), strict=True)
        for number, size in enumerate(steps):
            sizes.setdefault(size, []).append(number)
        for (high, wide), numbers in sizes.items():
            each = max(1, _AT_ONCE // ((high + 1) * (wide + 1) * _ALIKE**2))
            for start in range(0, len(numbers), each):
                yield np.array(numbers[start : start + each])

    def _stacked(
        self, those: Numbers, pictures: Sequence[Grey | NDArray[np.int32]]
    ) -> tuple[Bools, list[NDArray[Any]]]:
        some, (rows, columns) = self.take(those), pictures[0].shape
        size = height, width = min(rows, int(some.height.max())), min(columns, int(some.width.max()))
        top, left = self._corners(those, (rows, columns), size)
        stacks = [_views(one, size)[top, left] for one in pictures]
        if (some.height == height).all() and (some.width == width).all():
            return np.broadcast_to(np.True_, stacks[0].shape), stacks
        down, right = top[:, None] + np.arange(height), left[:, None] + np.arange(width)
        rows_of = (down >= some.top[:, None]) & (down < some.bottom[:, None])
        columns_of = (right >= some.left[:, None]) & (right < some.right[:, None])
        within = rows_of[:, :, None] & columns_of[:, None, :]
        return within, [stack * within for stack in stacks]

    def _corners(self, those: Numbers, shape: tuple[int, ...], size: tuple[int, int]) -> tuple[Numbers, Numbers]:
        """Where each stack begins: at its window, or before it at the picture's far edge."""
        top, left = np.minimum(self.top[those], shape[0] - size[0]), np.minimum(self.left[those], shape[1] - size[1])
        return top, left


def _views(picture: Grey | NDArray[np.int32], size: tuple[int, int]) -> NDArray[Any]:
    """Every window of that size, by its corner; numpy's own way takes longer to say than to do."""
    corners = tuple(whole - side + 1 for whole, side in zip(picture.shape, size, strict=True))
    return np.ndarray((*corners, *size), picture.dtype, picture, strides=picture.strides * 2)


def sums(stack: NDArray[np.uint8] | Bools) -> Numbers:
    """Of each picture of a stack."""
    flat = np.ascontiguousarray(stack).reshape(len(stack), -1).view(np.uint8)
    return np.asarray(cv2.reduce(flat, 1, cv2.REDUCE_SUM, dtype=cv2.CV_32S))[:, 0].astype(np.int64)
