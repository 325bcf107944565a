"""署名など: is something written here?"""

from __future__ import annotations

from collections.abc import Sequence

from ocr.ask import Answer, Ask, Guess, InkAsk
from ocr.field import FieldKind, FieldParams, Place, Rules, box_of
from ocr.reading import Box, FieldReading

WRITTEN = "記入あり"


class InkParams(FieldParams):
    at: Place


def _box(params: InkParams) -> Box:
    return box_of(params.at, params.page)


def _asks(params: InkParams, rules: Rules) -> tuple[Ask, ...]:
    return (InkAsk(_box(params)),)


def _read(params: InkParams, answers: Sequence[Answer], rules: Rules) -> FieldReading:
    (guess,) = answers
    assert isinstance(guess, Guess)
    return FieldReading(guess.text, (guess.text,), guess.confidence, guess.state, guess.why, _box(params), guess.reader)


def _typed(params: InkParams, text: str) -> str:
    if text in ("", WRITTEN):
        return text
    raise ValueError(f"「{WRITTEN}」と書くか、空にしてください")


FIELD = FieldKind(
    name="ink",
    ja="記入の有無",
    summary="何か書いてあるか（署名、押印など）だけを見る。",
    params=InkParams,
    asks=_asks,
    read=_read,
    typed=_typed,
    boxes=lambda params: (("", _box(params)),),
    example="署名: {kind: ink, at: [120, 250, 60, 12]}",
)
