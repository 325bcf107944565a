"""Many scenarios due at one moment, on the workers of a pool: when does each begin, in which order, and is any left out?

    python -m bench.pool [--json] [--scenarios 500] [--workers 4] [--seconds 2.0]

All are due in one minute (the next; 02:00 in a town) and may run on any machine; their priorities (1 to 9) and lengths (0.5 to 1.5 times ``--seconds``)
are drawn from a seed.  The register, the night (it looks every five seconds, as ``banken nightly`` does), PostgreSQL
(which waits for its disk at each commit), the queue and the workers are real, each worker a process of its own that
runs what ``banken worker`` runs.  Only what a worker begins is not: its launcher is given one whose run takes its firing
up, is idle for its length and settles it, without a process, a browser or an item, since 500 of those would measure
this machine's two cores and not the pool.  A real run takes some two seconds more before its first step.

ideal: the same lengths, as they were measured, put one after the other by priority on as many machines as there are
workers, each beginning in the very moment in which one is free, from that minute on.
"""

from __future__ import annotations

import argparse
import heapq
import os
import random
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

import sqlalchemy as sa

from bench.told import tell
from robots.clock import now
from robots.ledger.firings import claim, settle
from robots.ledger.store import Ledger, open_ledger
from robots.ledger.tables import firings
from robots.nightly.children import Child, Processes
from robots.nightly.pool import Pool
from robots.nightly.service import TICK_SECONDS, Night
from robots.nightly.worker import Station
from robots.processes import this_process
from robots.settings import Home, open_home
from robots.wiring import vault_of
from tests.postgres.server import running_postgres

ROOT = Path(__file__).parents[1]
_HEAD = """\
organization: 練習市
departments: {yoru: {name: 夜間課}}
people:
  s1: {name: 担当, department: yoru, roles: [author]}
  s2: {name: 係長, department: yoru, roles: [author]}
scenarios:
"""
_ENTRY = """\
  yoru/s%04d:
    name: 夜の仕事
    owner: s1
    deputy: s2
    runs_on: ["*"]
    stop: 止める
    data: none
    schedule: {on: 毎日, at: "%s", priority: %d}
    baseline: {minutes_per_item: 8, measured: 2026-05-01, how: 実測}
"""


@dataclass
class Idle:
    """A run that has taken its firing up and is idle until it is over; then it settles it."""

    ledger: Ledger
    firing: int
    until: float
    settled: bool = field(default=False)

    def ended(self) -> int | None:
        if not self.settled and time.monotonic() >= self.until:
            settle(self.ledger, self.firing, "ended", "", while_in=["running"])
            self.settled = True
        return 0 if self.settled else None

    def said(self) -> str:
        return ""


class Idling(Processes):
    """The launcher of this measurement."""

    def __init__(self, home: Home, ledger: Ledger, seconds: float) -> None:
        super().__init__(home)
        self._machine, self._ledger, self._seconds = home.settings.machine, ledger, seconds

    def start(self, scenario: str, firing: int) -> Child:
        length = self._seconds * random.Random(scenario).uniform(0.5, 1.5)
        claim(self._ledger, firing, machine=self._machine, process=this_process(), moment=now())
        return Idle(self._ledger, firing, time.monotonic() + length)


def work(root: Path, seconds: float) -> None:
    """A worker, until its stdin ends."""
    home = open_home(root)
    ledger, over = open_ledger(home.database, vault_of(home)), threading.Event()

    def until_told() -> None:
        sys.stdin.read()
        over.set()

    threading.Thread(target=until_told, daemon=True).start()
    station = Station(home, ledger, Idling(home, ledger, seconds), lambda text: print(text, flush=True))
    Pool(home.database).work(station, name=home.settings.machine, room=1, grace=10, over=over)
    station.close()


