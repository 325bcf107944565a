"""The names inside ${...} in the other language: fixed names and functions, found by their place in the expression."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from robots.scenario.all_functions import FUNCTIONS
from robots.scenario.names import JAPANESE, canonical
from robots.scenario.template import closing

Language = Literal["ja", "en"]

_TOKEN = re.compile(
    r"""(?P<text>"[^"]*"|'[^']*')|(?P<number>\d+(?:\.\d+)?(?![\w・]))|(?P<attribute>\.[\s\u3000]*[\w・]+)"""
    r"""|(?P<name>[^\W\d][\w・]*)|(?P<sign>\S)"""
)


@dataclass(frozen=True, slots=True)
class Renamed:
    """A name at ``offset`` of a text that is written otherwise in the other language."""

    offset: int
    old: str
    new: str


def renamed_in(text: str, to: Language) -> Iterator[Renamed]:
    """The names to change in a text that may hold ${...} (a sound one: ExpressionError where a } is missing)."""
    at = 0
    while (found := text.find("${", at)) >= 0:
        if found > at and text[found - 1] == "$":  # $${ is a literal ${
            at = found + 2
            continue
        end = closing(text, found + 2)
        for one in _names(text[found + 2 : end], to):
            yield Renamed(found + 2 + one.offset, one.old, one.new)
        at = end + 1


def text_in(text: str, to: Language) -> str:
    """The text with the names inside its ${...} in that language."""
    for one in reversed(list(renamed_in(text, to))):
        text = text[: one.offset] + one.new + text[one.offset + len(one.old) :]
    return text


def _names(expression: str, to: Language) -> Iterator[Renamed]:
    tokens = list(_TOKEN.finditer(expression))
    for number, token in enumerate(tokens):
        if token.lastgroup != "name":
            continue
        old, following = token[0], tokens[number + 1][0] if number + 1 < len(tokens) else ""
        if following == ":":  # a key of a mapping literal is the author's own
            continue
        new = _function(old, to) if following == "(" else _fixed(old, to)
        if new != old:
            yield Renamed(token.start(), old, new)


def _function(name: str, to: Language) -> str:
    function = FUNCTIONS.get(name)
    if function is None:
        return name
    return function.name if to == "en" else function.ja


def _fixed(name: str, to: Language) -> str:
    english = canonical(name)
    return english if to == "en" else JAPANESE.get(english, name)
