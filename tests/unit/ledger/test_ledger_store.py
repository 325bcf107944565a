"""The file that holds the one record: its tables, its durability, and several processes at it."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory

from robots.errors import SystemFailure
from robots.ledger import store
from robots.ledger.runs import get_run
from robots.ledger.store import Ledger, open_ledger
from robots.ledger.tables import human_minutes, items, metadata, run_items, runs
from robots.vault import open_vault
from tests.unit.ledger.ledger_help import adopt, row, start

ROOT = Path(__file__).parents[3]
of_a_file = pytest.mark.parametrize("url", ["sqlite"], indirect=True)


def file_of(url: str) -> Path:
    database = sa.make_url(url).database
    assert database is not None
    return Path(database)


def in_processes(code: str, *argument_lists: list[str]) -> list[str]:
    """Runs the code once per list of arguments, all released at the same moment; what each printed."""
    head = "import sys\nprint('ready', flush=True)\nsys.stdin.readline()\n"
    command = [sys.executable, "-c", f"import robots.ledger.items\n{head}{textwrap.dedent(code)}"]
    started = [
        subprocess.Popen(
            [*command, *arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            encoding="utf-8",
            cwd=ROOT,
        )
        for arguments in argument_lists
    ]
    for one in started:
        assert one.stdout is not None
        assert one.stdout.readline().strip() == "ready"
    for one in started:
        assert one.stdin is not None
        one.stdin.write("go\n")
        one.stdin.flush()
    return [one.communicate(timeout=60)[0].strip() for one in started]


def test_the_migrations_make_exactly_the_tables(ledger: Ledger) -> None:
    with ledger.reading() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []
        named = {one["name"] for one in sa.inspect(connection).get_check_constraints("items")}
    assert named == {"ck_items_state"}


def test_a_migrations_file_is_named_after_it(ledger: Ledger) -> None:
    places = Path(store.__file__).parent / "migrations"
    config = Config()
    config.set_main_option("script_location", str(places))
    script = ScriptDirectory.from_config(config)
    numbers = [revision.revision for revision in script.walk_revisions()]
    assert numbers == sorted(numbers, reverse=True)
    assert sorted(numbers) == sorted(path.name[:4] for path in (places / "versions").glob("[0-9]*.py"))
    with ledger.reading() as connection:
        assert MigrationContext.configure(connection).get_current_revision() == numbers[0]


def test_opening_again_keeps_what_was_written(url: str) -> None:
    first = open_ledger(url)
    run = start(first)
    first.close()
    second = open_ledger(url)
    found = get_run(second, run)
    second.close()
    assert found is not None
    assert found["state"] == "running"


@of_a_file
def test_a_ledger_of_a_newer_banken_is_refused_and_left_alone(url: str) -> None:
    open_ledger(url).close()
    with sqlite3.connect(file_of(url)) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    connection.close()
    with pytest.raises(SystemFailure, match="新しい版") as refused:
        open_ledger(url)
    assert "入れ替えて" in refused.value.mend
    with sqlite3.connect(file_of(url)) as connection:
        assert connection.execute("SELECT version_num FROM alembic_version").fetchall() == [("9999",)]
    connection.close()


@of_a_file
@pytest.mark.parametrize("content", [b"this is no database, only text" * 100])
def test_a_file_that_is_no_ledger_is_told_in_japanese(url: str, content: bytes) -> None:
    file_of(url).parent.mkdir()
    file_of(url).write_bytes(content)
    with pytest.raises(SystemFailure, match="開けません") as refused:
        open_ledger(url)
    assert "sqlalche" not in refused.value.what
    assert file_of(url).read_bytes() == content


@pytest.mark.parametrize("address", ["ledger.sqlite", "nosuch+driver://x/y", "nosuch://x"])
def test_an_address_that_is_none_is_a_system_failure(address: str) -> None:
    with pytest.raises(SystemFailure, match="開けません"):
        open_ledger(address)


def test_a_folder_that_cannot_be_made_is_a_system_failure(tmp_path: Path) -> None:
    (tmp_path / "var").write_text("a file stands here", encoding="utf-8")
    with pytest.raises(SystemFailure, match="開けません"):
        open_ledger(f"sqlite:///{(tmp_path / 'var' / 'ledger.sqlite').as_posix()}")


@of_a_file
def test_writes_are_durable_and_references_are_held(ledger: Ledger) -> None:
    full = 2
    for use in (ledger.reading, ledger.writing):
        with use() as connection:
            pragmas = {
                name: connection.exec_driver_sql(f"PRAGMA {name}").scalar_one()
                for name in ("journal_mode", "synchronous", "foreign_keys")
            }
        assert pragmas == {"journal_mode": "wal", "synchronous": full, "foreign_keys": 1}
    with pytest.raises(sa.exc.IntegrityError), ledger.writing() as connection:
        connection.execute(
            run_items.insert().values(run="none", item=1, ordinal=1, state="done", reason="", seconds="0", at="")
        )


def test_a_state_that_is_none_cannot_be_written(ledger: Ledger) -> None:
    run = start(ledger)
    with pytest.raises(sa.exc.IntegrityError), ledger.writing() as connection:
        connection.execute(runs.update().where(runs.c.id == run).values(state="perhaps"))


def test_a_key_is_there_once_for_a_scenario(ledger: Ledger) -> None:
    run = start(ledger)
    (item,) = adopt(ledger, run, row("1"))
    with ledger.reading() as connection:
        copy = dict(connection.execute(sa.select(items).where(items.c.id == item.id)).mappings().one())
    with pytest.raises(sa.exc.IntegrityError), ledger.writing() as connection:
        connection.execute(items.insert().values({**copy, "id": None, "key_mark": copy["key"]}))


def test_a_write_that_fails_halfway_leaves_nothing(ledger: Ledger) -> None:
    run = start(ledger)

    def halfway() -> None:
        with ledger.writing() as connection:
            connection.execute(runs.update().where(runs.c.id == run).values(state="ended"))
            raise RuntimeError

    with pytest.raises(RuntimeError):
        halfway()
    found = get_run(ledger, run)
    assert found is not None
    assert found["state"] == "running"


@of_a_file
def test_a_ledger_that_cannot_be_written_says_so_without_claiming_that_nothing_was_entered(
    url: str, ledger: Ledger
) -> None:
    with sqlite3.connect(file_of(url)) as other:
        other.execute("DROP TABLE settlements")
        other.execute("ALTER TABLE failed_steps RENAME TO gone")
    other.close()

    def write() -> None:
        with ledger.writing() as connection:
            connection.exec_driver_sql("DELETE FROM failed_steps")

    with pytest.raises(SystemFailure, match="書き込めません") as failure:
        write()
    assert "登録は始めていません" not in str(failure.value)


def test_a_reader_sees_one_moment_while_another_writes(url: str, ledger: Ledger) -> None:
    other = open_ledger(url)
    with ledger.reading() as connection:
        before = connection.execute(sa.select(sa.func.count()).select_from(runs)).scalar_one()
        start(other)
        assert connection.execute(sa.select(sa.func.count()).select_from(runs)).scalar_one() == before
    with ledger.reading() as connection:
        assert connection.execute(sa.select(sa.func.count()).select_from(runs)).scalar_one() == before + 1
    other.close()


def test_processes_that_open_an_empty_ledger_and_write_at_once_wait_for_each_other(url: str) -> None:
    """A transaction that first reads and then writes fails at once in plain SQLite when another wrote between."""
    said = in_processes(
        """
        import sqlalchemy as sa
        from robots.ledger.store import open_ledger
        from robots.ledger.tables import human_minutes
        ledger = open_ledger(sys.argv[1])
        values = dict(scenario="a/b", kind="review", who="", note="", at="")
        for _ in range(20):
            with ledger.writing() as connection:
                before = connection.execute(sa.select(sa.func.count()).select_from(human_minutes)).scalar_one()
                connection.execute(human_minutes.insert().values(minutes=str(before), **values))
        ledger.close()
        print("written")
        """,
        *([[url]] * 2),
    )
    assert said == ["written"] * 2
    ledger = open_ledger(url)
    with ledger.reading() as connection:
        assert sorted(int(one) for one in connection.scalars(sa.select(human_minutes.c.minutes))) == list(range(40))
    ledger.close()


def _downgrade(url: str, version: str) -> None:
    config = Config()
    config.set_main_option("script_location", str(Path(store.__file__).parent / "migrations").replace("%", "%%"))
    engine = sa.create_engine(url)
    with engine.begin() as connection:
        config.attributes |= {"connection": connection, "keys": open_vault("file", file=Path("vault.age"), key=None)}
        command.downgrade(config, version)
    engine.dispose()


def test_a_ledger_of_the_first_version_is_upgraded_with_all_that_is_in_it(url: str) -> None:
    """What an older Banken wrote: the tables without papers and reviews, and an item in them."""
    ledger = open_ledger(url)
    run = start(ledger)
    (item,) = adopt(ledger, run, row("A-1"))
    ledger.close()
    _downgrade(url, "0001")
    upgraded = open_ledger(url)
    with upgraded.reading() as reading:
        assert compare_metadata(MigrationContext.configure(reading), metadata) == []
        assert reading.execute(sa.select(items.c.key, items.c.source)).all() == [("A-1", None)]
    assert [one.id for one in adopt(upgraded, run, row("A-1"))] == [item.id]
    upgraded.close()
