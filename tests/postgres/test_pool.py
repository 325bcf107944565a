"""The pool: workers as real processes on a real server, chosen for by a night, killed, stopped and given what is stale."""

from __future__ import annotations

import signal
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from pathlib import Path

import psutil
import pytest
import sqlalchemy as sa

from bench.shared_run import counted, fire_now, many, shared
from robots.clock import now
from robots.errors import SystemFailure
from robots.ledger.firings import open_firings
from robots.ledger.leases import holders
from robots.ledger.server import WRITER
from robots.ledger.store import Ledger, open_ledger
from robots.ledger.tables import hands, items
from robots.nightly.children import Child, Processes
from robots.nightly.offers import Offer, queue_of
from robots.nightly.pool import Pool
from robots.nightly.service import Night
from robots.nightly.worker import Station, Taken
from robots.runner.elsewhere import mark_place
from robots.runner.hold import BEAT_SECONDS
from robots.settings import open_home
from robots.wiring import vault_of
from tests.conftest import JUTOGAI, CityHall, banken_here
from tests.flow_town import HEAD, FlowTown
from tests.postgres.pool_town import PATIENCE, come_due, nightly, working
from tests.postgres.server import Postgres
from tests.unit.ledger.ledger_help import start


def done(ledger: Ledger, scenario: str) -> int:
    query = sa.select(sa.func.count()).where(items.c.scenario == scenario, items.c.state == "done")
    with ledger.reading() as connection:
        return int(connection.execute(query).scalar_one())


@pytest.mark.skipif(sys.platform == "win32", reason="a worker is asked to stop by a signal here")
def test_each_machine_runs_what_it_may_and_what_one_that_is_stopped_leaves_another_carries_on(pooled: FlowTown) -> None:
    count = 400  # not to be over before it is paused: some forty go in a second
    many = [f"{number},山,1" for number in range(count)]
    nightly(pooled, "shimin/a", "[robot-1]", "1,山,10")
    nightly(pooled, "shimin/b", "[robot-2, robot-3]", "2,川,20")
    nightly(pooled, "shimin/long", '["*"]', *many)
    come_due(pooled.home, pooled.ledger)
    pool = Pool(pooled.home.database)
    with working(pooled.home, pooled.ledger) as workers:
        workers.until(lambda: len(pool.under_way()) == 3)
        workers.until(lambda: all("banken worker が動いていない" in row["reason"] for row in workers.rows()))
        first = workers.rows()[0]
        pool.offer([Offer("shimin/a", first["id"], "any", 9)])  # it waits there already
        processes = {name: workers.start(name) for name in ("robot-1", "robot-2")}
        workers.until(lambda: done(pooled.ledger, "shimin/long") > 3 and len(open_firings(pooled.ledger)) == 1)
        began, run = (str(workers.rows()[2][name]) for name in ("machine", "process"))
        paused = pause(run, pooled.ledger)  # it would be over before it hears
        processes[began].send_signal(signal.SIGTERM)
        workers.until(lambda: workers.rows()[2]["stop_at"])
        time.sleep(BEAT_SECONDS)  # it listens as soon as it goes on
        paused.resume()
        workers.until(lambda: processes[began].poll() is not None)
        other = "robot-2" if began == "robot-1" else "robot-1"
        assert workers.said(began).splitlines()[-1] == "worker を終わりました。"
        workers.until(workers.all_over)
        pool.offer([Offer("shimin/a", first["id"], "any", 9)])  # it has run already
        workers.until(lambda: not pool.under_way())
        found = {row["scenario"]: (row["state"], row["machine"], row["claims"]) for row in workers.rows()}
    assert found == {
        "shimin/a": ("ended", "robot-1", 1),
        "shimin/b": ("ended", "robot-2", 1),
        "shimin/long": ("ended", other, 2),
    }
    assert pooled.entered("long") == {str(number): "山" for number in range(count)}


