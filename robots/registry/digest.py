"""What a scenario is, byte by byte: its files read once into memory, and the digest that an approval stands for."""

from __future__ import annotations

import hashlib
import json
import unicodedata
from collections.abc import Mapping
from pathlib import Path

from robots.errors import SystemFailure

GOVERNED = ("owner", "deputy", "runs_on", "data", "schedule", "baseline")
"""The keys of an entry that stand under its approval; a change of any of them stops the scenario."""
OUTSIDE = ("sample", "expected")
"""Folders of a scenario that can't influence a run's work and stand outside its digest."""
_GOVERNED = "registry.yaml#"
_CALLED = "flow.call#"
_UNPRINTABLE = ("Cc", "Cs", "Zl", "Zp")
_LITTER = ("~$", ".~lock.")
"""Owner files that Excel and LibreOffice leave beside an open book; they are neither hashed nor ever read."""


def read_folder(folder: Path) -> dict[str, bytes]:
    """Every file of a scenario's folder that counts, by its relative path with slashes.

    Raises: SystemFailure where a file can't be read, or a link leads out of the folder.
    """
    files: dict[str, bytes] = {}
    for path in sorted(folder.rglob("*")):
        relative = path.relative_to(folder)
        if not counts(relative.as_posix()):
            continue
        if path.is_symlink():
            raise SystemFailure(
                f"シナリオのフォルダにリンク（{relative.as_posix()}）があります。",
                mend="リンクをやめて、ファイルそのものを置いてください。",
            )
        if path.is_file():
            _check_name(relative.as_posix())
            try:
                files[relative.as_posix()] = path.read_bytes()
            except OSError as error:
                raise SystemFailure(
                    f"シナリオのファイル {relative.as_posix()} を読めません。",
                    mend="ほかのソフトが開いていないか、読む権限があるかを確かめてください。",
                ) from error
    return files


def counts(relative: str) -> bool:
    """Whether what stands at this path (with slashes) in a scenario's folder can influence a run."""
    parts = relative.split("/")
    return parts[0] not in OUTSIDE and not parts[-1].startswith(_LITTER)


def _check_name(relative: str) -> None:
    """A name that could pass for another line, or for a governed key, in the listing is refused."""
    if relative.startswith((_GOVERNED, _CALLED)) or any(unicodedata.category(one) in _UNPRINTABLE for one in relative):
        raise SystemFailure(
            f"シナリオのフォルダのファイル名 {relative!r} は使えません。",
            mend="改行などの見えない文字のない、ほかの名前に変えてください。",
        )


def governed(raw_entry: Mapping[str, object]) -> dict[str, object]:
    """The part of an entry, as written, that stands under its approval."""
    return {key: raw_entry[key] for key in GOVERNED if key in raw_entry}


def parts_of(
    files: Mapping[str, bytes], raw_entry: Mapping[str, object], calls: Mapping[str, str] = {}
) -> dict[str, str]:
    """Each file and each governed key with the SHA-256 of its bytes (of its canonical JSON), and each scenario that it
    calls (``calls``: id → digest)."""
    parts = {path: _sha256(data) for path, data in files.items()}
    parts |= {f"{_CALLED}{id}": digest for id, digest in calls.items()}
    for key, value in governed(raw_entry).items():
        text = json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
        parts[f"{_GOVERNED}{key}"] = _sha256(text.encode())
    return dict(sorted(parts.items()))


def digest_of(
    scenario: str, files: Mapping[str, bytes], raw_entry: Mapping[str, object], calls: Mapping[str, str] = {}
) -> str:
    """The digest of the canonical listing: the id, then path, length and SHA-256 of every part, in order."""
    lines = [f"banken-1\t{scenario}"]
    for part, digest in parts_of(files, raw_entry, calls).items():
        lines.append(f"{part}\t{len(files[part]) if part in files else '-'}\t{digest}")
    return _sha256("\n".join(lines).encode())


def changed_parts(approved: Mapping[str, str], present: Mapping[str, str]) -> list[str]:
    """What differs from the approval, in words: 「scenario.yaml が変わっています」."""
    words = []
    for part in sorted({*approved, *present}):
        shown = f"呼び出すシナリオ {part.removeprefix(_CALLED)} " if part.startswith(_CALLED) else f"{part} "
        if part not in present:
            words.append(f"{shown}がなくなっています")
        elif part not in approved:
            words.append(f"{shown}が加わっています")
        elif approved[part] != present[part]:
            words.append(f"{shown}が変わっています")
    return words


def _sha256(data: bytes) -> str:
    return f"sha256:{hashlib.sha256(data).hexdigest()}"
