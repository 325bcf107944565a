"""The form reader's public door: definitions in, readings out.

``ocr`` is a library of its own; it knows no scenario and never imports ``robots``.  A name is loaded when it is first
used: the command line starts without the picture library.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

from ocr.reading import STATES, Box, FieldReading, FormReading, Refused

if TYPE_CHECKING:
    from ocr.form import Definition, Form, FormField, FormProblem, FormProblems, check_definition, load_form
    from ocr.read import read_form
    from ocr.typed import typed_value

_PLACES = {
    "Definition": "form",
    "Form": "form",
    "FormField": "form",
    "FormProblem": "form",
    "FormProblems": "form",
    "check_definition": "form",
    "load_form": "form",
    "read_form": "read",
    "typed_value": "typed",
}

__all__ = [
    "STATES",
    "Box",
    "Definition",
    "FieldReading",
    "Form",
    "FormField",
    "FormProblem",
    "FormProblems",
    "FormReading",
    "Refused",
    "check_definition",
    "load_form",
    "read_form",
    "typed_value",
]


def __getattr__(name: str) -> object:
    """Loads the module that has the name (PEP 562)."""
    place = _PLACES.get(name)
    if place is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(f"{__name__}.{place}"), name)