@pytest.mark.skipif(sys.platform == "win32", reason="a process is paused by a signal here")
def test_a_shared_run_goes_on_when_the_machine_that_began_it_dies_and_each_item_arrives_once(
    city: CityHall, postgres: Postgres
) -> None:
    city = shared(city, postgres.database(), share=2)
    settings = city.home.root / "banken.toml"
    settings.write_text(settings.read_text(encoding="utf-8").replace("parallel = 16", "parallel = 1"), encoding="utf-8")
    keys, home = many(city, 80), open_home(city.home.root, {"BANKEN_MACHINE": "leader"})
    ledger = open_ledger(home.database, vault_of(home))
    fire_now(ledger, JUTOGAI)
    with working(home, ledger) as workers:
        processes = {name: workers.start(name) for name in ("robot-1", "robot-2")}
        workers.until(lambda: len(machines_with_done_items(ledger)) == 2)
        before = workers.rows()[0]
        die(processes[before["machine"]].pid, before["process"], ledger)
        workers.until(workers.all_over)
        after = workers.rows()[0]
    found = counted(city, ledger, keys)
    ledger.close()
    assert (found["lost"], found["doubled"], found["wrong"]) == ([], [], [])
    assert (after["state"], after["claims"]) == ("ended", 2)
    assert {before["machine"], after["machine"]} == {"robot-1", "robot-2"}


def machines_with_done_items(ledger: Ledger) -> set[str]:
    query = sa.select(hands.c.machine).join(items, items.c.hand == hands.c.id).where(items.c.state == "done")
    with ledger.reading() as connection:
        return set(connection.execute(query).scalars())


def pause(run: str, ledger: Ledger) -> psutil.Process:
    """Pauses the process of a run while it is not entering anything, nor anybody is writing in the ledger.

    There must be enough to do: a run that is over can't be taken from anybody.
    """
    process = psutil.Process(int(run.split("@", maxsplit=1)[0]))
    sending = sa.select(items.c.id).join(hands, hands.c.id == items.c.hand)
    sending = sending.where(items.c.state == "committing", hands.c.process == run)
    while True:
        process.suspend()
        with ledger.reading() as connection:
            nobody_writes = connection.exec_driver_sql(f"SELECT pg_try_advisory_xact_lock({WRITER})").scalar_one()
            if nobody_writes and not connection.execute(sending).first():
                assert open_firings(ledger), "all was done before it could be paused"
                return process
        process.resume()
        time.sleep(0.05)


def die(worker: int, run: str, ledger: Ledger) -> None:
    """A machine loses its power between two commits: its worker and the run's process, with all that they have started."""
    paused = pause(run, ledger)
    for one in (psutil.Process(worker), *paused.children(recursive=True), paused):
        with suppress(psutil.NoSuchProcess):  # it went with the one that had started it
            one.kill()


class AtOnce(Processes):
    """Runs what it is given in this very process; what it said stands in ``said``."""

    def __init__(self, town: FlowTown, over: threading.Event) -> None:
        super().__init__(town.home)
        self._town, self._over = town, over
        self.said: list[str] = []

    def start(self, scenario: str, firing: int) -> Child:
        try:
            self._town.run(scenario, firing=firing)
        except SystemFailure as failure:
            self.said.append(failure.what)
        self._over.set()
        return Ended()


class Ended:
    def ended(self) -> int | None:
        return 0

    def said(self) -> str:
        return ""


def works_once(town: FlowTown, pool: Pool) -> list[str]:
    """A worker on this machine that stops after its first job; what its run said."""
    over = threading.Event()
    launcher = AtOnce(town, over)
    station = Station(town.home, town.ledger, launcher, lambda _: None)
    pool.work(station, name="leader", room=1, grace=30, over=over)
    station.close()
    return launcher.said


def test_what_lies_on_a_dead_machine_waits_for_it_and_is_told_after_a_while(pooled: FlowTown) -> None:
    nightly(pooled, "shimin/a", '["*"]', "1,山,10")
    start(pooled.ledger, scenario="shimin/a")  # robot-1 had begun it
    come_due(pooled.home, pooled.ledger)
    pool, later = Pool(pooled.home.database), timedelta()
    pool.prepare()
    night = Night(pooled.home, pooled.ledger, Processes(pooled.home), clock=lambda: now() + later, pool=pool)
    night.tick()
    (said,) = works_once(pooled, pool)
    assert said.startswith("前の実行は robot-1 で途中まで行い、その端末だけのフォルダ（受付、出力）を使っているため")
    later = timedelta(minutes=1)
    night.tick()
    night.tick()
    (row,) = open_firings(pooled.ledger)
    assert (row["only_on"], row["reason"]) == (
        "robot-1",
        "robot-1で banken worker が動いていないため、始められません。",
    )
    with pooled.ledger.reading() as connection:
        jobs = sa.text("SELECT queue_name FROM banken_queue.procrastinate_jobs WHERE status = 'todo'")
        assert connection.execute(jobs).scalars().all() == ["robot-1"]
    later = timedelta(minutes=32)
    night.tick()
    assert open_firings(pooled.ledger) == [] and pooled.entered("a") == {}
    pooled.run("shimin/a")  # a person has looked
    assert pooled.entered("a") == {"1": "山"}
    night.close()


