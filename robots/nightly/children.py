"""Runs as processes of their own: ``banken run`` as a child that outlives its parent and tells its end by the ledger."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol
from uuid import uuid4

from robots.errors import SystemFailure
from robots.settings import Home

_TAIL = 2000


class Child(Protocol):
    """A run that was started."""

    # Its exit code, or None while it goes.
    def ended(self) -> int | None: ...
    # The last of what it said.
    def said(self) -> str: ...


class Launcher(Protocol):
    """What starts runs."""

    # Starts the run of a firing.  Raises: SystemFailure where no process can be started.
    def start(self, scenario: str, firing: int) -> Child: ...
    # Starts a further hand for the run of a firing.  Raises: SystemFailure where no process can be started.
    def lend(self, scenario: str, firing: int) -> Child: ...


@dataclass(frozen=True, slots=True)
class _Started:
    popen: subprocess.Popen[bytes]
    log: Path

    def ended(self) -> int | None:
        return self.popen.poll()

    def said(self) -> str:
        return self.log.read_bytes()[-_TAIL:].decode("utf-8", errors="replace").strip()


class Processes:
    """Starts runs in a town's folder; what one says goes to a file of its own in var/logs."""

    def __init__(self, home: Home) -> None:
        self._home = home

    def start(self, scenario: str, firing: int) -> Child:
        """``banken run`` for a firing; its log is nightly-N.log (N is the firing)."""
        return self._begin(["run", scenario, "--firing", str(firing)], f"nightly-{firing}.log", scenario)

    def lend(self, scenario: str, firing: int) -> Child:
        """``banken run --hand`` for a firing; its log is hand-N-ABCD.log (ABCD: of its own)."""
        name = f"hand-{firing}-{uuid4().hex[:4]}.log"
        return self._begin(["run", scenario, "--firing", str(firing), "--hand"], name, scenario)

    def resume(self, run: str, scenario: str) -> Child:
        """``banken resume``; its log is resume-RUN.log.  Raises: SystemFailure where no process can be started."""
        return self._begin(["resume", run], resume_log(run), scenario)

    def _begin(self, arguments: list[str], log_name: str, scenario: str) -> Child:
        log = self._home.var / "logs" / log_name
        log.parent.mkdir(parents=True, exist_ok=True)
        command = [sys.executable, "-m", "robots", *arguments]
        environment = {**os.environ, "PYTHONUTF8": "1", "BANKEN_MACHINE": self._home.settings.machine}
        try:
            with log.open("ab") as sink:
                # A group of its own: what stops the scheduler (Ctrl-C, the service's end) does not cut a run short.
                popen = subprocess.Popen(
                    command,
                    cwd=self._home.root,
                    env=environment,
                    stdin=subprocess.DEVNULL,
                    stdout=sink,
                    stderr=subprocess.STDOUT,
                    start_new_session=sys.platform != "win32",
                    creationflags=_WINDOWS_FLAGS,
                )
            return _Started(popen, log)
        except OSError as error:
            raise SystemFailure(
                f"シナリオ {scenario} を始められません（{error}）。", mend="メモリとディスクの空きを確かめてください。"
            ) from error


def resume_log(run: str) -> str:
    """The name of the log of a run that was carried on."""
    return f"resume-{run}.log"


_WINDOWS_FLAGS = 0x00000200 | 0x08000000 if sys.platform == "win32" else 0
"""CREATE_NEW_PROCESS_GROUP and CREATE_NO_WINDOW."""
