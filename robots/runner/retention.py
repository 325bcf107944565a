"""Files that hold what is personal, and go with it once the retention time is over."""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Iterator
from datetime import datetime
from pathlib import Path

_BY_AGE = ("readings", "review", "recorded")
"""Folders of ``var`` in which a file's own age decides: readings of papers, pictures of doubtful places, recorded values."""


def files_due(root: Path, var: Path, runs: Iterable[str], pictures: Iterable[str], before: datetime) -> list[Path]:
    """The folders of these runs (evidence, rehearsals), these pictures, and what is older in var's own folders.

    pictures: as review tasks name them, from ``root`` on; with them go their pages'.  Nothing outside ``var`` is ever among them.
    """
    found = [folder for run in runs if (folder := var / "runs" / run).is_dir()]
    inside = var.resolve()
    places = [place for one in pictures if (place := root / one).is_file() and inside in place.resolve().parents]
    found += places
    found += [page for folder in {place.parent for place in places} for page in folder.glob("page-*.jpg")]
    found += [file for name in _BY_AGE for file in _files(var / name) if file.stat().st_mtime < before.timestamp()]
    return sorted(set(found))


def remove_files(places: Iterable[Path]) -> list[Path]:
    """Removes them; gives those that could not be (open in another program), for the next time."""
    left = []
    for place in places:
        try:
            if place.is_dir():
                shutil.rmtree(place)
            else:
                place.unlink(missing_ok=True)
        except OSError:
            left.append(place)
    return left


def _files(folder: Path) -> Iterator[Path]:
    if folder.is_dir():
        yield from (file for file in folder.rglob("*") if file.is_file())
