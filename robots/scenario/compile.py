"""Plain data to steps: expressions compiled, blocks nested, parameters validated, every problem noted at its place."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeVar

from pydantic import ValidationError

from robots.all_steps import Steps
from robots.params import Deferred, Params
from robots.scenario.guess import nearest
from robots.scenario.model import Retry, StepOptions, deferred_in
from robots.scenario.names import FIXED, canonical
from robots.scenario.node import ExpressionError
from robots.scenario.problem import Findings
from robots.scenario.pydantic_words import note_errors
from robots.scenario.rules import check_literals, check_place
from robots.scenario.scope import Scope
from robots.scenario.shape import Shape, parameters
from robots.scenario.source import Path, Source
from robots.scenario.template import LaterTemplate, Template, compile_text
from robots.scenario.where import Where
from robots.step import Position, Step, StepKind

P = TypeVar("P", bound=Params)

_OPTIONS = parameters(StepOptions)
_STEPS_HELP = "手順の名前を確かめてください。一覧は banken steps で見られます。"


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
            self.findings.add(self.source.at(path), "手順が一覧になっていません。", "手順ごとに、行の先頭に「- 」を付けてください。")
            return (), frozenset()
        if not isinstance(raw, list) or not raw:
            self.findings.add(self.source.key(path), "手順が一つもありません。", "次の行から、字下げして「- 手順の名前: …」と書いてください。")
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
        found = self._kind(raw, path)
        if found is None or not isinstance(raw, dict):
            return None, self._saved(raw)
        key, kind = found
        at = self.source.key((*path, key))
        options = self._options({name: value for name, value in raw.items() if name != key}, path, scope, kind, where)
        introduced = self._new_names(raw[key], (*path, key), kind, scope)
        later = introduced | ({"row"} if "rows" in parameters(kind.params) else frozenset())
        scopes = Scopes(scope, scope.with_names(later), scope.with_names(introduced))
        check_place(kind, at, where, self.findings)
        inside = where.inside(kind, retried=bool(options and options.retry), looped=bool(introduced))
        compiled, saved = self._parameters(kind, raw[key], (*path, key), scopes, inside)
        params = self.validated(kind.params, compiled, raw[key], (*path, key), f"{kind.name}／{kind.ja}")
        if introduced:
            saved = frozenset()
        if options is None or params is None:
            return None, saved | self._saved(raw)
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
        return step, saved | self._saved(raw)

    def _saved(self, raw: object) -> frozenset[str]:
        if not isinstance(raw, dict):
            return frozenset()
        return frozenset(name for key in ("save_as", "保存名") if isinstance(name := raw.get(key), str) and name.isidentifier())

    def _kind(self, raw: object, path: Path) -> tuple[str, StepKind[Params]] | None:
        at = self.source.at(path)
        if not isinstance(raw, dict):
            what = f"「{raw}」のあとに「:」がありません。" if isinstance(raw, str) and raw else "手順がありません。"
            self.findings.add(at, what, "「- 手順の名前: …」と書いてください。")
            return None
        keys = [key for key in raw if key in self.steps.names]
        unknown = [key for key in raw if key not in self.steps.names and key not in _OPTIONS]
        for key in unknown:
            self._unknown_key(key, path, has_step=bool(keys))
        if len(keys) > 1:
            self.findings.add(
                self.source.key((*path, keys[1])),
                f"一つの手順に「{keys[0]}」と「{keys[1]}」の二つが書かれています。",
                f"「- {keys[1]}: …」と、行の先頭に「- 」を付けて分けてください。",
            )
        if not keys:
            if not unknown:
                self.findings.add(at, "手順の名前がありません。", _STEPS_HELP)
            return None
        kind = self.steps.names[keys[0]]
        return keys[0], kind

    def _unknown_key(self, key: str, path: Path, *, has_step: bool) -> None:
        at = self.source.key((*path, key))
        guess = nearest(key, [*self.steps.names, *_OPTIONS])
        kind = self.steps.get(guess or "")
        if kind:
            guess = f"{kind.name}／{kind.ja}"
        elif guess is not None and guess in _OPTIONS:
            guess = _OPTIONS[guess].label
        if has_step:
            labels = "、".join(dict.fromkeys(one.label for one in _OPTIONS.values()))
            self.findings.add(
                at, f"「{key}」は手順に書けません。", f"手順の中身なら字下げを深くします。手順に添えられるのは {labels} です。", guess
            )
        else:
            self.findings.add(at, f"「{key}」という手順はありません。", _STEPS_HELP, guess)

    def _options(
        self, raw: dict[str, object], path: Path, scope: Scope, kind: StepKind[Params], where: Where
    ) -> StepOptions | None:
        known = {key: value for key, value in raw.items() if key in _OPTIONS}
        compiled = self._mapping(StepOptions, known, path, Scopes(scope, scope, scope), where)[0]
        options = self.validated(StepOptions, compiled, known, path, "手順")
        if options is None:
            return None
        save_key = next((key for key in ("save_as", "保存名") if key in known), None)
        if options.save_as is not None and save_key:
            at = self.source.at((*path, save_key))
            if not kind.saves:
                self.findings.add(at, f"「{kind.name}／{kind.ja}」には保存する結果がありません。", f"「{save_key}」の行を消してください。")
            self._check_new_name(options.save_as, at)
        retry_key = next((key for key in ("retry", "再試行") if key in known), None)
        if retry_key and (where.committing or kind.name == "commit"):
            self.findings.add(
                self.source.key((*path, retry_key)),
                "確定する手順と、その中の手順は再試行できません（二重登録を防ぐため）。",
                f"「{retry_key}」の行を消してください。中断したときは「登録済みの確認」が調べます。",
            )
        return options

    def _new_names(self, raw: object, path: Path, kind: StepKind[Params], scope: Scope) -> frozenset[str]:
        """The names that the step's NewName parameters introduce."""
        names: set[str] = set()
        if isinstance(raw, dict):
            for key, value in raw.items():
                parameter = parameters(kind.params).get(key)
                if parameter and "new_name" in parameter.shape.marks and isinstance(value, str):
                    at = self.source.at((*path, key))
                    self._check_new_name(value, at)
                    if value in scope.names:
                        self.findings.add(at, f"「{value}」という名前は、ここではもう使われています。", "別の名前にしてください。")
                    names.add(value)
        return frozenset(names)

    def _check_new_name(self, name: str, at: Position) -> None:
        if canonical(name) in FIXED:
            self.findings.add(at, f"「{name}」は決まった意味のある名前なので付けられません。", "別の名前にしてください。")
        elif not name.replace("・", "_").isidentifier() or name.startswith("__"):
            self.findings.add(
                at, f"「{name}」は名前にできません。", "空白や記号を含まず、数字で始まらない名前にしてください（例: 申請一覧）。"
            )

    def _parameters(
        self, kind: StepKind[Params], raw: object, path: Path, scopes: Scopes, where: Where
    ) -> tuple[object, frozenset[str]]:
        model = kind.params
        if raw == "" and not model.bare:
            return {}, frozenset()
        return self.value(Shape(params=model), raw, path, scopes, where)

    def value(self, shape: Shape, raw: object, path: Path, scopes: Scopes, where: Where) -> tuple[object, frozenset[str]]:
        """Any value, as its place wants it, and the names that blocks inside it save."""
        shape = shape.for_value(raw)
        if "block" in shape.marks:
            return self.block(raw, path, scopes.inner, where)
        if isinstance(raw, str):
            if shape.params and shape.params.bare:
                bare = parameters(shape.params)[shape.params.bare]
                made, saved = self.value(bare.shape, raw, path, scopes, where)
                return {bare.english: made}, saved
            return self._text(raw, path, scopes.later, LaterTemplate) if "later" in shape.marks else self._text(
                raw, path, scopes.own, Template
            ), frozenset()
        if isinstance(raw, list):
            if shape.params and shape.params.bare:
                bare = parameters(shape.params)[shape.params.bare]
                made, saved = self.value(bare.shape, raw, path, scopes, where)
                return {bare.english: made}, saved
            inner = shape.element or Shape(marks=shape.marks)
            pairs = [self.value(inner, one, (*path, number), scopes, where) for number, one in enumerate(raw)]
            return [made for made, _ in pairs], frozenset[str]().union(*(saved for _, saved in pairs))
        if isinstance(raw, dict):
            if shape.params:
                return self._mapping(shape.params, raw, path, scopes, where)
            inner = shape.element or Shape(marks=shape.marks)
            found = {key: self.value(inner, one, (*path, key), scopes, where) for key, one in raw.items()}
            return {key: made for key, (made, _) in found.items()}, frozenset[str]().union(*(saved for _, saved in found.values()))
        return raw, frozenset()

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
            made, names = self.value(shape, value, (*path, key), scopes, inside)
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
                at = self.source.inside(path, raw, use.offset)
                fault = scope.fault(use)
                if fault:
                    self.findings.add(at, *fault)
                elif use.name == "item" and use.attribute is not None:
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

