"""Scenarios that lie about: files anywhere under given folders that hold a scenario, whatever they are called."""

from __future__ import annotations

import os
import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from robots.all_steps import STEPS
from robots.scenario.model import ScenarioFile
from robots.scenario.shape import parameters

_ENDINGS = (".yaml", ".yml", ".txt", ".text", ".bak", ".old", ".orig", ".tmp", "")
_LARGEST = 1_000_000
"""Bytes: a scenario may have 256 KB, and what was written around it some more."""
_NOT_WORTH = frozenset({".git", ".venv", "node_modules", "__pycache__"})
_LINE = re.compile(r"""^[\s>|]*((?:-\s+)?)(["']?)([^:"'#]+?)\2\s*[:：](?:\s|$)""")


@dataclass(frozen=True, slots=True)
class Lookalike:
    """A file that holds a scenario: its place, and the name that it gives itself."""

    file: Path
    name: str


def scan(folders: Sequence[Path], known: Sequence[Path]) -> tuple[list[Lookalike], list[Path]]:
    """Every such file under these folders, and the folders that could not be looked into.

    known: folders (the register's scenarios, what the robots write) that are passed over.
    """
    found: dict[Path, Lookalike] = {}
    shut: list[Path] = []
    skipped = {one.resolve() for one in known}
    for folder in folders:
        for file in _files(folder.resolve(), skipped, shut):
            name = _name_of(file)
            if name is not None:
                found[file] = Lookalike(file, name)
    return [found[file] for file in sorted(found)], shut


def _files(folder: Path, skipped: set[Path], shut: list[Path]) -> Iterator[Path]:
    def note(error: OSError) -> None:
        shut.append(Path(str(error.filename)))

    for place, folders, files in os.walk(folder, onerror=note):
        here = Path(place)
        folders[:] = sorted(one for one in folders if one not in _NOT_WORTH and here / one not in skipped)
        for name in sorted(files):
            if Path(name).suffix.lower() in _ENDINGS or ".yaml" in name.lower() or ".yml" in name.lower():
                yield here / name


def _name_of(file: Path) -> str | None:
    """What the scenario in a file calls itself; None where it holds none, or can't be read."""
    try:
        if not 0 < file.stat().st_size <= _LARGEST:
            return None
        data = file.read_bytes()
    except OSError:
        return None
    text = _decoded(data)
    return None if text is None else _scenario_in(text)


def _decoded(data: bytes) -> str | None:
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return data.decode("utf-16", errors="replace")
    if b"\0" in data:
        return None
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("cp932", errors="replace")


def _scenario_in(text: str) -> str | None:
    """By its lines, so that one with a mistake in it, or inside a note, is found too: a name, a section of steps, and in
    it a step that Banken has."""
    keys = {name: known.english for name, known in parameters(ScenarioFile).items()}
    title, in_section = None, False
    for line in text.splitlines():
        match = _LINE.match(line)
        if match is None:
            continue
        key = unicodedata.normalize("NFKC", match[3]).strip()
        if not match[1]:
            english = keys.get(key)
            if english == "name" and title is None:
                title = line[match.end() :].strip().strip("\"'")
            in_section = in_section or english in ("prepare", "each", "finish")
        elif in_section and title and STEPS.get(key) is not None:
            return title
    return None
