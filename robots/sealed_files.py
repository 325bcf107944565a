"""Files that hold what is personal: their bytes lie sealed with the ledger's keys, as the same values do in the ledger."""

from __future__ import annotations

from pathlib import Path
from typing import Protocol

from robots.files import write_atomically

SEALED = ".sealed"
"""How the name of a sealed file ends, behind the ending that its content has."""


class Seal(Protocol):
    """What seals and opens (the ledger's Sealer)."""

    # ASCII text from which nobody reads the bytes without the key.
    def seal(self, plain: bytes) -> str: ...
    # The bytes again.  Raises: SystemFailure where they were changed, or the key is not on this machine.
    def open(self, sealed: str) -> bytes: ...


def write_sealed(path: Path, data: bytes, seal: Seal) -> None:
    """Puts the bytes there sealed, at once and whole.  Raises: OSError."""
    write_atomically(path, seal.seal(data).encode("ascii"), private=True)


def read_sealed(path: Path, seal: Seal) -> bytes:
    """The bytes of a sealed file; of one without the ending, which an older version kept in the plain, what is there.

    Raises: OSError; SystemFailure where it was changed, or its key is not on this machine.
    """
    data = path.read_bytes()
    return seal.open(data.decode("ascii", "replace")) if path.suffix == SEALED else data
