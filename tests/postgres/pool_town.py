"""What the tests of the pool share: a town on a server, a night that looks, and workers as processes of their own."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import sqlalchemy as sa

from robots.clock import now, stamp
from robots.ledger.firings import open_firings
from robots.ledger.store import Ledger, open_ledger
from robots.ledger.tables import firings, marks
from robots.nightly.children import Processes
from robots.nightly.pool import Pool
from robots.nightly.service import TICK_SECONDS, Night
from robots.nightly.turns import plan_of
from robots.registry.load import Loaded, load_register
from robots.settings import Home, open_home
from robots.wiring import vault_of
from tests.flow_town import ITEMS, TOP, FlowTown, enter

ROOT = Path(__file__).parents[2]
NIGHTLY = '{on: 毎日, at: "0:00"}'
PATIENCE = 300.0


@contextmanager
def opened(home: Home, database: str, **settings: object) -> Iterator[tuple[Home, Ledger]]:
    """The town on a server from now on."""
    lines = [f"{name} = {value}" for name, value in {"database": f'"{database}"', "parallel": 2, **settings}.items()]
    with (home.root / "banken.toml").open("a", encoding="utf-8") as file:
        file.write("\n" + "\n".join(lines) + "\n")
    home = open_home(home.root, {"BANKEN_MACHINE": "leader"})
    ledger = open_ledger(database, vault_of(home))
    yield home, ledger
    ledger.close()


def nightly(town: FlowTown, id: str, runs_on: str, *rows: str) -> None:
    """Registers a scenario that these machines may run nightly, approved."""
    town.rows(*rows, id=id)
    text = (TOP + ITEMS + "各件:\n" + enter("${対象.氏名}")).replace("登録.xlsx", f"{id.split('/')[1]}.xlsx")
    town.write(text, id, accept=False)
    register = town.home.register.read_text(encoding="utf-8")
    head, tail = register.split(f"  {id}:\n")
    tail = tail.replace('runs_on: ["*"]', f"runs_on: {runs_on}\n    schedule: {NIGHTLY}")
    town.home.register.write_text(f"{head}  {id}:\n{tail}", encoding="utf-8")
    town.accept(id)


def come_due(home: Home, ledger: Ledger) -> None:
    """The schedules were seen yesterday, so that today's turns are due."""
    loaded = load_register(home)
    assert isinstance(loaded, Loaded)
    with ledger.writing() as connection:
        for scenario, digest in plan_of(loaded).digests.items():
            yesterday = stamp(now() - timedelta(days=1))
            connection.execute(marks.insert().values(scenario=scenario, schedule=digest, upto=yesterday))


class Workers:
    """``banken worker`` as processes of their own; what one says stands in its file."""

    def __init__(self, home: Home, ledger: Ledger) -> None:
        self.home, self.ledger = home, ledger
        self._processes: dict[str, subprocess.Popen[bytes]] = {}
        self.night = Night(home, ledger, Processes(home), pool=Pool(home.database))

    def start(self, name: str) -> subprocess.Popen[bytes]:
        environment = {**os.environ, "PYTHONUTF8": "1", "PYTHONPATH": str(ROOT)}
        with self._file(name).open("wb") as sink:
            self._processes[name] = process = subprocess.Popen(
                [sys.executable, "-m", "robots", "worker", "--name", name],
                cwd=self.home.root, env=environment, stdout=sink, stderr=subprocess.STDOUT,
            )  # fmt: skip
        return process

    def said(self, name: str) -> str:
        return self._file(name).read_text(encoding="utf-8")

    def _file(self, name: str) -> Path:
        return self.home.root / f"{name}.txt"

    def until(self, what: Callable[[], object]) -> None:
        """Lets the night look, every few seconds as it does, until it is so."""
        end, ticked = time.monotonic() + PATIENCE, -PATIENCE
        while not what():
            told = [self.said(one) for one in self._processes]
            assert time.monotonic() < end, (told, [dict(row) for row in self.rows()])
            if time.monotonic() - ticked >= TICK_SECONDS / 2:
                self.night.tick()
                ticked = time.monotonic()
            time.sleep(0.2)

    def rows(self) -> list[sa.RowMapping]:
        with self.ledger.reading() as connection:
            return list(connection.execute(sa.select(firings).order_by(firings.c.scenario)).mappings())

    def all_over(self) -> bool:
        return bool(self.rows()) and not open_firings(self.ledger)

    def close(self) -> None:
        self.night.close()
        for process in self._processes.values():
            process.kill()
            process.wait()


@contextmanager
def working(home: Home, ledger: Ledger) -> Iterator[Workers]:
    Pool(home.database).prepare()
    workers = Workers(home, ledger)
    try:
        yield workers
    finally:
        workers.close()
