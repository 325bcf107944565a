"""A long reading that is stopped (Ctrl-C, a signal to end) or that fails: what it has told by then stays whole.

A signal raises nothing where it comes, since half a copy might have been written just then: it is looked for between
two looks at the workers, some times a second.
"""

from __future__ import annotations

import signal
import time
from collections.abc import Callable, Iterable, Iterator
from types import FrameType
from typing import TypeVar

One = TypeVar("One")
Handler = Callable[[int, FrameType | None], object] | int | None
_SIGNALS = ("SIGINT", "SIGTERM", "SIGHUP", "SIGBREAK")  # as far as the system has them
_PATIENCE = 5.0  # seconds after which a second signal ends at once: whoever reads stdout may have stopped reading


class Stopped(Exception):
    """Somebody wants the reading to end."""


class Stopping:
    """Takes the signals as long as its block runs."""

    def __init__(self) -> None:
        self.ended_by: Exception | None = None
        """What ended the reading before its end: Stopped, or what failed."""
        self.total = 0
        """Copies of all files, as far as they are counted."""
        self._asked: float | None = None
        self._before: dict[int, Handler] = {}

    def __enter__(self) -> Stopping:
        for number in (getattr(signal, name) for name in _SIGNALS if hasattr(signal, name)):
            # What whoever started this has told it to ignore (nohup, a shell's &) stays ignored.
            if signal.getsignal(number) not in (signal.SIG_IGN, None):
                self._before[number] = signal.signal(number, self._asks)
        return self

    def __exit__(self, *_: object) -> None:
        for number, before in self._before.items():
            signal.signal(number, before)

    def look(self, total: int) -> None:
        """Called time and again by what reads.  Raises: Stopped."""
        self.total = total
        if self._asked is not None:
            raise Stopped

    def until_ended(self, found: Iterable[One]) -> Iterator[One]:
        """What is found, as long as it comes: whoever writes it down may end in peace."""
        try:
            yield from found
        except Exception as ended_by:  # noqa: BLE001 (raised again once what was told is whole)
            self.ended_by = ended_by

    def words(self, told: int, last: str, going_on: str) -> str:
        """Where the reading stands.  told: copies with a result, the last of which is ``last``."""
        what = "止めました" if isinstance(self.ended_by, Stopped) else "終われませんでした"
        if not told:
            return f"読み取りを途中で{what}。結果はまだ 1 枚もありません。{going_on}"
        rest = f"（{self.total - told} 枚以上）" if self.total > told else ""
        return (
            f"読み取りを途中で{what}。結果があるのは、初めから {last} までの {told} 枚です。"
            f"それより後{rest}の結果はありません。{going_on}"
        )

    def _asks(self, _signal: int, _frame: FrameType | None) -> None:
        now = time.monotonic()
        if self._asked is None:
            self._asked = now
        elif now - self._asked > _PATIENCE:
            raise KeyboardInterrupt
