"""The last approved version of a scenario, kept so that the next approver sees what changed since."""

from __future__ import annotations

import io
import json
import zipfile
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from robots.errors import SystemFailure
from robots.files import write_atomically
from robots.registry.digest import digest_of, governed

_TOLD = "approved.json"
_FILES = "files/"
_LARGEST = 512 * 1024 * 1024
"""Bytes that a kept version may unpack to."""

_DAMAGED = (OSError, EOFError, zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError)
"""What zipfile raises for an archive that was touched."""


@dataclass(frozen=True, slots=True)
class Version:
    """A scenario as it was (or is to be) approved: all that its digest stands for."""

    files: Mapping[str, bytes]
    entry: Mapping[str, object]
    """The governed part of its entry, as written."""
    calls: Mapping[str, str]
    """The digests of the scenarios that it calls."""


def keep_version(var: Path, digest: str, version: Version) -> None:
    """Keeps it under its digest.  Raises: SystemFailure where the folder can't be written."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        told = {"entry": governed(version.entry), "calls": dict(version.calls)}
        archive.writestr(_TOLD, json.dumps(told, ensure_ascii=False))
        for path, data in version.files.items():
            archive.writestr(_FILES + path, data)
    try:
        write_atomically(_place(var, digest), made.getvalue())
    except OSError as error:
        raise SystemFailure(
            f"承認する内容の控えを {var / 'approved'} に書けません（{error.strerror or error}）。",
            mend="ディスクの空きと、var フォルダに書き込めるかを確かめてください。",
        ) from error


def kept_version(var: Path, scenario: str, digest: str) -> Version | None:
    """The version of that digest; None where it is not there, or is not what the digest says."""
    try:
        with zipfile.ZipFile(_place(var, digest)) as archive:
            if sum(one.file_size for one in archive.infolist()) > _LARGEST:
                return None
            told = json.loads(archive.read(_TOLD))
            names = [name for name in archive.namelist() if name.startswith(_FILES)]
            files = {name.removeprefix(_FILES): archive.read(name) for name in names}
            version = Version(files, dict(told["entry"]), dict(told["calls"]))
            same = digest_of(scenario, version.files, version.entry, version.calls) == digest
    except (*_DAMAGED, ValueError, KeyError, TypeError):
        return None
    return version if same else None


def _place(var: Path, digest: str) -> Path:
    name = "".join(one for one in digest.removeprefix("sha256:") if one in "0123456789abcdef")[:64]
    return var / "approved" / f"{name or 'none'}.zip"
