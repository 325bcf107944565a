"""Opening the ledger: one SQLAlchemy engine, its migrations, and the two ways to use it (reading, writing)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from robots.errors import SystemFailure
from robots.ledger.seal import LedgerKeys, Sealer, seal_with, sealer_of
from robots.ledger.server import ALONE, BESIDE, WRITES, server_engine
from robots.ledger.tables import ledger_keys, metadata
from robots.vault import open_vault

MOVED = "moved"
"""The version that a ledger says which was carried over to a server."""
_AFTER = "banken_after"
_MIGRATIONS = Path(__file__).parent / "migrations"
# What a server says that ended a transaction which stood still, and one that is given a text too long, are the last two.
_WORLD = (sa.exc.OperationalError, sa.exc.InterfaceError, sa.exc.InternalError, sa.exc.DataError)
_MEND = "ディスクの空きと、var フォルダに書き込めるかを banken doctor で確かめてください。"
_MEND_SERVER = (
    "データベースのサーバーが動いているか、設定 database の名前・場所・パスワードが正しいかを確かめてください。"
)


class Ledger:
    """The one record of what was run, entered and saved.  Every write is durable when its block ends."""

    def __init__(self, engine: sa.Engine) -> None:
        self._engine = engine
        self._writers = {how: engine.execution_options(**{WRITES: how}) for how in (ALONE, BESIDE)}
        self._mend = _MEND_SERVER if self.shared else _MEND

    @contextmanager
    def writing(self, *, beside: bool = False) -> Iterator[sa.Connection]:
        """One transaction.  Raises: SystemFailure where the ledger can't be written; then nothing of it is.

        beside: on a server it goes beside others of its kind, so it may only write what it has locked by its row (an
        item, what counts it): for items.py and a hand's beat.
        """
        after: list[Callable[[], None]] = []
        try:
            with self._writers[BESIDE if beside else ALONE].begin() as connection:
                connection.info[_AFTER] = after
                yield connection
        except _WORLD as error:
            raise SystemFailure(f"台帳記録（ledger）に書き込めません（{error.orig}）。", mend=self._mend) from error
        for call in after:
            call()

    @contextmanager
    def reading(self) -> Iterator[sa.Connection]:
        """A consistent look.  Raises: SystemFailure where the ledger can't be read."""
        try:
            with self._engine.connect() as connection:
                yield connection
        except _WORLD as error:
            raise SystemFailure(f"台帳記録（ledger）を読めません（{error.orig}）。", mend=self._mend) from error

    @property
    def shared(self) -> bool:
        """Whether other machines may work with it too: it is on a server."""
        return self._engine.dialect.name != "sqlite"

    @property
    def sealer(self) -> Sealer:
        """What seals this ledger's values, for files that hold the same."""
        return sealer_of(self._engine.dialect)

    def seal_with(self, sealer: Sealer) -> None:
        """From now on this ledger seals with other keys."""
        seal_with(self._engine, sealer)

    def compact(self) -> None:
        """See compact."""
        compact(self._engine)

    def close(self) -> None:
        self._engine.dispose()


def once_durable(connection: sa.Connection, call: Callable[[], None]) -> None:
    """Calls ``call`` as soon as the transaction of this connection of ``Ledger.writing`` is durable; never if it is not."""
    connection.info[_AFTER].append(call)


def open_ledger(url: str, keys: LedgerKeys | None = None) -> Ledger:
    """Opens the ledger at a SQLAlchemy URL, creating or upgrading its tables.

    keys: where this machine keeps the ledger's key; by default where this user's vault lies.
    Raises: SystemFailure where it can't be opened, was written by a newer Banken, or its key is not on this machine.
    """
    keys = keys or open_vault("auto", file=Path("vault.age"), key=None)
    mend = _MEND_SERVER if url.startswith("postgresql") else _MEND
    try:
        engine = _engine(sa.make_url(url))
        _migrate(engine, keys)
        seal_with(engine, _sealer(engine, keys))
    except (sa.exc.SQLAlchemyError, OSError, ImportError) as error:
        raise SystemFailure(
            f"台帳記録（ledger）を開けません（{getattr(error, 'orig', error)}）。", mend=mend
        ) from error
    return Ledger(engine)


def _engine(address: sa.URL) -> sa.Engine:
    if address.get_backend_name() != "sqlite":
        return server_engine(address)
    if address.database:
        Path(address.database).parent.mkdir(parents=True, exist_ok=True)
    engine = sa.create_engine(address, connect_args={"timeout": 60}, hide_parameters=True)
    sa.event.listen(engine, "connect", _sqlite_durable)
    sa.event.listen(engine, "begin", _sqlite_begin)
    return engine


