"""Where a value's characters and marks go on the paper: the way back from a reading's value to its cells."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence
from datetime import date

from japan.eras import era_of
from ocr.ask import Ask, CharacterAsk
from ocr.field import FieldParams, Rules
from ocr.fields.table import TableParams
from ocr.form import FormField

SEPARATOR = "、"


def leaves(field: FormField) -> tuple[FormField, ...]:
    """The field itself; a table's cells, each as a field named 単価表[1].数量 (rows from 1)."""
    if not isinstance(field.params, TableParams):
        return (field,)
    return tuple(
        FormField(f"{field.name}[{row + 1}].{column}", *cell)
        for row in range(field.params.rows)
        for column, cell in field.params.cells(row).items()
    )


def asks_of(field: FormField) -> tuple[Ask, ...]:
    """What the field wants to know, hence what is printed and where one writes."""
    return field.kind.asks(field.params, Rules(promise=0.001))


def units_of(params: FieldParams) -> Mapping[str, int]:
    """The named groups of a date's cells, 年: 2, 月: 2, 日: 2; empty for any other field."""
    cells = getattr(params, "cells", None)
    return cells if isinstance(cells, Mapping) else {}


def spread(params: FieldParams, asks: Sequence[Ask], value: str) -> tuple[str, ...]:
    """One text an ask: a character a cell, the whole value for a line, a code or a group of options."""
    if not asks or not isinstance(asks[0], CharacterAsk):
        return tuple(value if number == 0 else "" for number, _ in enumerate(asks))
    signs = _of_date(params, value) if units_of(params) and value else _of_text(params, value, len(asks))
    return tuple(sign.strip() for sign in signs[: len(asks)].ljust(len(asks)))


def _of_text(params: FieldParams, value: str, count: int) -> str:
    plain = unicodedata.normalize("NFKC", value)
    # An amount stands at the right end of its cells; everything else begins at the left.
    return plain.rjust(count) if getattr(params, "short", False) else plain


def _of_date(params: FieldParams, value: str) -> str:
    day = date.fromisoformat(value)
    year = day.year - era_of(day).base if getattr(params, "era", None) else day.year
    parts = {"年": year, "月": day.month, "日": day.day}
    return "".join(str(parts[name]).rjust(count) for name, count in units_of(params).items())
