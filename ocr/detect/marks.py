"""Choices on an empty form: checkboxes with the words after them, printed words to be circled."""

from __future__ import annotations

import re
from collections.abc import Sequence

from japan.eras import ERAS
from ocr.detect.found import Found, Params, place
from ocr.detect.layout import (
    NO_OPTION,
    Cell,
    Layout,
    column_label,
    holder_of,
    label_of,
    loose_label,
    row_label,
    words_before,
)
from ocr.detect.lines import DOTS, LONGEST_SPACED, LONGEST_TIGHT, far, tight
from ocr.detect.numbers import find_rows
from ocr.detect.rules import inside
from ocr.detect.words import Run, Sign, beside, hull
from ocr.reading import Box

Options = Sequence[tuple[str, Box]]

_SPACES = str.maketrans("", "", " 　□☐■")
_FEW = 3
_FARTHEST = 40.0
_LONGEST_OPTION = 12
"""A single □ before more words than these stands in a sentence that speaks of it."""
ERA_NAMES = frozenset(name for era in ERAS for name in (era.name, era.name[0], era.letter))
_USUAL = {
    frozenset("男女"): "性別",
    frozenset("TSHR"): "元号",
    frozenset("SHR"): "元号",
    frozenset(("昭和", "平成", "令和")): "元号",
    frozenset("明大昭平令"): "元号",
}
_MANY = re.compile("いくつでも|すべて|複数")
_NUMBERED = re.compile(r"^[（(]?([1-9])[)）.．、]")


def find_checkboxes(layout: Layout) -> list[Found]:
    """Checkboxes, those that belong together as one field."""
    found = []
    for group in _groups(layout):
        options = _named([(option_name(layout, box), box) for box in group])
        alone = len(options) == 1 and len(options[0][0]) > _LONGEST_OPTION
        if options and not alone:
            label = _group_label(layout, group)
            pick = "one" if len(options) <= _FEW else "any"
            params: Params = {"kind": "check", "options": {name: place(box) for name, box in options}, "pick": pick}
            why = f"□ が {len(options)} 個並んでいます。{'1 つだけ' if pick == 'one' else 'いくつでも'}選ぶものとしました（pick を確かめてください）"
            found.append(Found(label, params, why, hull(group)))
    return found


def _groups(layout: Layout) -> list[list[Box]]:
    """Squares in one cell near each other, or one above the other in a column of cells."""
    groups: list[list[Box]] = []
    for box in sorted(layout.squares, key=lambda one: (one.top, one.left)):
        near = [group for group in groups if any(_together(layout, box, other) for other in group)]
        merged = [box, *(other for group in near for other in group)]
        groups = [group for group in groups if group not in near] + [
            sorted(merged, key=lambda one: (one.top, one.left))
        ]
    return groups


def _together(layout: Layout, one: Box, other: Box) -> bool:
    own, its = holder_of(layout, one), holder_of(layout, other)
    down = abs(one.top - other.top)
    if own is its:
        lower = max(one, other, key=lambda box: box.top)
        return down < 2 or (down < 14 and not _heads_row(layout, lower))
    return own is not None and its is not None and abs(own.box.left - its.box.left) < 1 and down < 9


def _heads_row(layout: Layout, box: Box) -> bool:
    """Whether the row of checkboxes that this one stands in has words of its own at its left end."""
    row = [other for other in layout.squares if abs(other.top - box.top) < 2 and other.left <= box.left]
    return bool(words_before(layout, min(row, key=lambda other: other.left)))


def option_name(layout: Layout, box: Box) -> str:
    """The words after a checkbox, up to the next one or the end of its cell."""
    holder = holder_of(layout, box)
    end = holder.box.left + holder.box.width if holder else box.left + 60
    after = [other.left for other in layout.squares if beside(box, other) and other.left > box.left + 1]
    end = min([end, *after])
    row = box._replace(left=box.left + box.width * 0.7, width=end - box.left - box.width * 0.7)
    signs = [
        sign
        for run in layout.runs
        for sign in run.signs
        if inside(row._replace(top=box.top - 1, height=box.height + 2), sign.middle)
    ]
    return "".join(sign.text for sign in sorted(signs, key=lambda one: one.box.left)).translate(_SPACES).strip("(（")


