"""banken nightly: runs what the register's schedules say, by itself."""

from __future__ import annotations

import signal
import threading
import time
from collections.abc import Callable
from typing import Annotated

import typer
from loguru import logger

from robots.cli.common import here, registered, say
from robots.errors import SystemFailure
from robots.nightly.care import CARE_SECONDS, Care, CareParts
from robots.nightly.children import Processes
from robots.nightly.service import LEAD_SECONDS, Night, clock_of
from robots.wiring import open_browser, pool_of, post_of, records

_LOOK = 0.5


def nightly(
    once: Annotated[
        bool, typer.Option("--once", help="いま始めるべきものだけを実行し、すべて終わったら終わる")
    ] = False,
) -> None:
    """台帳の予定（schedule）のとおりに、シナリオを実行しつづける。"""
    home = here()
    registered(home)  # its mistakes are said now; one that comes later is logged, and nothing is begun
    with records(home) as (ledger, audit):
        launcher = Processes(home)
        pool = pool_of(home)
        if pool is not None:
            pool.prepare()
        night = Night(home, ledger, launcher, pool=pool)
        care = Care(CareParts(home, ledger, audit, post_of(home, ledger), launcher, _start_browser))
        try:
            if once:
                _until_idle(night)
            else:
                _for_ever(night, care, pooled=pool is not None)
        finally:
            night.close()


def _until_idle(night: Night) -> None:
    night.tick()
    while not night.idle():
        time.sleep(_LOOK)
        night.tick()
    if not night.leads:
        say(f"ほかの夜間実行が動いています。その端末が止まると、{LEAD_SECONDS:.0f} 秒ほどで、ここからも始められます。")


def _for_ever(night: Night, care: Care, *, pooled: bool) -> None:
    over = threading.Event()
    for one in (signal.SIGINT, signal.SIGTERM):
        signal.signal(one, lambda _signal, _frame: over.set())
    for run in care.begin():
        say(f"途中で終わっていた実行 {run} を続けます。")
    clock = clock_of(night)
    clock.add_job(_cared(care, night), "interval", seconds=CARE_SECONDS, max_instances=1, coalesce=True)
    clock.start()
    say("夜間実行を始めました。止めるには Ctrl-C を押します（いま動いている実行は、そのまま最後まで動きます）。")
    if pooled:
        say("台帳記録がサーバーにあるので、回は banken worker の動いている端末が行います。")
    while not over.wait(_LOOK):  # a wait without an end would not hear Ctrl-C on Windows
        pass
    clock.shutdown(wait=True)
    say("夜間実行を終わりました。")


def _cared(care: Care, night: Night) -> Callable[[], None]:
    """What the clock calls: a failure, or a bug of ours, must not end the night."""

    def tick() -> None:
        try:
            care.tick(night)
        except SystemFailure as failure:
            logger.error("夜間実行の世話: {}", failure)
        except Exception:  # noqa: BLE001
            logger.exception("夜間実行の世話で Banken の不具合")

    return tick


def _start_browser() -> None:
    open_browser([], False).close()
