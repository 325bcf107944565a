"""The night: one scheduler leads, fires what is due and starts each run as a process of its own.

APScheduler is the clock and no more: it ticks.  Everything that must not be doubled or lost stands in the ledger, so
that the scheduler may die at any moment, and any number of them may live: one leads by a lease, the others stand by.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING
from uuid import uuid4

from apscheduler.schedulers.background import BackgroundScheduler
from loguru import logger

from robots.clock import JST, now
from robots.errors import SystemFailure
from robots.ledger.firings import NotLeading, open_firings
from robots.ledger.hands import wanted
from robots.ledger.leases import Busy, Holder, Lease, release, renew, take
from robots.ledger.store import Ledger
from robots.nightly.begun import Begins, Begun
from robots.nightly.children import Launcher
from robots.nightly.crew import Crew, shares_of
from robots.nightly.limits import Limits
from robots.nightly.starts import Starts
from robots.nightly.turns import Plan, Turns, plan_of
from robots.processes import gone_here, this_process
from robots.registry.load import Loaded, read_register
from robots.scenario.problem import Problems
from robots.settings import Home

if TYPE_CHECKING:
    from robots.nightly.pool import Pool

TICK_SECONDS = 5.0
LEAD_SECONDS = 40.0
"""A leader that is not heard of for so long is followed by another: within a minute, ticks included."""
_LEAD = "nightly"


class Night:
    """One scheduler.  clock: the present moment in JST; pool: the queue of workers that begin what it chooses (where there
    is none, it begins the runs here)."""

    def __init__(
        self,
        home: Home,
        ledger: Ledger,
        launcher: Launcher,
        clock: Callable[[], datetime] = now,
        *,
        pool: Pool | None = None,
    ) -> None:
        self._home, self._ledger, self._clock, self._pool = home, ledger, clock, pool
        self._begins: Begins = Begun(ledger, launcher) if pool is None else pool
        self._crew = Crew(ledger, launcher)
        machine = home.settings.machine
        self._me = Holder(uuid4().hex, "夜間実行", machine, this_process())
        self._gone = gone_here(machine)
        self._lead: Lease | None = None
        self._seen: tuple[str, Loaded, Plan] | None = None
        self._turns: Turns | None = None
        self._limits = Limits(ledger, home.settings)
        self.trouble = ""
        """Why nothing can be fired at all (the register is broken), or empty."""

    @property
    def leads(self) -> bool:
        return self._lead is not None

    @property
    def troubles(self) -> dict[str, str]:
        """Scenarios whose days can't be told, and why."""
        return dict(self._turns.troubles) if self._turns is not None else {}

    def tick(self) -> None:
        """Looks once: takes or keeps the lead, fires, ends, starts.

        Raises: SystemFailure where the ledger does not answer; the next tick carries on.
        """
        moment = self._clock()
        self._keep_lead(moment)
        loaded = self._register()
        if loaded is not None and self._lead is not None and self._turns is not None:
            try:
                self._turns.fire(self._lead, moment)
            except NotLeading:
                self._lead = self._turns = None
        begins = self._pool is None or self._lead is not None  # one alone fills the queue
        if begins:
            self._begins.look()
        if self._lead is not None:
            self._limits.watch(moment)
        if begins and loaded is not None:
            self._start(loaded, moment)

    def idle(self) -> bool:
        """Whether nothing goes and nothing is left that could begin here."""
        waits = any(row["state"] == "queued" for row in open_firings(self._ledger))
        return not waits and not self._begins.under_way() and not self._crew.under_way()

    def close(self) -> None:
        """Leaves the lead to another at once; runs that go, go on."""
        if self._lead is not None:
            lead, self._lead = self._lead, None
            release(self._ledger, [lead])

    def _keep_lead(self, moment: datetime) -> None:
        if self._lead is not None and renew(self._ledger, [self._lead], moment=moment, seconds=LEAD_SECONDS):
            return
        self._lead = self._turns = None
        taken = take(self._ledger, {_LEAD: 1}, self._me, moment=moment, seconds=LEAD_SECONDS, gone=self._gone)
        if not isinstance(taken, Busy):
            (self._lead,) = taken
            if self._seen is not None:
                self._turns = Turns(self._ledger, self._seen[2])

    def _register(self) -> Loaded | None:
        """The register as it is now; None, and nothing is begun, where it can't be read or has mistakes."""
        try:
            content = self._home.register.read_bytes()
        except OSError as error:
            self._troubled(f"台帳（registry.yaml）を読めません（{error.strerror}）。")
            return None
        digest = hashlib.sha256(content).hexdigest()
        if self._seen is None or self._seen[0] != digest:
            loaded = read_register(content)
            if isinstance(loaded, Problems):
                self._troubled(
                    f"台帳（registry.yaml）に {len(loaded)} か所の問題があります。banken check で見られます。"
                )
                return None
            self._seen, self._turns = (digest, loaded, plan_of(loaded)), None
        self.trouble = ""
        if self._turns is None and self._lead is not None:
            self._turns = Turns(self._ledger, self._seen[2])
        return self._seen[1]

    def _troubled(self, why: str) -> None:
        if self.trouble != why:
            logger.error("夜間実行: {}", why)
        self.trouble = why

    def _start(self, loaded: Loaded, moment: datetime) -> None:
        settings, register = self._home.settings, loaded.register
        room = settings.parallel - self._crew.under_way()
        starts = Starts(self._ledger, register, machine=settings.machine, room=room if self._pool is None else None)
        self._begins.begin(starts.choose(moment, self._begins.under_way(), leads=self.leads), register)
        shares = shares_of(register)
        if self._pool is not None:
            self._pool.lend(wanted(self._ledger, shares, moment) if shares else [], register)
        else:  # what is due goes first; items that wait get what room is left
            rows = open_firings(self._ledger)
            here = {row["id"] for row in rows if row["state"] == "running" and row["machine"] == settings.machine}
            self._crew.begin(register, moment, room - len(here | self._begins.under_way().keys()))


def clock_of(night: Night) -> BackgroundScheduler:
    """A clock that lets the night tick; start() and shutdown() are the caller's."""

    def tick() -> None:
        try:
            night.tick()
        except SystemFailure as failure:
            logger.error("夜間実行: {}", failure)
        except Exception:  # noqa: BLE001 (a bug in one tick must not end the night)
            logger.exception("夜間実行で Banken の不具合")

    scheduler = BackgroundScheduler(timezone=JST)
    scheduler.add_job(tick, "interval", seconds=TICK_SECONDS, max_instances=1, coalesce=True, next_run_time=now())
    return scheduler
