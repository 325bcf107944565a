"""Processes of their own that cost a fork: they come from a server that has everything imported.

Importing takes longer than most that such a process does in a test, and more processor time than all else that it does.
"""

from __future__ import annotations

import multiprocessing
import os
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from multiprocessing import forkserver
from multiprocessing.process import BaseProcess
from types import SimpleNamespace
from typing import Any
from unittest.mock import patch

import pytest

_IMPORTED = ["tests.all_commands", "tests.faults.killer", "ocr.read", "robots.drivers.ocr_readers"]


def _context() -> Any:
    context: Any = multiprocessing.get_context("spawn" if sys.platform == "win32" else "forkserver")
    context.set_forkserver_preload(_IMPORTED)
    return context


def forked(work: Callable[..., Any], *arguments: object) -> BaseProcess:
    """A process that is to do this work, not begun yet."""
    process: BaseProcess = _context().Process(target=work, args=arguments)
    return process


@contextmanager
def forked_readers() -> Iterator[None]:
    """The processes in which scans are read come from the server too, until the block ends.

    Where it is not running yet, it begins in the block's environment: a command has a TMPDIR of its own, which ends with it.
    """
    environ, folder = dict(os.environ), tempfile.gettempdir()

    def context(_: str) -> Any:
        made = _context()
        if sys.platform != "win32":
            with patch.dict(os.environ, environ, clear=True), patch("tempfile.tempdir", folder):
                forkserver.ensure_running()
        return made

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("ocr.pile_crew.multiprocessing", SimpleNamespace(get_context=context))
        yield
