"""How one field looks on paper: told by what it asks of the page, so that a new kind needs nothing here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise

from ocr.ask import Ask, CharacterAsk, CodeAsk, InkAsk, LineAsk, MarksAsk
from ocr.draw.font import MM_PER_POINT, fitting
from ocr.draw.paper import FINE, SOFT, THICK, THIN, Paper
from ocr.draw.values import SEPARATOR, asks_of, leaves, spread, units_of
from ocr.field import FieldParams
from ocr.fields.date import DateParams
from ocr.fields.table import TableParams
from ocr.form import FormField
from ocr.grid import groups_of
from ocr.reading import Box

OPTION_POINTS, WORD_POINTS, UNIT_POINTS = 9.0, 10.5, 8.0
_AFTER = 1.2
"""From a checkbox to its option's name, mm."""
_GAP = (2.0, 12.0)
"""Between two groups of cells on one line stands a dash, or the unit, where the gap is this wide."""
_DASHES = (0.5, 0.5)
_VALUE_POINTS = 12.0
_HEAD = 6.0
"""Height of a table's column heads, which stand above its first row, mm."""


def draw_field(paper: Paper, field: FormField, values: Mapping[str, str]) -> None:
    """Prints the field's frames, options and units, and its value where it has one; a code only with a value."""
    if isinstance(field.params, TableParams):
        _table(paper, field.params)
    for leaf in leaves(field):
        _leaf(paper, leaf, values.get(leaf.name, ""), in_table=leaf is not field)


def words_of(field: FormField) -> str:
    """The label; a date's printed era stands at its end: 接種日　令和."""
    params = field.params
    label = params.label or field.name
    return f"{label}　{params.era}" if isinstance(params, DateParams) and params.printed_era else label


def places_of(field: FormField) -> list[Box]:
    """Everything that the field prints frames for, first what its label stands beside."""
    boxes = [box for _, box in field.kind.boxes(field.params)]
    return [*_heads(field.params).values(), *boxes] if isinstance(field.params, TableParams) else boxes


def _heads(params: TableParams) -> dict[str, Box]:
    """The column heads of a table, above its first row."""
    left, top = params.at[:2]
    found = {}
    for name, width in params.widths().items():
        found[name] = Box(params.page - 1, left, top - _HEAD, width, _HEAD)
        left += width
    return found


def _table(paper: Paper, params: TableParams) -> None:
    """The column heads, and the frames of all cells."""
    height = params.at[3] / params.rows
    for name, head in _heads(params).items():
        paper.box(head, width=THICK)
        paper.centred(name, head, OPTION_POINTS)
        for row in range(params.rows):
            paper.box(Box(head.page, head.left, params.at[1] + row * height, head.width, height))


def _leaf(paper: Paper, field: FormField, value: str, *, in_table: bool) -> None:
    asks = asks_of(field)
    names = {box: name for name, box in field.kind.boxes(field.params)}
    cells = [ask.box for ask in asks if isinstance(ask, CharacterAsk)]
    for group in groups_of(cells):
        _grid(paper, group)
    _units(paper, field.params, cells)
    for ask in asks:
        if isinstance(ask, LineAsk | InkAsk):
            paper.box(ask.box)
        elif isinstance(ask, MarksAsk):
            _options(paper, ask, {} if in_table else names)
    if value:
        _prefill(paper, asks, spread(field.params, asks, value), names)


def _grid(paper: Paper, cells: Sequence[Box]) -> None:
    first, last = cells[0], cells[-1]
    for box in cells[1:]:
        paper.line((box.left, box.top), (box.left, box.top + box.height), width=FINE, shade=SOFT, dash=_DASHES)
    width = last.left + last.width - first.left
    paper.box(Box(first.page, first.left, first.top, width, first.height), width=THICK)


def _units(paper: Paper, params: FieldParams, cells: Sequence[Box]) -> None:
    """年 月 日 after each group of a date's cells; a dash between the groups of a number."""
    groups = groups_of(cells)
    units = tuple(units_of(params))
    if len(units) == len(groups) and units:
        for unit, group in zip(units, groups, strict=True):
            last = group[-1]
            base = last.top + last.height / 2 + UNIT_POINTS * MM_PER_POINT * 0.36
            paper.text(unit, last.left + last.width + 1, base, UNIT_POINTS)
        return
    for before, after in pairwise(groups):
        end, start = before[-1], after[0]
        gap = start.left - end.left - end.width
        if end.top == start.top and _GAP[0] <= gap <= _GAP[1]:
            middle, height = start.left - gap / 2, end.top + end.height / 2
            paper.line((middle - 0.8, height), (middle + 0.8, height))


def _options(paper: Paper, ask: MarksAsk, names: Mapping[Box, str]) -> None:
    for box in ask.boxes:
        name = names.get(box, "")
        if ask.shape == "word":
            paper.centred(name, box, WORD_POINTS)
            continue
        paper.box(box, width=THIN)
        if name:
            left, base = box.left + box.width + _AFTER, box.top + box.height / 2 + OPTION_POINTS * MM_PER_POINT * 0.36
            paper.text(name, left, base, OPTION_POINTS)
    if ask.shape == "word":
        _dots(paper, ask.boxes)


def _dots(paper: Paper, boxes: Sequence[Box]) -> None:
    """The ・ of 男・女 between printed words on one line."""
    for before, after in pairwise(boxes):
        gap = after.left - before.left - before.width
        if before.page == after.page and before.top == after.top and gap >= _GAP[0]:
            dot = Box(before.page, before.left + before.width, before.top, gap, before.height)
            paper.centred("・", dot, OPTION_POINTS)


def _prefill(paper: Paper, asks: Sequence[Ask], texts: Sequence[str], names: Mapping[Box, str]) -> None:
    for ask, text in zip(asks, texts, strict=True):
        if isinstance(ask, CodeAsk) and text:
            paper.code(text, ask.box)
        elif isinstance(ask, CharacterAsk) and text:
            paper.centred(text, ask.box, _VALUE_POINTS)
        elif isinstance(ask, LineAsk) and text:
            points = fitting(text, ask.box.width - 3, _VALUE_POINTS)
            base = ask.box.top + ask.box.height / 2 + points * MM_PER_POINT * 0.36
            paper.text(text, ask.box.left + 1.5, base, points)
        elif isinstance(ask, MarksAsk):
            chosen = text.split(SEPARATOR)
            for box in ask.boxes:
                if names.get(box, "") in chosen:
                    _mark(paper, box, ask.shape == "word")


def _mark(paper: Paper, box: Box, around: bool) -> None:
    if around:
        paper.ring(box, 0.4)
        return
    at = ((0.15, 0.5), (0.42, 0.82), (0.9, 0.12))
    paper.curve(tuple((box.left + x * box.width, box.top + y * box.height) for x, y in at), 0.5)
