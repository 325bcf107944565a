"""The evidence of failed steps for a page: what there is of it, never where it lies."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import sqlalchemy as sa

from robots.settings import Home

FILES = {"picture": ("screenshot.png", "image/png"), "account": ("説明.txt", "text/plain; charset=utf-8")}
"""What may be asked for, by the name in the address: the file and its media type."""


@dataclass(frozen=True, slots=True)
class Failed:
    """A failed step.  row: of ledger.listing.failures; picture: the address of its picture, or empty; account: in words."""

    row: sa.RowMapping
    picture: str
    account: str
    elsewhere: bool
    """Its evidence was kept, but does not lie on this machine (any more)."""


def failed(home: Home, rows: Sequence[sa.RowMapping]) -> list[Failed]:
    """Failed steps with their evidence."""
    return [_failed(home, row) for row in rows]


def _failed(home: Home, row: sa.RowMapping) -> Failed:
    picture = file_of(home, row["run"], row["evidence"], "picture")
    account = file_of(home, row["run"], row["evidence"], "account")
    address = f"/runs/{row['run']}/evidence/{row['id']}/picture" if picture is not None else ""
    text = account.read_text(encoding="utf-8", errors="replace") if account is not None else ""
    return Failed(row, address, text, bool(row["evidence"]) and account is None)


def file_of(home: Home, run: str, evidence: str, name: str) -> Path | None:
    """The file of this name in a step's evidence; None where there is none inside the run's own folder."""
    if not evidence or name not in FILES:
        return None
    own = (home.var / "runs" / run).resolve()
    place = (Path(evidence) / FILES[name][0]).resolve()
    return place if own in place.parents and place.is_file() else None
