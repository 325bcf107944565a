"""Plain data to steps: expressions compiled, blocks nested, parameters validated, every problem noted at its place."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import TypeVar

from pydantic import ValidationError

from robots.all_steps import Steps
from robots.params import Deferred, Params
from robots.position import Position
from robots.scenario.model import Retry, StepOptions, deferred_in
from robots.scenario.node import ExpressionError
from robots.scenario.problem import Findings
from robots.scenario.pydantic_words import note_errors
from robots.scenario.rules import check_literals, check_place
from robots.scenario.scope import Scope
from robots.scenario.shape import Parameter, Shape, parameters
from robots.scenario.source import Path, Source
from robots.scenario.step_parts import OPTIONS, check_options, find_kind, new_names, saved_names
from robots.scenario.template import LaterTemplate, Template, compile_text
from robots.scenario.where import Where
from robots.step import Step, StepKind

P = TypeVar("P", bound=Params)


@dataclass(frozen=True, slots=True)
class Scopes:
    """The names at a step: for its own values, for its Later expressions, and for the blocks inside it."""

    own: Scope
    later: Scope
    inner: Scope


@dataclass(slots=True)
class Compiler:
    """Compiles one file.  What the parts share is the file, its findings and the columns they use."""

    source: Source
    findings: Findings
    steps: Steps
    columns: dict[str, dict[Position, None]]

    def block(self, raw: object, path: Path, scope: Scope, where: Where) -> tuple[tuple[Step, ...], frozenset[str]]:
        """The steps of a block, and the names that they save."""
        if isinstance(raw, dict) and raw:
            self.findings.add(
                self.source.at(path), "手順が一覧になっていません。", "手順ごとに、行の先頭に「- 」を付けてください。"
            )
            return (), frozenset()
        if not isinstance(raw, list) or not raw:
            self.findings.add(
                self.source.key(path),
                "手順が一つもありません。",
                "次の行から、字下げして「- 手順の名前: …」と書いてください。",
            )
            return (), frozenset()
        steps: list[Step] = []
        saved: frozenset[str] = frozenset()
        for number, one in enumerate(raw):
            step, names = self.step(one, (*path, number), scope.with_names(saved), where.at(number))
            saved |= names
            if step is not None:
                steps.append(step)
        return tuple(steps), saved

    def step(self, raw: object, path: Path, scope: Scope, where: Where) -> tuple[Step | None, frozenset[str]]:
        """One step, and the names that it and the steps inside it save."""
        found = find_kind(raw, path, self.steps, self.source, self.findings)
        if found is None or not isinstance(raw, dict):
            return None, saved_names(raw)
        key, kind = found
        at = self.source.key((*path, key))
        options = self._options(raw, path, scope, kind, where)
        introduced = new_names(raw[key], (*path, key), kind, scope.names, self.source, self.findings)
        later = introduced | ({"row"} if "rows" in parameters(kind.params) else frozenset())
        scopes = Scopes(scope, scope.with_names(later), scope.with_names(introduced))
        check_place(kind, at, where, self.findings)
        inside = where.inside(kind, retried=bool(options and options.retry))
        compiled, saved = self._parameters(kind, raw[key], (*path, key), scopes, inside)
        params = self.validated(kind.params, compiled, raw[key], (*path, key), f"{kind.name}／{kind.ja}")
        if kind.repeats:
            saved = frozenset()
        if options is None or params is None:
            return None, saved | saved_names(raw)
        check_literals(kind, compiled, (*path, key), self.source, scope.declared, where, self.findings)
        retry = options.retry or Retry(times=0)
        step = Step(
            kind=kind,
            params=params,
            fixed=all(isinstance(one, LaterTemplate) for one in deferred_in(compiled)),
            raw=compiled,
            position=at,
            path=where.path,
            if_=options.if_,
            save_as=options.save_as,
            retry_times=retry.times,
            retry_wait=retry.wait,
            timeout=options.timeout,
            note=options.note,
            secret=options.secret,
        )
        return step, saved | saved_names(raw)

    def _options(
        self, raw: Mapping[str, object], path: Path, scope: Scope, kind: StepKind[Params], where: Where
    ) -> StepOptions | None:
        written = {key: value for key, value in raw.items() if key in OPTIONS}
        compiled = self._mapping(StepOptions, written, path, Scopes(scope, scope, scope), where)[0]
        options = self.validated(StepOptions, compiled, written, path, "手順")
        if options is not None:
            check_options(options, written, path, kind, where, self.source, self.findings)
        return options

    def _parameters(
        self, kind: StepKind[Params], raw: object, path: Path, scopes: Scopes, where: Where
    ) -> tuple[object, frozenset[str]]:
        model = kind.params
        if raw == "" and not model.bare:
            return {}, frozenset()
        return self.value(Shape(params=model), raw, path, scopes, where)

    def value(
        self, shape: Shape, raw: object, path: Path, scopes: Scopes, where: Where
    ) -> tuple[object, frozenset[str]]:
        """Any value, as its place wants it, and the names that blocks inside it save."""
        shape = shape.for_value(raw)
        if "block" in shape.marks:
            return self.block(raw, path, scopes.inner, where)
        if isinstance(raw, dict) and shape.params:
            return self._mapping(shape.params, raw, path, scopes, where)
        if shape.params and shape.params.bare:
            bare = parameters(shape.params)[shape.params.bare]
            made, saved = self.value(bare.shape, raw, path, scopes, where)
            return {bare.english: made}, saved
        inner = shape.element or Shape(marks=shape.marks)
        if isinstance(raw, dict):
            found = {key: self.value(inner, one, (*path, key), scopes, where) for key, one in raw.items()}
            return {key: one for key, (one, _) in found.items()}, _union(names for _, names in found.values())
        if isinstance(raw, list):
            pairs = [self.value(inner, one, (*path, number), scopes, where) for number, one in enumerate(raw)]
            return [one for one, _ in pairs], _union(names for _, names in pairs)
        if "later" in shape.marks:
            return self._text(str(raw), path, scopes.later, LaterTemplate), frozenset()
        return self._text(str(raw), path, scopes.own, Template), frozenset()

    def _mapping(
        self, model: type[Params], raw: Mapping[str, object], path: Path, scopes: Scopes, where: Where
    ) -> tuple[dict[str, object], frozenset[str]]:
        """A declared mapping by its English keys; keys that it does not know stay, for the model to judge."""
        known = parameters(model)
        if model.free:
            made, saved = self.value(known[model.free].shape, raw, path, scopes, where)
            return {model.free: made}, saved
        result: dict[str, object] = {}
        saved = frozenset()
        for key, value in raw.items():
            parameter = known.get(key)
            english = parameter.english if parameter else key
            shape = parameter.shape if parameter else Shape()
            inside = where.block(english) if parameter else where
            early = parameter and "block" in shape.marks and _precedes_new_name(model, parameter)
            here = replace(scopes, inner=scopes.own) if early else scopes
            made, names = self.value(shape, value, (*path, key), here, inside)
            if english in result:
                self.note_twice(english, key, path)
            if english != "already_done":
                saved |= names
            result[english] = made
        return result, saved

    def _text(self, raw: str, path: Path, scope: Scope, kind: type[Template]) -> str | Deferred:
        try:
            made = compile_text(raw, kind)
        except ExpressionError as error:
            self.findings.add(self.source.inside(path, raw, error.offset), error.what, error.mend, error.guess)
            return kind(raw, [raw], ())
        if isinstance(made, Template):
            for use in made.uses:
                fault = scope.fault(use)
                if fault:
                    self.findings.add(self.source.inside(path, raw, use.offset), *fault)
                elif use.name == "item" and use.attribute is not None:
                    at = self.source.inside(path, raw, use.offset)
                    self.columns.setdefault(use.attribute, {})[at] = None
        return made

    def note_twice(self, english: str, key: str, path: Path) -> None:
        """Notes a key that stands there in English and in Japanese."""
        at = self.source.key((*path, key))
        what = f"「{key}」が、英語名と日本語名（{english} と同じ意味）で二度書かれています。"
        self.findings.add(at, what, "どちらか一方を消してください。")

    def validated(self, model: type[P], compiled: object, raw: object, path: Path, title: str) -> P | None:
        """The model of what was compiled, or None with the problems noted."""
        try:
            return model.model_validate(compiled)
        except ValidationError as error:
            note_errors(error, model, raw, path, self.source, self.findings, title)
            return None


def _precedes_new_name(model: type[Params], parameter: Parameter) -> bool:
    """Whether a new name of the mapping is declared after this parameter: its blocks do not know that name."""
    fields = list(model.model_fields)
    new = [fields.index(one.field) for one in parameters(model).values() if "new_name" in one.shape.marks]
    return bool(new) and fields.index(parameter.field) < min(new)


def _union(sets: Iterable[frozenset[str]]) -> frozenset[str]:
    return frozenset[str]().union(*sets)
