"""JSON Schema of one value of an author's file, from the annotation of its parameter.

Every scalar is text to Banken, but an editor's YAML reader gives it a type: 2026 is a number there, 011002 too, an
empty value null.  So text takes any scalar, and a number may be a number or text that reads as one.  Only keywords
are used that mean the same in draft-07 and in 2020-12, because editors know one or the other.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from functools import cache
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from annotated_types import Ge, Gt, Le
from pydantic import ConfigDict, TypeAdapter, ValidationError
from pydantic.errors import PydanticUserError
from pydantic.fields import FieldInfo

from robots.params import FLAGS, Marker, Params, Words
from robots.scenario.names import ALIASES
from robots.scenario.template import compile_text

Schema = dict[str, Any]

EXPRESSION: Schema = {"type": "string", "pattern": r"\$\{"}
"""A text with ${...} inside."""
_OTHER: Schema = {"not": {"type": ["object", "array", "string"]}}
"""The other scalars, said by what they are not: an editor proposes true, false and null wherever those types are named."""
SCALAR: Schema = {"anyOf": [{"type": "string"}, _OTHER]}
PLAIN: Schema = {"anyOf": [{"type": "string", "not": {"pattern": r"(^|[^$])\$\{"}}, _OTHER]}
"""Text without ${...}."""
ANYTHING: Schema = {"anyOf": [{"type": "string"}, {}]}
"""Whatever there is.  An editor that completes a key puts the colon behind it only where it knows a form of the value."""
NAME: Schema = {
    "type": "string",
    "minLength": 1,
    "not": {"anyOf": [{"pattern": r"[\s$]|^[0-9]"}, {"enum": [*ALIASES, *ALIASES.values()]}]},
}
"""What an author may call a result."""
_DURATION = r"^\s*[0-9]+(\.[0-9]+)?\s*(ms|s|m|h|秒|分|時間)\s*$"
_NUMBER = r"^[\s+\-＋－]*[0-9０-９][0-9０-９,，.．]*\s*$"
_DATE = r"^\s*[0-9]{4}-[0-9]{2}-[0-9]{2}\s*$"
_LEAVES: Mapping[Any, Schema] = {
    str: SCALAR,
    float: {"type": "string", "pattern": _DURATION, "examples": ["10s", "30秒", "2分"]},
    bool: {"anyOf": [{"type": "boolean"}, {"enum": list(FLAGS)}]},
    date: {"type": "string", "pattern": _DATE},
    int: {"anyOf": [{"type": "integer"}, {"type": "string", "pattern": _NUMBER}]},
    Decimal: {"anyOf": [{"type": "number"}, {"type": "string", "pattern": _NUMBER}]},
}


def any_of(arms: Sequence[Schema]) -> Schema:
    """One schema that takes what any of them takes."""
    plain = [arm for number, arm in enumerate(arms) if arm not in arms[:number]]
    return plain[0] if len(plain) == 1 else {"anyOf": plain}


def value_schema(annotation: Any, mapping: Callable[[type[Params]], Schema], steps: Schema) -> Schema:
    """The schema of a value with this annotation.

    mapping: the schema of a declared mapping; steps: the schema of a block of steps where this value stands.
    """
    origin, arguments = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        return _annotated(annotation, mapping, steps)
    if origin in (Union, UnionType):
        return _union(annotation, mapping, steps)
    if origin is Literal:
        return {"enum": list(arguments)}
    if isinstance(annotation, type) and issubclass(annotation, Params):
        return mapping(annotation)
    if origin in (list, tuple) and arguments:
        return {"type": "array", "items": value_schema(arguments[0], mapping, steps)}
    if isinstance(origin, type) and issubclass(origin, Mapping):
        inner = value_schema(arguments[1], mapping, steps)
        return {"type": "object", "additionalProperties": inner or True}
    if isinstance(annotation, type) and issubclass(annotation, Mapping):
        return {"type": "object"}
    return dict(_LEAVES.get(annotation, {}))


def _annotated(annotation: Any, mapping: Callable[[type[Params]], Schema], steps: Schema) -> Schema:
    inner, *extras = get_args(annotation)
    marks = {one.what for one in extras if isinstance(one, Marker)}
    words = [one for one in extras if isinstance(one, Words)]
    if words:
        return {"enum": [*words[0].ja, *words[0].ja.values()]}
    for mark, schema in (("block", steps), ("later", EXPRESSION), ("new_name", NAME)):
        if mark in marks:
            return dict(schema)
    made = value_schema(inner, mapping, steps)
    takes_expression = _accepts(annotation, _an_expression())
    if made == SCALAR:
        return dict(SCALAR) if takes_expression else dict(PLAIN)
    arms = [_bounded(made, extras)] if made else []
    if made.get("type") == "array" and _accepts(annotation, "あ"):
        arms.append(dict(PLAIN))
    if takes_expression and made:
        arms.append(dict(EXPRESSION))
    return any_of(arms) if arms else {}


def _union(annotation: Any, mapping: Callable[[type[Params]], Schema], steps: Schema) -> Schema:
    arguments = get_args(annotation)
    arms = [value_schema(one, mapping, steps) for one in arguments if one is not NoneType]
    if set(arguments) == {int, Decimal}:
        return dict(_LEAVES[Decimal])
    return any_of(arms) if all(arms) else {}


def _bounded(schema: Schema, extras: Sequence[object]) -> Schema:
    """The schema with the bounds that the annotation sets on a number."""
    bounds: Schema = {}
    for one in [inner for extra in extras for inner in (extra.metadata if isinstance(extra, FieldInfo) else [extra])]:
        if isinstance(one, Ge):
            bounds["minimum"] = one.ge
        elif isinstance(one, Gt):
            bounds["exclusiveMinimum"] = one.gt
        elif isinstance(one, Le):
            bounds["maximum"] = one.le
    return {**schema, **bounds}


def takes_nothing(annotation: Any) -> bool:
    """Whether the value may be left empty in the file, or be written null."""
    return _accepts(annotation, "") or _accepts(annotation, "null")


def _accepts(annotation: Any, value: object) -> bool:
    adapter = _adapter(annotation)
    try:
        adapter.validate_python(value)
    except (ValidationError, TypeError):  # a bound can't be compared with an expression
        return False
    return True


@cache
def _an_expression() -> object:
    """One, to see whether a parameter takes any."""
    return compile_text("${item}")


def _adapter(annotation: Any) -> TypeAdapter[Any]:
    try:
        return TypeAdapter(annotation, config=_arbitrary())
    except PydanticUserError:  # a model brings its own settings
        return TypeAdapter(annotation)


@cache
def _arbitrary() -> ConfigDict:
    return ConfigDict(arbitrary_types_allowed=True)
