"""The audit log: chained, its end outside, nothing done where it can't be written, and every tampering found."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from bench.audit import verified
from robots.errors import SystemFailure
from robots.ledger.audit import COLUMNS, NOTHING, AuditLog, audit_records, hash_of
from robots.ledger.audit_verify import Verdict, verify_audit
from robots.ledger.store import Ledger, open_ledger
from robots.ledger.tables import audit, audit_tip, runs
from tests.unit.ledger.ledger_help import start

COUNT = 8
Change = Callable[[sa.Connection], Any]


@pytest.fixture
def head(tmp_path: Path) -> Path:
    return tmp_path / "second place" / "town.heads"


@pytest.fixture
def log(ledger: Ledger, head: Path) -> AuditLog:
    """A log of some records."""
    head.parent.mkdir()
    made = AuditLog(ledger, [head], "robot-1")
    for number in range(1, COUNT + 1):
        made.record("approved", who="d0001", subject=f"shimin/{number}", detail={"digest": f"sha256:{number}"})
    return made


def verdict(ledger: Ledger, *heads: Path, alone: bool = True) -> Verdict:
    return verify_audit(ledger, heads, "robot-1", alone=alone)


def findings(ledger: Ledger, *heads: Path) -> list[tuple[str, int, int]]:
    return [(one.kind, one.first, one.last) for one in verdict(ledger, *heads).findings]


def rewritten(connection: sa.Connection, first: int) -> None:
    """What somebody does who knows how the chain is made: all hashes from this record on right again."""
    rows = connection.execute(sa.select(audit).order_by(audit.c.number)).mappings().all()
    last = NOTHING
    for number, row in enumerate(rows, 1):
        values = {**row, "number": number, "previous": last}
        last = hash_of([values[name] for name in COLUMNS]) if number >= first else str(row["hash"])
        changed = {"number": number, "previous": values["previous"], "hash": last}
        connection.execute(audit.update().where(audit.c.number == row["number"]).values(**changed))
    connection.execute(audit_tip.update().values(number=len(rows), hash=last))


def test_a_log_that_nobody_touched_is_in_order(ledger: Ledger, log: AuditLog, head: Path) -> None:
    found = verdict(ledger, head)
    assert (found.records, found.findings, found.notes) == (COUNT, (), ())
    first, second = audit_records(ledger)[:2]
    assert (first["number"], first["who"], first["machine"], first["subject"]) == (1, "d0001", "robot-1", "shimin/1")
    assert first["detail"] == {"digest": "sha256:1"}
    assert (first["previous"], second["previous"]) == (NOTHING, first["hash"])


@pytest.mark.parametrize("column", [name for name in COLUMNS if name != "number"])
def test_every_edit_of_every_column_is_found_and_named(ledger: Ledger, log: AuditLog, head: Path, column: str) -> None:
    for number in (1, 4, COUNT):
        with ledger.writing() as connection:
            before = connection.execute(sa.select(audit.c[column]).where(audit.c.number == number)).scalar_one()
            connection.execute(audit.update().where(audit.c.number == number).values({column: f"{before} "[1:]}))
        found = verdict(ledger, head).findings
        assert ("edited", number) in [(one.kind, one.first) for one in found], column
        assert f"記録 {number}" in found[0].what
        with ledger.writing() as connection:
            connection.execute(audit.update().where(audit.c.number == number).values({column: before}))
    assert findings(ledger, head) == []


def test_every_removal_is_found_and_named(ledger: Ledger, log: AuditLog, head: Path) -> None:
    for first in range(1, COUNT):
        with ledger.writing() as connection:
            gone = connection.execute(sa.select(audit).where(audit.c.number == first)).mappings().one()
            connection.execute(audit.delete().where(audit.c.number == first))
        assert findings(ledger, head) == [("removed", first, first)]
        assert findings(ledger) == [("removed", first, first)], "the chain alone shows it"
        with ledger.writing() as connection:
            connection.execute(audit.insert().values(**gone))


@pytest.mark.parametrize("tidy", [False, True])
def test_a_tail_that_is_cut_is_found(ledger: Ledger, log: AuditLog, head: Path, tidy: bool) -> None:
    """tidy: the ledger's own memory of its end is cut with it; then only the head outside knows."""
    for left in range(COUNT - 1, -1, -1):
        with ledger.writing() as connection:
            connection.execute(audit.delete().where(audit.c.number > left))
            if tidy:
                rewritten(connection, left + 1)
        assert findings(ledger, head) == [("cut", left + 1, COUNT)]
        assert "終わりから消されています" in verdict(ledger, head).findings[0].what
        assert findings(ledger) == ([] if tidy else [("cut", left + 1, COUNT)])


