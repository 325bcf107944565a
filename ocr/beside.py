"""One thread beside those that read, for long calls that let go of Python's lock: OpenCV's, numpy's on much, the network's.

Not for what is many short calls: two threads that hand the lock to and fro take longer than one.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")

_THREAD = ThreadPoolExecutor(1, "beside")


def beside(work: Callable[P, T], *given: P.args, **named: P.kwargs) -> Callable[[], T]:
    """Has the work done in its turn; what is given back gives its result, and does the work itself if that turn has not come.

    Of several it is best to ask for the last one first.
    """
    running = _THREAD.submit(work, *given, **named)
    return lambda: work(*given, **named) if running.cancel() else running.result()
