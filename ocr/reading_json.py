"""A reading as plain JSON and back; the pictures are kept apart, as PNG."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ocr.reading import Box, FieldReading, FormReading, Refused


def to_json(reading: FormReading | Refused) -> dict[str, Any]:
    """Everything but the pictures, as JSON can hold it."""
    if isinstance(reading, Refused):
        return {"refused": {"source": reading.source, "code": reading.code, "why": reading.why}}
    return {
        "form": reading.form,
        "source": reading.source,
        "residual_mm": reading.residual_mm,
        "fields": {name: _field(one) for name, one in reading.fields.items()},
    }


def from_json(
    data: Mapping[str, Any], pictures: Mapping[str, bytes], pages: Mapping[int, bytes]
) -> FormReading | Refused:
    """What ``to_json`` made; KeyError or TypeError where it did not."""
    if "refused" in data:
        return Refused(**data["refused"])
    fields = {name: _from_field(one) for name, one in data["fields"].items()}
    return FormReading(data["form"], data["source"], fields, data["residual_mm"], dict(pictures), dict(pages))


def _field(one: FieldReading) -> dict[str, Any]:
    return {
        "value": one.value,
        "cells": list(one.cells),
        "confidence": one.confidence,
        "state": one.state,
        "why": list(one.why),
        "box": list(one.box),
        "reader": one.reader,
        "rows": [{name: _field(cell) for name, cell in row.items()} for row in one.rows],
    }


def _from_field(data: Mapping[str, Any]) -> FieldReading:
    return FieldReading(
        value=data["value"],
        cells=tuple(data["cells"]),
        confidence=data["confidence"],
        state=data["state"],
        why=tuple(data["why"]),
        box=Box(*data["box"]),
        reader=data["reader"],
        rows=tuple({name: _from_field(cell) for name, cell in row.items()} for row in data["rows"]),
    )
