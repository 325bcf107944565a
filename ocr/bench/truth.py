"""What should have been answered: a labelled value taken apart into the cells, options and lines of its field."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from itertools import islice

from ocr.ask import Answer, Ask, CharacterAsk, MarksAsk
from ocr.characters import fold
from ocr.field import FieldParams
from ocr.fields.date import DateParams
from ocr.fields.table import TableParams
from ocr.read import Asked

MARKED = "1"
_IDLE_SPACE = re.compile(r"(?<![0-9A-Za-z]) +| +(?![0-9A-Za-z])")
"""伊藤　明美 is 伊藤明美; but 1 23 is not 12 3."""


def true_answers(
    asked: Asked, fields: Mapping[str, object], cells: Mapping[str, Sequence[str]]
) -> list[tuple[str, ...] | None]:
    """One entry an ask: the true text, or "1" and "" an option; None where the label does not say it cell by cell.

    fields: values as a reading has them.  cells: where given, what stands in each cell of a field (単価表[1].数量).
    """
    value = fields[asked.field.name]
    params = asked.field.params
    if isinstance(params, TableParams):
        return _table(asked, params, value if isinstance(value, list) else [], cells)
    known = cells.get(asked.field.name)
    if known is not None and len(known) == len(asked.asks):
        return [(sign,) for sign in known]
    if isinstance(params, DateParams):
        return [None for _ in asked.asks] if value else [("",) for _ in asked.asks]
    return _plain(asked.asks, asked.answers, str(value), params)


def parts_of(asked: Asked) -> list[tuple[str, tuple[str, ...]]]:
    """One entry an ask: where in its field it stands (Japanese; "" where the field's name says it), its options' names."""
    params = asked.field.params
    if not isinstance(params, TableParams):
        return [("", _options(params)) for _ in asked.asks]
    return [
        (f"{number + 1} 行目の{name}", _options(own))
        for number in range(params.rows)
        for name, (kind, own) in params.cells(number).items()
        for _ in kind.asks(own, asked.rules)
    ]


def _options(params: FieldParams) -> tuple[str, ...]:
    return tuple(getattr(params, "options", {}))


def comparable(text: str) -> str:
    """A text as it is compared: width folded as the reader folds it, without the spaces that part nothing."""
    return _IDLE_SPACE.sub("", fold(text)).strip()


def _plain(
    asks: Sequence[Ask], answers: Sequence[Answer], value: str, params: FieldParams
) -> list[tuple[str, ...] | None]:
    if isinstance(asks[0], MarksAsk):
        chosen = value.split("、") if value else []
        return [tuple(MARKED if name in chosen else "" for name in getattr(params, "options", {}))]
    if isinstance(asks[0], CharacterAsk):
        return [(sign,) for sign in _laid(value, [getattr(one, "text", "") for one in answers])]
    return [(value,)]


def _laid(value: str, read: Sequence[str]) -> list[str]:
    """A text laid into its cells: where it is shorter than the grid, as it agrees best with what was read."""
    signs = ["" if sign in " 　" else sign for sign in value]
    spare = len(read) - len(signs)
    if spare < 0:
        return signs[: len(read)]
    laid = [[""] * left + signs + [""] * (spare - left) for left in range(spare + 1)]
    return max(laid, key=lambda one: sum(true == got for true, got in zip(one, read, strict=True)))


def _table(
    asked: Asked, params: TableParams, rows: Sequence[Mapping[str, object]], cells: Mapping[str, Sequence[str]]
) -> list[tuple[str, ...] | None]:
    found: list[tuple[str, ...] | None] = []
    answers = iter(asked.answers)
    for number in range(params.rows):
        row = rows[number] if number < len(rows) else {}
        for name, (kind, own) in params.cells(number).items():
            asks = kind.asks(own, asked.rules)
            told = list(islice(answers, len(asks)))
            known = cells.get(f"{asked.field.name}[{number + 1}].{name}")
            if known is not None and len(known) == len(asks):
                found += [(sign,) for sign in known]
            else:
                found += _plain(asks, told, str(row.get(name, "")), own)
    return found
