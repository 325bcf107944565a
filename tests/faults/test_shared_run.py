"""Several processes share the items of a run, and some of them are killed or paused: every item once, `finish` once."""

from __future__ import annotations

import os
import signal
import sqlite3
import sys
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from multiprocessing.process import BaseProcess
from pathlib import Path

import pytest
import sqlalchemy as sa

from bench.shared_run import Watched, counted, fire_now, kill, kill_both, many, shared
from robots.clock import now, stamp
from robots.errors import SystemFailure
from robots.ledger.hands import SILENT
from robots.ledger.store import Ledger, open_ledger
from robots.ledger.tables import firings, hands, items
from robots.nightly.children import Child
from robots.processes import find
from robots.registry.load import Loaded, load_register
from tests.commands import command
from tests.conftest import _ENVIRON, JUTOGAI, CityHall, banken_here
from tests.forks import forked
from tests.postgres.server import Postgres
from tests.unit.ledger.ledger_help import start

ALL_AT_ONCE = 120.0


@dataclass(frozen=True)
class Forked:
    """A child that costs a fork, see tests/forks.py."""

    process: BaseProcess
    warned: Path

    def ended(self) -> int | None:
        return self.process.exitcode

    def said(self) -> str:
        return self.warned.read_text(encoding="utf-8")


@dataclass
class Forks:
    """The night's launcher; each process costs a browser, so no more hands are begun than a test needs."""

    root: Path
    hands: int = 0
    begun: list[Forked] = field(default_factory=list)

    def start(self, scenario: str, firing: int) -> Child:
        return self._begin("run", scenario, "--firing", str(firing))

    def lend(self, scenario: str, firing: int) -> Child:
        if not self.hands:
            raise SystemFailure("これより多くは始めません。", mend="試験です。")
        self.hands -= 1
        return self._begin("run", scenario, "--firing", str(firing), "--hand")

    def _begin(self, *arguments: str) -> Child:
        said, warned = (self.root / f"{len(self.begun)}.{name}" for name in ("said", "warned"))
        process = forked(command, self.root, arguments, _ENVIRON, said, warned)
        process.start()
        self.begun.append(Forked(process, warned))
        return self.begun[-1]

    def end(self) -> None:
        for one in self.begun:
            one.process.kill()
            one.process.join()
            print(one.said())  # read where a test fails


@pytest.fixture
def forks(city: CityHall) -> Iterator[Forks]:
    made = Forks(city.home.root)
    yield made
    made.end()


def test_a_hand_and_then_the_runs_own_process_are_killed(city: CityHall, forks: Forks, postgres: Postgres) -> None:
    """More items, and the same over a file, are bench.shared_run's."""
    forks.hands = 2
    town = shared(city, postgres.database(), share=3)
    keys = many(town, 24)
    ledger = open_ledger(town.home.database)
    timed = kill_both(Watched(town.home, ledger, forks, 3, every=1.0), len(keys), patience=ALL_AT_ONCE)
    found = counted(town, ledger, keys)
    ledger.close()
    assert (found["lost"], found["doubled"], found["wrong"], found["states"]) == ([], [], [], {"done": len(keys)})
    assert (timed["ended"], timed["claims"]) == ("ended", 2)


@pytest.mark.skipif(sys.platform == "win32", reason="there is no SIGSTOP")
def test_a_paused_hand_wakes_up_when_its_item_is_with_another_and_the_runs_own_process_dead(
    city: CityHall, forks: Forks
) -> None:
    forks.hands = 1
    town = shared(city, city.home.database, share=2)
    keys = many(town, 16)
    ledger = open_ledger(town.home.database)
    run = Watched(town.home, ledger, forks, 2, every=1.0)
    run.until(lambda: len(run.hands()) == 2, ALL_AT_ONCE)
    main = run.process()
    hand, paused = next((number, process) for number, process in run.hands().items() if process != main)
    pause(run, hand, paused)
    (item,) = run.asked(sa.select(items.c.id).where(items.c.hand == hand, items.c.state == "working"))
    with ledger.writing() as connection:
        long_ago = stamp(now() - 2 * SILENT)
        connection.execute(hands.update().where(hands.c.id == hand).values(beat_at=long_ago))
    run.until(lambda: taken_up(ledger, item, hand), ALL_AT_ONCE)
    kill(main)
    found = find(paused)
    assert found is not None, "it was not begun to be entered: nobody ended the process"
    os.kill(found.pid, signal.SIGCONT)
    run.until(lambda: run.over() and not run.hands().keys() - {dead_main(run, main)}, ALL_AT_ONCE)
    outcome = counted(town, ledger, keys)
    ledger.close()
    assert (outcome["lost"], outcome["doubled"], outcome["wrong"]) == ([], [], [])
    assert outcome["states"] == {"done": len(keys)}


def dead_main(run: Watched, process: str) -> int:
    """The number of a process that could not say that it ended, until the night notes it."""
    return next((number for number, one in run.hands().items() if one == process), 0)


def pause(run: Watched, hand: int, process: str) -> None:
    """Pauses it while it has an item that it has not begun to enter, and nobody waits for its ledger."""
    found = find(process)
    assert found is not None
    while True:
        run.until(lambda: "working" in run.has(hand), ALL_AT_ONCE)
        os.kill(found.pid, signal.SIGSTOP)
        if run.has(hand) == ["working"] and may_write(run.home.var / "ledger.sqlite"):
            return
        os.kill(found.pid, signal.SIGCONT)


def may_write(file: Path) -> bool:
    try:
        with closing(sqlite3.connect(file, timeout=2, isolation_level=None)) as connection:
            connection.execute("BEGIN IMMEDIATE")
    except sqlite3.OperationalError:
        return False
    return True


def taken_up(ledger: Ledger, item: object, hand: int) -> bool:
    with ledger.reading() as connection:
        return bool(connection.execute(sa.select(items.c.hand).where(items.c.id == item)).scalar_one() != hand)


def test_whoever_comes_to_no_run_or_to_another_ones_approval_is_told(city: CityHall) -> None:
    town = shared(city, city.home.database, share=2)
    root, asked = town.home.root, ("run", JUTOGAI, "--firing", "1", "--hand")
    nothing = banken_here(root, *asked)
    assert (nothing.code, "手分けする実行がありません" in nothing.err) == (2, True), nothing
    ledger = open_ledger(town.home.database)
    firing = fire_now(ledger, JUTOGAI)
    loaded = load_register(town.home)
    assert isinstance(loaded, Loaded)
    approval = loaded.register.scenarios[JUTOGAI].approval
    assert approval is not None
    run = start(ledger, scenario=JUTOGAI, digest=approval.digest)
    with ledger.writing() as connection:  # it has begun, and is over
        connection.execute(firings.update().where(firings.c.id == firing).values(run=run, state="ended"))
    late = banken_here(root, *asked)
    assert (late.code, "もう終わったか、人手が足りています" in late.err) == (0, True), late
    town.edit(JUTOGAI, lambda text: text + "# 書き足し\n")
    town.approve(JUTOGAI)
    other = banken_here(root, *asked)
    assert (other.code, "新しい承認がありました" in other.err) == (3, True), other
    ledger.close()
