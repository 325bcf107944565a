"""What a scenario does, apart from how its file is written: to prove that rewriting a file changed nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, is_dataclass

from pydantic import BaseModel

from robots.params import Deferred
from robots.position import Position
from robots.scenario.model import Scenario
from robots.scenario.translate_expression import text_in
from robots.step import StepKind


def meaning(scenario: Scenario) -> object:
    """Plain data that is equal for two scenarios that do the same: without places, all names in English."""
    return _plain(scenario)


def _plain(value: object) -> object:
    if isinstance(value, Position):
        return None
    if isinstance(value, StepKind):
        return value.name
    if isinstance(value, Deferred):
        return (
            type(value).__name__,
            text_in(value.source, "en"),
            sorted(value.names),
            sorted(value.attributes),
        )
    if isinstance(value, BaseModel):
        return {name: _plain(getattr(value, name)) for name in type(value).model_fields}
    if is_dataclass(value) and not isinstance(value, type):
        return {one.name: _plain(getattr(value, one.name)) for one in fields(value)}
    if isinstance(value, Mapping):
        return [(_plain(key), _plain(one)) for key, one in value.items()]
    if isinstance(value, list | tuple):
        return [_plain(one) for one in value]
    return value
