"""What a step names on the screen: labels, buttons, titles, options — each with its place in the step."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError

from robots.drivers.browser import Locator
from robots.drivers.browser_values import wanted
from robots.errors import BankenError
from robots.params import Deferred
from robots.scenario.model import Scenario, all_steps
from robots.step import Step
from robots.values import text_of

At = tuple[str | int, ...]
"""Where in ``Step.raw`` a text stands, by English keys; of a form's label: ("fields", label)."""

KINDS = {
    "called": "呼び名", "label": "ラベル", "button": "ボタン", "link": "リンク", "text": "文字", "name": "名前",
    "placeholder": "入力例", "test_id": "試験ID", "css": "CSS", "field": "ラベル", "option": "選択肢",
    "section": "まとまり", "dialog": "画面内ダイアログ", "frame": "フレーム", "table": "表", "column": "列",
}  # fmt: skip
"""The kinds of names, as they are told."""
_BY = ("called", "label", "button", "link", "text", "placeholder", "test_id", "css")
_DATA = frozenset({"text", "css", "name"})
"""Kinds whose text, where it is an expression, is the item's data and no name of the screen."""
_PURPOSE = {
    "browser.fill": "field", "browser.select": "field", "browser.check": "field", "browser.uncheck": "field",
    "browser.upload": "file", "browser.click": "click", "browser.download": "click", "browser.read": "read",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Named:
    """One name.  literal: the author wrote it as it is (else it comes of an expression)."""

    kind: str
    text: str
    at: At
    literal: bool = True


@dataclass(frozen=True, slots=True)
class Wanted:
    """One thing that a step needs on the screen.

    look: for Browser.look; names: what it is found by (several: alternatives); option: the value that it must offer.
    """

    look: dict[str, Any]
    names: tuple[Named, ...]
    option: Named | None = None


def wanted_by(step: Step, names: Mapping[str, object] | None) -> list[Wanted]:
    """What the step needs.  names: to evaluate expressions with; None: only what is written out counts."""
    return list(_Reading(step, names).wanted())


def names_of(scenario: Scenario) -> Iterator[tuple[Step, Named]]:
    """Every name of a screen that is written out in a scenario."""
    for section in (scenario.prepare, scenario.each, scenario.finish):
        for step in all_steps(section):
            for one in wanted_by(step, None):
                yield from ((step, name) for name in one.names)
                if one.option is not None:
                    yield step, one.option


class _Reading:
    def __init__(self, step: Step, names: Mapping[str, object] | None) -> None:
        self.step = step
        self.names = names
        self.raw: Mapping[str, object] = step.raw if isinstance(step.raw, Mapping) else {}

    def wanted(self) -> Iterator[Wanted]:
        kind, raw = self.step.kind.name, self.raw
        if kind == "browser.fill_form":
            yield from self._form(raw.get("fields"))
        elif kind in _PURPOSE:
            yield from self._found(raw, (), _PURPOSE[kind], "value" if kind == "browser.fill" else "option")
        elif kind == "browser.press":
            yield from self._found(raw.get("field"), ("field",), "field")
        elif kind == "browser.read_table":
            yield from self._found(raw.get("table"), ("table",), "table")
        elif kind in ("browser.expect", "browser.wait"):
            yield from self._expected(raw)
        elif kind == "browser.within":
            yield from self._scope(raw)

    def _form(self, fields: object) -> Iterator[Wanted]:
        for label, value in fields.items() if isinstance(fields, Mapping) else ():
            at = ("fields", str(label))
            look, option = self._with_option({"purpose": "field", "locator": {"called": label}}, value, at, "")
            yield Wanted(look, (Named("field", str(label), at),), option)

    def _found(self, raw: object, at: At, purpose: str, value_key: str = "") -> Iterator[Wanted]:
        if not isinstance(raw, Mapping):
            return
        names = tuple(self._names(raw, at))
        if not names or any(not one.literal and one.kind in _DATA for one in names):
            return
        locator = self._locator(raw)
        if locator is None:
            return
        look: dict[str, Any] = {"purpose": purpose, "locator": locator}
        option = None
        if value_key in raw:
            only = "choice" if self.step.kind.name == "browser.select" else ""
            look, option = self._with_option(look, raw[value_key], (*at, value_key), only)
        yield Wanted(look, names, option)

    def _names(self, raw: Mapping[str, object], at: At) -> Iterator[Named]:
        for key in (*_BY, "name"):
            if raw.get(key) is not None and (text := self._text(raw[key])):
                yield Named(key, text, (*at, key), isinstance(raw[key], str))
        choices = raw.get("any_of")
        for number, one in enumerate(choices if isinstance(choices, list) else ()):
            if isinstance(one, Mapping):
                yield from self._names(one, (*at, "any_of", number))

    def _locator(self, raw: Mapping[str, object]) -> dict[str, Any] | None:
        given = {key: self._value(value) for key, value in raw.items() if key in Locator.model_fields}
        try:
            return Locator.model_validate(given).plain()
        except ValidationError:
            return None

    def _with_option(
        self, look: dict[str, Any], value: object, at: At, only: str
    ) -> tuple[dict[str, Any], Named | None]:
        meant = self._value(value)
        if meant is None or isinstance(meant, Mapping):
            return look, None
        literal = isinstance(value, str)
        try:
            want = {**wanted(meant), "only": only}
            text = text_of(meant) if not isinstance(meant, list | tuple) else ""
        except BankenError:
            return look, None
        return {**look, "want": want}, Named("option", text, at, literal) if text else None

    def _expected(self, raw: Mapping[str, object]) -> Iterator[Wanted]:
        text = raw.get("text")
        if isinstance(text, str):
            yield Wanted({"purpose": "text", "text": text}, (Named("text", text, ("text",)),))
        yield from self._found(raw.get("field"), ("field",), "field")
        if str(raw.get("count")) != "0":
            yield from self._found(raw.get("find"), ("find",), "any")

    def _scope(self, raw: Mapping[str, object]) -> Iterator[Wanted]:
        for kind in ("frame", "dialog", "section"):
            text = self._text(raw[kind]) if raw.get(kind) else None
            if text:
                look = {"purpose": "frame" if kind == "frame" else "scope", "kind": kind, "text": text}
                yield Wanted(look, (Named(kind, text, (kind,), isinstance(raw[kind], str)),))

    def _text(self, raw: object) -> str | None:
        value = self._value(raw)
        try:
            return None if value is None or isinstance(value, Mapping | list) else text_of(value)
        except BankenError:
            return None

    def _value(self, raw: object) -> object:
        """A value with its expressions evaluated; None where that can't be done."""
        if isinstance(raw, Deferred):
            try:
                return None if self.names is None else raw.evaluate(self.names)
            except BankenError:
                return None
        if isinstance(raw, Mapping):
            return {key: self._value(one) for key, one in raw.items()}
        if isinstance(raw, list):
            return [self._value(one) for one in raw]
        return raw
