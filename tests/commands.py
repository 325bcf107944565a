"""``banken ...`` as a process of its own that costs a fork (tests/forks.py)."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from robots.__main__ import main
from tests.forks import forked


def in_a_process_of_its_own(work: Callable[..., None], *arguments: object, timeout: float = 240) -> int:
    """Does the work in a fresh process and returns its exit code (negative: the signal that ended it)."""
    process = forked(work, *arguments)
    process.start()
    process.join(timeout)
    if process.exitcode is None:
        process.kill()
        raise AssertionError(f"{work.__name__} did not end")
    return process.exitcode


def command(folder: Path, arguments: Sequence[str], environ: Mapping[str, str], said: Path, warned: Path) -> None:
    """The whole life of one command: its folder, its environment, its two streams, its exit code."""
    for stream, path in ((1, said), (2, warned)):
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
        os.dup2(handle, stream)
        os.close(handle)
    os.environ.clear()
    os.environ.update(environ)
    if hasattr(time, "tzset"):
        time.tzset()
    os.chdir(folder)
    sys.argv = ["banken", *arguments]
    main()
