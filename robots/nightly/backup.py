"""Copies of the SQLite ledger: taken while it is in use, read back before they count, the newest few kept.

A ledger on PostgreSQL is backed up by PostgreSQL's own means.  Sealed values stay sealed in a copy: it is worth nothing
without the ledger's key, which never lies in it (banken vault key export).
"""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing, suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import sqlalchemy as sa

from robots.clock import JST
from robots.errors import SystemFailure
from robots.files import sync_folder

_NAME = "ledger-%Y%m%d-%H%M%S.sqlite"
_MEND = "控えのフォルダ（設定 backup）に書き込めるか、空きがあるかを確かめてください。"


@dataclass(frozen=True, slots=True)
class Backup:
    """A copy that was read back and found whole."""

    path: Path
    at: datetime
    bytes: int
    audit: int
    """The number of the last audit record in it."""


def ledger_file(database: str) -> Path | None:
    """The SQLite file of a database's URL; None where it is on a server."""
    url = sa.make_url(database)
    return Path(url.database) if url.get_backend_name() == "sqlite" and url.database else None


def back_up(ledger: Path, folder: Path, *, keep: int, moment: datetime) -> Backup:
    """Takes a copy, reads it back, and removes the oldest beyond ``keep``.

    Raises: SystemFailure where it can't be taken or what was written can't be read; then the older ones all stay.
    """
    place = folder / moment.astimezone(JST).strftime(_NAME)
    draft = place.with_suffix(".part")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with closing(_opened(ledger, "ro")) as source, closing(sqlite3.connect(draft)) as target:
            source.backup(target)  # in one go: writers go on beside it (WAL), and no write makes it begin anew
            target.execute("PRAGMA journal_mode=DELETE")  # one file, that opens read-only anywhere
        with draft.open("rb+") as handle:
            os.fsync(handle.fileno())
        number = checked(draft)
        draft.replace(place)
        sync_folder(folder)
    except (OSError, sqlite3.Error) as error:
        raise SystemFailure(f"台帳記録の控えを取れません（{error}）。", mend=_MEND) from error
    finally:
        with suppress(OSError):
            draft.unlink(missing_ok=True)
    for old in copies(folder)[keep:]:
        with suppress(OSError):  # open in another program: the next time
            old.unlink()
    return Backup(place, moment, place.stat().st_size, number)


def copies(folder: Path) -> list[Path]:
    """The copies in a folder, newest first."""
    return sorted(folder.glob("ledger-*.sqlite"), reverse=True)


def checked(file: Path) -> int:
    """Reads a ledger's file through: its pages, indexes and keys, and that the audit log's end is the one it says.

    Returns the number of the last audit record.  Raises: SystemFailure where something is wrong; sqlite3.Error, OSError.
    """
    with closing(_opened(file, "ro")) as connection:
        found = [row[0] for row in connection.execute("PRAGMA integrity_check(3)")]
        if found != ["ok"]:
            raise _broken(file, found[0])
        if connection.execute("PRAGMA foreign_key_check").fetchone() is not None:
            raise _broken(file, "表のつながりが合いません")
        tip = connection.execute("SELECT number, hash FROM audit_tip").fetchone()
        last = connection.execute("SELECT number, hash FROM audit ORDER BY number DESC LIMIT 1").fetchone()
        if tip is None or (last or (0, tip[1])) != tip:
            raise _broken(file, "監査記録の終わりが合いません")
        return int(tip[0])


def quick_check(file: Path) -> None:
    """A look at a ledger in use.  Raises: SystemFailure where its file is damaged."""
    try:
        with closing(_opened(file, "ro")) as connection:
            (found,) = connection.execute("PRAGMA quick_check(1)").fetchone()
    except sqlite3.Error as error:
        raise SystemFailure(f"台帳記録 {file.name} を読めません（{error}）。", mend=_RESTORE) from error
    if found != "ok":
        raise _broken(file, str(found))


def _opened(file: Path, mode: str) -> sqlite3.Connection:
    return sqlite3.connect(f"{file.resolve().as_uri()}?mode={mode}", uri=True, timeout=60)


def _broken(file: Path, what: str) -> SystemFailure:
    return SystemFailure(f"{file.name} が壊れています（{what}）。", mend=_RESTORE)


_RESTORE = (
    "夜間実行を止め、控え（設定 backup のフォルダ）の新しいものに戻してください。手順は docs/nights.md にあります。"
)
