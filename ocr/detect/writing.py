"""Where one writes on an empty form: grids of cells, dates, empty boxes, room beside a label, underlines."""

from __future__ import annotations

import re
from collections.abc import Sequence

from ocr.detect.found import Found, Params, place
from ocr.detect.layout import Cell, Layout, label_of, like_a_grid, loose_label, row_label, words_before
from ocr.detect.rules import inside
from ocr.detect.words import hull
from ocr.reading import Box

_KANA = re.compile("フリガナ|ふりがな|カナ|かな")
_SIGNATURE = re.compile("署名|押印|印$")
_POSTAL = [3, 4]
_POSTAL_SIGNS = ("〒", "T", "テ", "")
"""What OCR makes of 〒."""
_STAMPED = re.compile("印|署名|氏名")
_LEAST_SEAL = 7.0
"""No seal is stamped in a lower cell, mm."""
SEALS = ("印", "㊞")
"""Where nothing else is printed, one stamps a seal upon it."""
_LEAST_GRID = 3
_LEAST_TEXT = (8.0, 4.0)
"""Width and height below which nobody writes, mm."""
_LEAST_ROOM = 15.0
_RIGHT = 6.0
"""What ends this near the right edge of its cell stands at its right."""
_ASKS_AFTER = re.compile("[：:]$|^電話(番号)?$")


def find_grids(layout: Layout, dates: Sequence[Found]) -> list[Found]:
    """Rows of empty cells of one size; two groups with nothing but a gap between them are one number."""
    rows: list[list[Box]] = []
    for cell in layout.cells:
        known = any(_covers(cell.box, box) for row in rows for box in row)
        if not known and not any(_covers(cell.box, one.box) for one in dates):
            row = [one.box for one in _row_from(layout, cell)]
            if len(row) >= _LEAST_GRID:
                rows.append(row)
    found = []
    while rows:
        groups = [rows.pop(0)]
        while following := next((row for row in rows if _goes_on(layout, groups[-1], row)), None):
            rows.remove(following)
            groups.append(following)
        found.append(_grid(layout, [hull(row) for row in groups], [len(row) for row in groups]))
    return found


def _goes_on(layout: Layout, row: list[Box], after: list[Box]) -> bool:
    gap = after[0].left - _end(row[-1])
    return abs(after[0].top - row[0].top) < 0.8 and 1.5 < gap < 10 and not words_before(layout, after[0])


def _grid(layout: Layout, groups: list[Box], counts: list[int]) -> Found:
    own = words_before(layout, groups[0]) if row_label(layout, groups[0]) is None else ""
    label = own or label_of(layout, groups[0])
    if counts == _POSTAL and label in _POSTAL_SIGNS:
        label = "郵便番号"
    params: Params = {"kind": "kana" if _KANA.search(label) else "digits"}
    if len(groups) == 1:
        params |= {"at": place(groups[0]), "cells": counts[0]}
    else:
        params |= {"at": [place(one) for one in groups], "cells": counts}
    return Found(label, params, f"同じ大きさのますが {sum(counts)} 個並んでいます", hull(groups))


def _row_from(layout: Layout, first: Cell) -> list[Cell]:
    row = [first] if like_a_grid(first) else []
    while row:
        last = row[-1].box
        after = [
            cell
            for cell in layout.cells
            if like_a_grid(cell)
            and abs(cell.box.left - last.left - last.width) < 1.2
            and abs(cell.box.top - last.top) < 0.8
            and abs(cell.box.height - last.height) < 0.8
            and abs(cell.box.width - last.width) < 0.15 * last.width
        ]
        if not after:
            break
        row.append(after[0])
    return row


