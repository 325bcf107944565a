"""Fields by the names that readings give them, and what a person types for one, checked by the field's own kind."""

from __future__ import annotations

import re
from collections.abc import Sequence

from ocr.field import FieldKind, FieldParams
from ocr.fields.table import TableParams
from ocr.form import FormField

_CELL = re.compile(r"(?P<table>.+)\[(?P<row>\d+)\]\.(?P<column>.+)")


def field_named(fields: Sequence[FormField], name: str) -> tuple[FieldKind[FieldParams], FieldParams]:
    """A field or a table's cell by its name as ``FormReading.leaves`` gives it (単価表[1].数量).

    Raises: KeyError where the form has no such field.
    """
    known = {one.name: one for one in fields}
    if name in known:
        return known[name].kind, known[name].params
    cell = _CELL.fullmatch(name)
    table = known[cell["table"]].params if cell else None
    if cell is None or not isinstance(table, TableParams) or not 1 <= int(cell["row"]) <= table.rows:
        raise KeyError(name)
    return table.cells(int(cell["row"]) - 1)[cell["column"]]


def typed_value(fields: Sequence[FormField], name: str, text: str) -> str:
    """A field's name and the text → the value as a reading has it.

    Raises: ValueError, in Japanese, where the text can't stand there; KeyError where the form has no such field.
    """
    kind, params = field_named(fields, name)
    return kind.typed(params, text)