@contextmanager
def workers(root: Path, count: int, seconds: float) -> Iterator[None]:
    """So many of them, once each has said that it takes jobs."""
    begun = [
        subprocess.Popen(
            [sys.executable, "-m", "bench.pool", "--work", str(root), "--seconds", str(seconds)],
            cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env={**os.environ, "BANKEN_MACHINE": f"robot-{number}"},
        )
        for number in range(count)
    ]  # fmt: skip
    try:
        for one in begun:
            assert one.stdout is not None and one.stdout.readline(), "a worker did not begin"
        yield
    finally:
        for one in begun:
            one.communicate(timeout=60)


def measure(scenarios: int, count: int, seconds: float) -> dict[str, object]:
    """Lets them all come due at once; returns figures."""
    draw = random.Random(7)
    with tempfile.TemporaryDirectory() as folder, running_postgres(durable=True) as postgres:
        root, database = Path(folder), postgres.database()
        (root / "registry.yaml").write_text(f"{_HEAD.rstrip()} {{}}\n", encoding="utf-8")
        (root / "banken.toml").write_text(f'database = "{database}"\nvault = "file"\n', encoding="utf-8")
        os.environ["BANKEN_VAULT_KEY"] = str(root / "key")
        home = open_home(root)
        ledger = open_ledger(database, vault_of(home))
        pool = Pool(database)
        pool.prepare()
        with workers(root, count, seconds):
            due = (now() + timedelta(minutes=1, seconds=2 * TICK_SECONDS)).replace(second=0, microsecond=0)
            entries = (_ENTRY % (number, f"{due:%H:%M}", draw.randint(1, 9)) for number in range(scenarios))
            (root / "registry.yaml").write_text(_HEAD + "".join(entries), encoding="utf-8")
            night = Night(home, ledger, Processes(home), pool=pool)
            while len(rows := begun(ledger)) < scenarios or not all(row["ended_at"] for row in rows):
                night.tick()
                time.sleep(TICK_SECONDS)
            night.close()
        ledger.close()
    return figures(rows, due, count)


def begun(ledger: Ledger) -> list[sa.RowMapping]:
    """The firings, in the order in which they were begun."""
    with ledger.reading() as connection:
        return list(connection.execute(sa.select(firings).order_by(firings.c.started_at)).mappings())


def figures(rows: list[sa.RowMapping], due: datetime, count: int) -> dict[str, object]:
    delays: list[float] = []
    lengths: dict[int, float] = {}
    for row in rows:
        start, end = (datetime.fromisoformat(row[name]) for name in ("started_at", "ended_at"))
        delays.append((start - due).total_seconds())
        lengths[row["id"]] = (end - start).total_seconds()
    ideal: list[float] = []
    free = [0.0] * count
    for row in sorted(rows, key=lambda one: (one["priority"], one["due"], one["scenario"])):
        begun = heapq.heappop(free)
        ideal.append(begun)
        heapq.heappush(free, begun + lengths[row["id"]])
    order = [row["priority"] for row in rows]
    return {
        "scenarios": len(rows),
        "workers": count,
        "ended": sum(row["state"] == "ended" and row["claims"] == 1 for row in rows),
        "begun_before_a_more_urgent_one": sum(
            any(later < one for later in order[at + 1 :]) for at, one in enumerate(order)
        ),
        "delay_p50_s": round(quantile(delays, 0.5), 2),
        "delay_p95_s": round(quantile(delays, 0.95), 2),
        "delay_max_s": round(max(delays), 2),
        "ideal_p95_s": round(quantile(ideal, 0.95), 2),
        "ratio_p50": round(quantile(delays, 0.5) / quantile(ideal, 0.5), 3),
        "ratio_p95": round(quantile(delays, 0.95) / quantile(ideal, 0.95), 3),
        "first_after_s": round(min(delays), 2),
    }


def quantile(values: list[float], part: float) -> float:
    return sorted(values)[min(len(values) - 1, int(len(values) * part))]


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--scenarios", type=int, default=500)
    parser.add_argument("--workers", type=int, default=4)
    parser.add_argument("--seconds", type=float, default=2.0)
    parser.add_argument("--work", type=Path, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.work is not None:
        work(given.work, given.seconds)
        return
    found = measure(given.scenarios, given.workers, given.seconds)
    tell(found, as_json=given.json)


if __name__ == "__main__":
    main()
