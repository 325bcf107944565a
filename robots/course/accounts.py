"""The finance system's accounts: a sheet has the code, the town keeps the code with its name."""

from __future__ import annotations

from collections.abc import Mapping

from practice.seed import account_codes


def with_account(row: Mapping[str, str], column: str) -> dict[str, str]:
    """The row with its account as the town keeps it."""
    names = dict(account_codes())
    return {**row, column: f"{row[column]} {names[row[column]]}"}
