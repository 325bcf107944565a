"""The fault switch: makes the town behave as badly as real systems do, where and as often as a test says."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from typing import Literal, get_args

FaultKind = Literal[
    "delay",
    "drop",
    "drop_after",
    "error500",
    "session_timeout",
    "dialog",
    "late_save",
    "changed_label",
    "moved_button",
    "new_column",
]


@dataclass
class Fault:
    """One fault. `route` is a path's beginning, with a method before it where only that method is meant ("POST /jumin").
    `times` is how often it still happens; None: always."""

    route: str
    kind: FaultKind
    times: int | None = None
    seconds: float = 0.0
    old: str = ""
    new: str = ""

    def matches(self, method: str, path: str) -> bool:
        """Whether a request is hit by it."""
        wanted, space, beginning = self.route.partition(" ")
        if not space:
            return path.startswith(self.route)
        return method == wanted.upper() and path.startswith(beginning)


@dataclass
class Faults:
    """The faults now set. Safe to use from any thread."""

    _set: list[Fault] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def set(
        self,
        route: str,
        kind: str,
        *,
        times: int | None = None,
        seconds: float = 0.0,
        old: str = "",
        new: str = "",
    ) -> None:
        """Sets a fault: delay(seconds), drop, drop_after, error500, session_timeout, dialog, late_save(seconds),
        changed_label(old, new), moved_button(old: its name, new: the part of the screen that it goes to),
        new_column(old: the column that it comes before, new: its name). Raises ValueError for an unknown kind or a route without a path."""
        if kind not in get_args(FaultKind):
            raise ValueError(f"障害の種類 {kind} はありません。使えるもの: {', '.join(get_args(FaultKind))}")
        if "/" not in route:
            raise ValueError("route は /jumin や POST /jumin のように、/ で始まるパスで指定してください。")
        if kind in ("changed_label", "moved_button", "new_column") and not old:
            raise ValueError(f"{kind} には old（元の文字）と new（新しい文字）を指定してください。")
        fault = Fault(route, kind, times, seconds, old, new)  # type: ignore[arg-type]
        with self._lock:
            self._set.append(fault)

    def clear(self) -> None:
        """Takes all faults away."""
        with self._lock:
            self._set.clear()

    def take(self, method: str, path: str, *kinds: FaultKind) -> list[Fault]:
        """The faults of these kinds that hit this request; each one's `times` is counted down."""
        with self._lock:
            hit = [
                fault for fault in self._set if fault.kind in kinds and fault.times != 0 and fault.matches(method, path)
            ]
            for fault in hit:
                if fault.times is not None:
                    fault.times -= 1
        return hit
