"""Laying a scanned page upon the empty form: turned right, placed to a tenth of a millimetre, and checked, or refused."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from ocr.form import Form
from ocr.page import MM_PER_INCH, Page, Sheet
from ocr.reading import Refused
from ocr.register.cells import other_cells
from ocr.register.check import Laid, laid, over_of
from ocr.register.features import by_features
from ocr.register.ink import Ink, Matrix, ink_of, inverse, moved_by
from ocr.register.landmarks import Landmarks, landmarks_of, mm_between
from ocr.register.layers import layers_of
from ocr.register.lines import new_rules
from ocr.register.markers import by_marks
from ocr.register.named import names_form
from ocr.register.overlap import two_sheets
from ocr.register.shape import by_shape
from ocr.register.stamps import stamps_of
from ocr.register.streaks import lines_of, without_lines, without_streaks
from ocr.register.why import RESIDUAL_MM, refused, why_not

_SAME_MM = 1.0
"""Ways that lay a page nearer to each other than this are one."""
_SAME_SHAPE, _SAME_SIZE = 0.04, 0.03
"""The share by which sides may differ from the paper's, and the size from what the file says, to be the same."""


@dataclass(frozen=True, slots=True, eq=False)
class Unlaid:
    """A page that is not laid upon a form: it lies in no way that stands, or something else speaks against it."""

    best: Laid | None
    """The way that came nearest."""
    told: Refused | None = None
    """Why not, where that is known already."""


def lay(page: Page, form: Form, page_index: int) -> Sheet | Refused:
    """The page as page ``page_index`` (from 0) of the form.

    Turned by 90, 180 or 270 degrees it is turned right.  Refused, with what to do in Japanese, where it is blank, torn,
    double-fed, of another form or version, or can't be placed within 0.6 mm.
    """
    ink = ink_of(page)
    answer = tried(page, ink, form, page_index)
    return answer if isinstance(answer, Sheet) else why_unlaid(page, ink, form, page_index, answer)


def tried(page: Page, ink: Ink, form: Form, page_index: int) -> Sheet | Unlaid:
    """As ``lay``, without asking what is wrong: for a page that may be of another form."""
    answer = _tried_clean(page, ink, form, page_index)
    whole = None if isinstance(answer, Sheet) else _filling(page, form.definition.paper.mm)
    if whole is None:
        return answer
    again = _tried_clean(whole, ink_of(whole), form, page_index)
    return again if isinstance(again, Sheet) else answer


def _filling(page: Page, paper_mm: tuple[float, float]) -> Page | None:
    """The page as large as the form's paper, if it has that shape and the file says another size: scanning programs write
    resolutions that are not those of the scan, and copiers enlarge.  None where there is nothing else to try."""
    short, long = (side * MM_PER_INCH / of for side, of in zip(sorted(page.image.shape), sorted(paper_mm), strict=True))
    dpi = (short * long) ** 0.5
    if abs(short / long - 1) > _SAME_SHAPE or abs(dpi / page.dpi - 1) < _SAME_SIZE:
        return None
    return replace(page, dpi=dpi)


def _tried_clean(page: Page, ink: Ink, form: Form, page_index: int) -> Sheet | Unlaid:
    """The page as it is, or without what dirt on the scanner's glass drew."""
    answer = _tried(page, ink, form, page_index)
    if isinstance(answer, Sheet):
        return answer
    lines = lines_of(ink.work)
    clear = [line for line in lines if line.clear]
    if not clear:
        return answer
    # A streak through a corner mark hides it.
    bare = without_lines(page, clear, ink.to_page)
    again = _tried(bare, ink_of(bare), form, page_index)
    if isinstance(again, Unlaid):
        return answer
    clean, streaks = without_streaks(page, lines, ink.to_page, again.transform, again.blank)
    return replace(again, page=clean, streaks=streaks, before=page)


