"""What the checker must know of a parameter: is it a block of steps, a later expression, a new name, or a mapping of
further parameters?  Read from the annotations of robots.params.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from types import UnionType
from typing import Annotated, Any, Union, get_args, get_origin

from robots.params import Marker, Params


@dataclass(frozen=True, slots=True)
class Shape:
    """One place for a value: what marks it, and what may stand inside."""

    marks: frozenset[str] = frozenset()
    params: type[Params] | None = None
    """The declared mapping that may stand here."""
    element: Shape | None = None
    """What each element of a list or each value of a free mapping is."""
    arms: tuple[Shape, ...] = ()
    """The choices of a union."""

    def for_value(self, raw: object) -> Shape:
        """The choice that fits what the author wrote."""
        for arm in self.arms:
            if isinstance(raw, dict) and (arm.params or arm.element):
                return arm.for_value(raw)
            if isinstance(raw, list) and (arm.element or arm.marks & {"block"}):
                return arm.for_value(raw)
            if isinstance(raw, str) and arm.marks and ("later" not in arm.marks or "${" in raw):
                return arm.for_value(raw)
        for arm in self.arms:
            if isinstance(raw, str) and arm.params and arm.params.bare:
                return arm
        return Shape() if self.arms else self


@dataclass(frozen=True, slots=True)
class Parameter:
    """One declared parameter."""

    field: str
    """Its name in the model (``if_``)."""
    english: str
    """Its English key (``if``)."""
    ja: str
    doc: str
    shape: Shape

    @property
    def label(self) -> str:
        return f"{self.english}／{self.ja}" if self.ja else self.english


@cache
def parameters(model: type[Params]) -> Mapping[str, Parameter]:
    """The parameters of a model by every key that names one: English and Japanese."""
    found: dict[str, Parameter] = {}
    for name, field in model.model_fields.items():
        extra = field.json_schema_extra
        ja = str(extra.get("ja", "")) if isinstance(extra, dict) else ""
        shape = _shape(Annotated[(field.annotation, *field.metadata)] if field.metadata else field.annotation)
        parameter = Parameter(name, name.rstrip("_"), ja, field.description or "", shape)
        found[parameter.english] = parameter
        if ja:
            found[ja] = parameter
    return found


@cache
def parameter_list(model: type[Params]) -> tuple[Parameter, ...]:
    """The parameters of a model, each once."""
    return tuple(dict.fromkeys(parameters(model).values()))


def _shape(annotation: Any) -> Shape:
    origin, arguments = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        inner = _shape(arguments[0])
        marks = {one.what for one in arguments[1:] if isinstance(one, Marker)}
        return Shape(inner.marks | marks, inner.params, inner.element, inner.arms) if marks else inner
    if origin in (Union, UnionType):
        arms = tuple(_shape(one) for one in arguments if one is not type(None))
        return arms[0] if len(arms) == 1 else Shape(arms=arms)
    if isinstance(annotation, type) and issubclass(annotation, Params):
        return Shape(params=annotation)
    if isinstance(origin, type) and issubclass(origin, Mapping) and len(arguments) == 2:
        return Shape(element=_shape(arguments[1]))
    if origin in (list, tuple) and arguments:
        return Shape(element=_shape(arguments[0]))
    return Shape()


def models_in(shape: Shape) -> Iterator[type[Params]]:
    """The declared mappings at a place or inside its lists."""
    if shape.params:
        yield shape.params
    for inner in (*shape.arms, *((shape.element,) if shape.element else ())):
        yield from models_in(inner)
