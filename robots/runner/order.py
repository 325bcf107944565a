"""What a run is given: the town's parts, the order, and who looks on."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from robots.drivers.browser import Browser
from robots.drivers.forms import Forms
from robots.drivers.mail import Mailer
from robots.drivers.workbook import Workbooks
from robots.ledger.audit import AuditLog
from robots.ledger.items import Item, Outcome
from robots.ledger.store import Ledger
from robots.mask import Mask
from robots.registry.gate import Approved
from robots.runner.beside import Beside
from robots.settings import Home
from robots.vault import Credential, Vault


@dataclass(frozen=True, slots=True)
class Parts:
    """The concrete parts that a run works with; ``wiring`` puts them together."""

    home: Home
    ledger: Ledger
    audit: AuditLog
    workbooks: Workbooks
    forms: Forms
    mailer: Mailer
    vault: Vault
    open_browser: Callable[[Sequence[str], bool], Browser]
    """(addresses of the sites it may reach, headed) → a started browser."""
    practice: Credential | None
    """The practice town's own user; handed out for loopback sites only."""
    version: str
    mask: Mask = field(default_factory=Mask)
    """Knows what was handed out and must not be shown; the log asks the same one."""


@dataclass(frozen=True, slots=True)
class Order:
    """What is to be run, and how."""

    approved: Approved
    inputs: Mapping[str, object]
    who: str
    rehearsal: bool = False
    headed: bool = False
    limit: int | None = None
    resume: str | None = None
    """The unfinished run to carry on, or None for a new one."""
    beside: Sequence[Beside] = ()
    """Who stands beside the steps, from the outside in."""
    firing: int | None = None
    """The turn of its schedule that this run is."""
    wait: float = 0.0
    """Seconds to wait for a resource that somebody else has."""


class Watch(Protocol):
    """Who looks on while a run goes."""

    # Scanned files are being read: so many are done, of so many.
    def reading(self, done: int, total: int) -> None: ...
    # The run has begun; its items are known.
    def begun(self, run: str, total: int) -> None: ...
    # An item has come to an outcome.
    def item(self, item: Item, outcome: Outcome) -> None: ...
    # Whether the run is to end after the present item.
    def stop_wanted(self) -> bool: ...
