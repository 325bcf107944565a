"""A step with another text in one place of its parameters."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from robots.runner.named import At, Named
from robots.step import Step


def put(step: Step, name: Named, new: str | None) -> Step | None:
    """The step with ``new`` in place of a name; without that name where there is none (a form's field is left out).

    None where nothing of the step would be left.
    """
    raw = step.raw
    if not isinstance(raw, Mapping):
        return None
    if name.at and name.at[0] == "fields" and name.kind == "field":
        fields = {key if key != name.text else new: value for key, value in raw["fields"].items()}
        fields.pop(None, None)
        return replace(step, raw={**raw, "fields": fields}, fixed=False) if fields else None
    if new is None:
        return None
    return replace(step, raw=with_value(raw, name.at, new), fixed=False)


def with_value(raw: object, at: At, new: object) -> object:
    """Raw parameters with another value at one place."""
    if not at:
        return new
    if isinstance(raw, Mapping):
        return {key: with_value(value, at[1:], new) if key == at[0] else value for key, value in raw.items()}
    if isinstance(raw, list):
        return [with_value(value, at[1:], new) if number == at[0] else value for number, value in enumerate(raw)]
    return raw
