"""Sorted scans as copies in one folder a form; a PDF that holds several forms is split by its pages."""

from __future__ import annotations

import io
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from robots.drivers.forms import Sorted

UNKNOWN = "不明"
_NOT_IN_NAMES = re.compile(r'[\\/:*?"<>|\x00-\x1f]+')


@dataclass(frozen=True, slots=True)
class Copy:
    """One copy to be made; the file that was scanned stays where it is."""

    file: Path
    form: str
    """The folder's name: the form's title, or 不明."""
    name: str
    """The copy's file name; one of some pages only says which."""
    pages: str
    """Counted from 1, joined by 、."""
    why: str
    """Why it is 不明, else empty."""
    numbers: tuple[int, ...] = ()
    """The pages to take; empty for the whole file."""

    def content(self) -> bytes:
        """The file itself, or a PDF of its pages."""
        if not self.numbers:
            return self.file.read_bytes()
        from pypdf import PdfReader, PdfWriter

        reader, writer, made = PdfReader(self.file), PdfWriter(), io.BytesIO()
        for page in self.numbers:
            writer.add_page(reader.pages[page - 1])
        writer.write(made)
        return made.getvalue()


def copies(found: Sequence[Sorted]) -> Iterator[Copy]:
    """A copy for each; a picture file that holds several forms (TIFF) is copied whole to each of them."""
    parts = Counter(one.file for one in found)
    for one in found:
        pages = "、".join(map(str, one.pages))
        title = str(one.form.data.get("form", one.form.path)) if one.form is not None else UNKNOWN
        split = parts[one.file] > 1 and one.file.suffix.lower() == ".pdf" and bool(one.pages)
        name = f"{one.file.stem}_p{'-'.join(map(str, one.pages))}{one.file.suffix}" if split else one.file.name
        folder = _NOT_IN_NAMES.sub("_", title).strip(" .") or UNKNOWN
        yield Copy(one.file, folder, name, pages, one.why, one.pages if split else ())
