"""Further hands of a shared run on one machine: how many the night begins, and when."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import psutil
import pytest
import sqlalchemy as sa

from robots.clock import now, stamp
from robots.ledger.adopt import adopt_items
from robots.ledger.firings import NewFiring, ask_to_stop, begun, claim, fire
from robots.ledger.hands import begin, further_hands
from robots.ledger.items import NewItem
from robots.ledger.leases import Holder, release, take
from robots.ledger.runs import RunStart, begin_run
from robots.ledger.store import Ledger
from robots.ledger.tables import firings
from robots.nightly.children import Child
from robots.nightly.limits import Limits
from robots.nightly.service import Night
from robots.processes import find, named, this_process
from robots.settings import Home
from tests.unit.nightly.night_town import Started, open_town, register


@dataclass
class Begins:
    """A launcher that only notes what it was asked for."""

    runs: list[str] = field(default_factory=list)
    hands: list[Started] = field(default_factory=list)

    def start(self, scenario: str, firing: int) -> Child:
        self.runs.append(scenario)
        return Started()

    def lend(self, scenario: str, firing: int) -> Child:
        assert scenario == "yoru/shared"
        self.hands.append(Started())
        return self.hands[-1]


def town(root: Path, parallel: int) -> tuple[Home, Ledger]:
    home, ledger = open_town(root, parallel=parallel)
    once = '{on: 2099-12-25 に1回, at: "19:00"%s}'
    home.register.write_text(register({"shared": once % ", share: 4", "plain": once % ""}), encoding="utf-8")
    return home, ledger


def going(ledger: Ledger, count: int) -> None:
    """A run of the shared scenario goes, with so many items that wait; a turn of the other one has come."""
    me = Holder("test", "test", "robot-1", this_process())
    taken = take(ledger, {"nightly": 1}, me, moment=now(), seconds=60, gone=lambda *_: False)
    assert isinstance(taken, list)
    fire(ledger, taken[0], [NewFiring("yoru/shared", now(), 5)], {})
    release(ledger, taken)
    assert claim(ledger, 1, machine="robot-1", process=this_process(), moment=now())
    texts = ("scenario", "scenario_name", "department", "department_name", "division", "digest", "minutes_per_item")
    start = RunStart(
        **dict.fromkeys(texts, "1") | {"scenario": "yoru/shared"},
        rehearsal=False,
        inputs={},
        minutes_per_run="0",
        built_by="in_house",
        hourly_cost=None,
        version="0",
        machine="robot-1",
        who="nightly",
    )
    run = begin_run(ledger, start)
    with ledger.writing() as connection:
        begun(connection, 1, run)
        begin(connection, run, 1, "robot-1", this_process())
    adopt_items(ledger, run, "yoru/shared", [NewItem(str(number), "", {}) for number in range(count)])


@pytest.mark.parametrize(("parallel", "count", "hands"), [(8, 40, 3), (3, 40, 2), (1, 40, 0), (8, 4, 2), (8, 1, 0)])
def test_hands_come_to_a_shared_run_as_there_is_room_and_work(
    tmp_path: Path, parallel: int, count: int, hands: int
) -> None:
    home, ledger = town(tmp_path, parallel)
    going(ledger, count)
    launcher = Begins()
    night = Night(home, ledger, launcher)
    for _ in range(3):  # those that were begun are not in the ledger yet
        night.tick()
    assert (len(launcher.hands), launcher.runs) == (hands, [])
    assert night.idle() == (hands == 0)
    ledger.close()


def test_a_hand_that_has_ended_makes_room_for_another(tmp_path: Path) -> None:
    home, ledger = town(tmp_path, 8)
    going(ledger, 40)
    launcher = Begins()
    night = Night(home, ledger, launcher)
    night.tick()
    launcher.hands[0].code = 1
    night.tick()
    assert len(launcher.hands) == 4
    ledger.close()


def test_a_hand_that_does_not_stop_is_ended_and_one_that_has_died_is_noted(tmp_path: Path) -> None:
    home, ledger = town(tmp_path, 8)
    going(ledger, 40)
    limits = Limits(ledger, home.settings)
    with subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"]) as hung:
        process = named(psutil.Process(hung.pid))
        with ledger.writing() as connection:
            run = connection.execute(sa.select(firings.c.run)).scalar_one()
            begin(connection, run, 1, "robot-1", process)
            begin(connection, run, 1, "robot-1", "1@0.00")
        limits.watch(now())
        assert (hung.poll(), [row["process"] for row in further_hands(ledger, "robot-1")]) == (None, [process])
        ask_to_stop(ledger, 1, "終了期限を過ぎました。")
        limits.watch(now())
        assert hung.poll() is None, "it may bring its item to its end"
        limits.watch(now() + timedelta(seconds=home.settings.stop_grace - 1))
        assert hung.poll() is None
        with ledger.writing() as connection:  # the run's own process has stopped
            connection.execute(firings.update().values(state="stopped", ended_at=stamp(now())))
        limits.watch(now() + timedelta(seconds=home.settings.stop_grace + 1))
        assert find(process) is None
    limits.watch(now())
    assert further_hands(ledger, "robot-1") == []
    ledger.close()
