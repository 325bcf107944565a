"""Sums over small windows of a page, taken from the few pixels that matter: most of a page is white."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from ocr.page import Grey


@dataclass(frozen=True, slots=True, eq=False)
class Spots:
    """Pixels of a picture, and the window sums over them; a window is ``across`` cells wide and high, one at each cell."""

    at: NDArray[np.intp]
    """Their numbers, row by row."""
    cell: NDArray[np.intp]
    shape: tuple[int, int]
    """Rows and columns of cells."""
    across: int

    @classmethod
    def of(cls, where: NDArray[np.bool_], side: int, across: int) -> Spots:
        """The pixels that are set; cells have ``side`` pixels."""
        y, x = np.nonzero(where)
        shape = -(-where.shape[0] // side), -(-where.shape[1] // side)
        return cls(y * where.shape[1] + x, y // side * shape[1] + x // side, shape, across)

    def values(self, picture: Grey) -> NDArray[np.uint8]:
        """The pixels of a picture."""
        return np.asarray(picture.reshape(-1)[self.at], np.uint8)

    def sums(self, values: NDArray[Any] | None = None) -> NDArray[np.float32]:
        """The sum of the values in each window; without any, how many pixels it has."""
        return self.windows(np.bincount(self.cell, values, self.shape[0] * self.shape[1]).reshape(self.shape))

    def windows(self, cells: NDArray[Any]) -> NDArray[np.float32]:
        """The sum of the cells in each window."""
        size = (self.across, self.across)
        return np.asarray(
            cv2.boxFilter(cells.astype(np.float32), cv2.CV_32F, size, normalize=False, borderType=cv2.BORDER_CONSTANT),
            np.float32,
        )
