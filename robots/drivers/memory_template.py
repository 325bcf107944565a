"""A sheet in memory, and a template of such sheets filled in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from robots.drivers.workbook_cells import reference
from robots.drivers.workbook_header import Merge, Place
from robots.drivers.workbook_marks import filled, has_marks, is_of_row, known_names
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
    known = known_names(values)
    made: dict[str, MemorySheet] = {}
    marked = repeated = False
    for name, sheet in sheets.items():
        place = Place(book, name)
        lines = [list(line) for line in sheet.lines]
        made[name] = MemorySheet(lines, sheet.merges)
        for number, line in enumerate(sheet.lines):
            marks = {at: cell for at, cell in enumerate(line) if isinstance(cell, str) and has_marks(cell)}
            marked = marked or bool(marks)
            if any(is_of_row(text) for text in marks.values()):
                repeated = True
                _repeat(lines, number, marks, known, rows, place)
            else:
                for column, text in marks.items():
                    lines[number][column] = filled(text, known, None, place.cell(number, column))
    if not marked or (rows is not None and not repeated):
        raise BusinessError(
            f"ひな形 {book} に、値を入れるしるしがありません。",
            mend="値を入れるセルに ${氏名} のように書いてください。",
        )
    return made


def _repeat(
    lines: list[list[Value]],
    model: int,
    marks: Mapping[int, str],
    known: Mapping[str, Value],
    rows: Sequence[Mapping[str, Value]] | None,
    place: Place,
) -> None:
    where = place.cell(model, min(marks))
    if rows is None:
        filled(next(text for text in marks.values() if is_of_row(text)), known, None, where)
    for column in marks:
        lines[model][column] = ""
    for number, row in enumerate(rows or (), model):
        lines.extend([] for _ in range(number + 1 - len(lines)))
        for column, text in marks.items():
            lines[number].extend([""] * (column + 1 - len(lines[number])))
            if lines[number][column] not in (None, ""):
                raise BusinessError(
                    f"{place}に{len(rows or ())}行を差し込めません（{reference(number, column)} に何か書かれていて、"
                    f"入るのは{number - model}行です）。",
                    mend="ひな形の、くり返す行の下に空の行を足してください。",
                )
            lines[number][column] = filled(text, known, known_names(row), where)
