"""Runs a scenario and ends the process, without a word, at its n-th boundary.

    python -m tests.faults.killer HOME SCENARIO N

Boundaries: before and after every write of the ledger, every click and every save of a book.  With N = 0 nothing is
killed and the number of boundaries is printed.  The parts are the real ones; only their doors are watched.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from robots.cli.common import registered
from robots.cli.progress import Watcher
from robots.cli.run import cleared, inputs_of
from robots.drivers.browser import Browser
from robots.ledger.store import Ledger
from robots.runner.run import Order, run_scenario
from robots.settings import open_home
from robots.wiring import wired


class Boundaries:
    """Counts them, and ends the process at the wanted one."""

    def __init__(self, kill_at: int) -> None:
        self.count = 0
        self._kill_at = kill_at

    def pass_one(self) -> None:
        self.count += 1
        if self.count == self._kill_at:
            os.kill(os.getpid(), getattr(signal, "SIGKILL", signal.SIGTERM))


class Watched:
    """A part whose calls of the named methods are boundaries, before and after."""

    def __init__(self, part: Any, methods: Sequence[str], boundaries: Boundaries) -> None:
        self._part, self._methods, self._boundaries = part, methods, boundaries

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._part, name)
        if name not in self._methods:
            return found

        def watched(*arguments: Any, **named: Any) -> Any:
            self._boundaries.pass_one()
            result = found(*arguments, **named)
            self._boundaries.pass_one()
            return result

        return watched


class WatchedLedger(Ledger):
    """The real ledger; each writing is a boundary before and after."""

    def __init__(self, ledger: Ledger, boundaries: Boundaries) -> None:
        super().__init__(ledger._engine)
        self._boundaries = boundaries

    @contextmanager
    def writing(self) -> Iterator[sa.Connection]:
        self._boundaries.pass_one()
        with super().writing() as connection:
            yield connection
        self._boundaries.pass_one()


def main() -> None:
    home, scenario, boundaries = open_home(Path(sys.argv[1])), sys.argv[2], Boundaries(int(sys.argv[3]))
    approved = cleared(home, registered(home), scenario)
    with wired(home) as parts:

        def open_browser(addresses: Sequence[str], headed: bool) -> Browser:
            browser: Any = Watched(parts.open_browser(addresses, headed), ["click"], boundaries)
            return browser  # type: ignore[no-any-return]

        workbooks: Any = Watched(parts.workbooks, ["append_rows"], boundaries)
        watched = replace(
            parts, ledger=WatchedLedger(parts.ledger, boundaries), open_browser=open_browser, workbooks=workbooks
        )
        run_scenario(Order(approved, inputs_of(approved, {}), "test"), watched, Watcher(name=scenario))
    print(boundaries.count)


if __name__ == "__main__":
    main()
