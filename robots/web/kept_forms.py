"""The forms of approved scenarios, kept for a moment: the desk asks for them at every turn, and the gate takes its time."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from threading import Lock

from robots.clock import today
from robots.drivers.forms import FormSource
from robots.errors import BusinessError
from robots.ledger.audit import AuditLog
from robots.ledger.store import Ledger
from robots.registry.door import admit
from robots.registry.gate import Approved
from robots.registry.load import Loaded
from robots.settings import Home

AGE = 30.0
"""Seconds after which the gate is asked again; a change of the register asks it at once."""


@dataclass(frozen=True)
class KeptForms:
    """The forms of one town."""

    _lock: Lock = field(default_factory=Lock)
    _kept: dict[str, tuple[Loaded, float, Mapping[str, FormSource]]] = field(default_factory=dict)

    def of(
        self, home: Home, loaded: Loaded, scenario: str, ledger: Ledger, audit: AuditLog, who: str
    ) -> Mapping[str, FormSource]:
        """The forms of a scenario by path.  Raises: BusinessError where it may not run as it stands."""
        with self._lock:
            kept = self._kept.get(scenario)
            if kept is not None and kept[0] is loaded and time.monotonic() - kept[1] < AGE:
                return kept[2]
        answer = admit(home, loaded, scenario, today=today(), rehearsal=False, ledger=ledger, audit=audit, who=who)
        if not isinstance(answer, Approved):
            raise BusinessError(f"いまは確認できません。{answer}", mend="所有者か推進室に相談してください。")
        with self._lock:
            self._kept[scenario] = (loaded, time.monotonic(), answer.scenario.forms)
        return answer.scenario.forms