@pytest.mark.parametrize("first", [1, 4, COUNT])
def test_a_rewriting_with_all_hashes_right_again_is_found(
    ledger: Ledger, log: AuditLog, head: Path, first: int
) -> None:
    with ledger.writing() as connection:
        connection.execute(audit.update().where(audit.c.number == first).values(who="d0002"))
        rewritten(connection, first)
    assert findings(ledger) == [], "the chain by itself is right"
    assert findings(ledger, head) == [("rewritten", first, COUNT)]


def test_a_removal_with_all_hashes_right_again_is_found(ledger: Ledger, log: AuditLog, head: Path) -> None:
    with ledger.writing() as connection:
        connection.execute(audit.delete().where(audit.c.number == 3))
        rewritten(connection, 3)
    assert findings(ledger, head) == [("rewritten", 3, COUNT - 1), ("cut", COUNT, COUNT)]


def test_a_record_put_in_beside_banken_is_found(ledger: Ledger, log: AuditLog, head: Path, tmp_path: Path) -> None:
    AuditLog(ledger, [tmp_path / "somewhere else"], "robot-1").record("approved", who="d0001", subject="shimin/x")
    assert findings(ledger, head) == [("added", COUNT + 1, COUNT + 1)]


def test_what_came_after_a_cut_does_not_hide_it(ledger: Ledger, log: AuditLog, head: Path) -> None:
    with ledger.writing() as connection:
        connection.execute(audit.delete().where(audit.c.number > COUNT - 2))
        rewritten(connection, COUNT - 1)
    log.record("approved", who="d0001")
    log.record("approved", who="d0001")
    assert findings(ledger, head) == [("rewritten", COUNT - 1, COUNT)]


def test_a_lost_head_file_is_found(ledger: Ledger, log: AuditLog, head: Path) -> None:
    head.write_text("", encoding="ascii")
    assert findings(ledger, head) == [("head", 0, 0)]
    head.unlink()
    assert findings(ledger, head) == [("head", 0, 0)]


def test_a_new_second_place_covers_what_was_there_before(ledger: Ledger, log: AuditLog, head: Path) -> None:
    newer = head.with_name("new.heads")
    both = AuditLog(ledger, [head, newer], "robot-1")
    both.record("settings", who="d0001")
    assert findings(ledger, head, newer) == []
    with ledger.writing() as connection:
        connection.execute(audit.update().where(audit.c.number == 2).values(who="d0002"))
        rewritten(connection, 2)
    assert findings(ledger, newer) == [("rewritten", COUNT + 1, COUNT + 1)]


# --- crashes: honest logs are not accused ---


def test_a_crash_between_head_and_record_is_no_finding(ledger: Ledger, log: AuditLog, head: Path) -> None:
    with pytest.raises(ZeroDivisionError), ledger.writing() as connection:
        log.record_in(connection, "settled", who="s1")
        raise ZeroDivisionError
    assert head.read_text(encoding="ascii").splitlines()[-1].startswith(f"begun {COUNT + 1} ")
    assert findings(ledger, head) == []
    log.record("settled", who="s2")
    assert (findings(ledger, head), len(audit_records(ledger))) == ([], COUNT + 1)


def test_a_crash_between_record_and_its_last_line_is_no_finding(ledger: Ledger, log: AuditLog, head: Path) -> None:
    lines = head.read_text(encoding="ascii").splitlines(keepends=True)
    head.write_text("".join(lines[:-1]), encoding="ascii")
    assert findings(ledger, head) == []
    log.record("settled", who="s2")
    assert findings(ledger, head) == []


