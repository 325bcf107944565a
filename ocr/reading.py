"""What a reading says of one form: a value per field with a confidence that means something, or why there is none."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, NamedTuple

State = Literal["read", "blank", "unsure", "conflict", "unreadable"]
STATES: tuple[State, ...] = ("read", "blank", "unsure", "conflict", "unreadable")


class Box(NamedTuple):
    """A place on a page: page from 0, then left, top, width and height in mm from the paper's top left corner."""

    page: int
    left: float
    top: float
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class FieldReading:
    """One field: its value (as text), the raw cells, and how sure it is.

    confidence: 0 to 1, calibrated: of the fields accepted at t, at most 1 - t are wrong.  state ``read`` and
    ``blank`` may go on unseen; every other one goes to a person, with ``why`` in Japanese.
    """

    value: str
    cells: tuple[str, ...]
    confidence: float
    state: State
    why: tuple[str, ...]
    box: Box
    reader: str
    """Who read it: the name of the engine."""


@dataclass(frozen=True, slots=True)
class FormReading:
    """One scanned form: its fields by name, and how well the page lay on the blank one (mm)."""

    form: str
    source: str
    fields: Mapping[str, FieldReading]
    residual_mm: float

    @property
    def certain(self) -> bool:
        """Whether no field needs a person."""
        return all(field.state in ("read", "blank") for field in self.fields.values())
