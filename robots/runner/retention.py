"""What is personal goes once the retention time is over: rows of the ledger, and the files that hold the same."""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from robots.clock import now, stamp
from robots.ledger.audit import AuditLog
from robots.ledger.purge import Due, asked_pictures, due, pictures
from robots.ledger.purge import purge as purge_rows
from robots.ledger.store import Ledger
from robots.settings import Home

_BY_AGE = ("readings", "review", "recorded")
"""Folders of ``var`` in which a file's own age decides: readings of papers, pictures of doubtful places, recorded values."""


@dataclass(frozen=True, slots=True)
class Expired:
    """What ended before a moment and still holds something personal."""

    before: datetime
    rows: Due
    files: Sequence[Path]

    @property
    def counts(self) -> dict[str, int]:
        rows = self.rows
        return {"items": len(rows.items), "runs": len(rows.runs), "mails": len(rows.mails), "files": len(self.files)}


def expired(home: Home, ledger: Ledger, before: datetime) -> Expired:
    """What is to go.  Raises: SystemFailure where the ledger does not answer."""
    rows = due(ledger, stamp(before))
    return Expired(before, rows, _files_due(home, rows.runs, pictures(ledger, rows), asked_pictures(ledger), before))


def purge(ledger: Ledger, audit: AuditLog, wanted: Expired, who: str) -> list[Path]:
    """Removes it, recorded first; returns the files that could not be removed.

    Raises: SystemFailure where the ledger can't be written; a purge that was broken off is simply made again.
    """
    if not wanted.rows and not wanted.files:
        return []
    audit.record("purged", who=who, detail={"before": stamp(wanted.before), **wanted.counts})
    left = remove_files(wanted.files)
    purge_rows(ledger, wanted.rows, stamp(now()))
    return left


def _files_due(
    home: Home, runs: Iterable[str], ended: Iterable[str], asked: Iterable[str], before: datetime
) -> list[Path]:
    """The folders of these runs (evidence, rehearsals), the pictures of what has ended, and what is older in var's own folders.

    ended, asked: pictures as review tasks name them; with them go, or stay, their pages'.  Nothing outside ``var`` is
    ever among them, and nothing that a person still has to look at.
    """
    var = home.var
    found = [folder for run in runs if (folder := var / "runs" / run).is_dir()]
    inside = var.resolve()
    places = [place for one in ended if (place := home.root / one).is_file() and inside in place.resolve().parents]
    found += places
    found += [page for folder in {place.parent for place in places} for page in folder.glob("page-*")]
    found += [file for name in _BY_AGE for file in _files(var / name) if file.stat().st_mtime < before.timestamp()]
    kept = {(home.root / one).resolve().parent for one in asked}
    return sorted(file for file in set(found) if file.resolve().parent not in kept)


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