def _sqlite_durable(connection: Any, _record: object) -> None:
    connection.isolation_level = None  # we say BEGIN ourselves, so that DDL and reads are in the transaction too
    cursor = connection.cursor()
    cursor.execute("PRAGMA journal_mode=WAL")
    cursor.execute("PRAGMA synchronous=FULL")
    cursor.execute("PRAGMA foreign_keys=ON")
    cursor.execute("PRAGMA secure_delete=ON")
    cursor.close()


def _sqlite_begin(connection: sa.Connection) -> None:
    # A writer takes the lock at once: a reader that turns writer halfway fails without waiting when another wrote.
    connection.exec_driver_sql("BEGIN IMMEDIATE" if connection.get_execution_options().get(WRITES) else "BEGIN")


def _sealer(engine: sa.Engine, keys: LedgerKeys) -> Sealer:
    with engine.connect() as connection:
        names = connection.execute(sa.select(ledger_keys.c.name).order_by(ledger_keys.c.number)).scalars().all()
    found = [keys.ledger_key(name) for name in names]
    missing = [name for name, key in zip(names, found, strict=True) if key is None]
    if missing:
        raise SystemFailure(
            f"台帳記録（ledger）を開く鍵（{'、'.join(missing)}）が、この端末にありません。",
            mend="鍵のある端末で banken vault key export を行い、そのファイルをこの端末で banken vault key import "
            "してください。記録はそのまま残っています。",
        )
    return Sealer([key for key in found if key is not None])


def compact(engine: sa.Engine) -> None:
    """Writes the whole ledger anew, so that nothing of what was changed or removed is left in its files.

    Raises: SystemFailure where another process holds it for longer than a minute; then only the old bytes stay longer.
    """
    if engine.dialect.name != "sqlite":
        try:
            with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
                for name in metadata.tables:
                    connection.exec_driver_sql(f'VACUUM FULL "{name}"')
        except sa.exc.OperationalError as error:
            raise _in_use() from error
        return
    raw = engine.raw_connection()
    try:
        cursor = raw.cursor()
        cursor.execute("VACUUM")
        busy = cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]
        cursor.close()
    finally:
        raw.close()
    if busy:
        raise _in_use()


def _in_use() -> SystemFailure:
    return SystemFailure(
        "台帳記録（ledger）がほかで使われていて、古い内容をファイルから消し切れません。",
        mend="ほかの banken を終えてから、もう一度 banken purge を行ってください。",
    )


def _migrate(engine: sa.Engine, keys: LedgerKeys) -> None:
    revisions = _revisions()
    with engine.connect() as connection:
        present = _version(connection)
    if present == revisions[-1]:
        return
    if present == MOVED:
        raise SystemFailure(
            "この台帳記録は、データベースのサーバーへ移してあります（banken migrate）。ここにはもう書けません。",
            mend="banken.toml の database に、移した先を書いてください。",
        )
    if present is not None and present not in revisions:
        raise SystemFailure(
            "この台帳記録は、より新しい版の Banken が書いたものです。",
            mend="この端末の Banken を新しい版に入れ替えてください（pip install -U banken）。",
        )
    # A writer's transaction: of two that open an empty ledger at once, one waits and then finds it made.
    with engine.execution_options(**{WRITES: ALONE}).begin() as connection:
        make_tables(connection, keys)
    if present is not None:
        compact(engine)  # what an older version had left unsealed


def make_tables(connection: sa.Connection, keys: LedgerKeys) -> None:
    """Makes the tables, or brings them up to date, inside a writing transaction; a new ledger's key goes to ``keys``."""
    from alembic import command  # half a second, which a ledger that is up to date does without
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS).replace("%", "%%"))
    config.attributes |= {"connection": connection, "keys": keys}
    command.upgrade(config, "head")


def _version(connection: sa.Connection) -> str | None:
    """The migration that the ledger stands at; None where it is empty."""
    if not sa.inspect(connection).has_table("alembic_version"):
        return None
    found = connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar_one_or_none()
    return None if found is None else str(found)


def _revisions() -> list[str]:
    """Every migration by its number, with which its file's name begins; the newest is the last."""
    return sorted(path.name.partition("_")[0] for path in (_MIGRATIONS / "versions").glob("[0-9]*.py"))
