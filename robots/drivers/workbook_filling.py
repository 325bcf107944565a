"""What a template's marked cells become: single values, and the repeated row line by line.  Pure; both drivers ask it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from robots.drivers.workbook_header import Place
from robots.drivers.workbook_marks import filled, is_of_row, known_names
from robots.errors import BusinessError
from robots.values import Value

Rows = Sequence[Mapping[str, Value]]


class Filling:
    """What goes into a template: the values, and the rows where there are any."""

    def __init__(self, values: Mapping[str, Value], rows: Rows | None) -> None:
        self.values = known_names(values)
        self.rows = None if rows is None else [known_names(row) for row in rows]

    def refuse_unmarked(self, book: str, *, marked: bool, repeated: bool) -> None:
        """Raises: BusinessError where the template has no marks, or rows come and no row is to be repeated."""
        if not marked or (self.rows is not None and not repeated):
            missing = "${行.列の名前} のしるし" if marked else "${名前} のしるし"
            raise BusinessError(
                f"ひな形 {book} に、値を入れる {missing}がありません。",
                mend="値を入れるセルに ${氏名}、くり返す行のセルに ${行.品名} のように書いてください。",
            )


@dataclass(frozen=True, slots=True)
class FilledSheet:
    """single: the value of each marked cell outside the repeated row; model: that row (None: there is none), and its
    lines by column, which go into it and the rows below.  Rows and columns from 0."""

    single: Mapping[tuple[int, int], Value]
    model: int | None
    lines: Sequence[Mapping[int, Value]]


def filled_sheet(marked: Mapping[tuple[int, int], str], place: Place, filling: Filling) -> FilledSheet:
    """The marked cells of one sheet, filled in.  No rows leave one blank line.

    Raises: BusinessError where a mark has no value, or several rows are to be repeated.
    """
    models = sorted({at[0] for at, text in marked.items() if is_of_row(text)})
    if len(models) > 1:
        raise BusinessError(
            f"{place}には、くり返す行（${{行.…}} のある行）が{'、'.join(str(one + 1) for one in models)}行目にあります。",
            mend="くり返す行は、シートに一つだけにしてください。",
        )
    model = models[0] if models else None
    single = {at: filled(text, filling.values, None, place.cell(*at)) for at, text in marked.items() if at[0] != model}
    marks = {column: text for (row, column), text in marked.items() if row == model}
    return FilledSheet(single, model, [] if model is None else _lines(marks, place.cell(model, min(marks)), filling))


def _lines(marks: Mapping[int, str], where: str, filling: Filling) -> list[dict[int, Value]]:
    if filling.rows is None:
        raise BusinessError(
            f"{where} に ${{行.…}} がありますが、差し込む行がありません。", mend="手順に「行」を書いてください。"
        )
    lines = [
        {column: filled(text, filling.values, row, where) for column, text in marks.items()} for row in filling.rows
    ]
    return lines or [dict.fromkeys(marks, "")]
