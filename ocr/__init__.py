"""The form reader's public door: definitions in, readings out.

``ocr`` is a library of its own; it knows no scenario and never imports ``robots``.  A name is loaded when it is first
used: the command line starts without the picture library.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

from ocr.reading import STATES, Box, FieldReading, FormReading, Refused

if TYPE_CHECKING:
    from ocr.all_fields import all_fields as field_kinds
    from ocr.draw.font import font_data, font_folder
    from ocr.field import around
    from ocr.form import Definition, Form, FormField, FormProblem, FormProblems, check_definition, load_form
    from ocr.identify import identify as identify_page
    from ocr.overlay import overlay_sheet
    from ocr.page import Page
    from ocr.pile.crew import WorkersFailed
    from ocr.pile.queue import PileReading, Progress
    from ocr.pile.read import read_pile
    from ocr.pile.store import Store
    from ocr.pile.worker import FormSource
    from ocr.read import lay_all, read_form
    from ocr.typed import field_named, typed_value

_PLACES = {
    "around": "field",
    "Page": "page",
    "read_pile": "pile.read",
    "overlay_sheet": "overlay",
    "lay_all": "read",
    "identify_page": "identify:identify",
    "WorkersFailed": "pile.crew",
    "Progress": "pile.queue",
    "PileReading": "pile.queue",
    "FormSource": "pile.worker",
    "Store": "pile.store",
    "Definition": "form",
    "Form": "form",
    "FormField": "form",
    "FormProblem": "form",
    "FormProblems": "form",
    "check_definition": "form",
    "field_kinds": "all_fields:all_fields",
    "font_data": "draw.font",
    "font_folder": "draw.font",
    "load_form": "form",
    "read_form": "read",
    "field_named": "typed",
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
    "FormSource",
    "Page",
    "PileReading",
    "Progress",
    "Refused",
    "Store",
    "WorkersFailed",
    "around",
    "check_definition",
    "field_kinds",
    "field_named",
    "font_data",
    "font_folder",
    "identify_page",
    "lay_all",
    "load_form",
    "overlay_sheet",
    "read_form",
    "read_pile",
    "typed_value",
]


def __getattr__(name: str) -> object:
    """Loads the module that has the name (PEP 562)."""
    place = _PLACES.get(name)
    if place is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    module, _, own = place.partition(":")  # a function called as its module is: it would be hidden by the module
    return getattr(importlib.import_module(f"{__name__}.{module}"), own or name)
