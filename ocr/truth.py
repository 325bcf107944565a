"""What should have been answered: a labelled value taken apart into the cells, options and lines of its field."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from itertools import islice

from japan.eras import ERAS
from ocr.ask import CharacterAsk, InkAsk, MarksAsk
from ocr.fields.date import DateParams
from ocr.fields.table import TableParams
from ocr.read import Asked

MARKED = "1"


def true_answers(asked: Asked, truth: Mapping[str, object]) -> list[tuple[str, ...] | None]:
    """One entry an ask: the true text, or "1" and "" an option; None where the value does not say it cell by cell."""
    value = truth[asked.field.name]
    params = asked.field.params
    if isinstance(params, TableParams):
        return _table(asked, params, value if isinstance(value, list) else [])
    if isinstance(params, DateParams):
        return _date(asked, params, str(value), truth)
    return _plain(asked.asks, asked.answers, str(value), params)


def _plain(asks: Sequence[object], answers: Sequence[object], value: str, params: object) -> list[tuple[str, ...] | None]:
    if asks and isinstance(asks[0], MarksAsk):
        chosen = value.split("、") if value else []
        return [tuple(MARKED if name in chosen else "" for name in getattr(params, "options", {}))]
    if asks and isinstance(asks[0], CharacterAsk):
        return [(sign,) for sign in _laid(value, [getattr(one, "text", "") for one in answers])]
    if asks and isinstance(asks[0], InkAsk):
        return [(value,)]
    return [(value,)] if asks else []


def _laid(value: str, read: Sequence[str]) -> list[str]:
    """A text laid into its cells: where it is shorter than the grid, as it agrees best with what was read."""
    signs = ["" if sign in " 　" else sign for sign in value]
    spare = len(read) - len(signs)
    if spare < 0:
        return signs[: len(read)]
    laid = [[""] * left + signs + [""] * (spare - left) for left in range(spare + 1)]
    return max(laid, key=lambda one: sum(true == got for true, got in zip(one, read, strict=True)))


def _date(asked: Asked, params: DateParams, value: str, truth: Mapping[str, object]) -> list[tuple[str, ...] | None]:
    counts = tuple(params.cells.values())
    read = iter(getattr(one, "text", "") for one in asked.answers)
    groups = [list(islice(read, count)) for count in counts]
    if not value:
        return [("",) for group in groups for _ in group]
    day = date.fromisoformat(value)
    named = params.era if params.printed_era or not params.era else str(truth.get(params.era, ""))
    era = next((one for one in ERAS if named and named in (one.name, one.letter, one.name[0])), None)
    if params.era and era is None:
        return [None for group in groups for _ in group]
    parts = (str(day.year - era.base if era else day.year), str(day.month), str(day.day))
    laid: list[tuple[str, ...] | None] = []
    for part, group in zip(parts, groups, strict=True):
        padded = part.zfill(len(group)) if all(group) else part
        laid += [(sign,) for sign in _laid(padded, group)]
    return laid


def _table(asked: Asked, params: TableParams, rows: Sequence[Mapping[str, object]]) -> list[tuple[str, ...] | None]:
    found: list[tuple[str, ...] | None] = []
    answers = iter(asked.answers)
    for number in range(params.rows):
        row = rows[number] if number < len(rows) else {}
        for name, (kind, own) in params.cells(number).items():
            asks = kind.asks(own, asked.rules)
            found += _plain(asks, list(islice(answers, len(asks))), str(row.get(name, "")), own)
    return found
