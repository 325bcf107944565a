"""The outside heads of the audit log: files in a second place that say how far the chain had come, and with what hash.

Two lines a record (docs/adr/0016): ``begun 12 <hash> <at>`` is on disk before the record is, ``kept 12 <hash>`` after.
A crash in between leaves a ``begun`` without its ``kept``: that record may be there or not, both are honest.  Lines
are only ever appended.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from loguru import logger

from robots.errors import SystemFailure

BEGUN, KEPT = "begun", "kept"


@dataclass(frozen=True, slots=True)
class HeadLine:
    """One line of a head file: ``begun`` or ``kept``, of which record, with what hash."""

    word: str
    number: int
    hash: str


class Heads:
    """All head files of one town on this machine."""

    def __init__(self, files: Sequence[Path]) -> None:
        self.files = tuple(files)

    def begin(self, number: int, hash: str, at: str) -> None:
        """Says in every file that this record is about to be kept.  Raises: SystemFailure where one can't be written."""
        for file in self.files:
            try:
                _append(file, f"{BEGUN} {number} {hash} {at}\n")
            except OSError as error:
                raise SystemFailure(
                    f"監査記録の控え {file} に書き込めません（{error.strerror or error}）。記録できないため、行いませんでした。",
                    mend="控えの置き場所（設定 audit_heads）につながるか、空きがあるか、書き込めるかを確かめてください。",
                ) from error

    def keep(self, number: int, hash: str) -> None:
        """Says in every file that this record is kept.  It is, so what fails here is told in the log alone."""
        for file in self.files:
            try:
                _append(file, f"{KEPT} {number} {hash}\n")
            except OSError as error:
                logger.warning("監査記録 {} の控え {} を書き終えられませんでした（{}）。", number, file, error)


def _append(file: Path, line: str) -> None:
    """Adds a line and puts it on disk; a line that a crash has cut stays a line of its own."""
    with file.open("ab+") as handle:
        if handle.seek(0, os.SEEK_END):
            handle.seek(-1, os.SEEK_END)
            line = line if handle.read(1) == b"\n" else f"\n{line}"
        handle.write(line.encode("ascii"))
        handle.flush()
        os.fsync(handle.fileno())


def head_lines(file: Path) -> Iterator[HeadLine | None]:
    """The lines of a head file in order; None for one that can't be read.  Raises: OSError."""
    with file.open("rb") as handle:
        for line in handle:
            parts = line.decode("ascii", "replace").split()
            if not parts:
                continue
            whole = parts[0] in (BEGUN, KEPT) and len(parts) == (4 if parts[0] == BEGUN else 3)
            if whole and len(parts[1]) < 12 and parts[1].isdecimal() and len(parts[2]) == 64:
                yield HeadLine(parts[0], int(parts[1]), parts[2])
            else:
                yield None