def _tried(page: Page, ink: Ink, form: Form, page_index: int) -> Sheet | Unlaid:
    blank, how = landmarks_of(form, page_index), form.definition.register_
    best: Laid | None = None
    for way in _ways(page, ink, blank, form):
        one = laid(page, ink, blank, way, fixed=how == "none")
        best = _nearer(best, one)
        if _lies(one):
            return _accepted(page, ink, form, page_index, blank, one)
    if not _by_print(form, blank):
        return Unlaid(best)
    every = [laid(page, ink, blank, way, fixed=False) for way in by_shape(ink, blank)]
    lying = [one for one in every if _lies(one)]
    for one in every:
        best = _nearer(best, one)
    if not lying:
        return Unlaid(best)
    # Nothing but the print tells which way is up, or which row of a grid is the first: it must leave no doubt.
    if any(_apart_mm(lying[0], other, form.definition.paper.mm) > _SAME_MM for other in lying[1:]):
        return Unlaid(best, refused(page, "turned"))
    return _accepted(page, ink, form, page_index, blank, lying[0])


def _nearer(best: Laid | None, one: Laid) -> Laid:
    return one if best is None or one.lost_share < best.lost_share else best


def _lies(one: Laid) -> bool:
    return one.stands and one.residual_mm <= RESIDUAL_MM


def _apart_mm(one: Laid, other: Laid, paper_mm: tuple[float, float]) -> float:
    """How far two ways lay a corner of the paper from each other."""
    width, height = paper_mm
    corners = np.array([[0, 0], [width, 0], [width, height], [0, height]], float)
    return float(mm_between(moved_by(one.way, corners), moved_by(other.way, corners)).max())


def why_unlaid(page: Page, ink: Ink, form: Form, page_index: int, answer: Unlaid) -> Refused:
    """What is wrong with a page that ``tried`` could not lay."""
    blank, paper_mm = landmarks_of(form, page_index), form.definition.paper.mm
    return answer.told or why_not(page, ink, blank, answer.best, paper_mm)


def _by_print(form: Form, blank: Landmarks) -> bool:
    """Whether the print may place a page: also where marks were asked for, but the blank has none of ours."""
    how = form.definition.register_
    return how in ("auto", "features") or (how == "markers" and blank.marks is None)


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
    if _by_print(form, blank) and not blank.symmetric:
        yield from by_features(ink, blank, paper)
        yield from (layer.way for layer in layers_of(ink, blank)[:1])


def _accepted(page: Page, ink: Ink, form: Form, page_index: int, blank: Landmarks, one: Laid) -> Sheet | Unlaid:
    """The sheet, unless something tells that it is not, or not only, this form."""
    transform = ink.to_page @ one.way
    clean, streaks = without_streaks(page, lines_of(ink.work), ink.to_page, transform, form.blanks[page_index])
    over = over_of(ink_of(clean), blank, one.way) if streaks else one.over
    if two_sheets(ink, blank, replace(one, over=over), form.definition.paper.mm):
        return Unlaid(one, refused(page, "double_fed"))
    if new_rules(over, blank, bilevel=ink.bilevel):
        return Unlaid(one, refused(page, "other_version"))
    across = transform[:2, 0] / transform[2, 2]
    turned = round(float(np.degrees(np.arctan2(across[1], across[0]))) / 90) * 90 % 360
    sheet = Sheet(
        clean,
        form.blanks[page_index],
        transform / transform[2, 2],
        one.residual_mm,
        turned,
        streaks,
        stamps_of(over, blank),
        page,
    )
    field = other_cells(sheet, form, page_index)
    if field is not None:
        why = (
            f"「{field}」のますの仕切りが、帳票と同じところにありません。様式の版が違うか、修正テープで隠れています。"
            "紙を確かめて、その版の山へ移すか、手で入力してください。"
        )
        return Unlaid(one, refused(page, "other_version", why))
    identify = form.definition.identify
    if identify is not None and identify.page == page_index + 1 and not names_form(sheet, identify):
        why = (
            f"「{form.name}」の名前（またはコード）が読めません。様式の版が違うか、よく似た別の帳票です。"
            "紙を確かめて、その帳票の山へ移すか、手で入力してください。"
        )
        return Unlaid(one, refused(page, "other_version", why))
    return sheet
