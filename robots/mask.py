"""Hiding what must not be shown: secrets, twelve-digit numbers (個人番号), and personal values.

One ``Mask`` a run knows what was handed out in it; whatever writes for people asks it, before anything is cut.
"""

from __future__ import annotations

import html
import json
import re
from base64 import b64encode
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import quote, quote_plus

HIDDEN = "●●●"
# Half- or full-width digits, also escaped for an address or JSON, with at most one separator between them; the
# neighbours are checked too, so that no part of a longer run of digits passes for twelve.
_DIGIT = "[0-9０-９]"
_WRITTEN = rf"(?:{_DIGIT}|%EF%BC%9[0-9]|\\uff1[0-9])"
_BETWEEN = r"(?:[ 　\-－‐−ー+]|%20|%E3%80%80|\\u3000)?"
# The digits of an escaped character before it (%81, \u3001) are none of the number's.
_BEFORE = rf"(?:(?<!{_DIGIT})(?<!%)(?<!\\u)|(?<=%[0-9A-F]{{2}})|(?<=\\u[0-9a-f]{{4}}))"
_TWELVE = re.compile(rf"{_BEFORE}(?:{_WRITTEN}{_BETWEEN}){{11}}{_WRITTEN}(?!{_DIGIT})", re.IGNORECASE)
_SPLIT_FROM = 6
"""From so many characters on, a value is found with a space or a line break inside it too."""
_CUT_FROM = 4
"""From so many characters on, the beginning of a value is found where a text is cut off."""
_PLAIN = re.compile(r"[0-9A-Za-z_.\-]*")
_SHORTEST_PLAIN = 4
_SHORTEST = 3
"""A shorter secret would be in every other word, and is none."""


def mask_text(text: str, secrets: Iterable[str] = ()) -> str:
    """The text with every secret and every run of twelve digits replaced."""
    wanted = sorted({secret for secret in secrets if secret}, key=len, reverse=True)
    text = _replaced(text, map(_Form.of, wanted), _hidden, always=True)
    return _TWELVE.sub(HIDDEN, text)


def _hidden(_value: str) -> str:
    return HIDDEN


def mask_value(text: str) -> str:
    """A personal value for evidence: its first character and its length, enough to find it again in the source."""
    return text if len(text) <= 1 else f"{text[0]}{'●' * min(len(text) - 1, 12)}（{len(text)}文字）"


class Mask:
    """What must not be shown in one run: its secrets for good, and the personal values of its present item."""

    def __init__(self) -> None:
        self._words = ""
        self._secrets: dict[str, _Form] = {}
        self._held: Callable[[], Iterable[str]] = tuple

    def begin_run(self, words: Iterable[str], personal: Callable[[], Iterable[str]]) -> None:
        """words: texts in which a value that also stands there is nobody's own (the scenario's files: 新規, 継続);
        personal: gives the values of the present item, asked for where something is to be shown.
        """
        self._words = "\n".join(words)
        self._held = personal

    def keep_secret(self, *texts: str) -> None:
        """From now on these are hidden everywhere."""
        fresh = {text: _Form.of(text) for text in texts if len(text) >= _SHORTEST and text not in self._secrets}
        if fresh:  # a longer one goes before a shorter one that it holds
            self._secrets = dict(sorted((self._secrets | fresh).items(), key=lambda one: -len(one[0])))

    def keep_user(self, name: str) -> None:
        """A user name is hidden as a secret is, unless the scenario itself says the word."""
        if len(name) >= _CUT_FROM and name not in self._words:
            self.keep_secret(name)

    @property
    def hidden(self) -> frozenset[str]:
        """All that is to be covered on a picture."""
        return frozenset({*self._secrets, *self._personal(self._held())})

    def text(self, text: str) -> str:
        """For the ledger and for messages: without secrets and twelve-digit numbers."""
        return mask_text(_replaced(text, self._secrets.values(), _hidden))

    def public(self, text: str, personal: Iterable[str] | None = None) -> str:
        """For logs, evidence and what stands on a terminal while a run goes: without personal values too.

        personal: the values of the item that the text tells of, where that is not the present one.
        """
        values = self._personal(self._held() if personal is None else personal)
        return _replaced(self.text(text), map(_Form.of, values), mask_value)

    def _personal(self, texts: Iterable[str]) -> list[str]:
        kept = {text for text in texts if _tells(text) and text not in self._words}
        return sorted(kept, key=len, reverse=True)

    def clean(self, error: BaseException) -> None:
        """Hides secrets in an exception and in those behind it, so that whoever reports it shows none."""
        seen: set[int] = set()
        chain: list[BaseException | None] = [error]
        while chain:
            one = chain.pop()
            if one is None or id(one) in seen:
                continue
            seen.add(id(one))
            one.args = tuple(self.text(part) if isinstance(part, str) else part for part in one.args)
            for name, value in vars(one).items():
                if isinstance(value, str):
                    setattr(one, name, self.text(value))
            chain += [one.__cause__, one.__context__]


