"""Processes of their own that cost a fork: they come from a server that has everything imported.

Importing takes longer than most that such a process does in a test, and more processor time than all else that it does.
"""

from __future__ import annotations

import multiprocessing
import sys
from collections.abc import Callable
from multiprocessing.process import BaseProcess
from typing import Any


def forked(work: Callable[..., Any], *arguments: object) -> BaseProcess:
    """A process that is to do this work, not begun yet."""
    context: Any = multiprocessing.get_context("spawn" if sys.platform == "win32" else "forkserver")
    context.set_forkserver_preload(["tests.all_commands", "tests.faults.killer"])
    process: BaseProcess = context.Process(target=work, args=arguments)
    return process
