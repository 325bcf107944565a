"""One run of a scenario at a time on this machine; the operating system frees the lock of a process that died.

Over machines that share a ledger on a server, a lease does the same (hold.py).
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from robots.errors import SystemFailure


@contextmanager
def scenario_lock(var: Path, scenario: str) -> Iterator[None]:
    """Holds the scenario's lock.  Raises: SystemFailure at once where another process holds it."""
    folder = var / "locks"
    folder.mkdir(parents=True, exist_ok=True)
    lock = FileLock(folder / f"{scenario.replace('/', '__')}.lock")
    try:
        lock.acquire(timeout=0)
    except Timeout as error:
        raise SystemFailure(
            f"シナリオ {scenario} は、いまこの端末で実行中です。",
            mend="終わるのを待ってから、もう一度実行してください。様子は banken runs で見られます。",
        ) from error
    try:
        yield
    finally:
        lock.release()
