"""A sheet in memory, and a template of such sheets filled in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from robots.drivers.workbook_cells import reference
from robots.drivers.workbook_filling import Filling, filled_sheet
from robots.drivers.workbook_header import Merge, Place
from robots.drivers.workbook_marks import has_marks
from robots.errors import BusinessError
from robots.values import Value


@dataclass(slots=True)
class MemorySheet:
    """A sheet: its lines from the first row on (blank cells are None or ""), and its merged ranges."""

    lines: list[list[Value]] = field(default_factory=list)
    merges: Sequence[Merge] = ()


def filled_sheets(
    book: str,
    sheets: Mapping[str, MemorySheet],
    values: Mapping[str, Value],
    rows: Sequence[Mapping[str, Value]] | None,
) -> dict[str, MemorySheet]:
    """The template's sheets with everything filled in.  Raises: BusinessError as ``filled_book`` does."""
    filling = Filling(values, rows)
    made: dict[str, MemorySheet] = {}
    marked = repeated = False
    for name, sheet in sheets.items():
        place = Place(book, name)
        marks = {
            (number, column): cell
            for number, line in enumerate(sheet.lines)
            for column, cell in enumerate(line)
            if isinstance(cell, str) and has_marks(cell)
        }
        found = filled_sheet(marks, place, filling)
        marked, repeated = marked or bool(marks), repeated or found.model is not None
        lines = [list(line) for line in sheet.lines]
        made[name] = MemorySheet(lines, sheet.merges)
        for (number, column), value in found.single.items():
            lines[number][column] = value
        if found.model is not None:
            _repeat(lines, found.model, found.lines, place)
    filling.refuse_unmarked(book, marked=marked, repeated=repeated)
    return made


def _repeat(lines: list[list[Value]], model: int, made: Sequence[Mapping[int, Value]], place: Place) -> None:
    for column in made[0]:
        lines[model][column] = ""
    for number, values in enumerate(made, model):
        lines.extend([] for _ in range(number + 1 - len(lines)))
        for column, value in values.items():
            lines[number].extend([""] * (column + 1 - len(lines[number])))
            if lines[number][column] not in (None, ""):
                raise BusinessError(
                    f"{place}に{len(made)}行を差し込めません（{reference(number, column)} に何か書かれていて、"
                    f"入るのは{number - model}行です）。",
                    mend="ひな形の、くり返す行の下に空の行を足してください。",
                )
            lines[number][column] = value
