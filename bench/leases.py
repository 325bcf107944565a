"""Two robots, one login that only one may use: are there ever two at it, and does one that was paused still commit?

    python -m bench.leases [--json] [--races 1000] [--seed 1] [--postgresql]

In each race both reach for the lease at the same moment, from two threads over two connections of one ledger.  Then the
holder is quick, or stands still before its commit until its lease has run out and the other has it, or stands still in
the middle of its commit.  Counted: races that two won, commits while another's was under way, commits by one whose
lease had passed on, and those that a fresh holder was refused.  --postgresql: the ledger is on a server of its own.
"""

from __future__ import annotations

import argparse
import random
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

from bench.told import tell
from robots.clock import JST
from robots.errors import SystemFailure
from robots.ledger.adopt import adopt_items
from robots.ledger.items import Item, NewItem, Outcome, claim_next, intend_commit, settle_item
from robots.ledger.leases import IN_FLIGHT, Busy, Holder, Lease, attach, release, take
from robots.ledger.runs import RunStart, begin_run
from robots.ledger.store import Ledger, open_ledger
from robots.settings import open_home
from tests.postgres.server import running_postgres

LOGIN = "gakumu-login"
_SECONDS = 90.0


@dataclass
class Login:
    """The resource itself, which nobody guards: it only notes who is at it, under which token."""

    newest: int = 0
    inside: set[str] = field(default_factory=set)
    counts: Counter[str] = field(default_factory=Counter)

    def enter(self, robot: str, token: int) -> None:
        self.counts["commits"] += 1
        self.counts["overlaps"] += bool(self.inside - {robot})
        self.counts["stale"] += token < self.newest
        self.newest = max(self.newest, token)
        self.inside.add(robot)

    def leave(self, robot: str) -> None:
        self.inside.discard(robot)


class Robot:
    """One robot with a connection, a run and items of its own."""

    def __init__(self, name: str, database: str, races: int) -> None:
        self.name = name
        self.ledger = open_ledger(database)
        self.holder = Holder(name, f"{name} の実行", name, f"1@{name}")
        self.run, self.items = run_with_items(self.ledger, f"kensho/{name}", races)
        self.held: list[Lease] = []

    def reach(self, moment: datetime) -> bool:
        """Takes the login; True where it has it."""
        taken = take(self.ledger, {LOGIN: 1}, self.holder, moment=moment, seconds=_SECONDS, gone=lambda *_: False)
        if isinstance(taken, Busy):
            return False
        self.held = taken
        with self.ledger.writing() as connection:
            attach(connection, self.run, taken)
        return True

    def intend(self, race: int, login: Login) -> bool:
        """Begins the commit of an item; False where it is refused."""
        item = self.items[race]
        claim_next(self.ledger, self.run)
        try:
            intend_commit(self.ledger, self.run, item.id, {})
        except SystemFailure:
            return False
        login.enter(self.name, self.held[0].token)
        return True

    def finish(self, race: int, login: Login) -> None:
        login.leave(self.name)
        settle_item(self.ledger, self.run, self.items[race].id, Outcome("done"))

    def give_back(self) -> None:
        release(self.ledger, self.held)


def run_with_items(ledger: Ledger, scenario: str, count: int) -> tuple[str, list[Item]]:
    """A run with so many items that may be entered."""
    start = RunStart(
        scenario=scenario,
        scenario_name=scenario,
        department="kensho",
        department_name="検証課",
        division="",
        rehearsal=False,
        inputs={},
        digest="sha256:0",
        minutes_per_item="1",
        minutes_per_run="0",
        built_by="in_house",
        hourly_cost=None,
        version="0",
        machine=scenario,
        who="bench",
    )
    run = begin_run(ledger, start)
    return run, adopt_items(
        ledger, run, scenario, [NewItem(str(number), "", {"番号": number}) for number in range(count)]
    )


def together(robots: list[Robot], moment: datetime) -> list[Robot]:
    """Both reach at the same moment, each from a thread; returns who has it."""
    barrier, won = threading.Barrier(len(robots)), []

    def reach(robot: Robot) -> None:
        barrier.wait()
        if robot.reach(moment):
            won.append(robot)

    threads = [threading.Thread(target=reach, args=(robot,)) for robot in robots]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return won


def race(number: int, robots: list[Robot], login: Login, dice: random.Random, moment: datetime) -> datetime:
    """One race; returns what the clock shows after it."""
    won = together(robots, moment)
    login.counts["races"] += 1
    login.counts["won_by_two"] += len(won) > 1
    login.counts["won_by_none"] += not won
    holder = won[0]
    other = next(one for one in robots if one is not holder)
    kind = dice.choice(("quick", "paused_before", "paused_inside", "paused_long"))
    login.counts[kind] += 1
    if kind == "paused_before":  # its lease runs out, the other takes over and commits; then it wakes up
        moment += timedelta(seconds=_SECONDS + dice.randrange(1, 600))
        login.counts["refused_fresh"] += not (other.reach(moment) and other.intend(number, login))
        stale = holder.intend(number, login) if dice.random() < 0.5 else False
        other.finish(number, login)
        stale = stale or holder.intend(number, login)
        login.counts["stale_refused"] += not stale
        other.give_back()
    else:
        login.counts["refused_fresh"] += not holder.intend(number, login)
        if kind == "paused_inside":  # the other sees a lease that has run out, and a commit under way
            moment += timedelta(seconds=_SECONDS + dice.randrange(1, 500))
            login.counts["taken_inside"] += other.reach(moment)
        holder.finish(number, login)
        if kind == "paused_long":  # it never came back: the other has it once nothing can be under way any more
            moment += timedelta(seconds=_SECONDS) + IN_FLIGHT + timedelta(seconds=1)
        else:
            holder.give_back()
        login.counts["refused_fresh"] += not (other.reach(moment) and other.intend(number, login))
        other.finish(number, login)
        other.give_back()
    return moment + timedelta(seconds=30)


@contextmanager
def empty_database(*, postgresql: bool) -> Iterator[str]:
    """The URL of a database that is there as long as the block: a file, or one on a server that waits for its disk."""
    if postgresql:
        with running_postgres(durable=True) as server:
            yield server.database()
    else:
        with tempfile.TemporaryDirectory() as root:
            yield open_home(Path(root), {"BANKEN_VAULT": "file"}).database


def simulate(races: int, seed: int, *, postgresql: bool = False) -> dict[str, object]:
    """Runs the races and counts."""
    began, login, dice = time.perf_counter(), Login(), random.Random(seed)
    with empty_database(postgresql=postgresql) as database:
        robots = [Robot(name, database, races) for name in ("robot-1", "robot-2")]
        moment = datetime(2026, 11, 22, 19, tzinfo=JST)
        for number in range(races):
            moment = race(number, robots, login, dice, moment)
        for robot in robots:
            robot.ledger.close()
    names = (
        "races",
        "won_by_two",
        "won_by_none",
        "overlaps",
        "stale",
        "taken_inside",
        "refused_fresh",
        "stale_refused",
    )
    kinds = ("quick", "paused_before", "paused_inside", "paused_long", "commits")
    counts = {name: login.counts[name] for name in (*names, *kinds)}
    return {**counts, "seconds": round(time.perf_counter() - began, 1)}


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--races", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--postgresql", action="store_true")
    given = parser.parse_args()
    found = simulate(given.races, given.seed, postgresql=given.postgresql)
    tell(found, as_json=given.json)


if __name__ == "__main__":
    main()
