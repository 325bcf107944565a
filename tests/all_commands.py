"""Imports what any command needs: only the server of tests/commands.py has it, so that its forks start at once."""

from __future__ import annotations

from robots.__main__ import build

build()
