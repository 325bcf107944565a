"""Further hands for the shared runs of this machine: begun where items wait and there is room (ledger/hands.py).

A town on one machine; over several machines the pool hands them out.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from loguru import logger

from robots.errors import SystemFailure
from robots.ledger.hands import SILENT, wanted
from robots.ledger.store import Ledger
from robots.nightly.children import Child, Launcher
from robots.registry.model import Register


@dataclass(frozen=True, slots=True)
class _Hand:
    firing: int
    child: Child
    begun: datetime


class Crew:
    """The hands that this process has begun."""

    def __init__(self, ledger: Ledger, launcher: Launcher) -> None:
        self._ledger, self._launcher = ledger, launcher
        self._hands: list[_Hand] = []

    def under_way(self) -> int:
        """How many hands go."""
        self._hands = [hand for hand in self._hands if hand.child.ended() is None]
        return len(self._hands)

    def begin(self, register: Register, moment: datetime, room: int) -> None:
        """Begins those that are wanted, at most so many.  Raises: SystemFailure where the ledger does not answer."""
        shares = shares_of(register)
        for one in wanted(self._ledger, shares, moment) if room > 0 and shares else []:
            here = [hand for hand in self._hands if hand.firing == one.firing]
            new = sum(moment - hand.begun < SILENT for hand in here)  # the ledger may not know of them yet
            for _ in range(min(one.count - new, shares[one.scenario] - 1 - len(here), room)):
                try:
                    child = self._launcher.lend(one.scenario, one.firing)
                except SystemFailure as failure:
                    logger.error("夜間実行: {}", failure)
                    return
                self._hands.append(_Hand(one.firing, child, moment))
                room -= 1


def shares_of(register: Register) -> dict[str, int]:
    """The scenarios whose items are shared, and among how many processes."""
    return {
        id: entry.schedule.share
        for id, entry in register.scenarios.items()
        if entry.schedule is not None and entry.schedule.share is not None
    }