def test_a_machine_that_sees_the_same_folders_carries_on(pooled: FlowTown) -> None:
    nightly(pooled, "shimin/a", '["*"]', "1,山,10")
    before = start(pooled.ledger, scenario="shimin/a")
    mark_place(pooled.home.var / "runs" / before)
    come_due(pooled.home, pooled.ledger)
    pool = Pool(pooled.home.database)
    pool.prepare()
    night = Night(pooled.home, pooled.ledger, Processes(pooled.home), pool=pool)
    night.tick()
    assert works_once(pooled, pool) == [] and pooled.entered("a") == {"1": "山"}
    night.close()


def test_who_cannot_work_is_told_why(tmp_path: Path) -> None:
    (tmp_path / "registry.yaml").write_text(HEAD.replace("scenarios:", "scenarios: {}"), encoding="utf-8")
    plain = banken_here(tmp_path, "worker")
    assert plain.code == 2 and "台帳記録が PostgreSQL にないため" in plain.err and "banken migrate" in plain.err
    nowhere = "postgresql+psycopg://banken@127.0.0.1:9/town"
    (tmp_path / "banken.toml").write_text(f'database = "{nowhere}"\n', encoding="utf-8")
    unknown = banken_here(tmp_path, "worker", "--name", "robot-9")
    assert unknown.code == 2 and "端末「robot-9」も「*」もありません" in unknown.err


@contextmanager
def shut(postgres: Postgres, database: str) -> Iterator[None]:
    """Nobody gets into the database, and who was in it is out."""
    name = sa.make_url(database).database
    out = f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'"
    postgres.run("postgres", f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS false', out)
    yield
    postgres.run("postgres", f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS true')


@pytest.mark.skipif(sys.platform == "win32", reason="a worker is asked to stop by a signal here")
def test_a_worker_waits_for_a_server_that_does_not_answer(pooled: FlowTown, postgres: Postgres) -> None:
    nightly(pooled, "shimin/a", '["*"]', "1,山,10")
    come_due(pooled.home, pooled.ledger)
    with working(pooled.home, pooled.ledger) as workers:

        def says(what: str) -> None:
            end = time.monotonic() + PATIENCE
            while what not in "".join(workers.said("robot-1").splitlines()[-1:]):
                assert time.monotonic() < end, workers.said("robot-1")
                time.sleep(0.2)

        with shut(postgres, pooled.home.database):
            process = workers.start("robot-1")
            says("つながるまで待ちます")
        says("回を受け付けています")
        with shut(postgres, pooled.home.database):
            says("つながるまで待ちます")
        says("つながりました")
        workers.until(workers.all_over)
        process.send_signal(signal.SIGTERM)
        assert process.wait(30) == 0
        assert workers.said("robot-1").splitlines()[-1] == "worker を終わりました。"
        assert pooled.entered("a") == {"1": "山"}


def test_of_two_workers_with_one_name_the_second_begins_nothing(pooled: FlowTown) -> None:
    nightly(pooled, "shimin/a", '["*"]', "1,山,10")
    said: list[str] = []
    home = pooled.home
    first, second = (Station(home, pooled.ledger, Processes(home), said.append) for _ in range(2))
    first.tick()
    with pytest.raises(Taken, match="もう動いています"):
        second.tick()
    assert [*holders(pooled.ledger)] == ["端末 leader"]
    first.close()
    second.tick()
    with pytest.raises(Taken):
        first.tick()


def test_a_queue_is_named_for_its_machines_and_short_enough_for_the_engine() -> None:
    assert (queue_of(["robot-2", "robot-1"]), queue_of(["robot-1", "*"])) == ("robot-1+robot-2", "any")
    many = queue_of([f"学務課の端末{number}" for number in range(20)])
    assert len(many.encode()) == 40 and many != queue_of([f"学務課の端末{number}" for number in range(21)])
