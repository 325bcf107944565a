"""Filling a form by hand: values into its cells, lines and options, and the slips that people make."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
import pypdfium2
from numpy.typing import NDArray

from ocr.ask import CharacterAsk, InkAsk, LineAsk, MarksAsk
from ocr.draw.form import draw_form
from ocr.draw.values import SEPARATOR, asks_of, leaves, spread
from ocr.form import Definition, FormField
from ocr.reading import Box
from practice.paper import pen
from practice.paper.hand import Hand
from practice.paper.scan import Scan

SlipKind = Literal[
    "double", "cancelled", "scribbled", "erased", "far", "between", "over_edge", "struck", "stray", "faint"
]


@dataclass(frozen=True)
class Slip:
    """Something out of the ordinary in one field.

    what: ``double`` a second option marked; ``cancelled``, ``scribbled``, ``erased`` a second option marked and taken
    back; ``far`` a tick that leaves its box; ``between`` a mark between two options; ``over_edge`` a digit across the
    rule of its cell; ``struck`` a digit struck out, the right one above it; ``stray`` a line across the field;
    ``faint`` written with hardly any pressure.
    """

    what: SlipKind
    name: str
    detail: str = ""
    """The option; the cell's number from 0."""


@dataclass(frozen=True)
class Filled:
    """One sheet: what stands on it, in whose hand, and how it was scanned."""

    values: Mapping[str, str]
    """By leaf (単価表[1].数量), as a reading gives it."""
    hand: Hand
    scan: Scan
    mark: Literal["tick", "cross", "fill"] = "tick"
    printed: frozenset[str] = frozenset()
    """Leaves that the office printed before sending the form out."""
    slips: tuple[Slip, ...] = ()
    doubt: tuple[str, ...] = field(default=())
    """Fields that an honest reader leaves to a person."""
    note: str = ""
    """Japanese: what is special about the sheet."""
    signature: str = "練習　太郎"


def written_page(
    definition: Definition, fields: Sequence[FormField], filled: Filled, rng: np.random.Generator
) -> NDArray[np.float32]:
    """The first page of the form, filled: grey from 0 to 1 at ``pen.DPI``."""
    printed = {name: value for name, value in filled.values.items() if name in filled.printed and value}
    sheet = pen.Sheet(page_of(draw_form(definition, fields, prefilled=printed)), rng)
    for one in (leaf for parent in fields for leaf in leaves(parent)):
        slips = [slip for slip in filled.slips if slip.name == one.name]
        value = "" if one.name in filled.printed else filled.values.get(one.name, "")
        _write(sheet, one, value, filled, slips)
    return sheet.paper


def page_of(document: bytes) -> NDArray[np.float32]:
    """The first page of a PDF, grey from 0 to 1 at ``pen.DPI``."""
    with pypdfium2.PdfDocument(document) as opened:
        picture = opened[0].render(scale=pen.DPI / 72, grayscale=True).to_numpy().squeeze()
    return np.asarray(picture, np.float32) / np.float32(255)


def _write(sheet: pen.Sheet, one: FormField, value: str, filled: Filled, slips: Sequence[Slip]) -> None:
    asks = asks_of(one)
    names = {box: name for name, box in one.kind.boxes(one.params)}
    hand = filled.hand
    if any(slip.what == "faint" for slip in slips):
        hand = Hand(hand.digits, hand.face, pen.Pen("faint", 0.22, 0.4, 0.6), hand.neat, hand.size, hand.slant)
    for number, (ask, text) in enumerate(zip(asks, spread(one.params, asks, value), strict=True)):
        if isinstance(ask, CharacterAsk) and text:
            _character(
                sheet, ask.box, text, hand, [slip for slip in slips if slip.detail.partition(":")[0] == str(number)]
            )
        elif isinstance(ask, LineAsk) and text:
            hand.line(sheet, _place(ask.box), text)
        elif isinstance(ask, InkAsk) and text:
            hand.line(sheet, _place(ask.box), filled.signature)
        elif isinstance(ask, MarksAsk):
            _marks(sheet, ask, {names[box]: box for box in ask.boxes}, text, filled, hand, slips)
    if any(slip.what == "stray" for slip in slips):
        box = asks[0].boxes[0] if isinstance(asks[0], MarksAsk) else asks[0].box
        start = box.left - 6, box.top + box.height * 1.3
        sheet.stroke(
            pen.curve([start, (box.left + 8, box.top - 1), (box.left + 24, box.top + box.height * 0.2)]), hand.pen
        )


def _character(sheet: pen.Sheet, box: Box, sign: str, hand: Hand, slips: Sequence[Slip]) -> None:
    place = _place(box)
    what = {slip.what: slip for slip in slips}
    if "over_edge" in what:
        hand.sign(sheet, place, sign, shift=(box.width * 0.42, box.height * 0.1))
    elif "struck" in what:
        wrong = what["struck"].detail.partition(":")[2]
        hand.sign(sheet, place, wrong)
        pen.strike(sheet, (box.left + 1.2, box.top, box.width - 2.4, box.height), hand.pen)
        above = Hand(hand.digits, hand.face, hand.pen, hand.neat, hand.size * 0.55, hand.slant)
        above.sign(sheet, (box.left, box.top - box.height * 0.38, box.width, box.height), sign)
    else:
        hand.sign(sheet, place, sign)


def _marks(
    sheet: pen.Sheet,
    ask: MarksAsk,
    boxes: Mapping[str, Box],
    value: str,
    filled: Filled,
    hand: Hand,
    slips: Sequence[Slip],
) -> None:
    what = {slip.what: slip for slip in slips}
    for name in value.split(SEPARATOR) if value else ():
        if "between" in what:
            continue
        _mark(sheet, ask, boxes[name], filled.mark, hand, far="far" in what)
    for kind in ("double", "cancelled", "scribbled", "erased"):
        if kind in what:
            _second(sheet, ask, boxes[what[kind].detail], filled.mark, hand, kind)
    if "between" in what:
        one, other = (boxes[name] for name in what["between"].detail.split(SEPARATOR))
        middle = Box(one.page, (one.left + other.left) / 2, (one.top + other.top) / 2, one.width, one.height)
        _mark(sheet, ask, middle, filled.mark, hand, far=False)


def _second(sheet: pen.Sheet, ask: MarksAsk, box: Box, mark: str, hand: Hand, kind: str) -> None:
    if kind == "erased":
        rubbed = Hand(hand.digits, hand.face, pen.Pen("erased", 0.12, 0.5, 0.5), hand.neat, hand.size, hand.slant)
        _mark(sheet, ask, box, mark, rubbed, far=False)
        return
    _mark(sheet, ask, box, mark, hand, far=False)
    if kind == "cancelled":
        pen.strike(sheet, _place(box), hand.pen)
    elif kind == "scribbled":
        pen.scribble(sheet, _place(box), hand.pen)


def _mark(sheet: pen.Sheet, ask: MarksAsk, box: Box, mark: str, hand: Hand, *, far: bool) -> None:
    place = _place(box)
    if ask.shape == "word":
        pen.ring(sheet, place, hand.pen, size=1.25 if far else 1.0)
    elif mark == "tick":
        pen.tick(sheet, place, hand.pen, far=far)
    else:
        pen.MARKS[mark](sheet, place, hand.pen)


def _place(box: Box) -> pen.Place:
    return box.left, box.top, box.width, box.height
