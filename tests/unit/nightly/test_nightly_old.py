"""What lies in the town for longer than a night: copies of the ledger, and what is old and goes."""

from __future__ import annotations

import os
import sqlite3
from datetime import datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from robots.clock import now
from robots.errors import SystemFailure
from robots.ledger.purge import GONE
from robots.ledger.reviews import Question, ask
from robots.ledger.store import open_ledger
from robots.ledger.tables import audit, items
from robots.nightly.backup import back_up, checked, copies, ledger_file
from tests.flow_town import ID
from tests.unit.nightly.care_town import EVENING, Leader, Watched

# --- copies ---


def test_a_copy_is_taken_while_somebody_writes_and_the_oldest_go(watched: Watched) -> None:
    file, folder = ledger_file(watched.home.database), watched.home.backups
    assert file is not None
    watched.town.run()
    with watched.town.ledger.writing() as connection:
        connection.execute(sa.text("UPDATE runs SET message='途中'"))
        for number in range(4):
            copy = back_up(file, folder, keep=3, moment=EVENING + timedelta(days=number))
    assert len(copies(folder)) == 3 and copies(folder)[0] == copy.path
    with sqlite3.connect(copy.path) as connection_:
        (count, message) = connection_.execute("SELECT count(*), max(message) FROM runs").fetchone()
    assert count == 1 and message != "途中", "what was not durable is not in it"
    assert checked(copy.path) == copy.audit > 0
    restored = open_ledger(f"sqlite:///{copy.path.as_posix()}", None)
    restored.close()


def test_a_damaged_copy_does_not_count_and_removes_none(watched: Watched, tmp_path: Path) -> None:
    file = ledger_file(watched.home.database)
    assert file is not None
    watched.town.run()
    good = back_up(file, tmp_path / "copies", keep=1, moment=EVENING).path
    damaged = tmp_path / "damaged.sqlite"
    damaged.write_bytes(good.read_bytes())
    with sqlite3.connect(damaged) as connection:
        connection.execute("DELETE FROM audit WHERE number = (SELECT max(number) FROM audit)")
    with pytest.raises(SystemFailure, match="監査記録の終わり"):
        back_up(damaged, tmp_path / "copies", keep=1, moment=EVENING + timedelta(days=1))
    assert copies(tmp_path / "copies") == [good]
    assert [one.name for one in (tmp_path / "copies").iterdir()] == [good.name], "no draft is left"


# --- what is old ---


def _aged(place: Path, when: datetime) -> Path:
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_bytes(b"x")
    os.utime(place, (when.timestamp(),) * 2)
    return place


def test_the_night_removes_what_is_personal_and_past_its_time_but_nothing_a_person_still_has_to_look_at(
    watched: Watched,
) -> None:
    town, home = watched.town, watched.home
    watched.settle(retention_days=30)
    report = town.run()
    later, earlier = now() + timedelta(days=40), now() - timedelta(days=40)
    asked, answered = (_aged(home.var / "review" / name / "氏名.png", earlier) for name in ("asked", "answered"))
    page = _aged(asked.with_name("page-1.jpg"), earlier)
    question = Question(
        "paper#1", "氏名", "text", "甲", ("読みにくい",), picture=asked.relative_to(home.root).as_posix()
    )
    with town.ledger.writing() as connection:
        item = connection.execute(sa.select(items.c.id).order_by(items.c.id).limit(1)).scalar_one()
        connection.execute(items.update().where(items.c.id == item).values(state="waiting"))
        ask(connection, report.run, ID, item, "申請書 1ページ目", [question])
    watched.moment = later.replace(hour=EVENING.hour, minute=EVENING.minute)
    for _ in range(2):
        watched.care().tick(Leader(leads=False))  # each machine has files of its own
    assert (asked.exists(), page.exists(), answered.exists()) == (True, True, False)
    assert not (home.var / "runs" / report.run).exists()
    with town.ledger.reading() as connection:
        keys = connection.execute(sa.select(items.c.key).order_by(items.c.id)).scalars().all()
        told = connection.execute(sa.select(audit.c.who).where(audit.c.action == "purged")).scalars().all()
    assert (keys, told) == (["1", GONE], ["nightly"])


def test_old_evidence_is_thinned_where_nothing_is_left_to_do(watched: Watched) -> None:
    town, home = watched.town, watched.home
    watched.settle(evidence_days=30)
    done = town.run().run
    town.rows("1,甲野花子,10", "2,乙,20", "3,丙,x")
    failed = town.run().run
    old_log = _aged(home.var / "logs" / "banken.2026-01-01.log", now() - timedelta(days=40))
    for run in (done, failed):
        _aged(home.var / "runs" / run / "1" / "screenshot.png", now())
    with town.ledger.writing() as connection:
        connection.execute(sa.text("UPDATE run_items SET state='failed' WHERE run=:run"), {"run": failed})
        connection.execute(items.update().where(items.c.run == failed).values(state="failed"))
    watched.moment = EVENING
    watched.care().tick(Leader())
    assert (home.var / "runs" / done).exists(), "not yet old"
    watched.moment = (now() + timedelta(days=40)).replace(hour=EVENING.hour, minute=EVENING.minute)
    watched.care().tick(Leader(leads=False))
    assert (home.var / "runs" / done).exists(), "the leader does it"
    watched.care().tick(Leader())
    kept = [(home.var / "runs" / run).exists() for run in (done, failed)]
    assert (kept, old_log.exists()) == ([False, True], False)
