"""400 nights of a schedule under an injected clock: is every turn started, and none twice, whatever dies?

    python -m bench.nights [--json] [--nights 400] [--kills 200] [--schedulers 2] [--seed 1]

100 open-day nights of each of four fiscal years, from 1 December: year's end, a leap day, moved holidays, the end of the
fiscal year.  The scheduler is killed at random writes of the ledger and at random starts of a run, before or after;
another comes up in its place on the same ledger.  With two, one is also paused at a random write while the clock goes
on and the other takes over.  Runs are processes of their own and outlive whoever started them.  The nights expected come
from a table that was typed by hand (bench/japan_days.py).
"""

from __future__ import annotations

import argparse
import random
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import partial
from pathlib import Path

import sqlalchemy as sa

from bench.japan_days import open_days
from bench.told import tell
from robots.clock import JST
from robots.ledger.firings import claim, get_firing, settle
from robots.ledger.store import Ledger, open_ledger
from robots.ledger.tables import marks
from robots.nightly.children import Child
from robots.nightly.service import Night
from robots.processes import this_process
from robots.settings import Home, open_home

SCENARIO = "yakan/jikken"
_REGISTER = """\
organization: 練習市
departments: {yakan: {name: 計測課}}
people:
  a: {name: 作る人, department: yakan, roles: [author]}
  b: {name: 副担当, department: yakan, roles: [author]}
scenarios:
  yakan/jikken:
    name: 計測
    owner: a
    deputy: b
    runs_on: ["*"]
    stop: Ctrl-C
    data: none
    schedule: {on: every open day, at: "19:00", finish_by: "06:00"}
    baseline: {minutes_per_item: 1, measured: 2026-04-01, how: 計測のため}
"""


class Killed(BaseException):
    """The scheduler's process dies here."""


@dataclass
class World:
    """The clock, the dice, and what runs."""

    random: random.Random
    moment: datetime
    waiting: list[int] = field(default_factory=list)
    """Firings whose process was started and has not yet come as far as the ledger."""
    started: Counter[str] = field(default_factory=Counter)
    kill_in: int = -1
    """Boundaries left until the next death; negative: none."""
    kills: int = 0
    pauses: int = 0
    paused: Callable[[], None] | None = None
    """What goes on while a scheduler is paused."""

    def boundary(self) -> None:
        """A place at which a scheduler may die, or stand still for a minute."""
        if self.kill_in == 0:
            self.kill_in, self.kills = -1, self.kills + 1
            raise Killed
        self.kill_in -= 1
        if self.paused is not None and self.random.random() < 0.01:
            meanwhile, self.paused = self.paused, None
            self.pauses += 1
            self.moment += timedelta(seconds=70)
            meanwhile()
            self.paused = meanwhile


class MortalLedger(Ledger):
    """The real ledger; its scheduler may die before and after each write."""

    def __init__(self, ledger: Ledger, world: World) -> None:
        super().__init__(ledger._engine)
        self._world = world

    @contextmanager
    def writing(self, *, beside: bool = False) -> Iterator[sa.Connection]:
        self._world.boundary()
        with super().writing(beside=beside) as connection:
            yield connection
        self._world.boundary()


@dataclass
class Going:
    """A child of the simulation: over as soon as it has been carried out."""

    world: World
    firing: int

    def ended(self) -> int | None:
        return None if self.firing in self.world.waiting else 0

    def said(self) -> str:
        return ""


class Launcher:
    """Starts simulated runs; the scheduler may die just before and just after."""

    def __init__(self, world: World) -> None:
        self._world = world

    def start(self, scenario: str, firing: int) -> Child:
        self._world.boundary()
        self._world.waiting.append(firing)
        self._world.boundary()
        return Going(self._world, firing)

    def lend(self, scenario: str, firing: int) -> Child:
        raise AssertionError("no run is shared here")


def carry_out(world: World, ledger: Ledger) -> None:
    """What the children do, each for itself: take the firing up, run, tell the end."""
    waiting, world.waiting = world.waiting, []
    for firing in waiting:
        if claim(ledger, firing, machine="bench", process=this_process(), moment=world.moment):
            row = get_firing(ledger, firing)
            assert row is not None
            world.started[row["due"][:10]] += 1
            settle(ledger, firing, "ended", "", while_in=["running"])


