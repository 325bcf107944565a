"""What a person types at the desk, for a field or a table's cell, checked by the field's own kind."""

from __future__ import annotations

import re
from collections.abc import Sequence

from ocr.fields.table import TableParams
from ocr.form import FormField

_CELL = re.compile(r"(?P<table>.+)\[(?P<row>\d+)\]\.(?P<column>.+)")


def typed_value(fields: Sequence[FormField], name: str, text: str) -> str:
    """A name as ``FormReading.leaves`` gives it (単価表[1].数量) and the text → the value as a reading has it.

    Raises: ValueError, in Japanese, where the text can't stand there; KeyError where the form has no such field.
    """
    known = {one.name: one for one in fields}
    if name in known:
        return known[name].kind.typed(known[name].params, text)
    cell = _CELL.fullmatch(name)
    table = known[cell["table"]].params if cell else None
    if cell is None or not isinstance(table, TableParams) or not 1 <= int(cell["row"]) <= table.rows:
        raise KeyError(name)
    kind, params = table.cells(int(cell["row"]) - 1)[cell["column"]]
    return kind.typed(params, text)
