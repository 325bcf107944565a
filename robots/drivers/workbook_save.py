"""Putting a file in place whole or not at all, and not while somebody has it open."""

from __future__ import annotations

import contextlib
import hashlib
import os
import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from filelock import FileLock, Timeout

from robots.errors import SystemFailure
from robots.files import replace_file

_LOCK_WAIT = 60.0
_RETRY = "開いている人に閉じてもらってから、もう一度実行してください。"


@dataclass(frozen=True, slots=True)
class Stamp:
    """What a file was when it was read; a file that has another stamp was changed since."""

    size: int
    modified: int


def stamp_of(path: Path) -> Stamp | None:
    """The stamp of a file; None where there is none."""
    try:
        facts = path.stat()
    except FileNotFoundError:
        return None
    return Stamp(facts.st_size, facts.st_mtime_ns)


@contextlib.contextmanager
def only_writer(path: Path) -> Iterator[None]:
    """Holds a file for writing against the other runs of this machine.

    Raises: SystemFailure where another run holds it for more than a minute.
    """
    name = hashlib.sha256(os.path.normcase(path.absolute()).encode()).hexdigest()[:24]
    lock = FileLock(Path(tempfile.gettempdir()) / f"banken-{name}.lock", timeout=_LOCK_WAIT)
    try:
        lock.acquire()
    except Timeout as error:
        raise SystemFailure(
            f"{path.name} に、ほかの実行が書き込み中です。", mend="その実行が終わってから、もう一度実行してください。"
        ) from error
    try:
        yield
    finally:
        lock.release()


def refuse_if_open(path: Path) -> None:
    """Raises: SystemFailure saying who has the file open, where anybody has."""
    for owner_file, reader in (
        (path.with_name(f"~${path.name}"), _excel_owner),
        (path.with_name(f"~${path.name[2:]}"), _excel_owner),
        (path.with_name(f".~lock.{path.name}#"), _office_owner),
    ):
        if owner_file.exists():
            who = reader(owner_file)
            raise SystemFailure(
                f"{path.name} は{f'「{who}」さんが' if who else ''}開いているため、書き込みませんでした。",
                mend=f"{_RETRY}誰も開いていなければ、同じフォルダの {owner_file.name} を消してください。",
            )
    if path.exists():
        try:
            with path.open("r+b"):
                pass
        except OSError as error:
            raise _not_writable(path, error) from error


def _not_writable(path: Path, error: OSError) -> SystemFailure:
    return SystemFailure(
        f"{path.name} に書き込めません（{error.strerror or error}）。",
        mend=f"{_RETRY}誰も開いていなければ、書き込む権限と、ディスクの空きを確かめてください。",
    )


def _excel_owner(path: Path) -> str:
    """The user name in Excel's owner file: its length at byte 54, then the name in UTF-16."""
    try:
        data = path.read_bytes()
    except OSError:
        return ""
    length = data[54] if len(data) > 55 else 0
    return data[56 : 56 + 2 * length].decode("utf-16-le", errors="ignore").strip("\0 ")


def _office_owner(path: Path) -> str:
    """The name in LibreOffice's lock file: its comma separated fields begin with the full and the login name."""
    try:
        names = path.read_text(encoding="utf-8", errors="ignore").split(",")[:2]
    except OSError:
        return ""
    return next((name.strip() for name in names if name.strip()), "")


def save_whole(path: Path, data: bytes, *, before: Stamp | None) -> None:
    """Puts the bytes in place of the file at once; a process killed at any moment leaves the old or the new file.

    before: the file's stamp when it was read, None for a new file.
    Raises: SystemFailure where it was changed since, is open elsewhere, or can't be written.
    """

    def write(temporary: Path) -> None:
        temporary.write_bytes(data)
        if before is not None:
            shutil.copymode(path, temporary)
        refuse_if_open(path)
        if stamp_of(path) != before:
            raise SystemFailure(
                f"{path.name} が、書き込もうとしている間に書き換えられました。",
                mend="ほかの人の保存が終わってから、もう一度実行してください。",
            )

    try:
        replace_file(path, write)
    except OSError as error:
        raise _not_writable(path, error) from error
