"""A ledger on a server: who may use it, one run of a scenario over machines, and how a town's file gets there."""

from __future__ import annotations

import subprocess
import sys
import textwrap
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from typer.testing import CliRunner

from robots.__main__ import build
from robots.clock import now
from robots.errors import SystemFailure
from robots.ledger.adopt import adopt_items
from robots.ledger.audit import AuditLog
from robots.ledger.audit_verify import verify_audit
from robots.ledger.items import NewItem, claim_next, intend_commit
from robots.ledger.leases import Busy, Holder, attach, holders, release, take
from robots.ledger.migrate_to import carry_over
from robots.ledger.runs import latest_runs
from robots.ledger.store import Ledger, open_ledger
from robots.ledger.tables import items, leases, metadata
from robots.settings import open_home
from tests.flow_town import HEAD, ID, ITEMS, TOP, FlowTown, enter
from tests.postgres.server import Postgres, emptied
from tests.unit.ledger.ledger_help import start

ROOT = Path(__file__).parents[2]
SCENARIO = TOP + ITEMS + "各件:\n" + enter("${対象.金額}")
_TEXTS = ("holder", "what", "machine", "process", "since", "until")
ELSEWHERE = Holder("other", "届の登録", "robot-2", "1@0")


@pytest.fixture
def shared(served: str) -> Iterator[Ledger]:
    ledger = open_ledger(served)
    yield ledger
    emptied(ledger)
    ledger.close()


def town(folder: Path, ledger: Ledger | None = None) -> FlowTown:
    """A town with three rows to enter, on this ledger or on a file of its own."""
    folder.mkdir()
    (folder / "registry.yaml").write_text(HEAD, encoding="utf-8")
    (folder / "banken.toml").write_text('settle_seconds = 0.1\nmachine = "robot-1"\n', encoding="utf-8")
    home = open_home(folder, {})
    made = FlowTown(home, ledger or open_ledger(home.database), home.audit_heads)
    for head in home.audit_heads:
        head.parent.mkdir(parents=True, exist_ok=True)
    made.write(SCENARIO)
    made.rows("1,山,10", "2,川,20", "3,海,30")
    return made


def backends(ledger: Ledger, process: int) -> int:
    """How many connections of the server have this process: one, or none any more."""
    query = sa.text("SELECT count(*) FROM pg_stat_activity WHERE pid = :pid")
    with ledger.reading() as connection:
        return int(connection.execute(query, {"pid": process}).scalar_one())


def counts_of(ledger: Ledger) -> dict[str, int]:
    with ledger.reading() as connection:
        return {
            table.name: connection.execute(sa.select(sa.func.count()).select_from(table)).scalar_one()
            for table in metadata.sorted_tables
        }


def test_a_server_that_does_not_answer_is_told_in_japanese() -> None:
    with pytest.raises(SystemFailure, match="開けません") as refused:
        open_ledger("postgresql+psycopg://banken@127.0.0.1:9/town")
    assert "サーバー" in refused.value.mend


@pytest.mark.parametrize(
    ("name", "how", "told"),
    [
        ("bytes", "ENCODING 'EUC_JP' LOCALE 'C'", "EUC_JP"),
        ("language", "ENCODING 'UTF8' LOCALE_PROVIDER icu ICU_LOCALE 'ja'", "言語の順"),
    ],
)
def test_a_database_that_would_put_stamps_in_another_order_is_refused(
    postgres: Postgres, name: str, how: str, told: str
) -> None:
    postgres.run("postgres", f"CREATE DATABASE {name} TEMPLATE template0 {how}")
    with pytest.raises(SystemFailure, match=told) as refused:
        open_ledger(postgres.url(name))
    assert "C.UTF-8" in refused.value.mend


def test_nothing_is_written_where_one_only_reads(shared: Ledger) -> None:
    with pytest.raises(SystemFailure, match="read-only"), shared.reading() as connection:
        connection.execute(items.delete())


def test_a_scenario_runs_on_one_machine_at_a_time(tmp_path: Path, shared: Ledger) -> None:
    here = town(tmp_path / "town", shared)
    name = f"シナリオ {ID}"
    theirs = take(shared, {name: 1}, ELSEWHERE, moment=now(), seconds=90, gone=lambda *_: False)
    assert not isinstance(theirs, Busy)
    with pytest.raises(SystemFailure, match=f"「{name}」は robot-2 の「届の登録」が .* から使っています"):
        here.run()
    assert latest_runs(shared, ID, 1) == []
    release(shared, theirs)
    assert here.run().items["done"] == 3
    assert here.entered() == {"1": "10", "2": "20", "3": "30"}


def test_what_a_machine_that_died_had_begun_is_carried_on_and_nothing_entered_twice(
    tmp_path: Path, shared: Ledger
) -> None:
    """It was sending one row and had another before it when it stopped; an hour later another machine takes over."""
    here = town(tmp_path / "town", shared)
    theirs = take(
        shared, {f"シナリオ {ID}": 1}, ELSEWHERE, moment=now() - timedelta(hours=1), seconds=90, gone=lambda *_: False
    )
    assert not isinstance(theirs, Busy)
    run = start(shared, scenario=ID)
    with shared.writing() as connection:
        attach(connection, run, theirs)
    sending, next_one = adopt_items(shared, run, ID, [NewItem("1", "", {"番号": "1"}), NewItem("2", "", {"番号": "2"})])
    for _ in (sending, next_one):
        claim_next(shared, run)
    intend_commit(shared, run, sending.id, {})
    report = here.run()
    assert (report.items["done"], here.states()) == (2, {"1": "in_doubt", "2": "done", "3": "done"})
    with pytest.raises(SystemFailure, match="登録しませんでした"):  # it wakes up
        intend_commit(shared, run, next_one.id, {})
    assert here.entered() == {"2": "20", "3": "30"}
    assert not verify_audit(shared, here.heads, "robot-1", alone=False).findings


