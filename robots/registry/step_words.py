"""A scenario's steps as lines that a person reads: one line a step, its parameters as the author wrote them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import cast

from robots.params import Deferred, Params
from robots.scenario.model import Scenario
from robots.scenario.shape import Parameter, models_in, parameters
from robots.step import Step

SECTIONS = {"prepare": "準備", "each": "各件", "finish": "後始末"}
_COMMIT = "commit"
_INDENT = "　"


@dataclass(frozen=True, slots=True)
class Line:
    """One step (or one line of 対象 and 入力値) in words."""

    section: str
    depth: int
    text: str

    def __str__(self) -> str:
        return f"［{self.section}］{_INDENT * self.depth}{self.text}"


def lines_of(scenario: Scenario) -> list[Line]:
    """All of a scenario that says what it does, in the order of the file."""
    found = [Line("名称", 0, scenario.name), *([Line("概要", 0, scenario.summary)] if scenario.summary else [])]
    found += [Line("入力値", 0, f"{name}: {_of_model(one)}") for name, one in scenario.inputs.items()]
    for section in ("prepare", "each", "finish"):
        if section == "each" and scenario.items is not None:
            found.append(Line("対象", 0, _of_model(scenario.items)))
        found += _steps(SECTIONS[section], getattr(scenario, section), 0)
    return found


def commits_of(scenario: Scenario) -> list[tuple[Line, ...]]:
    """Each commit as the lines of what it does; what is done inside can't be taken back."""
    return [
        tuple(_step(SECTIONS[step.path.split("[")[0]], step, 0))
        for step in scenario.steps()
        if step.kind.name == _COMMIT
    ]


def _steps(section: str, steps: Sequence[Step], depth: int) -> Iterator[Line]:
    for step in steps:
        yield from _step(section, step, depth)


def _step(section: str, step: Step, depth: int) -> Iterator[Line]:
    told = [text for text in (_written(step.kind.params, step.raw), *_options(step)) if text]
    yield Line(section, depth, f"{step.kind.ja}: {'　'.join(told)}" if told else step.kind.ja)
    yield from _blocks(section, step.kind.params, step.raw, depth + 1)


def _options(step: Step) -> Iterator[str]:
    if step.if_ is not None:
        yield f"（条件: {step.if_.source}）"
    if step.save_as is not None:
        yield f"（保存名: {step.save_as}）"
    if step.retry_times:
        yield f"（再試行: {step.retry_times} 回）"
    if step.timeout is not None:
        yield f"（制限時間: {step.timeout:g} 秒）"
    if step.secret:
        yield "（秘密）"


def _blocks(section: str, model: type[Params] | None, raw: object, depth: int) -> Iterator[Line]:
    """The steps inside a step, each block under the name of its parameter."""
    if isinstance(raw, tuple):
        yield from _steps(section, cast("tuple[Step, ...]", raw), depth)
    elif isinstance(raw, dict):
        for key, value in raw.items():
            parameter = _parameter(model, key)
            if isinstance(value, tuple):
                yield Line(section, depth, f"{_label(parameter, key)}:")
                yield from _steps(section, cast("tuple[Step, ...]", value), depth + 1)
            else:
                yield from _blocks(section, _inner(parameter), value, depth)
    elif isinstance(raw, list):
        for value in raw:
            yield from _blocks(section, model, value, depth)


def _written(model: type[Params] | None, raw: object, *, inside: bool = False) -> str:
    """A value as the author wrote it, blocks left out; Japanese names where there are.  inside: of another value."""
    if isinstance(raw, Deferred):
        return raw.source
    if isinstance(raw, tuple):
        return ""
    if isinstance(raw, dict):
        if model is not None and model.free in raw and len(raw) == 1:
            return _written(None, raw[model.free], inside=inside)
        found = [
            (key, text)
            for key, value in raw.items()
            if not isinstance(value, tuple) and (text := _written(_inner(_parameter(model, key)), value, inside=True))
        ]
        if model is not None and len(found) == 1 and found[0][0] == model.bare:
            return found[0][1]
        told = "、".join(f"{_label(_parameter(model, key), key)}＝{text}" for key, text in found)
        return f"｛{told}｝" if inside else told
    if isinstance(raw, list):
        each = [text for one in raw if (text := _written(model, one))]
        return f"［{'／'.join(each)}］" if each else ""
    return "" if raw is None else str(raw)


def _of_model(model: Params) -> str:
    known = parameters(type(model))
    given = (name for name in type(model).model_fields if name in model.model_fields_set)
    told = ((known[name.rstrip("_")].ja, getattr(model, name)) for name in given)
    return "、".join(f"{ja}＝{_written(None, value, inside=True)}" for ja, value in told)


def _parameter(model: type[Params] | None, key: object) -> Parameter | None:
    return parameters(model).get(str(key)) if model is not None else None


def _label(parameter: Parameter | None, key: object) -> str:
    return (parameter.ja or parameter.english) if parameter is not None else str(key)


def _inner(parameter: Parameter | None) -> type[Params] | None:
    return next(models_in(parameter.shape), None) if parameter is not None else None
