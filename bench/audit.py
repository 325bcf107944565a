"""The audit log: what a record costs, and how long it takes to verify a long log, edits of it found and named.

    python -m bench.audit [--json] [--records 1000000]

Records are appended one by one for the cost of one, and written in bulk (with the same hashes and heads) for the long
logs; verifying reads ledger and head file whole.  Reach: linear at 1×, 10× and 100×, every change found.
"""

from __future__ import annotations

import argparse
import json
import statistics
import tempfile
import time
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import psutil

from robots.ledger.audit import COLUMNS, NOTHING, AuditLog, hash_of
from robots.ledger.audit_verify import verify_audit
from robots.ledger.heads import BEGUN, KEPT
from robots.ledger.store import Ledger, open_ledger
from robots.ledger.tables import audit, audit_tip

_MACHINE = "bench"
_AT_ONCE = 20_000


def _rows(count: int) -> Iterator[dict[str, object]]:
    last = NOTHING
    for number in range(1, count + 1):
        row: dict[str, object] = {
            "number": number,
            "at": f"2026-11-22T19:00:{number % 60:02d}.000+09:00",
            "who": f"s{number % 50:04d}",
            "machine": _MACHINE,
            "action": "run_ended",
            "subject": f"shimin/scenario-{number % 500}",
            "detail": json.dumps({"run": f"20261122-190012-{number}", "state": "ended"}),
            "previous": last,
        }
        last = hash_of([row[name] for name in COLUMNS])
        yield row | {"hash": last}


def _fill(ledger: Ledger, head: Path, count: int) -> None:
    """A log of so many records, as AuditLog would have written it."""
    rows = _rows(count)
    last: dict[str, object] = {}
    with head.open("w", encoding="ascii") as lines:
        while part := list(islice(rows, _AT_ONCE)):
            with ledger.writing() as connection:
                connection.execute(audit.insert(), part)
            for row in part:
                lines.write(
                    f"{BEGUN} {row['number']} {row['hash']} {row['at']}\n{KEPT} {row['number']} {row['hash']}\n"
                )
            last = part[-1]
    with ledger.writing() as connection:
        connection.execute(audit_tip.update().values(number=last["number"], hash=last["hash"]))


def appended(count: int) -> dict[str, float]:
    """Milliseconds that one record takes: chained, durable, its head outside."""
    with tempfile.TemporaryDirectory() as folder:
        ledger = open_ledger(f"sqlite:///{(Path(folder) / 'ledger.sqlite').as_posix()}")
        log = AuditLog(ledger, [Path(folder) / "heads"], _MACHINE)
        took = []
        for number in range(count):
            began = time.perf_counter()
            log.record("run_ended", who="s1", subject="shimin/x", detail={"run": str(number)})
            took.append((time.perf_counter() - began) * 1000)
        ledger.close()
    return {"median_ms": round(statistics.median(took), 2), "p95_ms": round(sorted(took)[int(count * 0.95)], 2)}


def verified(count: int) -> dict[str, float]:
    """Seconds that verifying takes, and how many of four changes of the log it found."""
    with tempfile.TemporaryDirectory() as folder:
        ledger = open_ledger(f"sqlite:///{(Path(folder) / 'ledger.sqlite').as_posix()}")
        head = Path(folder) / "heads"
        _fill(ledger, head, count)
        began, busy = time.perf_counter(), time.process_time()
        verdict = verify_audit(ledger, [head], _MACHINE, alone=True)
        seconds, cpu = time.perf_counter() - began, time.process_time() - busy
        assert verdict.records == count, verdict
        assert verdict.findings == (), verdict.findings[:3]
        middle = count // 2
        changes = [
            audit.update().where(audit.c.number == middle).values(who="s9999"),
            audit.delete().where(audit.c.number == middle + 1),
            audit.delete().where(audit.c.number > count - 3),
        ]
        with ledger.writing() as connection:
            for change in changes:
                connection.execute(change)
        kinds = {one.kind for one in verify_audit(ledger, [head], _MACHINE, alone=True).findings}
        found = len(kinds & {"edited", "removed", "cut"})
        ledger.close()
    told = {"seconds": round(seconds, 2), "cpu_seconds": round(cpu, 2), "cpu_us_a_record": round(cpu / count * 1e6, 1)}
    return {"records": count, **told, "found": found}


def _memory_mb() -> int:
    memory = psutil.Process().memory_info()
    return round(getattr(memory, "peak_wset", memory.rss) / 2**20)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--records", type=int, default=1_000_000)
    given = parser.parse_args()
    growth = {f"{scale}x": verified(max(4, given.records * scale // 100)) for scale in (1, 10, 100)}
    ratios = [row["cpu_us_a_record"] for row in growth.values()]
    result = {
        "record": appended(200),
        "verify": growth,
        "cost_ratio_100x_to_10x": round(ratios[2] / ratios[1], 2),
        "changes_planted": 3,
        "changes_found": min(row["found"] for row in growth.values()),
        "memory_mb": _memory_mb(),
    }
    if given.json:
        print(json.dumps(result, ensure_ascii=False, indent=2))
    else:
        for name, value in result.items():
            print(f"{name}: {value}")


if __name__ == "__main__":
    main()
