"""What was found on an empty form: a field with its parameters, and why it was taken for that."""

from __future__ import annotations

from dataclasses import dataclass

from ocr.reading import Box

Params = dict[str, object]


@dataclass(frozen=True, slots=True)
class Found:
    """A field that the form seems to have."""

    label: str
    """The words beside it; "" where there are none."""
    params: Params
    """kind and its parameters, without the page."""
    why: str
    """Japanese."""
    box: Box


def place(box: Box) -> list[float]:
    """A box as a definition writes it."""
    return [round(number, 1) for number in box[1:]]
