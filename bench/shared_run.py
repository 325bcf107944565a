"""kill -9 of a hand, and of the process that began the run, while several share its items: is each entered exactly once?

    python -m bench.shared_run [--json] [--items 500] [--share 4] [--sqlite]

A real night over a ledger on a PostgreSQL server (--sqlite: in a file) begins the run and its hands as processes of their
own, each with a browser, against the practice town.  Once all are at work one hand is killed, later the run's own process.
Counted: what arrived in the town, and what stands in the book of results that `finish` writes.  Timed: until what the dead
hand had was taken up by another, and until the run of the dead process goes on (the one that follows has settled an item,
or found that the other hands had done all).
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import psutil
import sqlalchemy as sa
from openpyxl import Workbook, load_workbook

from bench.kill import result_rows
from bench.leases import empty_database
from bench.told import tell
from practice.server import start_town
from robots.clock import now
from robots.ledger.firings import NewFiring, fire, get_firing
from robots.ledger.leases import Holder, release, take
from robots.ledger.store import Ledger, open_ledger
from robots.ledger.tables import hands, items
from robots.nightly.children import Launcher, Processes
from robots.nightly.service import Night
from robots.processes import find, this_process
from robots.settings import Home, open_home
from tests.conftest import JUTOGAI, CityHall, approved_gallery, small_book

_SCHEDULE = '    schedule: {{on: 2099-12-25 に1回, at: "19:00", share: {share}}}\n'
_SETTINGS = 'database = "{database}"\nmachine = "robot-1"\nparallel = 16\nvault = "file"\n'
_POLL = 0.02


def shared(city: CityHall, database: str, share: int) -> CityHall:
    """The same town with its ledger there, and the items of one scenario shared; approved so."""
    register = city.home.register.read_text(encoding="utf-8")
    place = register.index("    built_by", register.index(f"  {JUTOGAI}:"))
    city.home.register.write_text(register[:place] + _SCHEDULE.format(share=share) + register[place:], encoding="utf-8")
    settings = city.home.root / "banken.toml"
    settings.write_text(_SETTINGS.format(database=database) + settings.read_text(encoding="utf-8"), encoding="utf-8")
    made = CityHall(open_home(city.home.root, {}), city.town)
    made.approve(JUTOGAI)
    return made


def many(city: CityHall, count: int) -> list[str]:
    """A book of so many reports, the same people over and over; returns their keys."""
    small_book(city, 60)
    place = city.home.scenarios / JUTOGAI / "sample" / "住登外者異動届.xlsx"
    header, *rows = list(load_workbook(place).worksheets[0].iter_rows(values_only=True))
    column = header.index("受付番号")
    book = Workbook()
    sheet = book.worksheets[0]
    sheet.append(header)
    keys = []
    for number in range(count):
        row = list(rows[number % len(rows)])
        row[column] = f"{row[column]}{number // len(rows) or ''}"
        keys.append(str(row[column]))
        sheet.append(row)
    book.save(place)
    return keys


def fire_now(ledger: Ledger, scenario: str) -> int:
    """The scenario's turn has come; returns the firing."""
    me = Holder("bench", "bench", "robot-1", this_process())
    taken = take(ledger, {"nightly": 1}, me, moment=now(), seconds=60, gone=lambda *_: False)
    assert isinstance(taken, list)
    fire(ledger, taken[0], [NewFiring(scenario, now(), 5)], {})
    release(ledger, taken)
    return 1


