"""カナ: katakana in a grid or a plain box; a word list settles what the strokes leave open."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence

from ocr.ask import KATAKANA, Answer
from ocr.field import FieldKind, Rules
from ocr.grid import GridParams, grid_asks, grid_boxes, guesses_of, join
from ocr.reading import FieldReading
from ocr.words import pick_word

_ALLOWED = KATAKANA + "・"
_SPACE = "　"


class KanaParams(GridParams):
    words: str = ""
    """A file with one name a line: what is written here is one of them."""


def _words(params: KanaParams, rules: Rules) -> tuple[str, ...]:
    return rules.words.get(params.words, ())


def _read(params: KanaParams, answers: Sequence[Answer], rules: Rules) -> FieldReading:
    found = join(answers, rules.promise)
    words = _words(params, rules)
    if words and params.cells is not None and found.state not in ("blank", "unreadable"):
        return pick_word(found, guesses_of(answers), words, rules.promise).reading(params)
    return found.reading(params, text_of(found.signs))


def text_of(signs: Sequence[str]) -> str:
    """The cells' text; empty cells between written ones are one space."""
    return _SPACE.join("".join(sign or " " for sign in signs).split())


def _typed(params: KanaParams, text: str) -> str:
    plain = unicodedata.normalize("NFKC", text).replace("-", "ー")
    plain = "".join(chr(ord(sign) + 0x60) if "ぁ" <= sign <= "ゖ" else sign for sign in plain)
    wrong = sorted(set(plain) - set(_ALLOWED) - {" "})
    if wrong:
        raise ValueError(f"「{''.join(wrong)}」はカタカナではありません")
    value = _SPACE.join(plain.split())
    if params.cells is not None and len(value) > sum(params.counts):
        raise ValueError(f"{sum(params.counts)} 文字までで書いてください（{len(value)} 文字でした）")
    return value


FIELD = FieldKind(
    name="kana",
    ja="カナ",
    summary="ますに 1 字ずつ書いたカタカナ。words に一覧のファイルを書けば、その中から決める。",
    params=KanaParams,
    asks=lambda params, rules: grid_asks(params, _ALLOWED, _words(params, rules)),
    read=_read,
    typed=_typed,
    boxes=grid_boxes,
    example="児童氏名カナ: {kind: kana, at: [30, 70, 140, 8], cells: 20}",
)
