"""Writing files so that a reader, or a crash, never meets half of one."""

from __future__ import annotations

import os
import secrets
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

_PREFIX = ".banken-"
_LONG_AGO = 3600.0
_TEMPORARY = "banken-tmp-"
_TEMP_NAMES = ("TMPDIR", "TEMP", "TMP")


def replace_file(path: Path, write: Callable[[Path], None], *, private: bool = False) -> None:
    """Lets ``write`` fill a temporary file beside ``path`` (same suffix), syncs it, and puts it in place at once.

    Either the old file or the whole new one is there at any moment.  private: only its owner may read it.
    Raises: OSError where the folder can't be written or the old file is held open by another program (Windows).
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    _clear_leftovers(path.parent)
    temporary = path.with_name(f"{_PREFIX}{secrets.token_hex(4)}{path.suffix}")
    try:
        if private:
            os.close(os.open(temporary, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
        write(temporary)
        with temporary.open("rb+") as handle:
            os.fsync(handle.fileno())
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)
    sync_folder(path.parent)


def _clear_leftovers(folder: Path) -> None:
    """Removes the temporary files of writers that died long ago; a young one may still be somebody's."""
    for leftover in folder.glob(f"{_PREFIX}*"):
        with suppress(OSError):
            if time.time() - leftover.stat().st_mtime > _LONG_AGO:
                leftover.unlink()


def sync_folder(folder: Path) -> None:
    """Makes a rename in the folder durable (POSIX; on Windows the file system journals it by itself)."""
    if os.name == "nt":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


@contextmanager
def private_temp() -> Iterator[Path]:
    """While it lasts, temporary files of this process and of those that it starts lie in a folder of its own.

    The folder goes with all that is in it when it ends; what a process left that died goes when the next one begins.
    """
    base = Path(tempfile.gettempdir())
    _clear_dead(base)
    folder = Path(tempfile.mkdtemp(prefix=f"{_TEMPORARY}{os.getpid()}-", dir=base))  # its owner alone may look in
    before = tempfile.tempdir, {name: os.environ.get(name) for name in _TEMP_NAMES}
    tempfile.tempdir = str(folder)
    os.environ.update(dict.fromkeys(_TEMP_NAMES, str(folder)))
    try:
        yield folder
    finally:
        tempfile.tempdir, names = before
        for name in _TEMP_NAMES:
            del os.environ[name]
        os.environ.update({name: value for name, value in names.items() if value is not None})
        shutil.rmtree(folder, ignore_errors=True)


def _clear_dead(base: Path) -> None:
    """Removes the temporary folders of processes that are gone; another user's stay."""
    for left in base.glob(f"{_TEMPORARY}*"):
        number = left.name.removeprefix(_TEMPORARY).partition("-")[0]
        if number.isdigit() and not _runs_since(int(number), left):
            shutil.rmtree(left, ignore_errors=True)


def _runs_since(process: int, folder: Path) -> bool:
    """Whether the process that made the folder still runs; a later one may have got its number."""
    import psutil  # only where something was left behind

    try:
        one = psutil.Process(process)
        return one.create_time() <= folder.stat().st_ctime + 1 and one.status() != psutil.STATUS_ZOMBIE
    except (psutil.Error, OSError):
        return False


def write_atomically(path: Path, data: bytes, *, private: bool = False) -> None:
    """replace_file for bytes that are at hand."""
    replace_file(path, lambda temporary: _write(temporary, data), private=private)


def _write(path: Path, data: bytes) -> None:
    path.write_bytes(data)
