"""Printing a form from its definition: corner marks, title, fields with their labels, prefilled values, QR code."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence

from reportlab.pdfgen.canvas import Canvas

from ocr.draw.field import draw_field, places_of, words_of
from ocr.draw.font import MM_PER_POINT, width_mm
from ocr.draw.label import draw_label
from ocr.draw.paper import THICK, Paper, QrTooSmall
from ocr.draw.values import leaves
from ocr.field import box_of
from ocr.form import Definition, FormField
from ocr.reading import Box

__all__ = ["MARK_CENTRE", "MARK_HOLE", "MARK_SIDE", "QrTooSmall", "draw_form", "mark_centres"]

MARK_SIDE, MARK_HOLE, MARK_CENTRE = 6.0, 2.0, 17.0
"""Corner marks: solid squares, centred this far from both edges of the paper; the one at the top left has a white hole, so
that a turned page is known.  Nearer the edge a scanner's feed clips them."""
_TITLE_POINTS = 16.0
_TITLE_BASE = 20.0
_FOOT_POINTS = 7.0


def draw_form(
    definition: Definition, fields: Sequence[FormField], *, prefilled: Mapping[str, str] | None = None
) -> bytes:
    """The form as a PDF with its typeface inside; the same input gives the same bytes.

    prefilled: values as a reading gives them (a date as 2018-04-05, several choices joined by 、) by field name
    (a table's as 単価表[1].数量); a QR code is printed where its field has one.
    Raises: QrTooSmall; KeyError for a prefilled name that is no field.
    """
    values = dict(prefilled or {})
    unknown = values.keys() - {leaf.name for one in fields for leaf in leaves(one)}
    if unknown:
        raise KeyError("、".join(sorted(unknown)))
    file = io.BytesIO()
    size = definition.paper.mm
    canvas = Canvas(file, pagesize=(size[0] / MM_PER_POINT, size[1] / MM_PER_POINT), invariant=1)
    canvas.setTitle(definition.form)
    for page in range(1, _pages(definition, fields) + 1):
        _page(Paper(canvas, size, []), definition, fields, values, page)
        canvas.showPage()
    canvas.save()
    return file.getvalue()


def mark_centres(size: tuple[float, float]) -> tuple[tuple[float, float], ...]:
    """The centres of the corner marks in mm: top left (the one with a hole), top right, bottom right, bottom left."""
    near, right, bottom = MARK_CENTRE, size[0] - MARK_CENTRE, size[1] - MARK_CENTRE
    return (near, near), (right, near), (right, bottom), (near, bottom)


def _pages(definition: Definition, fields: Sequence[FormField]) -> int:
    told = [field.params.page for field in fields]
    told += [one.page for one in definition.prints]
    told += [one.page for one in definition.frames]
    return max(told)


def _page(
    paper: Paper, definition: Definition, fields: Sequence[FormField], values: Mapping[str, str], page: int
) -> None:
    here = [one for one in fields if one.params.page == page]
    if definition.register_ in ("auto", "markers"):
        _marks(paper)
    _title(paper, definition, page)
    for frame in definition.frames:
        if frame.page == page:
            paper.frame(box_of(frame.at, page), width=THICK)
    for one in definition.prints:
        if one.page == page:
            paper.text(one.text, *one.at, one.size)
    for field in here:
        draw_field(paper, field, values)
    for field in here:
        draw_label(paper, words_of(field), places_of(field))


def _marks(paper: Paper) -> None:
    for number, (x, y) in enumerate(mark_centres(paper.size)):
        paper.filled(_square(x, y, MARK_SIDE))
        if number == 0:
            paper.filled(_square(x, y, MARK_HOLE), shade=1)


def _square(x: float, y: float, side: float) -> Box:
    return Box(0, x - side / 2, y - side / 2, side, side)


def _title(paper: Paper, definition: Definition, page: int) -> None:
    """The form's name where it is looked for, else at the top; its version at the foot."""
    identify = definition.identify
    if identify and identify.text and identify.page == page:
        paper.centred(identify.text, box_of(identify.at, page), _TITLE_POINTS)
    elif page == 1:
        left = (paper.size[0] - width_mm(definition.form, _TITLE_POINTS)) / 2
        paper.text(definition.form, left, _TITLE_BASE, _TITLE_POINTS)
    foot = f"{definition.form}　第{definition.version}版"
    left = (paper.size[0] - width_mm(foot, _FOOT_POINTS)) / 2
    paper.text(foot, left, paper.size[1] - MARK_CENTRE + 1, _FOOT_POINTS)
