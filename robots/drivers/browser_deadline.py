"""How long the browser is given."""

from __future__ import annotations

import time


class Deadline:
    """A point in time that several waits share."""

    def __init__(self, seconds: float) -> None:
        self._end = time.monotonic() + seconds

    @property
    def ms(self) -> float:
        """Milliseconds that are left, at least 1 (Playwright takes 0 for "for ever")."""
        return max(1.0, (self._end - time.monotonic()) * 1000)

    @property
    def over(self) -> bool:
        return time.monotonic() >= self._end
