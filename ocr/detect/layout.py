"""An empty form taken apart: which words stand in which cell, what is free to be written in, what labels what."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

from ocr.detect.lines import DOTS, LONGEST_SPACED, LONGEST_TIGHT, by_cell, fitted, joined, tight, words
from ocr.detect.rules import Mask, crop, find_cells, find_squares, find_underlines, ink_without_rules, inside
from ocr.detect.words import Run, beside
from ocr.page import Page
from ocr.reading import Box

_EMPTY = 0.0015
"""The share of ink up to which a cell is empty."""
_LONGEST_LABEL = 8
_FARTHEST = 45.0
_GRID_SIDES = (3.2, 16.0)
_SPACE = 2.5
_NEAR = 1.5
"""Cells this near share a rule, mm."""
NO_OPTION = re.compile("氏名|番号|住所|電話|生徒|保護者|の別$|の有無$")
"""No such word is ever an option to be circled."""
_USUAL = frozenset("男女有無要否可否済未明治大正昭和平成令MTSHR")
"""What is chosen from even where the dots stand tight."""
_LEAST_HEADINGS = 2
BOXED = re.compile("[□☐■]")
_NO_NAME = str.maketrans("", "", " 　*＊※:：・·、。，")


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell between rules with the words in it, from the top left."""

    box: Box
    runs: tuple[Run, ...]
    empty: bool
    crossed: bool
    """A line runs from corner to corner: nothing is to be written there."""
    heading: bool
    """Its dots stand within the name of what its row asks (ごみ収集・減量)."""

    @property
    def text(self) -> str:
        """Its words without spaces and marks, up to the first explanation that follows them."""
        words = [run.text for run in self.runs]
        long = next((place for place, word in enumerate(words) if place and len(word) > _LONGEST_LABEL), len(words))
        return "".join(words[:long]).translate(_NO_NAME)


@dataclass(frozen=True, slots=True)
class Layout:
    """One page of an empty form."""

    page: Page
    cells: tuple[Cell, ...]
    loose: tuple[Run, ...]
    """Words outside all cells."""
    squares: tuple[Box, ...]
    underlines: tuple[Box, ...]
    """Room above rules that stand alone."""

    @property
    def runs(self) -> tuple[Run, ...]:
        return (*(run for cell in self.cells for run in cell.runs), *self.loose)


def lay_out(page: Page, runs: Sequence[Run]) -> Layout:
    """The page's cells, and every word in the cell that holds its middle."""
    boxes = find_cells(page)
    ink = ink_without_rules(page)
    held: dict[int, list[Run]] = {number: [] for number in range(-1, len(boxes))}
    for run in runs:
        for number, part in by_cell(fitted(run, ink), boxes):
            held[number] += words(part)
    held = {number: joined(found) for number, found in held.items()}
    cells = []
    for number, box in enumerate(boxes):
        share = float(crop(ink, box, 0.7).mean())
        told = tuple(sorted(held[number], key=lambda one: (round(one.box.top / 3), one.box.left)))
        empty = share < _EMPTY and not told
        cells.append(Cell(box, told, empty, _crossed(ink, box), heading=False))
    squares = _checkboxes(find_squares(page), runs)
    return Layout(page, tuple(_with_headings(cells)), tuple(held[-1]), squares, tuple(find_underlines(page, boxes)))


def _with_headings(cells: Sequence[Cell]) -> list[Cell]:
    """The same, those marked whose words with tight dots name a row as their neighbours above and below do."""
    return [replace(cell, heading=True) if _heads_row(cell, cells) else cell for cell in cells]


def _heads_row(cell: Cell, cells: Sequence[Cell]) -> bool:
    dotted = [run for run in cell.runs if tight(run)]
    if not dotted or any(set(run.text) - set(DOTS) <= _USUAL for run in dotted):
        return False
    box = cell.box
    row = [one.box for one in cells if beside(box, one.box)]
    column = [one for one in cells if abs(one.box.left - box.left) < 1 and abs(one.box.width - box.width) < 1]
    plain = [one for one in column if one.runs and not any(set(run.text) & set(DOTS) for run in one.runs)]
    first = not any(abs(other.left + other.width - box.left) < _NEAR for other in row)
    return (
        first and any(abs(other.left - box.left - box.width) < _NEAR for other in row) and len(plain) >= _LEAST_HEADINGS
    )


def _crossed(ink: Mask, box: Box) -> bool:
    """Whether there is ink all the way from one side to the other and from top to bottom, thinly."""
    part = crop(ink, box, 1.0)
    wide = part.max(0).mean() > 0.95 and part.max(1).mean() > 0.95
    return bool(wide and part.mean() < 0.06 and min(box.width, box.height) > 8)


def _checkboxes(squares: Sequence[Box], runs: Sequence[Run]) -> tuple[Box, ...]:
    """Squares that are no character: where OCR read something there, it read □."""
    signs = [sign for run in runs for sign in run.signs]
    found = []
    for box in squares:
        read = [sign.text for sign in signs if inside(box, sign.middle) and sign.box.height < 2 * box.height]
        if not read or any(sign in "□☐■" for sign in read):
            found.append(box)
    return tuple(found)


