"""A new ledger for a test: a copy of one that was made once, because making one costs a quarter of a second."""

from __future__ import annotations

import tempfile
from functools import cache
from pathlib import Path

from robots.ledger.store import Ledger, open_ledger


@cache
def _made() -> bytes:
    """The bytes of a ledger with its tables and nothing else; its key lies in the tests' own settings folder."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "ledger.sqlite")
        open_ledger(f"sqlite:///{file.as_posix()}").close()
        return file.read_bytes()


def lay_ledger(file: Path) -> None:
    """Puts a new ledger into this file."""
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(_made())


def empty_ledger(file: Path) -> Ledger:
    """Opens a new ledger at this file."""
    lay_ledger(file)
    return open_ledger(f"sqlite:///{file.as_posix()}")
