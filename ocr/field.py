"""What a field kind is: its parameters, what it asks of the page, and how the answers become a reading."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Annotated, Generic, TypeVar

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from ocr.ask import Answer, Ask
from ocr.reading import Box, FieldReading


class FieldParams(BaseModel):
    """What every field has beside its kind."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    kind: str
    page: int = 1
    """The form's page, from 1."""
    label: str = ""
    """What ``draw`` prints beside it; the field's name where empty."""
    promise: Annotated[float, Field(gt=0, le=0.1)] | None = None
    """The share of wrong ones among accepted ones that this field allows; the form's where None."""
    twice: bool = False
    """Where a person must look at it, two enter it by themselves; a table's holds for all its columns."""


P = TypeVar("P", bound=FieldParams)

_LARGEST_MM = 2000


def _sound(at: tuple[float, float, float, float]) -> tuple[float, float, float, float]:
    if not all(0 <= number <= _LARGEST_MM for number in at):
        raise ValueError("位置は用紙の左上からの mm で、0 以上の数を書いてください")
    if at[2] <= 0 or at[3] <= 0:
        raise ValueError("幅と高さは 0 より大きい数を書いてください")
    return at


Place = Annotated[tuple[float, float, float, float], AfterValidator(_sound)]
"""left, top, width, height in mm from the paper's top left corner."""


@dataclass(frozen=True, slots=True)
class Rules:
    """What holds while a field is read."""

    promise: float
    """The share of wrong ones among accepted cells, marks and lines that the field (or its form) allows."""
    words: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """The word lists of the form by the file name that a field gives."""


@dataclass(frozen=True, slots=True)
class FieldKind(Generic[P]):
    """A field kind: exactly one per file in ``ocr/fields/``, exported as ``FIELD``."""

    name: str
    ja: str
    summary: str
    """One Japanese sentence."""
    params: type[P]
    asks: Callable[[P, Rules], tuple[Ask, ...]]
    """What it wants to know, in an order of its own."""
    read: Callable[[P, Sequence[Answer], Rules], FieldReading]
    """The answers in the order of the asks → the reading."""
    typed: Callable[[P, str], str]
    """What a person typed at the desk → the value as a reading gives it ("" for blank); ValueError, in Japanese, where
    it can't be."""
    boxes: Callable[[P], tuple[tuple[str, Box], ...]]
    """The places it looks at, each with a short name ("" for a plain cell): for drawing and the overlay."""
    example: str
    """YAML: one field as it stands in a definition."""
    relate: Callable[[P, FieldReading, Mapping[str, FieldReading]], FieldReading] | None = None
    """After all fields are read: the same reading in the light of the others."""
    needs: Callable[[P], tuple[str, ...]] = field(default=lambda _: ())
    """The names of other fields that ``relate`` looks at."""


def box_of(at: Place, page: int) -> Box:
    """A place of a definition as a box; pages are counted from 1 there and from 0 here."""
    return Box(page - 1, *at)


def around(boxes: Sequence[Box]) -> Box:
    """The smallest box around boxes of one page."""
    left, top = min(one.left for one in boxes), min(one.top for one in boxes)
    right = max(one.left + one.width for one in boxes)
    bottom = max(one.top + one.height for one in boxes)
    return Box(boxes[0].page, left, top, right - left, bottom - top)
