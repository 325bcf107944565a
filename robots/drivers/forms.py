"""Paper forms as steps see them: scanned files in, rows out."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from robots.values import Row

if TYPE_CHECKING:  # the picture library is loaded where a form is read, not at every start
    from ocr.form import Definition, FormField

PICTURES_OF_PAGES = (".pdf", ".tif", ".tiff", ".png", ".jpg", ".jpeg")
"""The endings of files that may hold scanned pages."""

Progress = Callable[[int, int], None]
"""Called with the number of copies that are read, and of all."""


@dataclass(frozen=True)
class FormSource:
    """A form's definition and the files beside it, as they were approved."""

    path: str
    """Below the scenario's folder: forms/shugaku-enjo.yaml."""
    data: Mapping[str, object]
    """The definition as plain data."""
    files: Mapping[str, bytes]
    """By their name beside the definition: the empty form, word lists."""

    @cached_property
    def checked(self) -> tuple[Definition, tuple[FormField, ...]]:
        """The definition and its fields; worked out once: the desk asks at each turn.  Raises: ocr.FormProblems."""
        import ocr  # noqa: PLC0415

        return ocr.check_definition(self.data)


@dataclass(frozen=True, slots=True)
class Sorted:
    """Which form some pages of a file are."""

    file: Path
    form: FormSource | None
    """None where they are none of the forms that were asked for."""
    pages: tuple[int, ...]
    """Counted from 1; all of the file's pages are in one Sorted of it."""
    why: str
    """Japanese; why no form was found, else empty."""


class Forms(Protocol):
    """Reading scanned forms.

    Raises: ScenarioFault where a definition does not hold, SystemFailure where the reader itself fails.  A page
    that can't be read is never an exception: it is a row that a person must decide on.
    """

    # One row a form copy, in the order of the files and their pages: its fields, with ``origin`` (file and page) and
    # ``source`` (what it was read from).  What is not certain is Unsure; a page that was refused has Unsure in
    # every field, with the field "".  everything: the certain fields too are for a person to confirm.
    def read(
        self, files: Sequence[Path], form: FormSource, *, everything: bool = False, progress: Progress | None = None
    ) -> list[Row]: ...

    # Which pages are which form, file by file.
    def sort(
        self, files: Sequence[Path], forms: Sequence[FormSource], *, progress: Progress | None = None
    ) -> list[Sorted]: ...


def scans_in(folder: Path) -> list[Path]:
    """The scanned files of a folder in the order of their names; owner files and hidden ones left out."""
    return sorted(
        (
            path
            for path in folder.iterdir()
            if path.is_file() and path.suffix.lower() in PICTURES_OF_PAGES and not path.name.startswith((".", "~$"))
        ),
        key=lambda path: path.name,
    )
