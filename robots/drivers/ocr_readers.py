"""What worker processes do with the pages of a pile, beyond reading them: drawing what was read, and telling forms apart."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import ocr
from ocr.reading import FormReading, Refused

ONE_PAGE = "1ページの帳票"
"""The stand-in form of ``Telling``: every page of a file is a copy of it."""


class Drawing:
    """Reads a copy, and puts a picture of each of its pages, with the fields drawn over it, into a folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def __call__(self, pages: Sequence[ocr.Page], form: ocr.Form) -> FormReading | Refused:
        reading = ocr.read_form(pages, form)
        sheets = ocr.lay_all(pages, form)
        if isinstance(reading, FormReading) and not isinstance(sheets, Refused):
            self._folder.mkdir(parents=True, exist_ok=True)
            for sheet in sheets:
                name = f"{Path(sheet.page.source).stem}_p{sheet.page.number}.png"
                (self._folder / name).write_bytes(ocr.overlay_sheet(sheet, form.fields, reading.fields))
        return reading


class Telling:
    """Tells which of some forms a page is: the answer is a reading without fields, of the form's place in the list."""

    def __init__(self, sources: Sequence[ocr.FormSource]) -> None:
        self._sources = tuple(sources)
        self._forms: list[ocr.Form] = []  # drawn once a process, at its first page

    def __call__(self, pages: Sequence[ocr.Page], form: ocr.Form) -> FormReading | Refused:
        self._forms = self._forms or [source.load() for source in self._sources]
        (page,) = pages
        found = ocr.identify_page(page, self._forms)
        if isinstance(found, Refused):
            return found
        known, sheet = found
        place = next(number for number, one in enumerate(self._forms) if one is known)
        return FormReading(str(place), f"{page.source}#{page.number}", {}, sheet.residual_mm)
