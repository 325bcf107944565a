"""Every field kind by its name: found in ``ocr/fields/``, loudly where one is missing or doubled."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Mapping
from functools import cache

from ocr import fields
from ocr.field import FieldKind, FieldParams


@cache
def all_fields() -> Mapping[str, FieldKind[FieldParams]]:
    """The kinds by name, in the order of their files; found at the first call, since a table's columns are fields too."""
    found: dict[str, FieldKind[FieldParams]] = {}
    for info in sorted(pkgutil.iter_modules(fields.__path__), key=lambda one: one.name):
        module = importlib.import_module(f"{fields.__name__}.{info.name}")
        kind: FieldKind[FieldParams] = module.FIELD
        if kind.name in found:
            raise RuntimeError(f"two field kinds are named {kind.name}")
        found[kind.name] = kind
    return found
