"""Carrying a town's SQLite ledger over to a PostgreSQL server: all of it or nothing, and from then on only one of them.

Sealed values are carried as they lie (the keys stay what they are).  Each table is read back from the server and
compared, row by row, before anything is kept there.  The file is then closed for good: a process that still has it open
can begin nothing in it any more, since two ledgers of one town could enter an item twice.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator

import sqlalchemy as sa

from robots.errors import SystemFailure
from robots.ledger.server import ALONE, WRITES, server_engine
from robots.ledger.store import MOVED, Ledger, make_tables
from robots.ledger.tables import items, metadata, runs

_AT_ONCE = 1_000


class _NoKeys:
    """The tables that are made on the server get the file's keys with its rows; the new one is thrown away."""

    def ledger_key(self, name: str) -> bytes | None:
        return None

    def keep_ledger_key(self, name: str, key: bytes) -> None:
        return None


def carry_over(ledger: Ledger, to: sa.URL) -> dict[str, int]:
    """Copies every table, checks the copy, closes the file; returns how many rows each table has.

    Raises: SystemFailure where the target is not to be reached, is not empty or can't take a value, or the copy is not
    the same; then nothing is on the target and the file stays in use.
    """
    if ledger.shared:
        raise SystemFailure("台帳記録はもうサーバーにあります。", mend="移すものはありません。")
    with ledger.writing() as source:  # nobody writes meanwhile
        try:
            engine = server_engine(to)
            try:
                with engine.execution_options(**{WRITES: ALONE}).begin() as target:
                    counts = _copied(source, target)
            finally:
                engine.dispose()
        except (sa.exc.SQLAlchemyError, ImportError) as error:
            raise SystemFailure(
                f"台帳記録を移せません（{getattr(error, 'orig', error)}）。移す前のまま使えます。",
                mend="サーバーが動いているか、--to の名前・場所・パスワードが正しいかを確かめてください。",
            ) from error
        _close(source)
    return counts


def _copied(source: sa.Connection, target: sa.Connection) -> dict[str, int]:
    if sa.inspect(target).get_table_names():
        raise SystemFailure("移す先のデータベースが空ではありません。", mend="新しい空のデータベースを作ってください。")
    make_tables(target, _NoKeys())
    for table in reversed(metadata.sorted_tables):
        target.execute(table.delete())
    counts: dict[str, int] = {}
    for table in metadata.sorted_tables:
        bare = _bare(table)
        before = _Sum()
        for rows in _batches(source, table, bare):
            before.add(rows)
            target.execute(bare.insert(), [dict(row) for row in rows])
        after = _Sum()
        for rows in _batches(target, table, bare):
            after.add(rows)
        if (before.rows, before.digest) != (after.rows, after.digest):
            raise SystemFailure(
                f"表 {table.name} の写しが元と違います（{before.rows} 行と {after.rows} 行）。",
                mend="移す前のまま使えます。サーバーの管理者に相談してください。",
            )
        counts[table.name] = after.rows
        _go_on_counting(target, table)
    return counts


class _Sum:
    """Counts rows and adds up what is in them, in their order."""

    def __init__(self) -> None:
        self.rows = 0
        self._hash = hashlib.sha256()

    @property
    def digest(self) -> str:
        return self._hash.hexdigest()

    def add(self, rows: list[sa.RowMapping]) -> None:
        for row in rows:
            self._hash.update(json.dumps(list(row.values()), ensure_ascii=False).encode() + b"\n")
        self.rows += len(rows)


def _bare(table: sa.Table) -> sa.TableClause:
    """The table with its values as they lie in the database: nothing is unsealed or marked."""
    types = {one.name: one.type.impl if isinstance(one.type, sa.TypeDecorator) else one.type for one in table.c}
    return sa.table(table.name, *(sa.column(name, kind) for name, kind in types.items()))


def _batches(connection: sa.Connection, table: sa.Table, bare: sa.TableClause) -> Iterator[list[sa.RowMapping]]:
    # A run comes after the one that it carries on.
    order = [bare.c.started_at, bare.c.id] if table is runs else [bare.c[one.name] for one in table.primary_key]
    found = connection.execute(sa.select(bare).order_by(*order), execution_options={"yield_per": _AT_ONCE})
    for rows in found.mappings().partitions():
        yield list(rows)


def _go_on_counting(target: sa.Connection, table: sa.Table) -> None:
    """The next row's number follows the last one's."""
    column = table.autoincrement_column
    if column is None:
        return
    last = target.execute(sa.select(sa.func.max(column))).scalar()
    if last is not None:
        sequence = sa.func.pg_get_serial_sequence(table.name, column.name)
        target.execute(sa.select(sa.func.setval(sequence, last)))


def _close(source: sa.Connection) -> None:
    source.exec_driver_sql(f"UPDATE alembic_version SET version_num = '{MOVED}'")
    for table in (runs, items):  # what a process asks for that has the file open from before
        source.exec_driver_sql(f"ALTER TABLE {table.name} RENAME TO {table.name}_{MOVED}")
