"""The night in real processes, and in many simulated nights in which it dies; runs that hang, run over and are killed."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import psutil
import pytest
import sqlalchemy as sa

from bench import leases as races
from bench import nights
from robots.clock import now, stamp
from robots.ledger.firings import NewFiring, claim, fire, open_firings
from robots.ledger.leases import Busy, Holder, holders, take
from robots.ledger.store import open_ledger
from robots.ledger.tables import firings, marks
from robots.nightly.limits import Limits
from robots.nightly.turns import plan_of
from robots.processes import find, named, this_process
from robots.settings import open_home
from robots.wiring import vault_of
from tests.commands import command, in_a_process_of_its_own
from tests.flow_town import HEAD, ID, ITEMS, TOP, FlowTown, enter

ROOT = Path(__file__).parents[2]


@pytest.fixture
def town(tmp_path: Path) -> Iterator[FlowTown]:
    """A town whose one scenario runs nightly at a time that has just come, with a login to itself."""
    root = tmp_path / "city"
    root.mkdir()
    (root / "registry.yaml").write_text(HEAD, encoding="utf-8")
    (root / "banken.toml").write_text('settle_seconds = 0.1\nmachine = "robot-1"\n', encoding="utf-8")
    home = open_home(root, {})
    town = FlowTown(home, open_ledger(home.database, vault_of(home)), home.audit_heads)
    yield town
    town.ledger.close()


def nightly(town: FlowTown, schedule: str, *rows: str) -> None:
    """Registers the scenario with that schedule, approved, whose turn of today 0:00 has just been missed."""
    town.rows(*rows)
    town.write(TOP + ITEMS + "各件:\n" + enter("${対象.氏名}"), accept=False)
    text = town.home.register.read_text(encoding="utf-8")
    text = text.replace("scenarios:\n", "resources: {login: {holders: 1}}\nscenarios:\n").replace(
        "    data: none\n", f"    data: none\n    schedule: {schedule}\n"
    )
    town.home.register.write_text(text, encoding="utf-8")
    town.accept()


def banken(town: FlowTown, *arguments: str) -> subprocess.Popen[str]:
    """``banken …`` as a process of its own."""
    environment = {**os.environ, "PYTHONUTF8": "1", "PYTHONPATH": str(ROOT)}
    return subprocess.Popen(
        [sys.executable, "-m", "robots", *arguments],
        cwd=town.home.root,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        encoding="utf-8",
    )


def done(town: FlowTown, *arguments: str) -> tuple[int, str]:
    """The same at the cost of a fork, to its end: its exit code and what it said."""
    said, warned = town.home.root / "said.txt", town.home.root / "warned.txt"
    code = in_a_process_of_its_own(command, town.home.root, arguments, {**os.environ}, said, warned)
    return code, said.read_text(encoding="utf-8") + warned.read_text(encoding="utf-8")


def came_yesterday(town: FlowTown) -> None:
    """The schedule was seen yesterday, so that today's turn is due."""
    plan = plan_of(town.loaded())
    with town.ledger.writing() as connection:
        yesterday = stamp(now() - timedelta(days=1))
        connection.execute(marks.insert().values(scenario=ID, schedule=plan.digests[ID], upto=yesterday))


def fired(town: FlowTown) -> sa.RowMapping:
    with town.ledger.reading() as connection:
        return connection.execute(sa.select(firings)).mappings().one()


def test_nightly_once_runs_what_is_due_and_only_once(town: FlowTown) -> None:
    nightly(town, '{on: 毎日, at: "0:00", resources: [login]}', "A,山田,1", "B,鈴木,2")
    came_yesterday(town)
    both = [banken(town, "nightly", "--once"), banken(town, "nightly", "--once")]
    said = [one.communicate(timeout=120)[0] for one in both]
    assert [one.returncode for one in both] == [0, 0], said
    row = fired(town)
    assert (row["state"], row["claims"]) == ("ended", 1), row
    assert town.entered() == {"A": "山田", "B": "鈴木"} and holders(town.ledger) == {}


def test_a_login_in_use_is_not_taken_and_who_has_it_is_said(town: FlowTown) -> None:
    nightly(town, '{on: 毎日, at: "0:00", resources: [login]}', "A,山田,1")
    other = Holder("x", "就学援助の入力", "robot-2", this_process())
    taken = take(town.ledger, {"login": 1}, other, moment=now(), seconds=600, gone=lambda *_: False)
    assert not isinstance(taken, Busy)
    code, said = done(town, "run", ID)
    assert code == 4 and "「login」は robot-2 の「就学援助の入力」が" in said and "--wait" in said
    assert town.entered() == {}


