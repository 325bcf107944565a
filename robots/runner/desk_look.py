"""How a review task looks at the desk: what kind of answer it takes, what may be chosen, and where it stands on the page."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Literal

import sqlalchemy as sa

import ocr
from ocr.reading import Box
from robots.drivers.forms import FormSource
from robots.eras import era_of
from robots.errors import BankenError
from robots.form_rows import page_file
from robots.ledger.reviews import ASKED, LOOK
from robots.sealed_files import SEALED

Entry = Literal["text", "date", "one", "any", "page", "row"]
"""Typed, a date, one of some, any of some; a page or a row can't be mended here."""


@dataclass(frozen=True, slots=True)
class Spot:
    """A place on a page: its box, and how large the paper is (mm)."""

    box: Box
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class Shown:
    """What a person sees of a task beside its own columns."""

    entry: Entry
    options: tuple[str, ...] = ()
    chosen: tuple[str, ...] = ()
    """Which of them were read."""
    proposed: str = ""
    """What was read, as it stands on the paper: a date with its era."""
    hint: str = ""
    spot: Spot | None = None


def shown(task: sa.RowMapping, forms: Mapping[str, FormSource]) -> Shown:
    """How a task is answered, by its field's own kind."""
    if task["kind"] in ("page", "row"):
        return Shown(task["kind"])
    if task["source"].startswith((ASKED, LOOK)):
        options = tuple(task["options"])
        chosen = tuple(one for one in options if one == task["proposed"])
        return Shown("one", options, chosen) if options else _typed(task)
    form = forms.get(task["form"])
    if form is None:
        return _typed(task)
    definition, fields = form.checked
    try:
        kind, params = ocr.field_named(fields, task["field"])
    except KeyError:
        return _typed(task)
    boxes = [box for _, box in kind.boxes(params)]
    spot = Spot(ocr.around(boxes), *definition.paper.mm)
    options = tuple(getattr(params, "options", ()))
    if options:
        one = getattr(params, "pick", "") == "one" and len(options) > 1
        chosen = tuple(name for name in options if name in task["proposed"].split("、") or name == task["proposed"])
        return Shown("one" if one else "any", options, chosen, spot=spot)
    return _typed(task, spot, era=bool(getattr(params, "era", "")))


def _typed(task: sa.RowMapping, spot: Spot | None = None, *, era: bool = False) -> Shown:
    """A date on a paper with eras is compared with the paper in its era."""
    if task["kind"] != "date":
        return Shown("text", proposed=task["proposed"], spot=spot)
    written = _in_era(task["proposed"])
    if era and written:
        return Shown("date", proposed=written, hint=task["proposed"], spot=spot)
    return Shown("date", proposed=task["proposed"], hint=written, spot=spot)


def _in_era(text: str) -> str:
    """2018-04-05 → 平成30年4月5日; "" for what is no date."""
    try:
        day = date.fromisoformat(text)
        era = era_of(day)
    except (ValueError, BankenError):
        return ""
    return f"{era.name}{day.year - era.first.year + 1}年{day.month}月{day.day}日"


def picture_of(task: sa.RowMapping, root: Path, var: Path, page: int | None = None) -> Path | None:
    """The file with a task's picture, or with that of its page (from 0); None where there is none in ``var``."""
    if not task["picture"]:
        return None
    place = root / task["picture"]
    if page is not None:
        place = place.parent / f"{page_file(page)}{SEALED if place.suffix == SEALED else ''}"
    return place if place.is_file() and var.resolve() in place.resolve().parents else None