def _group_label(layout: Layout, group: Sequence[Box]) -> str:
    first = hull(group)
    holder = holder_of(layout, group[0])
    before = words_before(layout, group[0])
    if before or holder is None:
        return before or loose_label(layout, first)
    told = row_label(layout, holder.box) if len({holder_of(layout, box) for box in group}) == 1 else None
    above = column_label(layout, holder.box)
    inner = [run for run in holder.runs if run.box.top + run.box.height < first.top + 1]
    if inner:
        return max(inner, key=lambda run: run.box.top).text.strip("●•◎ ")
    cell = told or above or row_label(layout, holder.box)
    return cell.text if cell else ""


def find_circles(layout: Layout) -> list[Found]:
    """Printed words to be circled: 男・女, T・S・H・R, 有・無, rows of numbers with or without words, a numbered list."""
    found = []
    for cell in layout.cells:
        rows = find_rows(cell.runs)
        taken = [box for row in rows for _, box in row.options]
        dotted = [] if cell.heading else _dotted(cell.runs)
        groups = [*_free_of(taken, dotted), *([] if rows else [_list(cell.runs)])]
        found += [_circle(layout, cell, row.options, row.doubt) for row in rows]
        found += [_circle(layout, cell, options) for options in groups if len(options) > 1]
    rows = find_rows(layout.loose)
    taken = [box for row in rows for _, box in row.options]
    found += [_circle(layout, None, row.options, row.doubt) for row in rows]
    for run in layout.loose:
        found += [_circle(layout, None, options) for options in _free_of(taken, _dotted((run,)))]
    return found


def _free_of(taken: Sequence[Box], groups: Sequence[Options]) -> list[Options]:
    """The choices of which no word stands where another choice does."""
    return [options for options in groups if not any(_meet(box, other) for _, box in options for other in taken)]


def _meet(one: Box, other: Box) -> bool:
    """Whether the middle of either box lies in the other."""
    return any(
        inside(first, (second.left + second.width / 2, second.top + second.height / 2))
        for first, second in ((one, other), (other, one))
    )


def _circle(layout: Layout, cell: Cell | None, options: Options, doubt: str = "") -> Found:
    whole = hull([box for _, box in options])
    label = words_before(layout, whole) or _same_line(cell.runs if cell else layout.loose, whole)
    label = label or (label_of(layout, cell.box) if cell else loose_label(layout, whole))
    pick = "any" if _MANY.search(label) else "one"
    if label and {name for name, _ in options} <= ERA_NAMES:
        label = f"{label}の元号"
    why = f"{_why(options)}{f'。{doubt}。抜けている選択肢がないか、紙と見比べてください' if doubt else ''}"
    return Found(label or _usual(options), _params(options, pick), why, whole)


def _same_line(runs: Sequence[Run], whole: Box) -> str:
    """What stands in the same words before the options: 区分 of 区分 1 2 3."""
    before = [
        sign for run in runs for sign in run.signs if beside(sign.box, whole) and sign.middle[0] < whole.left + 0.5
    ]
    near: list[Sign] = []
    for sign in sorted(before, key=lambda one: -one.box.left):
        if sign.middle[0] < whole.left - _FARTHEST or (near and far(sign.box, near[0].box)):
            break
        near.insert(0, sign)
    return "".join(sign.text for sign in near).strip("(（<・· ")


def _usual(options: Options) -> str:
    """What such a choice is for, where nothing beside it says so."""
    return _USUAL.get(frozenset(name for name, _ in options), "・".join(name for name, _ in options))


def _params(options: Options, pick: str) -> Params:
    return {"kind": "circle", "options": {name: place(box) for name, box in _named(_apart(options))}, "pick": pick}


def _why(options: Options) -> str:
    return f"「{'・'.join(name for name, _ in options)}」のどれかを ○ で囲むものとしました"


