"""A step's parameters with their expressions evaluated: what the runner does before each step."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from pydantic import ValidationError

from robots.errors import BusinessError
from robots.params import Deferred, Params
from robots.scenario.pydantic_words import words_for
from robots.scenario.shape import parameters
from robots.scenario.template import LaterTemplate
from robots.step import Step


def resolve(step: Step, names: Mapping[str, object]) -> Params:
    """The step's parameters as its code takes them; Later expressions and blocks stay as they are.

    Raises: BusinessError (the data does not fit), ScenarioFault (a column or name that is not there).
    """
    if step.fixed:
        return step.params
    try:
        return step.kind.params.model_validate(_evaluated(step.raw, names))
    except ValidationError as error:
        raise _unfit(step, error) from None


def evaluated(step: Step, names: Mapping[str, object]) -> list[object]:
    """The values of a step's expressions; what the author wrote out is none of them.

    Raises: BusinessError, ScenarioFault.
    """
    return [one.evaluate(names) for one in _deferred(step.raw)]


def _deferred(raw: object) -> Iterator[Deferred]:
    if isinstance(raw, Deferred):
        if not isinstance(raw, LaterTemplate):
            yield raw
    elif isinstance(raw, dict | list):
        for one in raw.values() if isinstance(raw, dict) else raw:
            yield from _deferred(one)


def _evaluated(raw: object, names: Mapping[str, object]) -> object:
    if isinstance(raw, Deferred):
        return raw if isinstance(raw, LaterTemplate) else raw.evaluate(names)
    if isinstance(raw, dict):
        return {key: _evaluated(value, names) for key, value in raw.items()}
    if isinstance(raw, list):
        return [_evaluated(value, names) for value in raw]
    return raw


def _unfit(step: Step, error: ValidationError) -> BusinessError:
    first = error.errors()[0]
    place = str(first["loc"][0]) if first["loc"] else ""
    known = {one.field: one for one in parameters(step.kind.params).values()}
    label = known[place].label if place in known else place
    what = "値がこの手順に合いません" if step.secret else words_for(first)
    at = f"の「{label}」" if label else ""
    return BusinessError(f"「{step.kind.ja}」{at}: {what}。", mend="対象のデータと、シナリオの式を確かめてください。")
