"""banken worker: takes the runs that the night has chosen, on one machine of several."""

from __future__ import annotations

import signal
import threading
from typing import Annotated

import typer

from robots.cli.common import Code, Stop, here, registered, say
from robots.errors import SystemFailure
from robots.ledger.store import Ledger
from robots.nightly.children import Processes
from robots.nightly.pool import Pool
from robots.nightly.worker import Station, Taken, is_named
from robots.settings import Home
from robots.wiring import pool_of, records

_RETRY = 5.0


def worker(
    name: Annotated[
        str | None, typer.Option("--name", help="この端末の名前（台帳の runs_on に書いた名前）。省くと設定 machine")
    ] = None,
) -> None:
    """夜間実行が決めた回を、この端末で受け付けて実行しつづける（何台かの端末で使うとき）。"""
    home = here()
    if name is not None:
        home = home.model_copy(update={"settings": home.settings.model_copy(update={"machine": name})})
    pool = pool_of(home)
    if pool is None:
        say(
            "台帳記録が PostgreSQL にないため、worker は使えません。端末が一台なら banken nightly だけで動きます。"
            "\n何台かで使うには、banken migrate で移し、設定 database に postgresql+psycopg://… と書いてください。"
        )
        raise Stop(Code.USAGE)
    machine, register = home.settings.machine, registered(home).register
    if not is_named(register, machine):
        say(
            f"台帳（registry.yaml）の runs_on に、端末「{machine}」も「*」もありません。この端末で動かしてよいシナリオがありません。"
            "\n--name か設定 machine の名前を確かめるか、runs_on に書いて承認を受けてください。"
        )
        raise Stop(Code.USAGE)
    over = threading.Event()
    for one in (signal.SIGINT, signal.SIGTERM):
        signal.signal(one, lambda _signal, _frame: over.set())
    told = ""
    while not over.is_set():
        try:
            with records(home) as (ledger, _):
                _work(home, ledger, pool, over)
        except SystemFailure as failure:  # before it was reached for the first time
            if str(failure) != told:
                say(f"{failure} つながるまで待ちます。")
            told = str(failure)
            over.wait(_RETRY)
    say("worker を終わりました。")


def _work(home: Home, ledger: Ledger, pool: Pool, over: threading.Event) -> None:
    settings = home.settings
    station = Station(home, ledger, Processes(home), say)
    try:
        pool.work(station, name=settings.machine, room=settings.parallel, grace=settings.stop_grace, over=over)
    except Taken as taken:
        say(f"{taken}\n端末の名前（--name か設定 machine）は、端末ごとに変えてください。")
        raise Stop(Code.USAGE) from None
    finally:
        left = station.close()
    if left:
        say(f"まだ終わらない実行があります（そのまま続きます）: {'、'.join(left)}")