@dataclass
class Watched:
    """A shared run that a night in this very process leads.  ``every``: seconds between its ticks."""

    home: Home
    ledger: Ledger
    launcher: Launcher
    share: int
    every: float = 5.0
    firing: int = 0
    night: Night = field(init=False)
    _ticked: float = field(default=-1e9, init=False)

    def __post_init__(self) -> None:
        self.firing = fire_now(self.ledger, JUTOGAI)
        self.night = Night(self.home, self.ledger, self.launcher)

    def until(self, what: Callable[[], bool], seconds: float) -> float:
        """Lets the night tick until it is so; returns the seconds that it took."""
        began = time.perf_counter()
        while not what():
            assert time.perf_counter() - began < seconds, f"not within {seconds:.0f} s: {self.told()}"
            if time.monotonic() - self._ticked >= self.every:
                self.night.tick()
                self._ticked = time.monotonic()
            time.sleep(_POLL)
        return time.perf_counter() - began

    def told(self) -> dict[str, object]:
        """How the run stands: for whoever reads why it went no further."""
        with self.ledger.reading() as connection:
            here = connection.execute(sa.select(hands)).mappings().all()
            had = connection.execute(sa.select(items.c.hand, items.c.state)).all()
        firing = get_firing(self.ledger, self.firing)
        return {"firing": dict(firing or {}), "hands": [dict(one) for one in here], "items": Counter(map(tuple, had))}

    def asked(self, query: sa.Select[tuple[object]]) -> list[object]:
        with self.ledger.reading() as connection:
            return list(connection.execute(query).scalars())

    def process(self) -> str:
        """The run's own process."""
        row = get_firing(self.ledger, self.firing)
        return str(row["process"]) if row is not None and row["state"] == "running" else ""

    def hands(self) -> dict[int, str]:
        """Those that have not ended, by number, each with its process."""
        with self.ledger.reading() as connection:
            query = sa.select(hands.c.id, hands.c.process).where(hands.c.ended_at.is_(None)).order_by(hands.c.id)
            return {row.id: row.process for row in connection.execute(query)}

    def done(self, hand: int | None = None) -> int:
        """How many items are done (by this hand)."""
        mine = items.c.hand == hand if hand is not None else sa.true()
        return len(self.asked(sa.select(items.c.id).where(items.c.state == "done", mine)))

    def has(self, hand: int) -> list[object]:
        """The states of the items that it has in work."""
        in_work = items.c.state.in_(("working", "committing"))
        return self.asked(sa.select(items.c.state).where(items.c.hand == hand, in_work))

    def over(self) -> bool:
        row = get_firing(self.ledger, self.firing)
        return row is not None and row["ended_at"] is not None


def kill_both(run: Watched, count: int, patience: float = 600) -> dict[str, object]:
    """Kills a hand once all work, and the run's own process later; waits for the end.  Returns what was timed."""

    def all_work() -> bool:
        here = run.hands()
        return len(here) == run.share and all(run.done(hand) for hand in here)

    run.until(all_work, patience)
    main = run.process()
    dead = max(hand for hand, process in run.hands().items() if process != main)
    run.until(lambda: "working" in run.has(dead), patience)
    kill(run.hands()[dead])
    had = run.has(dead)
    hand_seconds = run.until(lambda: not run.has(dead), patience)
    run.until(lambda: run.done() >= count // 2, patience)
    kill(main)
    known = max(run.hands())

    def follows() -> bool:
        """Another process of the run's own has done an item, or found all done by the other hands."""
        mine = [hand for hand, process in run.hands().items() if hand > known and process == run.process()]
        return run.over() or any(run.done(hand) for hand in mine)

    followed = run.until(follows, patience)
    run.until(run.over, patience)
    row = get_firing(run.ledger, run.firing)
    assert row is not None
    return {
        "ended": row["state"],
        "claims": row["claims"],
        "hand_had": had,
        "hand_seconds": round(hand_seconds, 1),
        "main_seconds": round(followed, 1),
    }


def kill(process: str) -> None:
    """Ends a process, as a power cut would; what it had started ends by itself."""
    found = find(process)
    assert found is not None, "it was to be killed at work"
    found.kill()
    psutil.wait_procs([found], timeout=10)


def counted(city: CityHall, ledger: Ledger, keys: list[str]) -> dict[str, object]:
    """What arrived in the town and in the book, against what should have."""
    arrived, rows = city.arrived("jumin"), result_rows(city)
    with ledger.reading() as connection:
        states = Counter(connection.execute(sa.select(items.c.state)).scalars())
    return {
        "items": len(keys),
        "lost": [key for key in keys if not arrived[key]],
        "doubled": [key for key in keys if arrived[key] > 1],
        "wrong": [] if rows == Counter(keys) else sorted((rows - Counter(keys)) + (Counter(keys) - rows)),
        "states": dict(states),
    }


def measure(count: int, share: int, *, postgresql: bool) -> dict[str, object]:
    """The whole: a town, a night, two kills."""
    began = time.perf_counter()
    with (
        tempfile.TemporaryDirectory() as folder,
        empty_database(postgresql=postgresql) as database,
        start_town(Path(folder, "town.sqlite")) as town,
    ):
        root = approved_gallery(Path(folder, "city"), town.port)
        city = shared(CityHall(open_home(root, {}), town), database, share)
        keys = many(city, count)
        ledger = open_ledger(city.home.database)
        timed = kill_both(Watched(city.home, ledger, Processes(city.home), share), count, patience=3600)
        found = counted(city, ledger, keys)
        ledger.close()
    return {**found, **timed, "share": share, "seconds": round(time.perf_counter() - began, 1)}


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--items", type=int, default=500)
    parser.add_argument("--share", type=int, default=4)
    parser.add_argument("--sqlite", action="store_true")
    given = parser.parse_args()
    found = measure(given.items, given.share, postgresql=not given.sqlite)
    tell(found, as_json=given.json)


if __name__ == "__main__":
    main()
