"""The audit log (監査記録): who did what, when, on which machine; append-only and chained by hashes.

Each record holds the hash of the one before it, and the chain's end stands outside too (heads.py), so that no edit,
no removal and no rewriting goes unseen (audit_verify.py).  Where it can't be written, the action does not happen:
``record`` comes before the act, ``record_in`` stands in the act's own transaction.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from robots.clock import now, stamp
from robots.ledger.heads import Heads
from robots.ledger.store import Ledger, once_durable
from robots.ledger.tables import audit, audit_tip
from robots.mask import mask_text

NOTHING = "0" * 64
"""What the first record holds as the hash before it."""
COLUMNS = ("number", "at", "who", "machine", "action", "subject", "detail", "previous")
"""What a record's hash covers, in this order."""


class AuditLog:
    """Writes the audit log of one town.

    heads: the files outside the ledger that get the chain's end at each record; machine: this machine's name.
    """

    def __init__(self, ledger: Ledger, heads: Sequence[Path], machine: str) -> None:
        self._ledger = ledger
        self._heads = Heads(heads)
        self._machine = machine

    def record(self, action: str, *, who: str, subject: str = "", detail: Mapping[str, object] = {}) -> None:
        """Adds a record; when it returns, record and heads are on disk.  Call it before the act that it tells of.

        action: a short English word; detail: keys, counts, paths, reasons, and never a personal value (runs of twelve
        digits are masked).  Raises: SystemFailure where it can't be written; then the act must not happen.
        """
        with self._ledger.writing() as connection:
            self.record_in(connection, action, who=who, subject=subject, detail=detail)

    def record_in(
        self,
        connection: sa.Connection,
        action: str,
        *,
        who: str,
        subject: str = "",
        detail: Mapping[str, object] = {},
    ) -> None:
        """The same inside the transaction (of ``Ledger.writing``) that does the act: both are kept, or neither.

        Call it last: it holds up every other writer of the log until the transaction ends.
        """
        # The row is written before it is read: on a server, two who append at once would else read the same end.
        connection.execute(audit_tip.update().values(number=audit_tip.c.number + 1))
        tip = connection.execute(sa.select(audit_tip)).one()
        record: dict[str, object] = {
            "number": tip.number,
            "at": stamp(now()),
            "who": mask_text(who),
            "machine": self._machine,
            "action": action,
            "subject": mask_text(subject),
            "detail": _text(_plain(detail)),
            "previous": tip.hash,
        }
        digest = hash_of([record[name] for name in COLUMNS])
        connection.execute(audit.insert().values(**record, hash=digest))
        connection.execute(audit_tip.update().values(hash=digest))
        self._heads.begin(tip.number, digest, str(record["at"]))
        once_durable(connection, lambda: self._heads.keep(tip.number, digest))


def hash_of(values: Sequence[object]) -> str:
    """The hash of a record: SHA-256 over its columns (``COLUMNS``) as one JSON list."""
    return hashlib.sha256(_text(values).encode()).hexdigest()


def _text(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def _plain(value: object) -> object:
    """A value of a detail as JSON, with numbers of people masked wherever they stand."""
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, Mapping):
        return {mask_text(str(name)): _plain(inner) for name, inner in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_plain(inner) for inner in value]
    text = value.isoformat() if isinstance(value, datetime) else str(value)
    masked = mask_text(text)
    return value if isinstance(value, int | float) and masked == text else masked


def audit_records(
    ledger: Ledger,
    *,
    since: str | None = None,
    until: str | None = None,
    action: str | None = None,
    who: str | None = None,
    subject: str | None = None,
) -> list[dict[str, Any]]:
    """Records in order, ``detail`` read; since and until are days or stamps as text (2026-11-22), both included."""
    query = sa.select(audit).order_by(audit.c.number)
    if since is not None:
        query = query.where(audit.c.at >= since)
    if until is not None:
        query = query.where(audit.c.at < f"{until}U")  # "U" stands behind the "T" of any moment of that day
    for column, wanted in ((audit.c.action, action), (audit.c.who, who), (audit.c.subject, subject)):
        if wanted is not None:
            query = query.where(column == wanted)
    with ledger.reading() as connection:
        found = connection.execute(query).mappings()
        return [{**row, "detail": json.loads(row["detail"])} for row in found]


def audit_page(
    ledger: Ledger,
    *,
    offset: int,
    limit: int,
    since: str = "",
    until: str = "",
    action: str = "",
    who: str = "",
    subject: str = "",
) -> tuple[list[dict[str, Any]], int]:
    """A part of the records, newest first, and how many there are; subject: a part of it.  An empty condition is none."""
    wanted = [
        *([audit.c.at >= since] if since else []),
        *([audit.c.at < f"{until}U"] if until else []),
        *([audit.c.action == action] if action else []),
        *([audit.c.who == who] if who else []),
        *([audit.c.subject.contains(subject, autoescape=True)] if subject else []),
    ]
    query = sa.select(audit).where(*wanted).order_by(audit.c.number.desc()).offset(offset).limit(limit)
    with ledger.reading() as connection:
        total = connection.execute(sa.select(sa.func.count()).select_from(audit).where(*wanted)).scalar() or 0
        found = connection.execute(query).mappings()
        return [{**row, "detail": json.loads(row["detail"])} for row in found], total


def audit_actions(ledger: Ledger) -> list[str]:
    """Every action that the log has, sorted."""
    with ledger.reading() as connection:
        return list(connection.execute(sa.select(audit.c.action).distinct().order_by(audit.c.action)).scalars())
