"""The look over the whole town that takes seconds (how every scenario stands at the gate, and the strays), made beside.

A page shows the last look and when it was made; one that is old, or of another register, starts the next.
"""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta
from threading import Lock

from loguru import logger

from robots.clock import now
from robots.errors import BankenError, BusinessError
from robots.ledger.approvals import ApprovalMemory
from robots.ledger.histories import history
from robots.ledger.store import Ledger
from robots.nightly.due import dues
from robots.nightly.rules import Town as OpenTown
from robots.registry.index import Written, open_index
from robots.registry.load import Loaded
from robots.registry.model import state_of
from robots.registry.strays import Facts, Stray, strays
from robots.registry.survey import Town, Verdict, states_of_all
from robots.settings import SCENARIO_NAME, Home

AGE = timedelta(minutes=5)
_AHEAD = timedelta(hours=26)
_REST = 10
"""How many times as long as a look takes there is none.  Of a town of ten thousand the first takes a minute."""


@dataclass(frozen=True, slots=True)
class Looked:
    """What a look found.  verdicts: by scenario, only of those that were registered then."""

    at: datetime
    loaded: Loaded
    verdicts: Mapping[str, Verdict]
    until: datetime
    """When the next is made: a look that takes long is made less often."""
    strays: list[Stray]
    plan: list[tuple[datetime, str]]
    """When approved scenarios are due from then on, for a little more than a day."""


class Look:
    """The last look of one town, and the next one."""

    def __init__(self, home: Home, ledger: Ledger) -> None:
        self._home = home
        self._ledger = ledger
        self._pool = ThreadPoolExecutor(1, "look")
        self._lock = Lock()
        self._last: Looked | None = None
        self._next: Future[None] | None = None

    def last(self, loaded: Loaded, *, wait: float = 0) -> Looked | None:
        """The last look, None where there is none yet; begins another where it is old.

        wait: seconds to wait for one of this register.
        """
        with self._lock:
            last = self._last
            fresh = last is not None and last.loaded is loaded and now() < last.until
            if not fresh and (self._next is None or self._next.done()):
                self._next = self._pool.submit(self._look, loaded)
            pending = self._next
        if not fresh and pending is not None and wait:
            try:
                pending.result(wait)
            except TimeoutError:
                return last
        return self._last

    def close(self) -> None:
        self._pool.shutdown(cancel_futures=True)

    def _look(self, loaded: Loaded) -> None:
        home, moment = self._home, now()
        day = moment.date()
        try:
            with open_index(home) as index:
                written = index.written(home.register.read_bytes())
                known = ApprovalMemory(self._ledger).all_known()
                verdicts = {}
                if isinstance(written, Written):  # else what was read a moment ago is being mended
                    verdicts = states_of_all(Town(home, day, known), written, index)
            folders = {
                file.parent.relative_to(home.scenarios).as_posix() for file in home.scenarios.rglob(SCENARIO_NAME)
            }
            facts = Facts(
                today=day,
                register=loaded.register,
                folders=frozenset(folders),
                verdicts=verdicts,
                history=history(self._ledger),
                stray_days=home.settings.stray_days,
            )
            found, plan = strays(facts), _plan(loaded, moment)
            until = now() + max(AGE, _REST * (now() - moment))
            self._last = Looked(moment, loaded, verdicts, until, found, plan)
        except BankenError as error:
            logger.warning("町全体の点検ができませんでした（{}）。", error)


def _plan(loaded: Loaded, moment: datetime) -> list[tuple[datetime, str]]:
    register = loaded.register
    town = OpenTown(register.open_days, register.fiscal_year_starts)
    found: list[tuple[datetime, str]] = []
    for id, entry in register.scenarios.items():
        if entry.schedule is None or state_of(entry, moment.date()) != "approved":
            continue
        try:
            found += [(due.at, id) for due in dues(entry.schedule, town, moment, moment + _AHEAD)]
        except BusinessError:  # a day whose holidays are not known yet; `banken calendar` says so
            continue
    return sorted(found)