def nights_of(count: int) -> list[date]:
    """So many open-day nights over four fiscal years, from 1 December of each."""
    each = -(-count // 4)
    found = [day for year in range(2024, 2028) for day in open_days(date(year, 12, 1), date(year + 1, 9, 30))[:each]]
    return found[:count]


class Schedulers:
    """Some schedulers on one ledger, each on a connection of its own; a dead one is followed by a new one."""

    def __init__(self, home: Home, world: World, count: int) -> None:
        self._home, self._world = home, world
        self._ledgers = [MortalLedger(open_ledger(home.database), world) for _ in range(count)]
        self.begin_again()

    def begin_again(self) -> None:
        """All of them are started anew."""
        self._nights = [self._new(number) for number in range(len(self._ledgers))]

    def tick(self, number: int) -> None:
        try:
            self._nights[number].tick()
        except Killed:
            self._nights[number] = self._new(number)

    def tick_all(self) -> None:
        order = list(range(len(self._nights)))
        self._world.random.shuffle(order)
        for number in order:
            self._world.paused = partial(self._others, number) if len(order) > 1 else None
            self.tick(number)
        self._world.paused = None

    def _others(self, number: int) -> None:
        for one in range(len(self._nights)):
            if one != number:
                self.tick(one)

    def close(self) -> None:
        for ledger in self._ledgers:
            ledger.close()

    def _new(self, number: int) -> Night:
        return Night(self._home, self._ledgers[number], Launcher(self._world), clock=lambda: self._world.moment)


def simulate(nights: int, kills: int, schedulers: int, seed: int) -> dict[str, object]:
    """Lives through the nights and counts: expected, started, doubled, missed, started on a wrong day."""
    began = time.perf_counter()
    wanted = nights_of(nights)
    world = World(random.Random(seed), datetime(2024, 11, 30, 12, tzinfo=JST))
    with tempfile.TemporaryDirectory() as root:
        (Path(root) / "registry.yaml").write_text(_REGISTER, encoding="utf-8")
        home = open_home(Path(root), {"BANKEN_MACHINE": "bench", "BANKEN_VAULT": "file"})
        ledger = open_ledger(home.database)
        several = Schedulers(home, world, schedulers)
        left = kills
        for number, day in enumerate(wanted):
            if not number or (day - wanted[number - 1]).days > 20:  # between two years' nights the machine was off
                _begin(several, world, ledger, day)
            deaths = -(-left // (len(wanted) - number))
            left -= _night(several, world, ledger, day, deaths)
        several.close()
        ledger.close()
    expected = {day.isoformat() for day in wanted}
    started = {day: count for day, count in world.started.items() if day in expected}
    return {
        "nights": len(wanted),
        "started": sum(1 for day in expected if started.get(day)),
        "doubled": sum(count - 1 for count in world.started.values() if count > 1),
        "missed": sum(1 for day in expected if not started.get(day)),
        "on_other_days": sum(1 for day in world.started if day not in expected),
        "kills": world.kills,
        "pauses": world.pauses,
        "schedulers": schedulers,
        "seconds": round(time.perf_counter() - began, 1),
    }


def _begin(several: Schedulers, world: World, ledger: Ledger, day: date) -> None:
    """Schedulers see the schedule for the first time, on the day before: it begins then."""
    with ledger.writing() as connection:
        connection.execute(sa.delete(marks))
    world.moment = datetime.combine(day - timedelta(days=1), datetime.min.time(), JST) + timedelta(hours=23)
    several.begin_again()
    for _ in range(3):
        several.tick_all()
        world.moment += timedelta(seconds=20)


def _night(several: Schedulers, world: World, ledger: Ledger, day: date, deaths: int) -> int:
    """From a minute before to some minutes after the turn; returns how many deaths there were."""
    world.moment = datetime.combine(day, datetime.min.time(), JST) + timedelta(hours=18, minutes=59)
    before = world.kills
    for _ in range(14):
        if world.kill_in < 0 and world.kills - before < deaths:
            world.kill_in = world.random.randrange(25)
        several.tick_all()
        if world.random.random() < 0.7:
            carry_out(world, ledger)
        world.moment += timedelta(seconds=10)
    world.kill_in = -1
    for _ in range(8):  # and whoever is left carries on
        several.tick_all()
        carry_out(world, ledger)
        world.moment += timedelta(seconds=10)
    return world.kills - before


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--nights", type=int, default=400)
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--schedulers", type=int, default=2)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    found = simulate(given.nights, given.kills, given.schedulers, given.seed)
    tell(found, as_json=given.json)


if __name__ == "__main__":
    main()
