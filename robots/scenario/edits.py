"""Changing an author's file at known places: every other byte (line ends, BOM, comments) stays as it was."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

_BREAK = re.compile("(\r\n|\r|\n)")
BOM = "\ufeff"


@dataclass(frozen=True, slots=True, order=True)
class Edit:
    """Within one line: ``length`` characters from ``column`` become ``new``; line and column count from 1."""

    line: int
    column: int
    length: int
    new: str


def edited(content: bytes, edits: Iterable[Edit]) -> bytes:
    """The file with the edits made, which must not overlap."""
    text = content.decode("utf-8")
    bom = BOM if text.startswith(BOM) else ""
    pieces = _BREAK.split(text.removeprefix(BOM))  # line, break, line, break, ...
    for edit in sorted(edits, reverse=True):
        line = pieces[2 * (edit.line - 1)]
        start = edit.column - 1
        pieces[2 * (edit.line - 1)] = line[:start] + edit.new + line[start + edit.length :]
    return (bom + "".join(pieces)).encode()


def lines_of(content: bytes) -> list[str]:
    """The lines as an Edit counts them, without their ends."""
    return _BREAK.split(content.decode("utf-8").removeprefix(BOM))[::2]
