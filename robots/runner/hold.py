"""What a run holds while it goes: its resources, and its place in the night's plan where a schedule began it.

A thread keeps both alive and learns from the ledger when the run is to stop after its item.  The leases are asked for
once more inside the transaction that begins each commit (ledger/leases.py); this thread is no safeguard.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime, timedelta
from uuid import uuid4

import sqlalchemy as sa
from loguru import logger

from robots.clock import now
from robots.errors import SystemFailure
from robots.ledger import firings, hands, leases
from robots.ledger.items import Item, Outcome
from robots.ledger.leases import Busy, Holder, Lease
from robots.ledger.store import Ledger
from robots.processes import end, gone_here, this_process
from robots.runner.elsewhere import LiesElsewhere
from robots.runner.order import Order, Parts, Watch
from robots.runner.report import Report

Begun = Callable[[sa.Connection, str], None]
"""What is kept together with a run that begins."""
LEASE_SECONDS = 30.0
"""How long a resource stays with a holder that is not heard of."""
BEAT_SECONDS = 5.0
AGAIN = timedelta(seconds=30)
"""After which a firing is tried again that found its scenario or a resource in use."""
RETRIES = 2
"""How often a run that failed for the world's reasons is begun again within its window."""
RETRY_AFTER = timedelta(minutes=5)
"""Before the first retry; before the second twice as long."""
_LOOK = 2.0  # seconds between two looks at a resource that is waited for


class Hold:
    """The runner's Watch of one process at a run: it stops, too, when the night or a lost lease says so.

    hand: its number in the ledger, once it works on a run.
    """

    def __init__(
        self, watch: Watch, ledger: Ledger, held: list[Lease], holder: Holder, *, firing: int | None, hand: int = 0
    ) -> None:
        self._watch, self._ledger, self._held, self._firing = watch, ledger, held, firing
        self._machine, self._process = holder.machine, holder.process
        self._stop = False
        self._over = threading.Event()
        self.run = ""
        self.hand = hand

    def reading(self, done: int, total: int) -> None:
        self._watch.reading(done, total)

    def begun(self, run: str, total: int) -> None:
        self._watch.begun(run, total)

    def item(self, item: Item, outcome: Outcome) -> None:
        if outcome.state == "failed":  # for a lost lease, perhaps: the next item is not begun in vain
            self._listen()
        self._watch.item(item, outcome)

    def stop_wanted(self) -> bool:
        return self._stop or self._watch.stop_wanted()

    def takes(self, also: Begun) -> Begun:
        """For the transaction that begins the run: from then on its commits ask for its leases."""

        def begun(connection: sa.Connection, run: str) -> None:
            self.run = run
            self.hand = hands.begin(connection, run, self._firing, self._machine, self._process)
            leases.attach(connection, run, self._held, self.hand)
            if self._firing is not None:
                firings.begun(connection, self._firing, run)
            also(connection, run)

        return begun

    def ended(self, report: Report) -> None:
        """The run is over and its firing with it: well, where nothing failed and nothing is in doubt.

        What the world's failures have left undone is tried again, as long as the firing's window is open.
        """
        if self._firing is None:
            return
        if not self.stop_wanted() and _worth_a_retry(report) and self._retry(self._firing):
            return
        if report.state == "stopped" and firings.give_back(self._ledger, self._firing, process=self._process):
            return
        left = report.items["failed"] + report.items["in_doubt"]
        state = report.state if report.state in ("ended", "stopped") and not left else "failed"
        reason = report.message or (f"失敗または不明の対象が {left} 件あります。" if left else "")
        firings.settle(self._ledger, self._firing, state, reason, while_in=["running"], process=self._process)

    def _retry(self, firing: int) -> bool:
        row, moment = firings.get_firing(self._ledger, firing), now()
        if row is None or row["claims"] > RETRIES:
            return False
        at = moment + row["claims"] * RETRY_AFTER
        if row["finish_by"] is not None and at >= datetime.fromisoformat(row["finish_by"]):
            return False
        why = f"システムエラーが残ったため、{at:%H:%M} にもう一度行います（{row['claims']} 回目）。"
        return firings.put_back(self._ledger, firing, why, at, process=self._process)

    def beat(self) -> None:
        """Until the run is over: renews what it holds, tells that it lives, and listens."""
        while not self._over.wait(BEAT_SECONDS):
            self._listen()

    def _listen(self) -> None:
        # Two threads listen: what one has heard is never taken back, as ``|=`` with a call behind it would.
        try:
            if self.hand and hands.beat(self._ledger, self.hand, moment=now()):
                self._stop = True
            if self._held and not leases.renew(self._ledger, self._held, moment=now(), seconds=LEASE_SECONDS):
                self._stop = True
            if self._firing is not None and firings.beat(
                self._ledger, self._firing, process=self._process, moment=now()
            ):
                self._stop = True
        except SystemFailure as failure:  # the ledger does not answer just now; the commits will say so
            logger.warning("{} の順番を更新できません: {}", self.run, failure)

    def still(self) -> None:
        """It is told no more that the process lives."""
        self._over.set()

    def give_back(self) -> None:
        """The process is done with the run: what it holds is free at once."""
        if self.hand:
            try:
                hands.end(self._ledger, self.hand)
            except SystemFailure as failure:  # others will find out that the process is gone
                logger.warning("{} を終えたことを記録できません: {}", self.run, failure)
        if self._held:
            leases.release(self._ledger, self._held)


