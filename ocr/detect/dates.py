"""Dates on an empty form: 年 月 日 with cells or room before each, and the era that goes with them."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate

from japan.eras import ERAS
from ocr.detect.found import Found, Params, place
from ocr.detect.layout import Layout, holder_of, label_of, like_a_grid, words_before
from ocr.detect.marks import ERA_NAMES
from ocr.detect.rules import inside
from ocr.detect.words import Sign, beside, hull
from ocr.reading import Box

_UNITS = "年月日"
_FALLBACK = "日付"
_WIDEST = 20.0
_UNDER = 3.0
"""Units this near below a row of cells belong to them, mm."""
_COUNTS = ((2, 2, 2), (4, 2, 2))
"""Cells of year, month and day that stand without a gap."""


def find_dates(layout: Layout, circles: Sequence[Found]) -> list[Found]:
    """年 月 日 on one row, far enough apart to be written before."""
    signs = [sign for run in layout.runs if "生年" not in run.text for sign in run.signs if sign.text in _UNITS]
    found = []
    for year in (sign for sign in signs if sign.text == "年"):
        month = _next(signs, year, "月")
        day = _next(signs, month, "日") if month else None
        if month and day:
            found.append(_date(layout, (year, month, day), circles))
    return found


def _next(signs: Sequence[Sign], before: Sign, unit: str) -> Sign | None:
    after = [
        sign
        for sign in signs
        if sign.text == unit and beside(sign.box, before.box) and 5.5 < sign.box.left - before.box.left < 40
    ]
    return min(after, key=lambda sign: sign.box.left, default=None)


def _date(layout: Layout, units: tuple[Sign, Sign, Sign], circles: Sequence[Found]) -> Found:
    ruled = _cells_above(layout, units) or [_cells_before(layout, unit) for unit in units]
    places = [hull(cells) for cells in ruled] if all(ruled) else _rooms(layout, units)
    whole = hull([*places, units[-1].box])
    era, told = _era(layout, places[0], circles)
    counts = [len(cells) for cells in ruled] if all(ruled) else [2 if era else 4, 2, 2]
    params: Params = {
        "kind": "date",
        "at": [place(one) for one in places],
        "cells": dict(zip(_UNITS, counts, strict=True)),
    }
    if era:
        params["era"] = era
    label = words_before(layout, places[0], but=ERA_NAMES)
    label = label.removesuffix(_era_at_end(label))
    holder = holder_of(layout, places[0])
    label = label or (label_of(layout, holder.box) if holder else "") or _FALLBACK
    return Found(label, params, f"「年」「月」「日」が並んでいます。{told}", whole)


def _cells_before(layout: Layout, unit: Sign) -> list[Box]:
    """The empty cells that end right before 年, 月 or 日."""
    row: list[Box] = []
    end, reach = unit.box.left, 3.0
    while True:
        near = [
            cell.box
            for cell in layout.cells
            if like_a_grid(cell) and beside(cell.box, unit.box) and -0.6 < end - cell.box.left - cell.box.width < reach
        ]
        if not near:
            return row
        row.insert(0, near[0])
        end, reach = near[0].left, 0.6


def _cells_above(layout: Layout, units: tuple[Sign, Sign, Sign]) -> list[list[Box]]:
    """The row of cells under which 年 月 日 stand, parted so that each stands under its own; [] where there is none."""
    foot = units[0].box
    row = sorted(
        (
            cell.box
            for cell in layout.cells
            if like_a_grid(cell) and -1 < foot.top - cell.box.top - cell.box.height < _UNDER
        ),
        key=lambda box: box.left,
    )
    for counts in _COUNTS:
        ends = list(accumulate(counts))
        parts = [row[end - count : end] for count, end in zip(counts, ends, strict=True)]
        if ends[-1] == len(row) and all(
            inside(hull(one), (unit.middle[0], one[0].top)) for one, unit in zip(parts, units, strict=True)
        ):
            return parts
    return []


def _rooms(layout: Layout, units: tuple[Sign, Sign, Sign]) -> list[Box]:
    """Where there are no cells: the room before each unit."""
    year = units[0].box
    holder = holder_of(layout, year)
    before = [
        run.box.left + run.box.width for run in layout.runs if beside(run.box, year) and run.box.left < year.left - 2
    ]
    start = max([holder.box.left if holder else 0.0, *(end for end in before if end < year.left)]) + 0.5
    top, height = year.top - 1.5, year.height + 3
    if holder:
        top, height = max(top, holder.box.top), min(height, holder.box.height)
    rooms = []
    for unit in units:
        end = unit.box.left - 0.5
        wide = min(max(end - start, 4.0), _WIDEST)
        rooms.append(Box(year.page, end - wide, top, wide, height))
        start = unit.box.left + unit.box.width + 0.5
    return rooms


def _era(layout: Layout, first: Box, circles: Sequence[Found]) -> tuple[str, str]:
    """("@" and the number of the circles that hold the era, or the printed era; what is said of it)."""
    for number, circle in enumerate(circles):
        options = circle.params["options"]
        near = beside(circle.box, first) and -2 < first.left - circle.box.left - circle.box.width < 30
        if isinstance(options, dict) and near and set(options) <= ERA_NAMES:
            return f"@{number}", "左の元号を ○ で囲むものとしました"
    for run in layout.runs:
        near = beside(run.box, first) and -2 < first.left - run.box.left - run.box.width < 25
        printed = run.text if run.text in ERA_NAMES else _era_at_end(run.text)
        if near and printed:
            return printed, f"元号は印刷された{printed}です"
    return "", "元号がないので西暦としました（advise を見てください）"


def _era_at_end(text: str) -> str:
    """令和 of 届出年月日令和, which OCR gives as one; "" for none."""
    return next((era.name for era in ERAS if text.endswith(era.name)), "")
