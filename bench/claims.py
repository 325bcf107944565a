"""Many hands at one run with a million waiting items: how long does a claim take, and is one ever claimed twice?

    python -m bench.claims [--json] [--waiting 1000000] [--hands 20] [--each 200] [--pause 0.5]

On a PostgreSQL server of its own that waits for its disk at each commit.  Each hand is a process with a connection of its
own; it claims its first item and then works as a run does: the intent, then the outcome together with the next claim, all
through the ledger's own functions, with about ``pause`` seconds in place of the screens (0 to twice as long; 0:
none, the most that a ledger can be pressed).  Timed: each durable write that claims.  The waiting items are
put there by plain SQL, as an adoption leaves them.
"""

from __future__ import annotations

import argparse
import multiprocessing
import random
import time

import sqlalchemy as sa

from bench.leases import empty_database, run_with_items
from bench.told import tell, waits
from robots.ledger.hands import begin
from robots.ledger.items import Item, Outcome, claim_next, intend_commit, settle_item
from robots.ledger.store import Ledger, open_ledger
from robots.ledger.tables import items, runs
from robots.processes import this_process

_AT_ONCE = 50_000
# Each further item is the first one again, under a key of its own and at the next place.
_MORE = sa.text(
    "INSERT INTO items (scenario, key, key_mark, state, run, turn, origin, values, values_digest, result, reason,"
    " attempts, finished, updated_at) SELECT scenario, key, key_mark || '-' || n, state, run, n, origin, values,"
    " values_digest, result, reason, attempts, finished, updated_at"
    " FROM items, generate_series(CAST(:first AS integer), CAST(:last AS integer)) AS n WHERE turn = 1"
)
_VISITS = sa.text(
    "INSERT INTO run_items (run, item, ordinal, state, reason, seconds, at)"
    " SELECT run, id, turn, state, reason, '0', updated_at FROM items WHERE turn BETWEEN :first AND :last"
)


def fill(ledger: Ledger, waiting: int) -> str:
    """A run with so many waiting items."""
    run, _ = run_with_items(ledger, "kensho/claims", 1)
    for first in range(2, waiting + 1, _AT_ONCE):
        span = {"first": first, "last": min(first + _AT_ONCE - 1, waiting)}
        with ledger.writing() as connection:
            connection.execute(_MORE, span)
            connection.execute(_VISITS, span)
    return run


def work(database: str, run: str, each: int, pause: float, begun: object, results: object) -> None:
    """One hand: works off so many items; puts the seconds of each claim, of each intent, and the items claimed."""
    ledger = open_ledger(database)
    with ledger.writing() as connection:
        hand = begin(connection, run, None, "bench", this_process())
    begun.wait()  # type: ignore[attr-defined]
    claims: list[float] = []
    intents: list[float] = []
    mine: list[int] = []
    began = time.perf_counter()
    item: Item | None = claim_next(ledger, run, hand)
    claims.append(time.perf_counter() - began)
    while item is not None and len(mine) < each:
        mine.append(item.id)
        time.sleep(random.uniform(0, 2 * pause))
        began = time.perf_counter()
        intend_commit(ledger, run, item.id, {}, hand)
        between = time.perf_counter()
        item = settle_item(ledger, run, item.id, Outcome("done"), hand, claim=True)
        intents.append(between - began)
        claims.append(time.perf_counter() - between)
    ledger.close()
    results.put((claims, intents, mine))  # type: ignore[attr-defined]


def press(waiting: int, count: int, each: int, pause: float) -> dict[str, object]:
    """Lets all hands work at once; counts and times."""
    context = multiprocessing.get_context("spawn")
    with empty_database(postgresql=True) as database:
        ledger = open_ledger(database)
        run = fill(ledger, waiting)
        begun, results = context.Barrier(count + 1), context.Queue()
        processes = [
            context.Process(target=work, args=(database, run, each, pause, begun, results)) for _ in range(count)
        ]
        for process in processes:
            process.start()
        begun.wait()
        began = time.perf_counter()
        found = [results.get() for _ in processes]
        took = time.perf_counter() - began
        for process in processes:
            process.join()
        with ledger.reading() as connection:
            done = connection.execute(sa.select(sa.func.count()).where(items.c.state == "done")).scalar_one()
            twice = connection.execute(sa.select(sa.func.count()).where(items.c.attempts > 1)).scalar_one()
            summed = connection.execute(sa.select(runs.c.done).where(runs.c.id == run)).scalar_one()
        ledger.close()
    mine = [item for _, _, claimed in found for item in claimed]
    claims = [one for seconds, _, _ in found for one in seconds]
    intents = [one for _, seconds, _ in found for one in seconds]
    return {
        "waiting": waiting,
        "hands": count,
        "pause": pause,
        "done": done,
        "summed": int(summed),
        "claimed_twice": twice + len(mine) - len(set(mine)),
        "items_a_second": round(done / took, 1),
        **waits("claim", claims),
        **waits("intent", intents),
    }


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--waiting", type=int, default=1_000_000)
    parser.add_argument("--hands", type=int, default=20)
    parser.add_argument("--each", type=int, default=200)
    parser.add_argument("--pause", type=float, default=0.5)
    given = parser.parse_args()
    found = press(given.waiting, given.hands, given.each, given.pause)
    tell(found, as_json=given.json)


if __name__ == "__main__":
    main()