@contextmanager
def beating(hold: Hold) -> Iterator[Hold]:
    """Keeps it alive as long as the block runs; then it is given back."""
    thread = threading.Thread(target=hold.beat, name="hold", daemon=True)
    thread.start()
    try:
        yield hold
    finally:
        hold.still()
        thread.join()
        hold.give_back()


def _worth_a_retry(report: Report) -> bool:
    """Whether the world failed (the run itself, or items of it), so that trying again may help."""
    return report.system_failure if report.state == "failed" else report.state == "ended" and report.items["failed"] > 0


@contextmanager
def held(order: Order, parts: Parts, watch: Watch) -> Iterator[Hold]:
    """Takes what the run needs to itself, and gives it back at the end.

    Raises: SystemFailure where a resource stays with somebody else (who, is said), or the firing is not to be had.
    """
    ledger, settings = parts.ledger, parts.home.settings
    process = this_process()
    if order.firing is not None and not firings.claim(
        ledger, order.firing, machine=settings.machine, process=process, moment=now()
    ):
        raise SystemFailure("この回は、もうほかの実行が受け持っています。", mend="様子は banken runs で見られます。")
    hold: Hold | None = None
    try:
        holder = Holder(uuid4().hex, order.approved.entry.name, settings.machine, process)
        wanted = _resources(order)
        if ledger.shared:  # the file of scenario_lock keeps two apart on this machine only
            wanted[leases.scenario_lease(order.approved.id)] = 1
        hold = Hold(watch, ledger, _take(order, parts, watch, holder, wanted), holder, firing=order.firing)
        with beating(hold):
            yield hold
    except SystemFailure as failure:
        if order.firing is not None and (hold is None or not hold.run):  # it has not begun: later, then
            only_on = failure.machine if isinstance(failure, LiesElsewhere) else None
            firings.put_back(ledger, order.firing, failure.what, now() + AGAIN, process=process, only_on=only_on)
        raise


@contextmanager
def lent(order: Order, parts: Parts, watch: Watch, run: str) -> Iterator[Hold | None]:
    """The same for a further hand of a run that goes: places of its own at the resources, and nothing of the firing's.

    None where the run has ended meanwhile, or has hands enough.  Raises: SystemFailure where a resource is in use.
    """
    schedule = order.approved.entry.schedule
    assert schedule is not None and schedule.share is not None and order.firing is not None, (
        "only a shared run has hands"
    )
    holder = Holder(uuid4().hex, order.approved.entry.name, parts.home.settings.machine, this_process())
    taken = _take(order, parts, watch, holder, _resources(order))
    hand = hands.join(parts.ledger, run, order.firing, schedule.share, holder.machine, holder.process, taken)
    if hand is None:
        leases.release(parts.ledger, taken)
        yield None
        return
    with beating(Hold(watch, parts.ledger, taken, holder, firing=None, hand=hand)) as hold:
        hold.run = run
        yield hold


def _resources(order: Order) -> dict[str, int]:
    schedule, register = order.approved.entry.schedule, order.approved.register
    return {name: register.resources[name].holders for name in (schedule.resources if schedule is not None else [])}


def _take(order: Order, parts: Parts, watch: Watch, holder: Holder, wanted: Mapping[str, int]) -> list[Lease]:
    if not wanted:
        return []
    until = time.monotonic() + order.wait
    gone = gone_here(holder.machine)
    while True:
        taken = leases.take(parts.ledger, wanted, holder, moment=now(), seconds=LEASE_SECONDS, gone=gone)
        if not isinstance(taken, Busy):
            _end_paused(taken, holder)
            return taken
        if time.monotonic() >= until or watch.stop_wanted():
            raise SystemFailure(
                f"{taken}。", mend="終わるのを待つか、--wait 30 のように待つ分数をつけて実行してください。"
            )
        time.sleep(_LOOK)


def _end_paused(taken: list[Lease], holder: Holder) -> None:
    """Whoever let a lease run out on this machine hangs: it is ended, before it can wake up and go on."""
    for lease in taken:
        before = lease.before
        if before is not None and before.machine == holder.machine and before.process != holder.process:
            logger.warning("止まっていた実行「{}」を終わらせました。", before.what)
            end(before.process)
