"""Runs a scenario and ends the process, without a word, at its n-th boundary.

Boundaries: the beginning, and the end of every write of the ledger, every click and every save of a book: between two
of them nothing lasting happens, so the end of one is the beginning of the next.  The parts are the real ones; only
their doors are watched.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
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
from robots.ledger.runs import latest_runs
from robots.ledger.store import Ledger
from robots.runner.order import Order
from robots.runner.run import run_scenario
from robots.settings import open_home
from robots.wiring import wired


class Boundaries:
    """Notes what each of them is the end of, and ends the process at the wanted one."""

    def __init__(self, kill_at: int) -> None:
        self.passed: list[str] = []
        self._kill_at = kill_at

    def pass_one(self, what: str) -> None:
        self.passed.append(what)
        if len(self.passed) == self._kill_at:
            os.kill(os.getpid(), getattr(signal, "SIGKILL", signal.SIGTERM))


class Watched:
    """A part whose calls of the named methods end with a boundary."""

    def __init__(self, part: Any, methods: Sequence[str], boundaries: Boundaries) -> None:
        self._part, self._methods, self._boundaries = part, methods, boundaries

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._part, name)
        if name not in self._methods:
            return found

        def watched(*arguments: Any, **named: Any) -> Any:
            result = found(*arguments, **named)
            self._boundaries.pass_one(name)
            return result

        return watched


class WatchedLedger(Ledger):
    """The real ledger; the end of each writing of the run itself is a boundary."""

    def __init__(self, ledger: Ledger, boundaries: Boundaries) -> None:
        super().__init__(ledger._engine)
        self._boundaries = boundaries

    @contextmanager
    def writing(self, *, beside: bool = False) -> Iterator[sa.Connection]:
        with super().writing(beside=beside) as connection:
            yield connection
        if threading.current_thread() is threading.main_thread():  # that it lives is told when the clock says
            self._boundaries.pass_one("writing")


def killed(root: Path, scenario: str, kill_at: int) -> None:
    """Runs the scenario and dies at that boundary (the first is 1); with 0 it ends well and tells the boundaries, a line
    each, in boundaries.txt."""
    home, boundaries = open_home(root, {}), Boundaries(kill_at)
    approved = cleared(home, registered(home), scenario)
    with wired(home) as parts:
        boundaries.pass_one("begin")

        def open_browser(addresses: Sequence[str], headed: bool) -> Browser:
            browser: Any = Watched(parts.open_browser(addresses, headed), ["click"], boundaries)
            return browser  # type: ignore[no-any-return]

        workbooks: Any = Watched(parts.workbooks, ["append_rows"], boundaries)
        watched = replace(
            parts, ledger=WatchedLedger(parts.ledger, boundaries), open_browser=open_browser, workbooks=workbooks
        )
        run_scenario(Order(approved, inputs_of(approved, {}), "test"), watched, Watcher(name=scenario))
    (root / "boundaries.txt").write_text("\n".join(boundaries.passed), encoding="utf-8")


class DyingBrowser:
    """The real browser, which dies as soon as the first entry has been sent."""

    died = False

    def __init__(self, browser: Any) -> None:
        self._browser = browser

    def __getattr__(self, name: str) -> Any:
        return getattr(self._browser, name)

    def click(self, locator: Any, *, timeout: float) -> None:
        self._browser.click(locator, timeout=timeout)
        if locator.button == "登録" and not DyingBrowser.died:
            DyingBrowser.died = True
            self._browser.close()


def browser_lost(root: Path, scenario: str) -> None:
    """Runs the scenario with a browser that dies inside the first commit; exits with the run's code."""
    home = open_home(root, {})
    approved = cleared(home, registered(home), scenario)
    with wired(home) as parts:

        def open_browser(addresses: Sequence[str], headed: bool) -> Browser:
            browser: Any = DyingBrowser(parts.open_browser(addresses, headed))
            return browser  # type: ignore[no-any-return]

        order = Order(approved, inputs_of(approved, {}), "test")
        sys.exit(run_scenario(order, replace(parts, open_browser=open_browser), Watcher(name=scenario)).exit_code)


def carried_on(root: Path, scenario: str) -> int:
    """What a person does next morning: resume the run that died, or run again where none had begun; the run's code."""
    home = open_home(root, {})
    approved = cleared(home, registered(home), scenario)
    with wired(home) as parts:
        dead = [row["id"] for row in latest_runs(parts.ledger, scenario, 1) if row["state"] == "running"]
        order = Order(approved, inputs_of(approved, {}), "test", resume=dead[0] if dead else None)
        return run_scenario(order, parts, Watcher(name=scenario)).exit_code