def find_boxes(layout: Layout, found: Sequence[Found]) -> list[Found]:
    """Empty cells, and the free parts of cells with words of their own, where nothing else was found."""
    boxes = []
    for cell in layout.cells:
        held = [one for one in found if _covers(one.box, cell.box) or _covers(cell.box, one.box)]
        if cell.crossed or any(one.params["kind"] != "circle" for one in held):
            continue
        head = row_label(layout, cell.box)
        if head and _STAMPED.search(head.text) and cell.text in SEALS and cell.box.height > _LEAST_SEAL and not held:
            why = "「印」とだけ印刷された枠です。押印なので有無だけを見ます"
            boxes.append(Found(head.text, {"kind": "ink", "at": place(cell.box)}, why, cell.box))
            continue
        parts = (
            [(label_of(layout, cell.box), cell.box, "何も印刷されていない枠です")]
            if cell.empty
            else _free(layout, cell, bool(held))
        )
        for label, box, why in parts:
            if box.width >= _LEAST_TEXT[0] and box.height >= _LEAST_TEXT[1]:
                boxes.append(_text(label, box, why))
    for room in layout.underlines:
        held_words = [run for run in layout.loose if inside(room, (run.box.left + 1, run.box.top + run.box.height / 2))]
        box = _from(room, max([room.left, *(_end(run.box) + 1 for run in held_words)]))
        if box.width >= _LEAST_TEXT[0]:
            label = "".join(run.text for run in held_words) or loose_label(layout, room)
            boxes.append(_text(label, box, "下線の上に書くところです"))
    return boxes


def _free(layout: Layout, cell: Cell, chosen: bool) -> list[tuple[str, Box, str]]:
    """The parts of a cell with words in which there is room to write: (label, place, why); ``chosen`` where its words are
    to be circled."""
    if not cell.runs:
        return []
    box, parts = cell.box, []
    words = hull([run.box for run in cell.runs])
    first = hull([run.box for run in cell.runs if run.box.top < cell.runs[0].box.top + 2.5])
    bottom = box.top + box.height
    lower = [run.box for run in cell.runs if run.box.top >= first.top + first.height - 1]
    corner = first.left - box.left < 4 and first.top - box.top < 3.5
    room = bottom - first.top - first.height
    if words.left - box.left > max(_LEAST_ROOM, 0.4 * box.width) and _end(box) - _end(words) < _RIGHT:
        parts.append(
            (label_of(layout, box), box._replace(width=words.left - box.left), "右に選ぶ言葉や単位のある枠です")
        )
    elif (
        not chosen
        and corner
        and room > 1.4 * first.height
        and all(one.left > box.left + 0.45 * box.width for one in lower)
    ):
        first_words = cell.runs[0].text
        own = first_words if len(first_words) > 1 and first_words[0] not in "（(" else label_of(layout, box)
        end = min([_end(box), *(one.left for one in lower if one.width > 10)])
        free = Box(box.page, box.left, bottom - room + 0.3, end - box.left, room - 0.3)
        parts.append((own, free, "左上に項目名のある枠です"))
    elif not chosen and words.left - box.left < 4 and words.top - box.top > max(1.2 * words.height, 4.0):
        parts.append((label_of(layout, box), box._replace(height=words.top - box.top), "下に項目名のある枠です"))
    last = max(cell.runs, key=lambda run: _end(run.box))
    if _ASKS_AFTER.search(last.text) and _end(box) - _end(last.box) > _LEAST_ROOM:
        part = _from(box, _end(last.box) + 0.5)
        after = part._replace(top=last.box.top - 1, height=min(last.box.height + 2, bottom - last.box.top + 1))
        parts.append((last.text, after, "項目名の右に書くところです"))
    return parts


def _text(label: str, box: Box, why: str) -> Found:
    if _SIGNATURE.search(label):
        return Found(label, {"kind": "ink", "at": place(box)}, f"{why}。署名なので記入の有無だけを見ます", box)
    return Found(label, {"kind": "text", "at": place(box)}, why, box)


def _from(box: Box, left: float) -> Box:
    """The part of a box from ``left`` on."""
    return box._replace(left=left, width=box.left + box.width - left)


def _covers(one: Box, other: Box) -> bool:
    """Whether the middle of a box lies in another."""
    return inside(other, (one.left + one.width / 2, one.top + one.height / 2))


def _end(box: Box) -> float:
    return box.left + box.width
