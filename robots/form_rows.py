"""A reading of a form as a row of a scenario: certain fields as values, all others as Unsure."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Literal, cast

from ocr.reading import FieldReading, FormReading, Refused
from robots.values import Row, Unsure, Value, paper_value

if TYPE_CHECKING:  # the picture library is loaded where a form is read, not at every start
    from ocr.field import FieldParams
    from ocr.fields.table import TableParams
    from ocr.form import FormField

Kind = Literal["text", "date", "choices"]
Keep = Callable[[str, bytes], str]
"""(field, PNG) → the file that the picture was put into."""

_CHECK_ALL = ("すべての欄を人が確かめる決まりです",)


def page_file(page: int) -> str:
    """What the picture of a page (from 0) is called, beside the pictures of its doubtful places."""
    return f"page-{page + 1}.jpg"


def kind_of(name: str, params: FieldParams) -> Kind:
    """What a field's text becomes; ``name`` is the field kind's."""
    options = getattr(params, "options", ())
    if getattr(params, "pick", "") == "any" and len(options) > 1:
        return "choices"
    return "date" if name == "date" else "text"


def row_of(
    reading: FormReading,
    fields: tuple[FormField, ...],
    *,
    form: str,
    source: str,
    keep: Keep,
    everything: bool = False,
) -> Row:
    """One form copy.  form: the definition's path; keep: stores the picture of a place."""
    one = _Copy(reading, form, keep, everything)
    values = {field.name: one.field(field) for field in fields}
    return Row(values, origin=origin_of(reading.source), source=source)


def refused_row(refused: Refused, fields: tuple[FormField, ...], *, form: str, source: str) -> Row:
    """A page that was not read: no field of it is a value."""
    page = Unsure(form, "", "", "text", (refused.why,), 0.0, "", "")
    return Row({field.name: page for field in fields}, origin=origin_of(refused.source), source=source)


def origin_of(source: str) -> str:
    """申請書.pdf#3 → 申請書.pdf 3ページ目."""
    name, _, page = source.rpartition("#")
    return f"{name} {page}ページ目" if name and page.isdecimal() else source


class _Copy:
    """One form copy while it becomes a row."""

    def __init__(self, reading: FormReading, form: str, keep: Keep, everything: bool) -> None:
        self._reading = reading
        self._form = form
        self._keep = keep
        self._everything = everything

    def field(self, field: FormField) -> Value:
        reading = self._reading.fields[field.name]
        if field.kind.name != "table":
            return self._value(field.name, reading, kind_of(field.kind.name, field.params), twice=field.params.twice)
        table = cast("TableParams", field.params)
        return [
            Row(
                {
                    name: self._value(
                        f"{field.name}[{number}].{name}",
                        columns[name],
                        kind_of(kind.name, params),
                        twice=params.twice,
                    )
                    for name, (kind, params) in table.cells(number - 1).items()
                },
                origin=f"{origin_of(self._reading.source)} {field.name} {number}行目",
            )
            for number, columns in enumerate(reading.rows, 1)
        ]

    def _value(self, name: str, reading: FieldReading, kind: Kind, *, twice: bool) -> Value:
        if reading.certain and not self._everything:
            return self._certain(reading, kind)
        picture = self._reading.pictures.get(name)
        box = reading.box
        return Unsure(
            form=self._form,
            field=name,
            proposed=reading.value,
            kind=kind,
            why=reading.why or _CHECK_ALL,
            confidence=reading.confidence,
            place=f"{box.page + 1}ページ目 左から {box.left:.0f} mm・上から {box.top:.0f} mm",
            picture=self._keep(name, picture) if picture is not None else "",
            twice=twice,
        )

    def _certain(self, reading: FieldReading, kind: Kind) -> Value:
        if kind == "choices":  # the options themselves, whatever their names hold
            return [cell for cell in reading.cells if cell]
        return paper_value(kind, reading.value)
