"""What is remembered of approvals, as plain values: a look at many scenarios needs no database to hold them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Known:
    """What is remembered of one scenario: its newest approval, and up to which number all were withdrawn."""

    number: int = 0
    """The highest that was seen; 0: none."""
    signature: str = ""
    """Of that approval."""
    withdrawn: int = -1
    """Approvals up to this number are void; -1: none is."""
    why: str = ""
    """Why the latest was withdrawn."""


@dataclass(frozen=True, slots=True)
class Remembered:
    """A memory in memory: for tests, and for a look at many scenarios at once (``all_known``)."""

    of: Mapping[str, Known] = field(default_factory=dict)

    def known(self, scenario: str) -> Known:
        return self.of.get(scenario, Known())
