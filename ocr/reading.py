"""What a reading says of one form: a value per field with a confidence that means something, or why there is none."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

State = Literal["read", "blank", "unsure", "conflict", "unreadable"]
STATES: tuple[State, ...] = ("read", "blank", "unsure", "conflict", "unreadable")


class Box(NamedTuple):
    """A place on a form: page from 0, then left, top, width and height in mm from the paper's top left corner."""

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
    """What the field says; a date as 2018-04-05, several choices joined by 、, a table as ""."""
    cells: tuple[str, ...]
    """One entry a cell (characters), an option (the option's name or ""), or a line."""
    confidence: float
    state: State
    why: tuple[str, ...]
    box: Box
    reader: str
    """Who read it: the name of the engine, or marks, ink, qr."""
    rows: tuple[Mapping[str, FieldReading], ...] = ()
    """The rows of a table, each with its columns; empty for every other kind."""

    @property
    def certain(self) -> bool:
        """Whether it may go on without a person having looked."""
        return self.state in ("read", "blank") and all(one.certain for row in self.rows for one in row.values())


@dataclass(frozen=True, slots=True)
class FormReading:
    """One scanned form: its fields by name, and how well the page lay on the blank one (mm)."""

    form: str
    source: str
    """File name and first page: 申請書.pdf#3."""
    fields: Mapping[str, FieldReading]
    residual_mm: float
    pictures: Mapping[str, bytes] = field(default_factory=dict)
    """PNG of each field that a person must look at, by the names of ``leaves``."""
    pages: Mapping[int, bytes] = field(default_factory=dict)
    """JPEG of each page (from 0) with such a field, straight, as large as the form's paper."""

    @property
    def certain(self) -> bool:
        """Whether no field needs a person."""
        return all(one.certain for one in self.fields.values())

    def leaves(self) -> Iterator[tuple[str, FieldReading]]:
        """Every field with its name; a table's cells as 単価表[1].数量, rows counted from 1."""
        for name, reading in self.fields.items():
            if not reading.rows:
                yield name, reading
            for number, row in enumerate(reading.rows, 1):
                for column, one in row.items():
                    yield f"{name}[{number}].{column}", one


RefusalCode = Literal[
    "blank",
    "other_form",
    "other_version",
    "torn",
    "double_fed",
    "turned",
    "damaged",
    "unclear",
    "too_large",
    "too_long",
]


@dataclass(frozen=True, slots=True)
class Refused:
    """A page, or a file, that was not read as this form: nothing of it is a value."""

    source: str
    code: RefusalCode
    why: str
    """Japanese: what was found, and what to do with the paper."""
