"""The values that are given when a run starts: read by their type, defaults filled in."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from pydantic import TypeAdapter, ValidationError

from robots.eras import read_date
from robots.errors import BankenError, ScenarioFault
from robots.params import Deferred, Flag, Number, Text, Whole
from robots.scenario.guess import nearest
from robots.scenario.model import Input, InputType, Scenario
from robots.scenario.names import run_value
from robots.scenario.problem import Findings
from robots.scenario.pydantic_words import words_for
from robots.scenario.source import Path, Source
from robots.step import RunFacts

_ADAPTERS: Mapping[InputType, TypeAdapter[Any]] = {
    "text": TypeAdapter(Text),
    "integer": TypeAdapter(Whole),
    "number": TypeAdapter(Number),
    "boolean": TypeAdapter(Flag),
    "choice": TypeAdapter(Text),
}


def input_values(scenario: Scenario, given: Mapping[str, str], facts: RunFacts) -> dict[str, object]:
    """The values of ``inputs`` for a run: what was given, else the defaults, each of its declared type.

    Raises: ScenarioFault that names the input and what it wants.
    """
    for name in given:
        if name not in scenario.inputs:
            listed = "、".join(scenario.inputs) or "ありません"
            raise ScenarioFault(
                f"「{name}」という入力値はありません。",
                mend=f"指定できる入力値: {listed}",
                guess=nearest(name, scenario.inputs),
            )
    values: dict[str, object] = {}
    for name, declared in scenario.inputs.items():
        raw = given.get(name, declared.default)
        if raw is None:
            if declared.required:
                raise ScenarioFault(
                    f"入力値「{name}」が指定されていません。",
                    mend=f"--input {name}=値 と指定してください。{declared.doc}",
                )
            values[name] = None
            continue
        try:
            values[name] = typed(
                declared, raw.evaluate({"run": run_value(facts)}) if isinstance(raw, Deferred) else raw
            )
        except ValueError as error:
            raise ScenarioFault(
                f"入力値「{name}」: {error}。", mend=f"--input {name}=値 を直してください。{declared.doc}"
            ) from None
    return values


def typed(declared: Input, raw: object) -> object:
    """A given value or default as the declared type; ValueError (Japanese, without a full stop) where it does not fit."""
    if declared.type == "date":
        try:
            return read_date(raw if isinstance(raw, date) else str(raw))
        except BankenError as error:
            raise ValueError(f"{error.what}{error.mend}".rstrip("。")) from None
    try:
        value = _ADAPTERS[declared.type].validate_python(raw)
    except ValidationError as error:
        raise ValueError(words_for(error.errors()[0])) from None
    if declared.type == "choice" and value not in declared.choices:
        raise ValueError(f"「{value}」は選べません。選べるのは {'、'.join(declared.choices)} です")
    return value


def check_inputs(inputs: Mapping[str, Input], path: Path, source: Source, findings: Findings) -> None:
    """Defaults that do not fit their type, and choices where none belong."""
    for name, declared in inputs.items():
        here = (*path, name)
        if declared.type == "choice" and not declared.choices:
            findings.add(
                source.key(here),
                f"入力値「{name}」に「choices／選択肢」がありません。",
                "選択肢: [新規, 継続] のように書いてください。",
            )
        elif declared.choices and declared.type != "choice":
            at = source.key(source.below(here, ("choices", "選択肢")))
            findings.add(
                at,
                f"入力値「{name}」に「choices／選択肢」は書けません。",
                "型: 選択 にするか、選択肢を消してください。",
            )
        elif declared.default is not None and not isinstance(declared.default, Deferred):
            at = source.at(source.below(here, ("default", "既定値")))
            try:
                typed(declared, declared.default)
            except ValueError as error:
                findings.add(at, f"入力値「{name}」の既定値: {error}。", "既定値か型を直してください。")
