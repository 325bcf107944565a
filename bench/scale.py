"""What one run, one item and one audit record take in the ledger: bytes on disk and milliseconds of writing.

    python -m bench.scale [--json] [--items 1000]

Twice as many are written as are counted: the first half fills pages, the second is measured.  Items have twelve fields,
as an application form has; SQLite with synchronous=FULL, so a write's time is mostly this machine's disk.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from bench.told import tell
from robots.ledger.adopt import adopt_items
from robots.ledger.audit import AuditLog
from robots.ledger.items import NewItem, Outcome, claim_next, intend_commit, settle_item
from robots.ledger.runs import RunStart, begin_run, finish_run
from robots.ledger.store import Ledger, open_ledger
from robots.vault import FileVault

_SCENARIO = "gakumu/shugaku-enjo"
_VALUES = {f"項目{number}": "就学援助申請の値" for number in range(12)}


def _start() -> RunStart:
    return RunStart(
        scenario=_SCENARIO,
        scenario_name="就学援助申請内容入力",
        department="gakumu",
        department_name="学務課",
        division="教育部",
        rehearsal=False,
        inputs={},
        digest=f"sha256:{'0' * 64}",
        minutes_per_item="8",
        minutes_per_run="0",
        built_by="in_house",
        hourly_cost="2800",
        version="0",
        machine="robot-1",
        who="nightly",
    )


def _size(ledger: Ledger, file: Path) -> int:
    with ledger.reading() as connection:
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    return file.stat().st_size


class Scale:
    """The measurements, over one ledger."""

    def __init__(self, root: Path, count: int) -> None:
        self._file = root / "ledger.sqlite"
        self._ledger = open_ledger(f"sqlite:///{self._file.as_posix()}", FileVault(root / "v", root / "k"))
        self._audit = AuditLog(self._ledger, [root / "heads"], "robot-1")
        self._count = count
        self._number = 0

    def measure(self) -> dict[str, float]:
        found: dict[str, float] = {"items": self._count}
        found |= self._of("item", self._items, self._count)
        found |= self._of("run", self._runs, self._count // 5)
        found |= self._of("audit_record", self._records, self._count)
        self._ledger.close()
        return found

    def _of(self, name: str, write: Callable[[int], float], count: int) -> dict[str, float]:
        write(count)
        before = _size(self._ledger, self._file)
        seconds = write(count)
        grown = _size(self._ledger, self._file) - before
        return {f"bytes_a_{name}": round(grown / count), f"ms_a_{name}": round(1000 * seconds / count, 2)}

    def _items(self, count: int) -> float:
        """A run with so many items, each claimed, intended, settled; returns the seconds of these three."""
        run = begin_run(self._ledger, _start())
        new = []
        for _ in range(count):
            self._number += 1
            new.append(NewItem(f"R8-{self._number:07}", f"受付.xlsx の {self._number} 行目", _VALUES))
        adopted = adopt_items(self._ledger, run, _SCENARIO, new)
        began = time.perf_counter()
        for item in adopted:
            claim_next(self._ledger, run)
            intend_commit(self._ledger, run, item.id, {})
            settle_item(self._ledger, run, item.id, Outcome("done", result={"受理番号": "123456"}, seconds=12.3))
        took = time.perf_counter() - began
        finish_run(self._ledger, run, "ended", [])
        return took

    def _runs(self, count: int) -> float:
        began = time.perf_counter()
        for _ in range(count):
            run = begin_run(self._ledger, _start())
            finish_run(self._ledger, run, "ended", [])
        return time.perf_counter() - began

    def _records(self, count: int) -> float:
        began = time.perf_counter()
        for _ in range(count):
            self._audit.record("run_begun", who="nightly", subject=_SCENARIO, detail={"digest": "0" * 64})
        return time.perf_counter() - began


def measure(items: int) -> dict[str, float]:
    """The figures of this machine."""
    with tempfile.TemporaryDirectory() as root:
        return Scale(Path(root), items).measure()


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--items", type=int, default=1000)
    given = parser.parse_args()
    found = measure(given.items)
    tell(found, as_json=given.json)


if __name__ == "__main__":
    main()
