"""JSON Schema of a form's definition (forms/*.yaml), from the form reader's own models."""

from __future__ import annotations

import ocr
from robots.scenario.schema import DRAFT
from robots.scenario.schema_values import Schema

_ENGLISH = frozenset({"title", "description"})
"""What pydantic writes by itself: names and docstrings of the code, which say nothing to a clerk."""
_TEXT = ["string", "number", "boolean"]


def form_schema() -> Schema:
    """The schema of a form's definition; each field by its kind."""
    definition = ocr.Definition.model_json_schema(by_alias=True)
    shared: dict[str, Schema] = definition.pop("$defs", {})
    fields: list[Schema] = []
    for kind in ocr.field_kinds().values():
        made = kind.params.model_json_schema(by_alias=True)
        shared |= made.pop("$defs", {})
        made = _plain(made)
        made["properties"]["kind"] = {"const": kind.name, "title": kind.ja, "description": kind.summary}
        fields.append({"if": _is_kind(kind.name), "then": {**made, "title": kind.ja}})
    kinds = [{"const": one.name, "title": one.ja, "description": one.summary} for one in ocr.field_kinds().values()]
    field = {
        "type": "object",
        "required": ["kind"],
        "properties": {"kind": {"title": "種類", "oneOf": kinds}},
        "allOf": fields,
    }
    top = _plain(definition)
    top["properties"]["fields"] = {"type": "object", "minProperties": 1, "additionalProperties": field}
    return {
        "$schema": DRAFT,
        "title": "帳票の定義",
        **top,
        "$defs": {name: _plain(one) for name, one in shared.items()},
    }


def _is_kind(name: str) -> Schema:
    return {"required": ["kind"], "properties": {"kind": {"const": name}}}


def _plain(schema: Schema) -> Schema:
    """The schema without the code's own words, and with text wherever an editor sees a number in its place."""
    made: Schema = {}
    for key, value in schema.items():
        if key in _ENGLISH and isinstance(value, str):
            continue
        if key == "properties":
            made[key] = {name: _plain(one) for name, one in value.items()}
        elif isinstance(value, dict):
            made[key] = _plain(value)
        elif isinstance(value, list):
            made[key] = [_plain(one) if isinstance(one, dict) else one for one in value]
        else:
            made[key] = _TEXT if key == "type" and value == "string" and "enum" not in schema else value
    return made
