"""The worker of one machine: what it is given from the pool's queue it begins, watches, and asks to stop."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from datetime import datetime
from uuid import uuid4

from loguru import logger

from robots.clock import now
from robots.ledger.firings import ask_to_stop, get_firing
from robots.ledger.leases import Busy, Holder, Lease, release, release_dead, renew, station_lease, take
from robots.ledger.store import Ledger
from robots.nightly.begun import Begun
from robots.nightly.children import Child, Launcher
from robots.nightly.limits import Limits
from robots.nightly.offers import queue_of
from robots.processes import gone_here, this_process
from robots.registry.load import Loaded, read_register
from robots.registry.model import Register
from robots.settings import Home

STATION_SECONDS = 30.0
"""How long a worker that is not heard of counts as working."""


class Taken(Exception):
    """Another process works under this machine's name."""


class Station:
    """See Duty of pool.py.  say: what tells the person at the machine; clock: the present moment in JST."""

    def __init__(
        self,
        home: Home,
        ledger: Ledger,
        launcher: Launcher,
        say: Callable[[str], None],
        clock: Callable[[], datetime] = now,
    ) -> None:
        self._home, self._ledger, self._say, self._clock = home, ledger, say, clock
        self._machine = home.settings.machine
        self._me = Holder(uuid4().hex, "banken worker", self._machine, this_process())
        self._gone = gone_here(self._machine)
        self._launcher = launcher
        self._begun = Begun(ledger, launcher)
        self._limits = Limits(ledger, home.settings)
        self._lease: Lease | None = None
        self._seen = ("", tuple[str, ...]())
        self._trouble: str | None = None

    def queues(self) -> Sequence[str]:
        """Those of any machine, of this one, and of every set in the register that names it; as last read where it can't
        be read or has mistakes."""
        try:
            content = self._home.register.read_bytes()
        except OSError:
            return self._seen[1]
        digest = hashlib.sha256(content).hexdigest()
        if digest != self._seen[0]:
            loaded = read_register(content)
            known = queues_of(loaded.register, self._machine) if isinstance(loaded, Loaded) else self._seen[1]
            self._seen = digest, known
        return self._seen[1]

    def begin(self, firing: int) -> Child | None:
        row = get_firing(self._ledger, firing)
        if row is None or row["state"] != "queued":
            return None  # taken by another meanwhile, or over
        return self._begun.start(row)

    def lend(self, firing: int) -> Child | None:
        row = get_firing(self._ledger, firing)
        if row is None or row["state"] != "running":
            return None
        return self._launcher.lend(row["scenario"], firing)

    def look(self) -> None:
        self._begun.look()

    def tick(self) -> None:
        """Raises: SystemFailure where the ledger does not answer; Taken where another has this machine's name."""
        moment = self._clock()
        self._hold(moment)
        self._begun.look()
        self._limits.watch(moment, elsewhere=False)

    def _hold(self, moment: datetime) -> None:
        """Tells the others that this machine works, and learns whether another does so under its name."""
        if self._lease is not None:
            if not renew(self._ledger, [self._lease], moment=moment, seconds=STATION_SECONDS):
                raise Taken(f"ほかの端末が、同じ名前「{self._machine}」で banken worker を始めました。")
            return
        release_dead(self._ledger, self._gone)
        wanted = {station_lease(self._machine): 1}
        taken = take(self._ledger, wanted, self._me, moment=moment, seconds=STATION_SECONDS, gone=self._gone)
        if isinstance(taken, Busy):
            raise Taken(f"「{self._machine}」の banken worker は、もう動いています。")
        (self._lease,) = taken

    def stop(self) -> None:
        why = f"{self._machine} の banken worker が止まるため、続きをほかの端末か、戻ったあとのこの端末で行います。"
        for firing in self._begun.under_way():
            ask_to_stop(self._ledger, firing, why, again=True)

    def reached(self, why: str) -> None:
        """The server is reached (empty), or why it is not: said once each."""
        if why == self._trouble:
            return
        if why:
            logger.error("worker: {}", why)
            self._say(f"{why} つながるまで待ちます。")
        elif self._trouble is None:
            self._say(f"端末「{self._machine}」で回を受け付けています。止めるには Ctrl-C を押します。")
        else:
            self._say("つながりました。")
        self._trouble = why

    def close(self) -> list[str]:
        """Leaves; returns the scenarios whose runs still go."""
        left = list(self._begun.under_way().values())
        if self._lease is not None:
            lease, self._lease = self._lease, None
            release(self._ledger, [lease])
        return left


def queues_of(register: Register, machine: str) -> tuple[str, ...]:
    """The queues that a machine's worker listens to."""
    named = {queue_of(entry.runs_on) for entry in register.scenarios.values() if machine in entry.runs_on}
    return tuple(sorted({*named, queue_of(["*"]), queue_of([machine])}))


def is_named(register: Register, machine: str) -> bool:
    """Whether anything of the register may run on the machine."""
    return any(machine in entry.runs_on or "*" in entry.runs_on for entry in register.scenarios.values())
