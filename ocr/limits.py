"""How much of a machine one scanned file may use: whatever is in it, the pile goes on."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds for files from outside."""

    file_bytes: int = 1_000_000_000
    pages: int = 2_000
    """In one file."""
    pixels: int = 150_000_000
    """On one page as it stands in the file: A3 at 600 dpi has 70 million."""
    seconds: float = 120.0
    """For one copy of the form, reading included."""
    memory_bytes: int = 3_000_000_000
    """Of one worker process with its children."""


USUAL = Limits()
