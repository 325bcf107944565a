"""Laying a scanned page upon the empty form: turned right, placed to a tenth of a millimetre, and checked, or refused."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from ocr.form import Form
from ocr.page import Page, Sheet
from ocr.reading import Refused
from ocr.register_check import Laid, laid
from ocr.register_features import by_features
from ocr.register_identify import names_form
from ocr.register_ink import Ink, Matrix, ink_of, inverse
from ocr.register_landmarks import Landmarks, landmarks_of
from ocr.register_markers import by_marks
from ocr.register_overlap import two_sheets
from ocr.register_why import refused, why_not

RESIDUAL_MM = 0.6


def lay(page: Page, form: Form, page_index: int) -> Sheet | Refused:
    """The page as page ``page_index`` (from 0) of the form.

    Turned by 90, 180 or 270 degrees it is turned right.  Refused, with what to do in Japanese, where it is blank, torn,
    double-fed, of another form or version, or can't be placed within 0.6 mm.
    """
    blank, ink = landmarks_of(form, page_index), ink_of(page)
    best: Laid | None = None
    for way in _ways(page, ink, blank, form):
        one = laid(ink, blank, way, fixed=form.definition.register_ == "none")
        if best is None or one.lost_share < best.lost_share:
            best = one
        if one.stands and one.residual_mm <= RESIDUAL_MM:
            return _accepted(page, ink, form, page_index, blank, one)
    if blank.symmetric and form.definition.register_ != "none":
        return refused(page, "turned")
    if best is not None and not best.lost_much and two_sheets(ink, blank, best, form.definition.paper.mm):
        return refused(page, "double_fed")
    return why_not(page, ink, blank, best)


def _ways(page: Page, ink: Ink, blank: Landmarks, form: Form) -> Iterator[Matrix]:
    """The ways the page may lie, the cheapest to find first."""
    how, paper = form.definition.register_, form.definition.paper.mm
    if how == "none":
        height, width = page.image.shape
        x, y = width / paper[0], height / paper[1]
        yield inverse(ink.to_page) @ np.array([[x, 0, -0.5], [0, y, -0.5], [0, 0, 1]])
        return
    if how != "features" and blank.marks is not None:
        yield from by_marks(ink, blank.marks)
    if how != "markers" and not blank.symmetric:
        yield from by_features(ink, blank, paper)


def _accepted(page: Page, ink: Ink, form: Form, page_index: int, blank: Landmarks, one: Laid) -> Sheet | Refused:
    """The sheet, unless something tells that it is not, or not only, this form."""
    if two_sheets(ink, blank, one, form.definition.paper.mm):
        return refused(page, "double_fed")
    transform = ink.to_page @ one.way
    across = transform[:2, 0] / transform[2, 2]
    turned = round(float(np.degrees(np.arctan2(across[1], across[0]))) / 90) * 90 % 360
    sheet = Sheet(page, form.blanks[page_index], transform / transform[2, 2], one.residual_mm, turned)
    identify = form.definition.identify
    if identify is not None and identify.page == page_index + 1 and not names_form(sheet, identify):
        return refused(
            page,
            "other_form",
            f"「{form.name}」の名前（またはコード）が読めません。紙を確かめて、その帳票の山へ移してください。",
        )
    return sheet
