"""banken nightly: runs what the register's schedules say, by itself."""

from __future__ import annotations

import signal
import threading
import time
from typing import Annotated

import typer

from robots.cli.common import here, registered, say
from robots.nightly.children import Processes
from robots.nightly.service import LEAD_SECONDS, Night, clock_of
from robots.wiring import records

_LOOK = 0.5


def nightly(
    once: Annotated[
        bool, typer.Option("--once", help="いま始めるべきものだけを実行し、すべて終わったら終わる")
    ] = False,
) -> None:
    """台帳の予定（schedule）のとおりに、シナリオを実行しつづける。"""
    home = here()
    registered(home)  # its mistakes are said now; one that comes later is logged, and nothing is begun
    with records(home) as (ledger, _):
        night = Night(home, ledger, Processes(home))
        try:
            if once:
                _until_idle(night)
            else:
                _for_ever(night)
        finally:
            night.close()


def _until_idle(night: Night) -> None:
    night.tick()
    while not night.idle():
        time.sleep(_LOOK)
        night.tick()
    if not night.leads:
        say(f"ほかの夜間実行が動いています。その端末が止まると、{LEAD_SECONDS:.0f} 秒ほどで、ここからも始められます。")


def _for_ever(night: Night) -> None:
    over = threading.Event()
    for one in (signal.SIGINT, signal.SIGTERM):
        signal.signal(one, lambda _signal, _frame: over.set())
    clock = clock_of(night)
    clock.start()
    say("夜間実行を始めました。止めるには Ctrl-C を押します（いま動いている実行は、そのまま最後まで動きます）。")
    while not over.wait(_LOOK):  # a wait without an end would not hear Ctrl-C on Windows
        pass
    clock.shutdown(wait=True)
    say("夜間実行を終わりました。")
