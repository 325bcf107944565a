"""Processes of this machine, told apart for ever: a process is written ``pid@start``, since a pid alone comes again."""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import suppress

import psutil

_MOST = 2.0  # seconds until they are gone


def this_process() -> str:
    """The present process."""
    return named(psutil.Process(os.getpid()))


def named(process: psutil.Process) -> str:
    """A process as it is written."""
    return f"{process.pid}@{process.create_time():.2f}"


def find(written: str) -> psutil.Process | None:
    """The process, or None where it is dead (a zombie is)."""
    pid, _, start = written.partition("@")
    try:
        process = psutil.Process(int(pid))
        alive = f"{process.create_time():.2f}" == start and process.status() != psutil.STATUS_ZOMBIE
    except (psutil.Error, ValueError):
        return None
    return process if alive else None


def gone_here(machine: str) -> Callable[[str, str], bool]:
    """(machine, process) → whether that process is surely dead; of another machine's nothing is sure.

    machine: the name of this one.
    """
    return lambda where, written: where == machine and find(written) is None


def memory_of(written: str) -> int:
    """The bytes in memory of a process and of all that it started; 0 where it is dead."""
    process = find(written)
    total = 0
    if process is not None:
        for one in _tree(process):
            with suppress(psutil.Error):
                total += one.memory_info().rss
    return total


def end(written: str) -> None:
    """Ends a process and all that it started; one that is paused, too."""
    process = find(written)
    if process is None:
        return
    tree = _tree(process)
    process.kill()  # first: what it started must not be started again
    for one in tree:
        with suppress(psutil.Error):
            one.kill()
    psutil.wait_procs(tree, timeout=_MOST)


def _tree(process: psutil.Process) -> list[psutil.Process]:
    with suppress(psutil.Error):
        return [process, *process.children(recursive=True)]
    return [process]