def _tells(text: str) -> bool:
    """Whether a text is long enough to be somebody's: "1" or "A" is in every other word."""
    return len(text) >= (_SHORTEST_PLAIN if _PLAIN.fullmatch(text) else 2)


@dataclass(frozen=True, slots=True)
class _Form:
    """A value and all the ways in which it may be written, the longest first."""

    value: str
    written: tuple[str, ...]

    @classmethod
    @lru_cache(maxsize=4096)
    def of(cls, value: str) -> _Form:
        return cls(value, tuple(sorted(_forms(value), key=len, reverse=True)))


def _replaced(text: str, values: Iterable[_Form], shown: Callable[[str], str], *, always: bool = False) -> str:
    """The text with values replaced in whatever way they are written there: escaped, broken by a space, cut off.

    always: also inside a longer number.
    """
    unbroken = "".join(text.split())
    for one in values:
        text = _replaced_one(text, unbroken, one, shown, always=always)
    return text


def _replaced_one(text: str, unbroken: str, one: _Form, shown: Callable[[str], str], *, always: bool) -> str:
    for written in one.written:
        if written in text:
            pattern = re.compile(re.escape(written)) if always else _bounded(written)
            text = pattern.sub(lambda _: shown(one.value), text)
    value = one.value
    if len(value) >= _SPLIT_FROM and value in unbroken:
        text = re.sub(r"\s?".join(map(re.escape, value)), lambda _: shown(value), text)
    if value[:_CUT_FROM] in text:
        text = _without_cut(text, value, shown(value))
    return text


def _without_cut(text: str, value: str, word: str) -> str:
    for length in range(len(value) - 1, max(_CUT_FROM, len(value) // 3) - 1, -1):
        start = value[:length]
        if text.endswith(start):
            return text.removesuffix(start) + word
        for end in ("…", "..."):
            text = text.replace(start + end, word + end)
    return text


def _bounded(form: str) -> re.Pattern[str]:
    """A short number or code is found as a word of its own only: 2026 is no part of a run's number."""
    if len(form) < 2 * _SHORTEST_PLAIN and form.isascii() and form.isdigit():
        return re.compile(rf"(?<![0-9A-Za-z]){form}(?![0-9A-Za-z])")
    return re.compile(re.escape(form))


def _forms(value: str) -> set[str]:
    """A value as it may stand in an address, in JSON, in HTML, in a representation, in a header."""
    escaped = json.dumps(value)[1:-1]
    return {
        value,
        quote(value, safe=""),
        quote(value),
        quote_plus(value),
        quote(value, safe="").lower(),
        escaped,
        json.dumps(value, ensure_ascii=False)[1:-1],
        repr(value)[1:-1],
        html.escape(value),
        html.escape(value, quote=False),
        b64encode(value.encode()).decode("ascii"),
    }
