"""What arrived at the town's counters: one SQLite file that refuses nothing and forgets nothing."""

from __future__ import annotations

import json
import sqlite3
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from pathlib import Path

JST = timezone(timedelta(hours=9), "JST")
Values = Mapping[str, object]

_SCHEMA = """
CREATE TABLE IF NOT EXISTS entries (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    system TEXT NOT NULL, kind TEXT NOT NULL, key TEXT NOT NULL, subject TEXT NOT NULL,
    arrived_at TEXT NOT NULL, visible_at TEXT NOT NULL, payload TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS entries_by_key ON entries (system, kind, key);
"""

_COLUMNS = ("id", "system", "kind", "key", "subject", "arrived_at", "visible_at")


@dataclass(frozen=True)
class Entry:
    """One thing that somebody entered. `key` is the number it is looked up by (受付番号 …), `subject` whom it is about
    (宛名番号 …). Times are ISO 8601 in JST; before `visible_at` the town's own screens don't show it."""

    id: int
    system: str
    kind: str
    key: str
    subject: str
    arrived_at: str
    visible_at: str
    values: Values

    @property
    def receipt(self) -> str:
        """受理番号, unique over the whole town."""
        return f"{self.system[0].upper()}{self.id:07d}"

    @property
    def arrived(self) -> str:
        """The time of arrival as a screen shows it: 2026/04/01 09:15:02."""
        return f"{datetime.fromisoformat(self.arrived_at):%Y/%m/%d %H:%M:%S}"

    def as_dict(self) -> dict[str, object]:
        """Plain data for JSON and for tests."""
        return {
            "id": self.id,
            "system": self.system,
            "kind": self.kind,
            "key": self.key,
            "subject": self.subject,
            "receipt": self.receipt,
            "arrived_at": self.arrived_at,
            "visible_at": self.visible_at,
            "values": dict(self.values),
        }


class Store:
    """The town's database. One connection, guarded by a lock; every entry is on disk before its answer is sent."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._lock = threading.Lock()
        self._db = sqlite3.connect(path, check_same_thread=False, isolation_level=None, timeout=30)
        self._db.execute("PRAGMA journal_mode=WAL")
        self._db.execute("PRAGMA synchronous=FULL")
        self._db.executescript(_SCHEMA)

    def close(self) -> None:
        """Ends the connection; entries stay."""
        with self._lock:
            self._db.close()

    def add(self, system: str, kind: str, key: str, values: Values, *, subject: str = "", late: float = 0.0) -> Entry:
        """Records an entry; `late` seconds pass before the town's screens show it."""
        now = datetime.now(JST)
        arrived, visible = _stamp(now), _stamp(now + timedelta(seconds=late))
        row = (system, kind, key, subject, arrived, visible, json.dumps(values, ensure_ascii=False))
        with self._lock:
            cursor = self._db.execute(
                "INSERT INTO entries (system, kind, key, subject, arrived_at, visible_at, payload)"
                " VALUES (?, ?, ?, ?, ?, ?, ?)",
                row,
            )
        return Entry(cursor.lastrowid or 0, system, kind, key, subject, arrived, visible, values)

    def arrived(self, system: str) -> list[Entry]:
        """Everything that arrived for a system, in order, whether its screens show it yet or not."""
        return self._select("system = ?", [system])

    def visible(self, system: str, kind: str, *, key: str = "", subject: str = "") -> list[Entry]:
        """What the town's screens show now, in order of arrival; an empty key or subject means any."""
        where = "system = ? AND kind = ? AND visible_at <= ?"
        values = [system, kind, _stamp(datetime.now(JST))]
        if key:
            where, values = f"{where} AND key = ?", [*values, key]
        if subject:
            where, values = f"{where} AND subject = ?", [*values, subject]
        return self._select(where, values)

    def by_receipt(self, receipt: str) -> Entry | None:
        """The entry with that 受理番号."""
        digits = receipt[1:]
        found = self._select("id = ?", [digits]) if digits.isascii() and digits.isdigit() else []
        return found[0] if found and found[0].receipt == receipt else None

    def _select(self, where: str, values: list[str]) -> list[Entry]:
        with self._lock:
            rows = self._db.execute(
                f"SELECT {', '.join(_COLUMNS)}, payload FROM entries WHERE {where} ORDER BY id", values
            ).fetchall()
        return [Entry(**dict(zip(_COLUMNS, row, strict=False)), values=json.loads(row[-1])) for row in rows]


def _stamp(moment: datetime) -> str:
    # A fixed width, so that times compare as text.
    return moment.isoformat(timespec="milliseconds")
