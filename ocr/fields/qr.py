"""QR コード: what a QR code in its box says."""

from __future__ import annotations

from collections.abc import Sequence

from ocr.ask import Answer, Ask, CodeAsk, Guess
from ocr.field import FieldKind, FieldParams, Place, Rules, box_of
from ocr.reading import Box, FieldReading


class QrParams(FieldParams):
    at: Place


def _box(params: QrParams) -> Box:
    return box_of(params.at, params.page)


def _asks(params: QrParams, rules: Rules) -> tuple[Ask, ...]:
    return (CodeAsk(_box(params)),)


def _read(params: QrParams, answers: Sequence[Answer], rules: Rules) -> FieldReading:
    (guess,) = answers
    assert isinstance(guess, Guess)
    return FieldReading(guess.text, (guess.text,), guess.confidence, guess.state, guess.why, _box(params), guess.reader)


def _typed(params: QrParams, text: str) -> str:
    return text.strip()


FIELD = FieldKind(
    name="qr",
    ja="QR コード",
    summary="枠の中の QR コード。2 つあれば人が確かめる。",
    params=QrParams,
    asks=_asks,
    read=_read,
    typed=_typed,
    boxes=lambda params: (("", _box(params)),),
    example="整理QR: {kind: qr, at: [170, 12, 24, 24]}",
)