def test_simulated_nights() -> None:
    found = nights.simulate(nights=8, kills=6, schedulers=2, seed=7)
    assert {name: found[name] for name in ("nights", "started", "doubled", "missed", "on_other_days", "kills")} == {
        "nights": 8, "started": 8, "doubled": 0, "missed": 0, "on_other_days": 0, "kills": 6,
    }  # fmt: skip


def test_races_for_one_login() -> None:
    found = races.simulate(races=12, seed=3)
    wrong = ("won_by_two", "won_by_none", "overlaps", "stale", "taken_inside", "refused_fresh")
    assert {name: found[name] for name in wrong} == dict.fromkeys(wrong, 0)
    assert found["races"] == 12 and found["stale_refused"] == found["paused_before"] != 0


@pytest.fixture
def child() -> Iterator[Callable[[str], str]]:
    """Starts a process that does what it is told; returns it as `pid@start`."""
    started: list[subprocess.Popen[bytes]] = []

    def start(code: str) -> str:
        popen = subprocess.Popen(
            [sys.executable, "-c", f"{code}\nprint('on', flush=True)\ninput()"], stdin=-1, stdout=-1
        )
        started.append(popen)
        assert popen.stdout is not None and popen.stdout.readline().strip() == b"on"
        return named(psutil.Process(popen.pid))

    yield start
    for popen in started:
        popen.kill()
        popen.wait()


def running(town: FlowTown, process: str) -> int:
    """A firing that this process has taken up."""
    me = Holder("lead", "夜間実行", "robot-1", this_process())
    lead = take(town.ledger, {"nightly": 1}, me, moment=now(), seconds=90, gone=lambda *_: False)
    assert not isinstance(lead, Busy)
    fire(town.ledger, lead[0], [NewFiring(ID, now(), 5, finish_by=now() + timedelta(hours=1))], {})
    firing = int(open_firings(town.ledger)[0]["id"])
    assert claim(town.ledger, firing, machine="robot-1", process=process, moment=now())
    return firing


def test_one_that_does_not_stop_when_asked_is_ended(town: FlowTown, child: Callable[[str], str]) -> None:
    process = child("")
    running(town, process)
    limits = Limits(town.ledger, town.home.settings)
    limits.watch(now() + timedelta(hours=1))
    assert fired(town)["state"] == "running" and find(process) is not None
    limits.watch(now() + timedelta(hours=1, minutes=11))
    row = fired(town)
    assert row["state"] == "failed" and row["ended_at"]
    assert row["reason"] == "終了期限を過ぎたため、止めるよう頼みました。 頼んでも止まらないため、終わらせました。"
    assert find(process) is None


def test_one_that_grows_far_too_big_is_ended_at_once(town: FlowTown, child: Callable[[str], str]) -> None:
    process = child("big = bytearray(b'x') * 160_000_000")
    running(town, process)
    settings = town.home.settings.model_copy(update={"run_memory": 64})
    Limits(town.ledger, settings).watch(now())
    assert "メモリを使いすぎた" in fired(town)["reason"] and find(process) is None


@pytest.mark.skipif(sys.platform == "win32", reason="a process is paused by a signal here")
def test_a_paused_robot_whose_lease_ran_out_is_ended_before_another_begins(
    town: FlowTown, child: Callable[[str], str]
) -> None:
    nightly(town, '{on: 毎日, at: "0:00", resources: [login]}', "A,山田,1")
    process = child("")
    os.kill(int(process.split("@")[0]), signal.SIGSTOP)
    paused = Holder("x", "止まった実行", "robot-1", process)
    before = now() - timedelta(hours=1)
    assert not isinstance(
        take(town.ledger, {"login": 1}, paused, moment=before, seconds=90, gone=lambda *_: False), Busy
    )
    code, said = done(town, "run", ID)
    assert code == 0 and town.entered() == {"A": "山田"}, said
    assert find(process) is None


@pytest.mark.skipif(sys.platform == "win32", reason="Ctrl-C is sent as a signal here")
def test_the_night_goes_on_until_it_is_stopped_and_leaves_the_lead(town: FlowTown) -> None:
    nightly(town, '{on: 毎日, at: "0:00"}', "A,山田,1")
    came_yesterday(town)
    night = banken(town, "nightly")
    assert night.stdout is not None and "夜間実行を始めました" in night.stdout.readline()
    for _ in range(600):
        if open_firings(town.ledger) == [] and town.entered():
            break
        time.sleep(0.1)
    night.send_signal(signal.SIGINT)
    said = night.communicate(timeout=60)[0]
    assert night.returncode == 0 and "夜間実行を終わりました" in said
    assert town.entered() == {"A": "山田"} and fired(town)["state"] == "ended" and holders(town.ledger) == {}
