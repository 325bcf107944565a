"""Text of a scenario with ${...} inside: compiled once, evaluated often."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from robots.errors import BusinessError
from robots.params import Deferred
from robots.scenario.expression import compile_expression
from robots.scenario.node import ExpressionError, Names, Use
from robots.scenario.operations import MAX_TEXT
from robots.values import text_of

_OPEN = "${"
_FULL_WIDTH = re.compile("＄[{｛]|\\$｛")
_BRACKETS = {"(": ")", "[": "]", "{": "}"}

Part = str | Callable[[Names], object]


class Template(Deferred):
    """Text that is known only while running.  One whole ``${...}`` keeps the type of its value."""

    __slots__ = ("_parts", "_whole", "attributes", "names", "source", "texts", "uses")

    def __init__(self, source: str, parts: list[Part], uses: tuple[Use, ...]) -> None:
        self.source = source
        self.uses = uses
        self.texts: tuple[str, ...] = tuple(part for part in parts if isinstance(part, str))
        """The fixed texts between the expressions."""
        self.names = frozenset(use.name for use in uses)
        self.attributes = frozenset((use.name, use.attribute) for use in uses if use.attribute is not None)
        self._parts = parts
        self._whole = parts[0] if len(parts) == 1 else None

    def evaluate(self, names: Mapping[str, object]) -> object:
        if self._whole is not None and not isinstance(self._whole, str):
            return self._whole(names)
        text = "".join(part if isinstance(part, str) else text_of(part(names)) for part in self._parts)
        if len(text) > MAX_TEXT:
            raise BusinessError("文字が長くなりすぎました。", mend=f"{MAX_TEXT:,} 文字以内になるようにしてください。")
        return text

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.source!r})"


class LaterTemplate(Template):
    """An expression that the step evaluates itself; it is left alone when the step's parameters are resolved."""

    __slots__ = ()


def compile_text(text: str, kind: type[Template] = Template) -> str | Template:
    """The text itself where it holds no ``${``, else a Template; ``$${`` is a literal ``${``.

    Raises: ExpressionError with the offset in ``text``.
    """
    full_width = _FULL_WIDTH.search(text)
    if full_width:
        what = f"「{full_width[0]}」が全角です。"
        raise ExpressionError(full_width.start(), what, "式の ${ と } は半角で書いてください（例: ${対象.氏名}）。")
    if _OPEN not in text:
        return text
    parts: list[Part] = []
    uses: list[Use] = []
    at = 0
    while (found := text.find(_OPEN, at)) >= 0:
        if found > 0 and text[found - 1] == "$" and found > at:
            parts.append(text[at : found - 1] + _OPEN)
            at = found + 2
            continue
        if found > at:
            parts.append(text[at:found])
        end = closing(text, found + 2)
        try:
            node = compile_expression(text[found + 2 : end])
        except ExpressionError as error:
            raise ExpressionError(found + 2 + error.offset, error.what, error.mend, error.guess) from None
        parts.append(node.run)
        uses.extend(Use(use.name, use.attribute, found + 2 + use.offset) for use in node.uses)
        at = end + 1
    if at < len(text):
        parts.append(text[at:])
    if all(isinstance(part, str) for part in parts):
        return "".join(part for part in parts if isinstance(part, str))
    return kind(text, parts, tuple(uses))


def closing(text: str, start: int) -> int:
    """The index of the } that closes the expression beginning at ``start``."""
    open_brackets: list[str] = []
    quote = ""
    for at in range(start, len(text)):
        sign = text[at]
        if quote:
            quote = "" if sign == quote else quote
        elif sign in "'\"":
            quote = sign
        elif sign in _BRACKETS:
            open_brackets.append(_BRACKETS[sign])
        elif sign == "}" and not open_brackets:
            return at
        elif open_brackets and sign == open_brackets[-1]:
            open_brackets.pop()
    what = f"引用符 {quote} が閉じられていません。" if quote else "${ に対する } がありません。"
    raise ExpressionError(
        start - 2, what, "${対象.氏名} のように、} で閉じてください。文字としての ${ は $${ と書きます。"
    )