def over(cell: Box, other: Box) -> bool:
    """Whether two boxes stand in one column: one's width mostly within the other's."""
    shared = min(cell.left + cell.width, other.left + other.width) - max(cell.left, other.left)
    return shared > 0.5 * min(cell.width, other.width)


def row_label(layout: Layout, box: Box) -> Cell | None:
    """The cell with words that shares the left edge of a box."""
    near = [
        cell
        for cell in layout.cells
        if is_label(cell) and beside(box, cell.box) and abs(cell.box.left + cell.box.width - box.left) < _NEAR
    ]
    return min(near, key=lambda cell: abs(cell.box.top - box.top), default=None)


def row_number(layout: Layout, box: Box) -> str:
    """The number at the left end of a table's row; "" where there is none."""
    left = [cell for cell in layout.cells if beside(box, cell.box) and cell.box.left < box.left]
    return next((cell.text for cell in left if cell.text.isdigit() and cell.box.width < 20), "")


def column_label(layout: Layout, box: Box) -> Cell | None:
    """The head of the column that a box stands in: the topmost words of the cells of its width that stand on each other,
    else the words of the wider cell upon them."""
    head, top = None, box
    while True:
        above = [
            cell
            for cell in layout.cells
            if abs(cell.box.top + cell.box.height - top.top) < _NEAR and over(top, cell.box)
        ]
        same = [
            cell
            for cell in above
            if abs(cell.box.left - top.left) < _NEAR and abs(cell.box.width - top.width) < 2 * _NEAR
        ]
        if not same:
            wider = [cell for cell in above if is_label(cell) and cell.box.width > top.width]
            return head or (wider[0] if wider else None)
        top = same[0].box
        head = same[0] if is_label(same[0]) else head


def is_choice(run: Run) -> bool:
    """Whether words with dots between them are to be chosen from (男・女), not read (児童・生徒氏名)."""
    words = re.split("[・·]", run.text)
    longest = LONGEST_TIGHT if tight(run) else LONGEST_SPACED
    return len(words) > 1 and all(1 <= len(word) <= longest and not NO_OPTION.search(word) for word in words)


def is_label(cell: Cell) -> bool:
    """Whether the cell's words say what belongs beside or below it, and are not themselves to be filled in."""
    alone = {run.text for run in cell.runs}
    choice = any(is_choice(run) for run in cell.runs) or alone in ({"男", "女"}, {"有", "無"})
    choice = choice and not cell.heading
    return bool(set(cell.text) - set("年月日")) and not choice and not BOXED.search("".join(alone))


def holder_of(layout: Layout, box: Box) -> Cell | None:
    """The cell that holds a box."""
    middle = box.left + box.width / 2, box.top + box.height / 2
    return next((cell for cell in layout.cells if inside(cell.box, middle)), None)


def like_a_grid(cell: Cell) -> bool:
    """Whether one character could be written in the cell."""
    low, high = _GRID_SIDES
    wide, tall = cell.box.width, cell.box.height
    return cell.empty and low <= wide <= high and tall >= low and wide < 2 * tall


def words_before(layout: Layout, box: Box, but: Collection[str] = ()) -> str:
    """The nearest words before a box on its row that no rule parts from it, other than ``but`` and choices."""
    holder = holder_of(layout, box._replace(left=box.left - 1, width=1.0))
    runs = holder.runs if holder else layout.loose
    left = [
        run
        for run in runs
        if beside(run.box, box)
        and -1 < box.left - run.box.left - run.box.width < _FARTHEST
        and run.text not in but
        and not is_choice(run)
    ]
    free = [run for run in left if not any(_between(run.box, cell.box, box) for cell in layout.cells)]
    told: list[Run] = []
    for run in sorted(free, key=lambda one: -one.box.left):
        if not told or told[-1].box.left - run.box.left - run.box.width < _SPACE:
            told.append(run)
    return "".join(run.text for run in reversed(told)).translate(_NO_NAME)


def _between(one: Box, cell: Box, other: Box) -> bool:
    """Whether a cell stands between two boxes on their row."""
    return (
        one.left < cell.left and cell.left + cell.width < other.left + 0.5 and beside(cell, other) and cell.width < 100
    )


def loose_label(layout: Layout, box: Box) -> str:
    """The words right before a box on its row, else right above it."""
    before = words_before(layout, box)
    if before:
        return before
    above = [run for run in layout.runs if over(box, run.box) and -1 < box.top - run.box.top - run.box.height < 8]
    return max(above, key=lambda run: run.box.top).text.translate(_NO_NAME) if above else ""


def label_of(layout: Layout, box: Box) -> str:
    """What a box is for: its column and row number in a table, else the words at its left, above it, near it."""
    row, column, number = row_label(layout, box), column_label(layout, box), row_number(layout, box)
    if column and number:
        return f"{column.text}{number}"
    if row and not row.text.isdigit():
        level = "".join(run.text for run in row.runs if beside(run.box, box)).translate(_NO_NAME)
        return level if level and row.box.height > 1.5 * box.height else row.text
    return column.text if column else loose_label(layout, box)
