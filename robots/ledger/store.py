"""Opening the ledger: one SQLAlchemy engine, its migrations, and the two ways to use it (reading, writing)."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory

from robots.errors import SystemFailure

_WRITES = "banken_writes"
_MEND = "ディスクの空きと、var フォルダに書き込めるかを banken doctor で確かめてください。"


class Ledger:
    """The one record of what was run, entered and saved.  Every write is durable when its block ends."""

    def __init__(self, engine: sa.Engine) -> None:
        self._engine = engine
        self._writer = engine.execution_options(**{_WRITES: True})

    @contextmanager
    def writing(self) -> Iterator[sa.Connection]:
        """One transaction.  Raises: SystemFailure where the ledger can't be written; then nothing of it is."""
        try:
            with self._writer.begin() as connection:
                yield connection
        except (sa.exc.OperationalError, sa.exc.InterfaceError) as error:
            raise SystemFailure(f"台帳記録（ledger）に書き込めません（{error.orig}）。", mend=_MEND) from error

    @contextmanager
    def reading(self) -> Iterator[sa.Connection]:
        """A consistent look.  Raises: SystemFailure where the ledger can't be read."""
        try:
            with self._engine.connect() as connection:
                yield connection
        except (sa.exc.OperationalError, sa.exc.InterfaceError) as error:
            raise SystemFailure(f"台帳記録（ledger）を読めません（{error.orig}）。", mend=_MEND) from error

    def close(self) -> None:
        self._engine.dispose()


def open_ledger(url: str) -> Ledger:
    """Opens the ledger at a SQLAlchemy URL, creating or upgrading its tables.

    Raises: SystemFailure where it can't be opened, or was written by a newer Banken.
    """
    try:
        engine = _engine(sa.make_url(url))
        _migrate(engine)
    except (sa.exc.SQLAlchemyError, OSError, ImportError) as error:
        raise SystemFailure(
            f"台帳記録（ledger）を開けません（{getattr(error, 'orig', error)}）。", mend=_MEND
        ) from error
    return Ledger(engine)


def _engine(address: sa.URL) -> sa.Engine:
    if address.get_backend_name() != "sqlite":
        return sa.create_engine(address)
    if address.database:
        Path(address.database).parent.mkdir(parents=True, exist_ok=True)
    engine = sa.create_engine(address, connect_args={"timeout": 60})
    sa.event.listen(engine, "connect", _sqlite_durable)
    sa.event.listen(engine, "begin", _sqlite_begin)
    return engine


def _sqlite_durable(connection: Any, _record: object) -> None:
    connection.isolation_level = None  # we say BEGIN ourselves, so that DDL and reads are in the transaction too
    cursor = connection.cursor()
    cursor.execute("PRAGMA journal_mode=WAL")
    cursor.execute("PRAGMA synchronous=FULL")
    cursor.execute("PRAGMA foreign_keys=ON")
    cursor.close()


def _sqlite_begin(connection: sa.Connection) -> None:
    # A writer takes the lock at once: a reader that turns writer halfway fails without waiting when another wrote.
    connection.exec_driver_sql("BEGIN IMMEDIATE" if connection.get_execution_options().get(_WRITES) else "BEGIN")


def _migrate(engine: sa.Engine) -> None:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations").replace("%", "%%"))
    script = ScriptDirectory.from_config(config)
    with engine.connect() as connection:
        present = MigrationContext.configure(connection).get_current_revision()
    if present == script.get_current_head():
        return
    if present is not None and present not in {revision.revision for revision in script.walk_revisions()}:
        raise SystemFailure(
            "この台帳記録は、より新しい版の Banken が書いたものです。",
            mend="この端末の Banken を新しい版に入れ替えてください（pip install -U banken）。",
        )
    # A writer's transaction: of two that open an empty ledger at once, one waits and then finds it made.
    with engine.execution_options(**{_WRITES: True}).begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
