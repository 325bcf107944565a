"""What pydantic says, in Japanese and at the author's place."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from robots.params import Deferred, Params
from robots.scenario.guess import nearest
from robots.scenario.problem import Findings
from robots.scenario.shape import Parameter, models_in, parameters
from robots.scenario.source import Path, Source

_WORDS: Mapping[str, str] = {
    "string": "文字が必要です",
    "int": "整数が必要です",
    "float": "数値が必要です",
    "decimal": "数値が必要です",
    "bool": "はい か いいえ（true か false）が必要です",
    "date": "日付が必要です",
    "list": "一覧（[値, 値] か、「- 」で始まる行）が必要です",
    "tuple": "一覧（[値, 値] か、「- 」で始まる行）が必要です",
    "set": "一覧（[値, 値] か、「- 」で始まる行）が必要です",
    "dict": "「名前: 値」の並びが必要です",
    "mapping": "「名前: 値」の並びが必要です",
    "model": "「名前: 値」の並びが必要です",
    "none": "値は書けません",
    "is": "値の種類が違います",
}
_LIMITS: Mapping[str, tuple[str, str]] = {
    "greater_than": ("gt", "{} より大きくしてください"),
    "greater_than_equal": ("ge", "{} 以上にしてください"),
    "less_than": ("lt", "{} より小さくしてください"),
    "less_than_equal": ("le", "{} 以下にしてください"),
    "too_short": ("min_length", "{} 個以上書いてください"),
    "too_long": ("max_length", "{} 個までにしてください"),
    "string_too_short": ("min_length", "{} 文字以上にしてください"),
    "string_too_long": ("max_length", "{} 文字までにしてください"),
    "string_pattern_mismatch": ("pattern", "決まった形（{}）で書いてください"),
}
_NO_EXPRESSION = "ここには式 ${…} を使えません。値をそのまま書いてください"


def words_for(error: ErrorDetails) -> str:
    """One error's message without a full stop, never English."""
    kind, context = error["type"], error.get("ctx", {})
    if isinstance(error["input"], Deferred) and kind not in ("literal", "block"):
        return _NO_EXPRESSION
    if kind in _LIMITS:
        name, words = _LIMITS[kind]
        return words.format(context.get(name, ""))
    if kind in ("literal_error", "enum"):
        return f"「{error['input']}」は使えません。使えるのは {str(context['expected']).replace(' or ', '、')} です"
    said = str(context.get("error", error["msg"]))
    if not said.isascii():
        return said.rstrip("。")
    return _WORDS.get(kind.split("_", maxsplit=1)[0], "値の書き方が違います")


def note_errors(
    error: ValidationError, model: type[Params], raw: object, path: Path, source: Source, findings: Findings, title: str
) -> None:
    """Notes every error of ``model`` over the author's ``raw`` at ``path``; title: what is being written there."""
    found = [(_Place(model, raw, path).walk(_way(one)), one) for one in error.errors()]
    deepest = [place.path for place, _ in found]
    seen: set[Path] = set()
    for place, one in found:
        inside_another = any(
            len(other) > len(place.path) and other[: len(place.path)] == place.path for other in deepest
        )
        if place.guessed and (inside_another or place.path in seen):
            continue
        seen.add(place.path)
        _note(place, one, source, findings, title)


def _way(error: ErrorDetails) -> tuple[int | str, ...]:
    """The way to what the author wrote: what is missing was not written."""
    return error["loc"][:-1] if error["type"] == "missing" else error["loc"]


def _note(place: _Place, error: ErrorDetails, source: Source, findings: Findings, title: str) -> None:
    kind, last = error["type"], str(error["loc"][-1]) if error["loc"] else ""
    known = place.known()
    inside = place.parameter.label if place.parameter else title
    labels = "、".join(dict.fromkeys(one.label for one in known.values()))
    if kind == "missing":
        parameter = known.get(last.rstrip("_"))
        label, key, doc = (parameter.label, parameter.ja, parameter.doc) if parameter else (last, last, "")
        mend = f"「{key}: …」を書き加えてください（{doc.rstrip('。')}）。"
        findings.add(source.key(place.path), f"「{inside}」に「{label}」がありません。", mend)
    elif kind == "extra_forbidden":
        guess = nearest(last, known)
        guess = known[guess].label if guess is not None and guess in known else guess
        findings.add(
            source.key(place.path), f"「{inside}」に「{last}」は書けません。", f"書けるのは {labels} です。", guess
        )
    elif place.parameter:
        mend = f"ここに書くもの: {place.parameter.doc.rstrip('。')}。"
        if kind == "later" and isinstance(error["input"], str) and error["input"]:
            mend = f"式は ${{ と }} で囲みます（例: ${{{error['input']}}}）。{mend}"
        findings.add(source.at(place.path), f"「{inside}」: {words_for(error)}。", mend)
    else:
        findings.add(source.at(place.path), f"「{title}」: {words_for(error)}。", f"書けるのは {labels} です。")


class _Place:
    """Follows the way to an error through what the author wrote."""

    def __init__(self, model: type[Params], raw: object, path: Path) -> None:
        self.path = path
        self.parameter: Parameter | None = None
        self.guessed = False
        """Whether the way goes through a choice of several shapes."""
        self._model: type[Params] | None = model
        self._raw: Any = raw

    def known(self) -> Mapping[str, Parameter]:
        return parameters(self._model) if self._model else {}

    def walk(self, way: tuple[int | str, ...]) -> _Place:
        for step in way:
            parameter = self.known().get(str(step).rstrip("_"))
            key = self._key(step, parameter)
            if key is not None:
                self.path = (*self.path, key)
                self._raw = self._raw[key]
            elif parameter is None:
                self.guessed = True
            if parameter is not None and (key is not None or not isinstance(self._raw, dict)):
                self.parameter = parameter
                self._model = next(models_in(parameter.shape), None)
        return self

    def _key(self, step: int | str, parameter: Parameter | None) -> int | str | None:
        if isinstance(step, int):
            return step if isinstance(self._raw, list) and step < len(self._raw) else None
        if not isinstance(self._raw, dict):
            return None
        names = (parameter.english, parameter.ja) if parameter else (step,)
        return next((name for name in names if name in self._raw), None)