def test_a_process_killed_in_the_middle_of_a_write_holds_nobody_up_and_leaves_nothing(
    shared: Ledger, served: str
) -> None:
    code = """
        import sys, time
        from robots.ledger.store import open_ledger
        from robots.ledger.tables import leases
        with open_ledger(sys.argv[1]).writing() as connection:
            connection.execute(leases.delete())
            print("in", flush=True)
            time.sleep(600)
    """
    take(shared, {"login": 1}, ELSEWHERE, moment=now(), seconds=90, gone=lambda *_: False)
    command = [sys.executable, "-c", textwrap.dedent(code), served]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT) as process:
        assert process.stdout is not None and process.stdout.readline() == "in\n"
        process.kill()
    assert start(shared)  # it would wait for a minute and then fail
    assert [*holders(shared)] == ["login"]


def test_a_write_that_stands_still_is_ended_by_the_server_and_leaves_nothing(shared: Ledger, served: str) -> None:
    def write() -> None:
        with shared.writing() as connection:
            connection.execute(leases.insert().values(name="login", token=1, **dict.fromkeys(_TEXTS, "")))
            connection.exec_driver_sql("SET LOCAL idle_in_transaction_session_timeout = '50ms'")
            process = connection.exec_driver_sql("SELECT pg_backend_pid()").scalar_one()
            while backends(shared, process):
                pass
            connection.execute(leases.delete())

    with pytest.raises(SystemFailure, match="書き込めません") as failure:
        write()
    assert "サーバー" in failure.value.mend
    assert (holders(shared), bool(start(shared))) == ({}, True)


def test_a_text_that_is_too_long_for_the_server_is_no_bug(shared: Ledger) -> None:
    with pytest.raises(SystemFailure, match="書き込めません"):
        AuditLog(shared, [], "robot-1").record("x" * 41, who="s1")


def test_a_town_is_carried_over_and_goes_on_there(tmp_path: Path, postgres: Postgres) -> None:
    here = town(tmp_path / "town")
    here.run()
    before = counts_of(here.ledger)
    target = sa.make_url(postgres.database())
    assert carry_over(here.ledger, target) == before
    there = open_ledger(target.render_as_string(hide_password=False))
    moved = FlowTown(here.home, there, here.heads)
    here.rows("3,海,30", "4,空,40")
    assert (moved.run().items["done"], moved.states()) == (1, {"1": "done", "2": "done", "3": "done", "4": "done"})
    assert moved.entered() == {"1": "10", "2": "20", "3": "30", "4": "40"}
    found = verify_audit(there, here.heads, "robot-1", alone=True)
    assert (found.findings, found.records > 2) == ((), True)
    with pytest.raises(SystemFailure, match=r"書き込めません|読めません"):
        here.run()  # what has the file open from before begins nothing in it
    with pytest.raises(SystemFailure, match="サーバーへ移してあります"):
        open_ledger(here.home.database)
    there.close()


def test_what_can_not_be_carried_over_stays_where_it_is(tmp_path: Path, postgres: Postgres, served: str) -> None:
    here = town(tmp_path / "town")
    here.run()
    with pytest.raises(SystemFailure, match="空ではありません"):
        carry_over(here.ledger, sa.make_url(served))
    target = sa.make_url(postgres.database())
    with here.ledger.writing() as connection:  # a file takes texts of any length, a server does not
        connection.execute(items.update().where(items.c.id == 1).values(source="x" * 101))
    with pytest.raises(SystemFailure, match="移す前のまま使えます"):
        carry_over(here.ledger, target)
    engine = sa.create_engine(target)
    assert sa.inspect(engine).get_table_names() == []
    engine.dispose()
    here.rows("9,星,90")
    assert here.run().items["done"] == 1


def test_migrate_on_the_command_line(tmp_path: Path, postgres: Postgres, monkeypatch: pytest.MonkeyPatch) -> None:
    here = town(tmp_path / "town")
    here.run()
    here.ledger.close()
    monkeypatch.chdir(here.home.root)
    run = CliRunner()
    assert run.invoke(build(["migrate", "runs"]), ["migrate", "--to", "nowhere"]).exit_code != 0
    done = run.invoke(build(["migrate", "runs"]), ["migrate", "--to", postgres.database()])
    assert done.exit_code == 0 and "行を移し、元と同じことを確かめました" in done.output, done.output


def test_records_of_two_machines_stand_in_one_chain(shared: Ledger, tmp_path: Path) -> None:
    first, second = tmp_path / "1.heads", tmp_path / "2.heads"
    AuditLog(shared, [first], "robot-1").record("signed_in", who="s1")
    AuditLog(shared, [second], "robot-2").record("signed_in", who="s2")
    for head, machine in ((first, "robot-1"), (second, "robot-2")):
        found = verify_audit(shared, [head], machine, alone=False)
        assert (found.records, found.findings) == (2, ())
