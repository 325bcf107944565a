"""Many robots on one ledger, each with a scenario of its own: how long does a write wait, and how many items fit?

    python -m bench.writers [--json] [--workers 20] [--items 50] [--sqlite]

Every robot has a connection of its own and enters its items one after the other, as a run does (the intent, then the
outcome with the next claim), with no screen in between: the most that a ledger can be pressed.  On a PostgreSQL server
of its own that waits for its disk at each commit; --sqlite: on a file.
"""

from __future__ import annotations

import argparse
import threading
import time

import sqlalchemy as sa

from bench.leases import empty_database, run_with_items
from bench.told import tell, waits
from robots.ledger.items import Outcome, claim_next, intend_commit, settle_item
from robots.ledger.store import Ledger, open_ledger
from robots.ledger.tables import items, runs


def enter(ledger: Ledger, run: str, seconds: list[float]) -> None:
    """Enters the items of a run; seconds: gets the seconds of each write."""
    item = claim_next(ledger, run)
    while item is not None:
        began = time.perf_counter()
        intend_commit(ledger, run, item.id, {})
        between = time.perf_counter()
        item = settle_item(ledger, run, item.id, Outcome("done"), claim=True)
        seconds += [between - began, time.perf_counter() - between]


def press(workers: int, count: int, *, postgresql: bool) -> dict[str, object]:
    """Lets all of them enter at once; counts and times."""
    seconds: list[float] = []
    with empty_database(postgresql=postgresql) as database:
        ledgers = [open_ledger(database) for _ in range(workers)]
        begun = [run_with_items(ledger, f"kensho/{number}", count)[0] for number, ledger in enumerate(ledgers)]
        threads = [
            threading.Thread(target=enter, args=(ledger, run, seconds))
            for ledger, run in zip(ledgers, begun, strict=True)
        ]
        began = time.perf_counter()
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        took = time.perf_counter() - began
        with ledgers[0].reading() as connection:
            done = connection.execute(sa.select(sa.func.count()).where(items.c.state == "done")).scalar_one()
            summed = connection.execute(sa.select(sa.func.sum(runs.c.done))).scalar_one()
        for ledger in ledgers:
            ledger.close()
    return {
        "database": "postgresql" if postgresql else "sqlite",
        "workers": workers,
        "done": done,
        "summed": int(summed),
        "items_a_second": round(done / took, 1),
        **waits("write", seconds),
    }


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--workers", type=int, default=20)
    parser.add_argument("--items", type=int, default=50)
    parser.add_argument("--sqlite", action="store_true")
    given = parser.parse_args()
    found = press(given.workers, given.items, postgresql=not given.sqlite)
    tell(found, as_json=given.json)


if __name__ == "__main__":
    main()
