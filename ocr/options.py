"""Options to be marked or circled: what check and circle fields share."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from math import prod
from typing import Annotated, Literal

from pydantic import Field
from rapidfuzz import process

from ocr.ask import Answer, Ask, Mark, MarksAsk
from ocr.field import FieldParams, Place, Rules, around, box_of
from ocr.reading import Box, FieldReading, State

JOINT = "、"
_WORD_MM = 3.2
"""A letter of a form's small print (9 points)."""
_APART = re.compile(r"[、,，・\s]+")


class OptionsParams(FieldParams):
    """Named places of which one, or any, is marked."""

    options: Annotated[dict[str, Place], Field(min_length=1)]
    pick: Literal["one", "any"] = "one"

    @property
    def boxes(self) -> tuple[Box, ...]:
        return tuple(box_of(place, self.page) for place in self.options.values())


def options_asks(params: OptionsParams, shape: Literal["box", "word"]) -> tuple[Ask, ...]:
    """All options in one ask: a stroke belongs to one of them."""
    return (MarksAsk(params.boxes, shape),)


def options_boxes(params: OptionsParams) -> tuple[tuple[str, Box], ...]:
    """The options with their names."""
    return tuple(zip(params.options, params.boxes, strict=True))


def read_options(
    params: OptionsParams, answers: Sequence[Answer], rules: Rules, shape: Literal["box", "word"]
) -> FieldReading:
    """What was chosen; whatever is not plainly marked or plainly empty makes it a person's.

    Its box takes the words beside checkboxes in: a person who sees a tick must see what for.
    A cancelled mark is never taken for empty in silence: what the writer meant is for a person to say.
    """
    marks = [mark for answer in answers if isinstance(answer, tuple) for mark in answer]
    named = list(zip(params.options, marks, strict=True))
    chosen = [name for name, mark in named if mark.state == "marked"]
    state: State = "read" if chosen else "blank"
    why = [f"{name}: {doubt}" for name, mark in named if (doubt := _doubt(mark, rules.promise))]
    if why:
        state = "unsure"
    if params.pick == "one" and len(chosen) > 1:
        state = "conflict"
        why.insert(0, f"1 つだけ選ぶ欄に「{'」「'.join(chosen)}」の {len(chosen)} つの印があります")
    return FieldReading(
        value=JOINT.join(chosen),
        cells=tuple(name if mark.state == "marked" else "" for name, mark in named),
        confidence=prod(mark.confidence for mark in marks),
        state=state,
        why=tuple(why),
        box=around([_with_word(*one) for one in options_boxes(params)] if shape == "box" else params.boxes),
        reader="marks",
    )


def _with_word(name: str, box: Box) -> Box:
    """The checkbox and what is printed to the right of it, as wide as its name is in common type."""
    wide = sum(_WORD_MM if unicodedata.east_asian_width(one) in "WFA" else _WORD_MM / 2 for one in name)
    return Box(box.page, box.left, box.top, box.width + _WORD_MM / 2 + wide, box.height)


def _doubt(mark: Mark, promise: float) -> str:
    if mark.state == "cancelled":
        return "、".join(mark.why) or "印が取り消されています"
    if mark.state == "unclear" or mark.confidence < 1 - promise:
        return "、".join(mark.why) or "印があるかどうか、はっきりしません"
    return ""


def typed_options(params: OptionsParams, text: str) -> str:
    """Names of options, apart by 、 or a space, in any width → the names joined by 、 in the form's order."""
    if text.strip() in params.options:
        return text.strip()
    known = {_plain(name): name for name in params.options}
    given = [part for part in _APART.split(text.strip()) if part]
    chosen = set()
    for part in given:
        name = known.get(_plain(part))
        if name is None:
            near = process.extractOne(part, list(params.options), score_cutoff=50)
            hint = f"（もしかして: {near[0]}）" if near else ""
            raise ValueError(f"「{part}」という選択肢はありません{hint}。選べるもの: {JOINT.join(params.options)}")
        chosen.add(name)
    if params.pick == "one" and len(chosen) > 1:
        raise ValueError("この欄で選べるのは 1 つだけです")
    return JOINT.join(name for name in params.options if name in chosen)


def _plain(name: str) -> str:
    return unicodedata.normalize("NFKC", name).upper().replace(" ", "")
