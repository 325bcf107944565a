"""文字: names, addresses and whatever else is written in a plain box."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from ocr.addresses import compare_address
from ocr.ask import Answer, Ask, Guess, LineAsk
from ocr.characters import beyond_cp932, composed, fold, variant_doubts
from ocr.field import FieldKind, FieldParams, Place, Rules, box_of
from ocr.reading import Box, FieldReading

UNCERTAIN = "確かに読めたと言えません"


class TextParams(FieldParams):
    at: Place
    """One line's box, or a higher one: what is written in several lines is joined."""
    allowed: str = ""
    """The characters that may stand there; "" for all."""
    words: str = ""
    """A file with one word a line: what is written here is one of them."""
    agrees_with: str = ""
    """The digits field with the postal code of this address."""


def _box(params: TextParams) -> Box:
    return box_of(params.at, params.page)


def _asks(params: TextParams, rules: Rules) -> tuple[Ask, ...]:
    return (LineAsk(_box(params), params.allowed, rules.words.get(params.words, ())),)


def _read(params: TextParams, answers: Sequence[Answer], rules: Rules) -> FieldReading:
    (guess,) = answers
    assert isinstance(guess, Guess)
    state, why = guess.state, guess.why
    if state in ("read", "blank", "unsure") and guess.confidence < 1 - rules.promise:
        state, why = "unsure", (*why, UNCERTAIN)
    elif state == "read":
        why = ()
    missing = beyond_cp932(guess.text)
    if missing:
        state, why = "unsure", (*why, f"「{missing}」は外字です")
    return FieldReading(guess.text, (guess.text,), guess.confidence, state, why, _box(params), guess.reader)


def _relate(params: TextParams, reading: FieldReading, others: Mapping[str, FieldReading]) -> FieldReading:
    """An address in the light of its postal code."""
    postal = others.get(params.agrees_with)
    if postal is None or not reading.value or len(postal.value) != _POSTAL or not postal.value.isdigit():
        return reading
    found = compare_address(postal.value, fold(reading.value))
    code = f"{postal.value[:3]}-{postal.value[3:]}"
    if found.verdict == "agrees":
        return _confirmed(reading, found.covered)
    if not postal.certain:
        return reading
    if found.verdict == "unknown_code":
        state = "unsure" if reading.state == "read" else reading.state
        return replace(reading, state=state, why=(*reading.why, f"郵便番号 {code} の住所が一覧になく、照合できません"))
    why = f"郵便番号 {code} の住所（{found.expected[:60]}）と合いません"
    return replace(reading, state="conflict", why=(*reading.why, why))


def _confirmed(reading: FieldReading, covered: int) -> FieldReading:
    """The post office's own words are certain; what is left can still be wrong, and is as likely so as it is long."""
    rest = (len(reading.value) - covered) / len(reading.value)
    settled = set(variant_doubts(reading.value)) - set(variant_doubts(reading.value, range(covered)))
    why = tuple(one for one in reading.why if one not in settled)
    state = "read" if reading.state == "unsure" and not why else reading.state
    return replace(reading, confidence=1 - (1 - reading.confidence) * rest, state=state, why=why)


_POSTAL = 7


def _typed(params: TextParams, text: str) -> str:
    plain = composed(text).strip()
    if any(not character.isprintable() for character in plain.replace("\u3000", " ")):
        raise ValueError("改行や制御文字は書けません")
    wrong = sorted(set(plain) - set(params.allowed)) if params.allowed else []
    if wrong:
        raise ValueError(f"「{''.join(wrong)}」はこの欄に書けません")
    return plain


def _needs(params: TextParams) -> tuple[str, ...]:
    return (params.agrees_with,) if params.agrees_with else ()


FIELD = FieldKind(
    name="text",
    ja="文字",
    summary="枠に書いた文字（氏名、住所など）。agrees_with に郵便番号の欄を書けば、住所と照らし合わせる。",
    params=TextParams,
    asks=_asks,
    read=_read,
    typed=_typed,
    boxes=lambda params: (("", _box(params)),),
    example="住所: {kind: text, at: [30, 100, 150, 10], agrees_with: 郵便番号}",
    relate=_relate,
    needs=_needs,
)
