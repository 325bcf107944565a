"""A real PostgreSQL server of our own on loopback, gone at the end.  Debian's binaries, or those on PATH."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path

import sqlalchemy as sa

from robots.ledger.audit import NOTHING
from robots.ledger.store import Ledger
from robots.ledger.tables import audit_tip, ledger_keys, metadata

_LESSER = "nobody"  # PostgreSQL refuses to run as root
_SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "max_connections": "200",
    "shared_buffers": "64MB",
    "max_wal_size": "2GB",
}


@dataclass(frozen=True)
class Postgres:
    """A running server: ``url`` of a database of it, and new databases."""

    port: int
    _numbers: Iterator[int] = field(default_factory=lambda: count(1))

    def url(self, database: str) -> str:
        return f"postgresql+psycopg://banken@127.0.0.1:{self.port}/{database}"

    def database(self, template: str = "template0", locale: str = "C.UTF-8") -> str:
        """Makes a database and returns its URL.  template: one whose tables it begins with."""
        name = f"town_{next(self._numbers)}"
        how = "" if template != "template0" else f" ENCODING 'UTF8' LOCALE '{locale}'"
        self.run("postgres", f'CREATE DATABASE "{name}" TEMPLATE "{template}"{how}')
        return self.url(name)

    def drop(self, url: str) -> None:
        """A database goes, whoever is still in it."""
        self.run("postgres", f'DROP DATABASE IF EXISTS "{sa.make_url(url).database}" WITH (FORCE)')

    def run(self, database: str, *statements: str) -> None:
        """Statements outside any transaction."""
        engine = sa.create_engine(self.url(database), isolation_level="AUTOCOMMIT", poolclass=sa.NullPool)
        with engine.connect() as connection:
            for one in statements:
                connection.exec_driver_sql(one)


@contextmanager
def running_postgres(*, durable: bool = False) -> Iterator[Postgres]:
    """Starts a server.  durable: it waits for the disk at each commit (measurements), as a town's server does."""
    folder = Path(tempfile.mkdtemp(prefix="banken-postgres-"))
    lesser = _LESSER if os.name == "posix" and os.geteuid() == 0 else None
    if lesser is not None:
        shutil.chown(folder, lesser)
    data, port = folder / "data", _free_port()
    settings = {**_SETTINGS, "port": str(port), **({} if durable else {"fsync": "off", "full_page_writes": "off"})}

    def call(program: str, *arguments: str) -> None:
        command = [str(_program(program)), *arguments]
        log = (folder / f"{program}.log").open("ab")
        with log:
            subprocess.run(
                command,
                cwd=folder,
                stdout=log,
                stderr=log,
                user=lesser,
                extra_groups=[] if lesser else None,
                check=True,
            )

    try:
        call("initdb", "-D", str(data), "-U", "banken", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync")
        with (data / "postgresql.conf").open("a", encoding="utf-8") as conf:
            conf.writelines(f"{name} = '{value}'\n" for name, value in settings.items())
        call("pg_ctl", "-D", str(data), "-w", "-t", "60", "-l", str(folder / "server.log"), "start")
        try:
            yield Postgres(port)
        finally:
            call("pg_ctl", "-D", str(data), "-w", "-m", "immediate", "stop")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def emptied(ledger: Ledger) -> None:
    """Takes everything out of a ledger but its keys, so that the next test finds it as if it were new."""
    kept = {ledger_keys.name, audit_tip.name}
    names = ", ".join(f'"{name}"' for name in metadata.tables if name not in kept)
    with ledger.writing() as connection:
        connection.exec_driver_sql(f"TRUNCATE {names} RESTART IDENTITY")
        connection.execute(audit_tip.delete())
        connection.execute(audit_tip.insert().values(id=1, number=0, hash=NOTHING))


def _program(name: str) -> Path:
    found = shutil.which(name)
    if found is not None:
        return Path(found)
    places = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"), key=lambda path: int(path.parts[-3]))
    assert places, "PostgreSQL is not installed; ./run test installs it (Debian's package: postgresql)"
    return places[-1]


def _free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])
