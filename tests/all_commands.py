"""Imports what any command needs, also what it loads late: only the server of tests/forks.py has it, so that its forks
start at once."""

from __future__ import annotations

import alembic.command
import keyring.backends.fail

import robots.drivers.openpyxl_workbook
import robots.drivers.playwright_browser
from robots.__main__ import build

__all__ = ["alembic", "keyring", "robots"]

build()
