"""Forms in memory: the double of OcrForms for tests and rehearsals of the engine."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from pathlib import Path

from ocr.reading import FormReading, Refused
from robots.drivers.forms import FormSource, Progress, Sorted
from robots.form_rows import refused_row, row_of
from robots.values import Row


class MemoryForms:
    """Forms over ``readings``: what each file, by its name, is read as; a file that is not there is skipped."""

    def __init__(self, readings: Mapping[str, Sequence[FormReading | Refused]] | None = None) -> None:
        self.readings = dict(readings or {})
        self.pictures: dict[str, bytes] = {}

    def read(
        self, files: Sequence[Path], form: FormSource, *, everything: bool = False, progress: Progress | None = None
    ) -> list[Row]:
        """See Forms."""
        _, fields = form.checked
        rows: list[Row] = []
        for done, file in enumerate(files, 1):
            digest = hashlib.sha256(file.read_bytes()).hexdigest()
            for one in self.readings.get(file.name, ()):
                source = f"{digest}#{one.source.rpartition('#')[2]}"
                if isinstance(one, Refused):
                    rows.append(refused_row(one, fields, form=form.path, source=source))
                else:
                    rows.append(
                        row_of(one, fields, form=form.path, source=source, keep=self._keep, everything=everything)
                    )
            if progress is not None:
                progress(done, len(files))
        return rows

    def sort(
        self, files: Sequence[Path], forms: Sequence[FormSource], *, progress: Progress | None = None
    ) -> list[Sorted]:
        """See Forms."""
        titles = {form.checked[0].form: form for form in forms}
        found: list[Sorted] = []
        for done, file in enumerate(files, 1):
            for one in self.readings.get(file.name, ()):
                page = int(one.source.rpartition("#")[2])
                form = None if isinstance(one, Refused) else titles.get(one.form)
                why = one.why if isinstance(one, Refused) else ("" if form is not None else "どの帳票でもありません。")
                found.append(Sorted(file, form, (page,), why))
            if progress is not None:
                progress(done, len(files))
        return found

    def _keep(self, field: str, picture: bytes) -> str:
        name = f"memory/{len(self.pictures)}-{field}.png"
        self.pictures[name] = picture
        return name
