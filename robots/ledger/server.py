"""A ledger on a PostgreSQL server, for several machines: what SQLite's file gives by itself, asked for in PostgreSQL's words.

A transaction of ``Ledger.writing`` holds one advisory lock, as ``BEGIN IMMEDIATE`` holds SQLite's: there is one writer
at a time, over all machines, so that what is checked in a transaction still holds when it writes, and the audit log
grows at one end.  Those that write one item hold it shared: they go beside each other, never beside any other write, and
lock their rows themselves (docs/adr/0031).  A transaction of ``Ledger.reading`` sees one moment (docs/adr/0030).
"""

from __future__ import annotations

from collections.abc import Mapping

import sqlalchemy as sa

from robots.errors import SystemFailure

WRITES = "banken_writes"
"""The execution option of transactions that write: ALONE, or BESIDE others that write one item each."""
ALONE, BESIDE = "alone", "beside"
WRITER = int.from_bytes(b"banken", "big")
"""The number of the advisory lock that writers hold."""
_LOCKS = {ALONE: "pg_advisory_xact_lock", BESIDE: "pg_advisory_xact_lock_shared"}

_OPTIONS = {
    "application_name": "banken",
    "timezone": "UTC",
    # A transaction that has ended is on the server's disk.
    "synchronous_commit": "on",
    # As long as SQLite waits; then the ledger counts as not to be written.
    "lock_timeout": "60s",
    # A machine that stops dead in a transaction must not hold up all others.
    "idle_in_transaction_session_timeout": "60s",
}
CONNECT: Mapping[str, str | int] = {
    "client_encoding": "utf8",
    "connect_timeout": 10,
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "options": " ".join(f"-c {name}={value}" for name, value in _OPTIONS.items()),
}
"""How every connection to the server is made."""


def server_engine(address: sa.URL) -> sa.Engine:
    """An engine for a PostgreSQL server (``postgresql+psycopg://``).

    Raises: SystemFailure where the database is not in UTF-8, or orders text by a language (stamps are compared as text);
    sa.exc.SQLAlchemyError, ImportError where it can't be reached, or the address names another kind of database.
    """
    if address.drivername != "postgresql+psycopg":
        raise SystemFailure(
            f"台帳記録（ledger）を開けません（{address.drivername} という種類の置き場所は使えません）。",
            mend="sqlite:///… か postgresql+psycopg://… と書いてください。",
        )
    engine = sa.create_engine(address, connect_args=dict(CONNECT), hide_parameters=True, pool_pre_ping=True)
    sa.event.listen(engine, "begin", _begin)
    _check_text(engine)
    return engine


def _begin(connection: sa.Connection) -> None:
    options = connection.get_execution_options()
    if options.get("isolation_level") == "AUTOCOMMIT":
        return
    if WRITES in options:
        connection.exec_driver_sql(f"SELECT {_LOCKS[options[WRITES]]}({WRITER})")
    else:
        connection.exec_driver_sql("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")


def _check_text(engine: sa.Engine) -> None:
    with engine.connect() as connection:
        encoding, by_bytes = connection.exec_driver_sql(
            "SELECT current_setting('server_encoding'), 'B' < 'a' AND 'a-b' < 'aa'"
        ).one()
    if encoding != "UTF8" or not by_bytes:
        order = "文字コード順" if by_bytes else "言語の順"
        raise SystemFailure(
            f"台帳記録のデータベースの文字コード（{encoding}）か並び順（{order}）が使えません。時刻や番号の順が狂います。",
            mend="データベースの管理者に「CREATE DATABASE banken TEMPLATE template0 ENCODING 'UTF8' LOCALE 'C.UTF-8'」で"
            "作ってもらい、database にその名前を書いてください。",
        )
