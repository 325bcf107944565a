"""Tables on an empty form: columns of empty cells of one height, side by side, at least three rows."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

from ocr.detect.found import Found, Params, place
from ocr.detect.layout import Cell, Layout, column_label, like_a_grid, loose_label
from ocr.detect.rules import inside
from ocr.detect.words import hull
from ocr.reading import Box

_LEAST_ROWS = 3
_SAME = 0.8
_SHARED = 1.5
"""A head this many times as wide as a column stands over more of them."""
_HEAD = 8.0
"""The height of the heads, where no cell holds them, mm."""
Column = list[Cell]


def find_tables(layout: Layout) -> tuple[list[Found], Layout]:
    """The tables, and the layout without their cells and checkboxes."""
    found: list[Found] = []
    columns = [column for cell in layout.cells if (column := _column(layout, cell))]
    while columns:
        table = [columns.pop(0)]
        while following := next((one for one in columns if _side_by_side(table[-1], one)), None):
            columns.remove(following)
            table.append(following)
        merged = _merged(layout, table)
        if len(merged) > 1:
            found.append(_table(layout, merged))
    cells = tuple(cell for cell in layout.cells if not any(_within(cell.box, one.box) for one in found))
    squares = tuple(box for box in layout.squares if not any(_within(box, one.box) for one in found))
    return found, replace(layout, cells=cells, squares=squares)


def _column(layout: Layout, first: Cell) -> Column:
    """The cells like this one that stand on each other, from this one as the uppermost; [] for anything else."""
    if not _free(first) or any(_follows(cell, first) for cell in layout.cells if _free(cell)):
        return []
    column = [first]
    while below := next((cell for cell in layout.cells if _free(cell) and _follows(column[-1], cell)), None):
        column.append(below)
    return column if len(column) >= _LEAST_ROWS else []


def _free(cell: Cell) -> bool:
    """Whether nothing is printed in it but a checkbox."""
    return not cell.crossed and all(run.text in "□☐" for run in cell.runs)


def _follows(cell: Cell, below: Cell) -> bool:
    one, other = cell.box, below.box
    return (
        abs(one.top + one.height - other.top) < _SAME
        and abs(one.left - other.left) < _SAME
        and abs(one.width - other.width) < _SAME
        and abs(one.height - other.height) < _SAME
    )


def _side_by_side(left: Column, right: Column) -> bool:
    first, other = left[0].box, right[0].box
    touching = abs(first.left + first.width - other.left) < _SAME
    return touching and len(left) == len(right) and abs(first.top - other.top) < _SAME


def _merged(layout: Layout, table: list[Column]) -> list[list[Column]]:
    """Neighbouring columns of one width in which one writes a character a cell, together where they have one head."""
    merged = [[table[0]]]
    for before, column in pairwise(table):
        grid = like_a_grid(before[0]) and like_a_grid(column[0])
        same = abs(before[0].box.width - column[0].box.width) < _SAME
        if grid and same and _wide_head(layout, before) == _wide_head(layout, column):
            merged[-1].append(column)
        else:
            merged.append([column])
    return merged


def _wide_head(layout: Layout, column: Column) -> Cell | None:
    """The head that a column shares with its neighbours; None where its own is above it, or none."""
    head = column_label(layout, column[0].box)
    return head if head and head.box.width > _SHARED * column[0].box.width else None


def _table(layout: Layout, columns: list[list[Column]]) -> Found:
    told: dict[str, object] = {}
    whole = hull([cell.box for parts in columns for column in parts for cell in column])
    edges = [*(parts[0][0].box.left for parts in columns), whole.left + whole.width]
    top = whole.top
    for number, parts in enumerate(columns, 1):
        first = hull([column[0].box for column in parts])
        head = column_label(layout, first) or column_label(layout, parts[0][0].box)
        top = min(top, head.box.top) if head else top
        name = (head.text if head else "") or f"列{number}"
        square = any(inside(parts[0][0].box, (box.left + 1, box.top + 1)) for box in layout.squares)
        kind: Params = {"kind": "check"} if square else {"kind": "text"}
        if len(parts) > 1:
            kind = {"kind": "digits", "cells": len(parts), "short": True}
        told[name if name not in told else f"{name}{number}"] = {
            **kind,
            "width": round(edges[number] - edges[number - 1], 1),
        }
    widths = sum(float(str(one["width"])) for one in told.values() if isinstance(one, dict))
    at = place(whole)
    at[2] = round(widths, 1)
    rows = len(columns[0][0])
    params: Params = {"kind": "table", "at": at, "rows": rows, "columns": told}
    heads = (
        whole._replace(top=top, height=whole.top - top)
        if top < whole.top
        else whole._replace(top=top - _HEAD, height=_HEAD)
    )
    outside = replace(layout, cells=())
    return Found(loose_label(outside, heads) or "表", params, f"同じ高さの空いた行が {rows} 行並んでいます", whole)


def _within(box: Box, whole: Box) -> bool:
    return inside(whole, (box.left + box.width / 2, box.top + box.height / 2))
