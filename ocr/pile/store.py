"""Results of a pile that are kept, so that a pile which was stopped goes on where it was."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from ocr.reading import FormReading, Refused
from ocr.reading_json import from_json, to_json


def _as_it_is(data: bytes) -> bytes:
    return data


@dataclass(frozen=True, slots=True)
class Store:
    """Where results are kept.

    seal, open: what every file's bytes go through when they are written and read; what ``open`` can't open (ValueError)
    is not there.
    """

    folder: Path
    seal: Callable[[bytes], bytes] = _as_it_is
    open: Callable[[bytes], bytes] = _as_it_is


@dataclass(frozen=True, slots=True)
class Kept:
    """The results of one file: a folder named after its bytes and the form's."""

    store: Store
    folder: Path
    name: str
    """Of the file as it is called now."""

    @classmethod
    def of(cls, store: Store, file: Path, form_digest: str) -> Kept:
        """The folder for a file; OSError where the file can't be read."""
        with file.open("rb") as opened:
            digest = hashlib.file_digest(opened, "sha256").hexdigest()
        return cls(store, store.folder / form_digest[:16] / digest, file.name)

    def copies(self) -> int | None:
        """How many copies the file holds, if that is known."""
        try:
            return int(json.loads(self._read("copies.json")))
        except (OSError, ValueError, TypeError):
            return None

    def keep_copies(self, copies: int) -> None:
        self._write("copies.json", json.dumps(copies).encode())

    def reading(self, copy: int) -> FormReading | Refused | None:
        """What was read of a copy (from 0), if it is kept and whole."""
        try:
            data = json.loads(self._read(f"{copy}.json"))
            names: list[str] = data.pop("pictures")
            pictures = {name: self._read(f"{copy}-{at}.png") for at, name in enumerate(names)}
            pages = {int(page): self._read(f"{copy}-page{page}.jpg") for page in data.pop("pages")}
            reading = from_json(data, pictures, pages)
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            return None
        return replace(reading, source=self.name + reading.source[reading.source.rfind("#") :])

    def has(self, copy: int) -> bool:
        """Whether a reading of a copy seems to be kept."""
        return (self.folder / f"{copy}.json").exists()

    def keep_reading(self, copy: int, reading: FormReading | Refused) -> None:
        """The pictures first, so that a reading that is there has them all."""
        pictures, pages = (reading.pictures, reading.pages) if isinstance(reading, FormReading) else ({}, {})
        for at, picture in enumerate(pictures.values()):
            self._write(f"{copy}-{at}.png", picture)
        for page, picture in pages.items():
            self._write(f"{copy}-page{page}.jpg", picture)
        data = {**to_json(reading), "pictures": list(pictures), "pages": list(pages)}
        self._write(f"{copy}.json", json.dumps(data, ensure_ascii=False).encode())

    def _read(self, name: str) -> bytes:
        return self.store.open((self.folder / name).read_bytes())

    def _write(self, name: str, data: bytes) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        part = self.folder / f"{name}.{os.getpid()}.part"
        part.write_bytes(self.store.seal(data))
        part.replace(self.folder / name)
