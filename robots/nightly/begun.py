"""The runs that this process has begun on this machine: each a child, and what is told of one that never got to its turn."""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import sqlalchemy as sa
from loguru import logger

from robots.errors import SystemFailure
from robots.ledger.firings import get_firing, settle
from robots.ledger.store import Ledger
from robots.nightly.children import Child, Launcher
from robots.registry.model import Register

_MOST_SPAWNS = 3


class Begins(Protocol):
    """Where the runs of firings that were chosen are begun (service.Night)."""

    # Those that were begun, of which the ledger may not know yet: firing → scenario.
    def under_way(self) -> Mapping[int, str]: ...
    # Begins them, first things first.  What can't be begun is left for the next time.
    def begin(self, rows: Sequence[sa.RowMapping], register: Register) -> None: ...
    # Looks after what was begun before.
    def look(self) -> None: ...


@dataclass(frozen=True, slots=True)
class _Run:
    """A run that was begun; claims: how often its firing had been taken up by then."""

    firing: int
    scenario: str
    child: Child
    claims: int


class Begun:
    """See Begins: begins them here and now.  Several threads may ask at once."""

    def __init__(self, ledger: Ledger, launcher: Launcher) -> None:
        self._ledger, self._launcher = ledger, launcher
        self._lock = threading.Lock()
        self._runs: list[_Run] = []
        self._spawns: dict[int, int] = {}

    def under_way(self) -> dict[int, str]:
        with self._lock:
            return {run.firing: run.scenario for run in self._runs}

    def begin(self, rows: Sequence[sa.RowMapping], register: Register) -> None:
        for row in rows:
            try:
                self.start(row)
            except SystemFailure as failure:
                logger.error("夜間実行: {}", failure)
                break

    def start(self, row: sa.RowMapping) -> Child:
        """Begins the run of one firing.  Raises: SystemFailure where no process can be started."""
        child = self._launcher.start(row["scenario"], row["id"])
        with self._lock:
            self._runs.append(_Run(row["id"], row["scenario"], child, row["claims"]))
        return child

    def look(self) -> None:
        """Children that have ended: those that never took up their firing say why."""
        with self._lock:
            over = [(run, code) for run in self._runs if (code := run.child.ended()) is not None]
        for run, code in over:
            row = get_firing(self._ledger, run.firing)
            if row is not None and row["state"] == "queued" and row["claims"] == run.claims:
                self._not_taken(run.firing, code, run.child.said())
            with self._lock:
                if run in self._runs:
                    self._runs.remove(run)

    def _not_taken(self, firing: int, code: int, said: str) -> None:
        spawns = self._spawns[firing] = self._spawns.get(firing, 0) + 1
        if code not in (1, 2, 3) and spawns < _MOST_SPAWNS:
            return  # the world's fault, perhaps: it is begun again
        last = said.splitlines()[-1] if said else f"終了コード {code}"
        settle(self._ledger, firing, "refused" if code == 3 else "failed", last, while_in=["queued"])