def test_a_line_that_a_crash_has_cut_is_told_and_no_finding(ledger: Ledger, log: AuditLog, head: Path) -> None:
    with head.open("ab") as file:
        file.write(b"begun 9 0011")
    log.record("settled", who="s2")
    found = verdict(ledger, head)
    assert found.findings == ()
    assert [f"{2 * COUNT + 1} 行目を読めません" in note for note in found.notes] == [True]


# --- nothing happens where it can't be written ---


def test_where_the_second_place_is_away_nothing_is_recorded(ledger: Ledger, log: AuditLog, head: Path) -> None:
    head.parent.rename(head.parent.with_name("away"))
    with pytest.raises(SystemFailure, match=r"控え .*に書き込めません"):
        log.record("approved", who="d0001")
    assert len(audit_records(ledger)) == COUNT


def test_an_act_and_its_record_are_kept_together_or_not_at_all(ledger: Ledger, log: AuditLog, head: Path) -> None:
    run = start(ledger)
    head.parent.rename(head.parent.with_name("away"))
    with pytest.raises(SystemFailure), ledger.writing() as connection:
        connection.execute(runs.update().where(runs.c.id == run).values(message="changed"))
        log.record_in(connection, "run_ended", who="s1", subject=run)
    with ledger.reading() as connection:
        assert connection.execute(sa.select(runs.c.message).where(runs.c.id == run)).scalar_one() == ""


# --- what a record holds ---


def test_numbers_of_people_are_masked_wherever_they_stand(ledger: Ledger, log: AuditLog) -> None:
    number = "1234 5678 9018"
    detail = {
        "keys": [number, 123456789018],
        number: {"deep": f"番号{number}です"},
        "count": 3,
        "ok": True,
        "none": None,
    }
    log.record("exported", who=f"s1 {number}", subject=number, detail=detail)
    record = audit_records(ledger)[-1]
    assert [text for text in (number, "123456789018") if text in str(record)] == []
    assert (record["detail"]["count"], record["detail"]["ok"], record["detail"]["none"]) == (3, True, None)


def test_records_are_found_by_day_action_person_and_subject(ledger: Ledger, log: AuditLog) -> None:
    log.record("refused", who="s1", subject="shimin/3", detail={"kind": "site"})
    day = audit_records(ledger)[0]["at"][:10]
    assert [row["number"] for row in audit_records(ledger, action="refused")] == [COUNT + 1]
    assert [row["number"] for row in audit_records(ledger, who="s1", since=day, until=day)] == [COUNT + 1]
    assert [row["number"] for row in audit_records(ledger, subject="shimin/3")] == [3, COUNT + 1]
    assert audit_records(ledger, until="2020-01-01") == audit_records(ledger, since="2999-01-01") == []


def test_many_who_write_at_once_make_one_chain(url: str, ledger: Ledger, head: Path) -> None:
    head.parent.mkdir()

    def write(who: str) -> None:
        mine = open_ledger(url)
        for _ in range(5):
            AuditLog(mine, [head], "robot-1").record("signed_in", who=who)
        mine.close()

    writers = [threading.Thread(target=write, args=(f"s{number}",)) for number in range(4)]
    for one in writers:
        one.start()
    for one in writers:
        one.join()
    assert (verdict(ledger, head).records, findings(ledger, head)) == (20, [])


def test_what_other_machines_wrote_stands_in_their_heads(ledger: Ledger, log: AuditLog, head: Path) -> None:
    AuditLog(ledger, [head.with_name("robot-2.heads")], "robot-2").record("run_begun", who="s1")
    found = verdict(ledger, head, alone=False)
    assert (found.findings, ["robot-2" in note for note in found.notes]) == ((), [True])


def test_a_long_log_is_verified_and_what_was_changed_in_it_found() -> None:
    """Of bench/audit.py a small count; its hundred-fold is for the bench."""
    told = verified(4_000)
    assert (told["records"], told["found"]) == (4_000, 3)