def _dotted(runs: Sequence[Run]) -> list[Options]:
    """男・女 on one line, T・S over H・R as one choice, 男 over 女."""
    groups: list[list[tuple[str, Box]]] = []
    for run in runs:
        words = _words(run) if run.box.height < 2 * run.box.width and any(dot in run.text for dot in DOTS) else []
        longest = LONGEST_TIGHT if tight(run) else LONGEST_SPACED
        if len(words) < 2 or not all(1 <= len(word) <= longest and not NO_OPTION.search(word) for word, _ in words):
            continue
        if groups and _goes_on(groups[-1], words):
            groups[-1] += words
        else:
            groups.append(words)
    if not groups and [run.text for run in runs] in (["男", "女"], ["有", "無"]):
        groups = [[(run.text, _grown(run.box, 1.0)) for run in runs]]
    return list(groups)


def _goes_on(above: Options, words: Options) -> bool:
    """Whether a line of words is the second half of the choice over it."""
    first = above[0][1]
    near = abs(words[0][1].left - first.left) < 3 and 0 < words[0][1].top - first.top < 8
    return near and [len(word) for word, _ in words] == [len(word) for word, _ in above[: len(words)]]


def _words(run: Run) -> list[tuple[str, Box]]:
    """The words between the dots, each box a little larger than its word."""
    groups: list[list[Sign]] = [[]]
    for sign in run.signs:
        if sign.text in DOTS:
            groups.append([])
        elif sign.text not in "<>＜＞（）() 　":
            groups[-1].append(sign)
    if not all(groups):
        return []
    return [("".join(sign.text for sign in group), _grown(hull([sign.box for sign in group]), 0.8)) for group in groups]


def _list(runs: Sequence[Run]) -> list[tuple[str, Box]]:
    """1. … over 2. … over 3. …, or (1) … (2) …: the number is to be circled."""
    options = []
    for run in runs:
        told = _NUMBERED.match(run.text)
        if told:
            signs = [sign for sign in run.signs[: told.end()] if sign.text.isdigit()]
            name = run.text[told.end() :].strip(" 　。（(")
            options.append((int(told[1]), f"{told[1]} {name}"[:20].strip(), _grown(signs[0].box, 1.0)))
    options.sort()
    numbers = [number for number, _, _ in options]
    return [(name, box) for _, name, box in options] if numbers == list(range(1, len(numbers) + 1)) else []


def _apart(options: Options) -> Options:
    """The same with boxes that do not overlap: what two share is divided between them."""
    boxes = [box for _, box in options]
    for first in range(len(boxes)):
        for other in range(first + 1, len(boxes)):
            boxes[first], boxes[other] = _parted(boxes[first], boxes[other])
    return [(name, box) for (name, _), box in zip(options, boxes, strict=True)]


def _parted(one: Box, other: Box) -> tuple[Box, Box]:
    wide = min(one.left + one.width, other.left + other.width) - max(one.left, other.left)
    tall = min(one.top + one.height, other.top + other.height) - max(one.top, other.top)
    if wide <= 0 or tall <= 0:
        return one, other
    if tall < wide:
        upper, lower = (one, other) if one.top < other.top else (other, one)
        cut = lower.top + tall / 2
        upper = upper._replace(height=cut - upper.top)
        lower = lower._replace(top=cut, height=lower.top + lower.height - cut)
        return (upper, lower) if one.top < other.top else (lower, upper)
    before, after = (one, other) if one.left < other.left else (other, one)
    cut = after.left + wide / 2
    before = before._replace(width=cut - before.left)
    after = after._replace(left=cut, width=after.left + after.width - cut)
    return (before, after) if one.left < other.left else (after, before)


def _grown(box: Box, by: float) -> Box:
    left, top = max(0.0, box.left - by), max(0.0, box.top - by)
    return Box(box.page, left, top, box.width + 2 * by, box.height + 2 * by)


def _named(options: Options) -> list[tuple[str, Box]]:
    """The same with names that are there and differ."""
    seen: dict[str, int] = {}
    named = []
    for number, (name, box) in enumerate(options, 1):
        told = name or f"選択{number}"
        seen[told] = seen.get(told, 0) + 1
        named.append((told if seen[told] == 1 else f"{told}{seen[told]}", box))
    return named
