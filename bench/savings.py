"""The savings report from the ledger's sums against a full recount, over 10^5, 10^6 and 10^7 done items.

    python -m bench.savings [--items 10000000] [--works 1000] [--json]

Fills a ledger (SQLite) by bulk SQL with a hundredth, a tenth and all of so many items, draws the report up three times
(reach: median at most 1 s at 10,000,000), counts everything again once, and compares both to the second (reach: 0).
"""

from __future__ import annotations

import argparse
import json
import statistics
import tempfile
import time
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from pathlib import Path

import sqlalchemy as sa

from robots.ledger.recount import recount
from robots.ledger.rollups import FACTS, UNITS, open_sums
from robots.ledger.store import Ledger, open_ledger
from robots.ledger.tables import runs
from robots.savings.document import document
from robots.savings.statement import Wanted, statement

_ITEMS_A_RUN = 400
_MONTHS = [f"{year}-{month:02d}" for year in range(2022, 2026) for month in range(1, 13)]
_ITEMS = """
WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < {per} - 1)
INSERT INTO items (scenario, key, key_mark, state, run, origin, "values", values_digest, result, reason, attempts,
                   finished, done_at, updated_at)
SELECT r.scenario, '', r.id || '-' || n.i, 'done', r.id, '', '', '', '', '', 1, 1, r.started_at, r.started_at
FROM runs r CROSS JOIN n
"""
_MINUTES = """
INSERT INTO human_minutes (scenario, run, kind, minutes, who, note, at)
SELECT scenario, id, 'review', '2.5', '', '', started_at FROM runs
"""
_SUMS = """
INSERT INTO savings_months (facts, month, items, runs, people)
SELECT facts, substr(started_at, 1, 7), COUNT(*) * {per}, COUNT(*), COUNT(*) * {people} FROM runs GROUP BY 1, 2
ON CONFLICT (facts, month) DO UPDATE SET items = excluded.items, runs = excluded.runs, people = excluded.people
"""


def fill(ledger: Ledger, wanted: int, works: int) -> int:
    """So many done items in runs of 400, spread over works and four years, and their sums, worked out apart; how many."""
    count = max(1, wanted // _ITEMS_A_RUN)
    people = int(Decimal("2.5") * UNITS)
    with ledger.writing() as connection:
        rows = []
        facts = [_facts(number) for number in range(min(works, count))]
        known = [open_sums(connection, one, f"{_MONTHS[0]}-01") for one in facts]
        for number in range(count):
            work = number % len(facts)
            month = _MONTHS[number * len(_MONTHS) // count]
            rows.append(
                facts[work]
                | {
                    "id": f"r{number:09d}", "state": "ended", "rehearsal": False, "inputs": {}, "digest": "", "version": "",
                    "machine": "", "who": "", "started_at": f"{month}-15T19:00:00.000+09:00", "finished": True,
                    "message": "", "facts": known[work], "done": _ITEMS_A_RUN, "books_run": True, "people": people,
                }
            )  # fmt: skip
        connection.execute(runs.insert(), rows)
        connection.execute(sa.text(_ITEMS.format(per=_ITEMS_A_RUN)))
        connection.execute(sa.text(_MINUTES))
        connection.execute(sa.text(_SUMS.format(per=_ITEMS_A_RUN, people=people)))
    return count * _ITEMS_A_RUN


def _facts(number: int) -> dict[str, object]:
    department = f"ka{number % 40}"
    values = (
        f"{department}/w{number}", f"業務{number}", department, f"課{number % 40}", f"部{number % 8}",
        "in_house" if number % 6 else "contractor", str(2 + number % 9), "10", "2800", "2021-10-01",
    )  # fmt: skip
    return dict(zip(FACTS, values, strict=True))


def measure(wanted: int, works: int) -> dict[str, object]:
    """The figures of one size."""
    with tempfile.TemporaryDirectory() as folder:
        ledger = open_ledger(f"sqlite:///{(Path(folder) / 'ledger.sqlite').as_posix()}")
        began = time.perf_counter()
        count = fill(ledger, wanted, works)
        filled = time.perf_counter() - began
        whole, year = (Wanted("町", year=year, day=date(2026, 4, 1)) for year in (None, 2024))
        drawn = statement(ledger, whole)
        took = {
            "report_s": _median(lambda: statement(ledger, whole)),
            "report_cpu_s": _median(lambda: statement(ledger, whole), time.process_time),
            "report_year_s": _median(lambda: statement(ledger, year)),
            "json_with_runs_s": _median(lambda: document(drawn, ledger)),
        }
        began = time.perf_counter()
        counted = recount(ledger)
        again = time.perf_counter() - began
        ledger.close()
    apart = (drawn.total.before - drawn.total.after) - (counted.before - counted.after)
    return {
        "items": count,
        "runs": count // _ITEMS_A_RUN,
        "works": len(drawn.lines),
        "fill_s": round(filled, 1),
        **{name: round(seconds, 3) for name, seconds in took.items()},
        "recount_s": round(again, 2),
        "recount_ratio": round(again / took["report_s"], 1),
        "items_apart": drawn.total.items - counted.items,
        "seconds_apart": float(apart * 60),
        "differences": len(counted.differences),
    }


def _median(work: Callable[[], object], clock: Callable[[], float] = time.perf_counter) -> float:
    """Seconds of three turns; by ``time.process_time`` what a machine with nothing else to do would need."""
    took = []
    for _ in range(3):
        began = clock()
        work()
        took.append(clock() - began)
    return statistics.median(took)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--items", type=int, default=10_000_000)
    parser.add_argument("--works", type=int, default=1_000)
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    sizes = [measure(max(given.items // part, 1), given.works) for part in (100, 10, 1)]
    if given.json:
        print(json.dumps({"sizes": sizes}, ensure_ascii=False))
        return
    for one in sizes:
        print("　".join(f"{name} {value}" for name, value in one.items()))


if __name__ == "__main__":
    main()
