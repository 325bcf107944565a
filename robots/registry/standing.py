"""Whether a run that is under way may go on: a withdrawal stops it before its next item.

The ledger is asked each time (the commands write a withdrawal there first); registry.yaml is looked at by its stat and
read again only where that changed.
"""

from __future__ import annotations

from robots.ledger.approvals import ApprovalMemory
from robots.ledger.store import Ledger
from robots.registry.gate import Approved, withdrawal_of
from robots.registry.load import load_register
from robots.registry.model import Register
from robots.scenario.problem import Problems
from robots.settings import Home

_Stamp = tuple[int, int, int]


class Standing:
    """The approvals that one run goes on under; for a draft's rehearsal there are none to lose."""

    def __init__(self, home: Home, approved: Approved, ledger: Ledger) -> None:
        self._home = home
        self._memory = ApprovalMemory(ledger)
        self._numbers = {id: int(one.number) for id, one in approved.approvals().items()}
        self._stamp: _Stamp | None = None
        self._written: str | None = None

    def withdrawn(self) -> str | None:
        """Why the run must end now; None where it may go on.  Raises: SystemFailure where the ledger can't be read."""
        if not self._numbers:
            return None
        why = self._memory.withdrawn(self._numbers)
        if why is not None:
            return f"承認が取り消されました（{why}）。"
        stamp = self._stamp_now()
        if stamp != self._stamp:
            self._stamp, self._written = stamp, self._read()
        return self._written

    def _stamp_now(self) -> _Stamp | None:
        try:
            state = self._home.register.stat()
        except OSError:
            return None  # it is being replaced at this moment
        return state.st_mtime_ns, state.st_size, state.st_ino

    def _read(self) -> str | None:
        try:
            loaded = load_register(self._home)
        except OSError:
            return None
        if isinstance(
            loaded, Problems
        ):  # somebody is writing it; no other run begins, and this one's entry may be sound
            return None
        return next((what for id in self._numbers if (what := _gone(loaded.register, id)) is not None), None)


def _gone(register: Register, scenario: str) -> str | None:
    entry = register.scenarios.get(scenario)
    if entry is None:
        return f"シナリオ「{scenario}」が台帳から外されました。"
    if entry.approval is None and entry.retired is None:
        return f"シナリオ「{scenario}」の承認が台帳から外されました。"
    return withdrawal_of(entry, scenario)
