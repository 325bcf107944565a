"""What runs and people's decisions leave in the audit log, and that nothing happens where it can't be written."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from robots.errors import SystemFailure
from robots.ledger.audit import audit_records
from robots.ledger.audit_verify import verify_audit
from robots.ledger.runs import latest_runs, run_failures
from robots.runner.beside import Go
from robots.runner.session import Session
from robots.step import Step
from tests.flow_town import ID, ITEMS, TOP, FlowTown, enter, open_flow_town

READS = f"""\
{TOP}{ITEMS}各件:
  - もし:
      条件: ${{対象.金額 != '0'}}
      ならば:
        - CSVを読む: {{ファイル: "${{対象.金額}}"}}
{enter("${対象.氏名}")}"""
ASKS = f"""\
{TOP}{ITEMS}各件:
  - 人に尋ねる: {{質問: どちらですか, 選択肢: [甲, 乙]}}
    保存名: 答え
{enter("${答え}")}"""


@pytest.fixture
def office(tmp_path: Path) -> Iterator[FlowTown]:
    opened = open_flow_town(tmp_path / "office")
    opened.heads = [tmp_path / "second" / "heads"]
    (tmp_path / "second").mkdir()
    yield opened
    opened.ledger.close()


def actions(office: FlowTown) -> list[str]:
    return [row["action"] for row in audit_records(office.ledger)]


def away(office: FlowTown) -> None:
    """The second place of the log is gone."""
    office.heads[0].parent.rename(office.heads[0].parent.with_name("gone"))


def test_a_run_is_recorded_with_its_begin_and_its_end(office: FlowTown) -> None:
    office.write(READS)
    office.rows("1,甲,0", "2,乙,0")
    office.run()
    begun, ended = audit_records(office.ledger)
    assert (begun["action"], begun["who"], begun["subject"]) == ("run_begun", "s1", ID)
    assert ended["action"] == "run_ended"
    assert ended["detail"] == {"run": begun["detail"]["run"], "state": "ended"}
    assert verify_audit(office.ledger, office.heads, "robot-1", alone=True).findings == ()


def test_a_file_elsewhere_is_refused_recorded_once_and_named_with_its_line(office: FlowTown, tmp_path: Path) -> None:
    secret = tmp_path / "ほか" / "秘密.csv"
    secret.parent.mkdir()
    secret.write_text("番号\n1\n", encoding="utf-8")
    office.write(READS)
    office.rows(f"1,甲,{secret}", f"2,乙,{secret}", "3,丙,0")
    office.run()
    assert office.states() == {"1": "failed", "2": "failed", "3": "done"}
    (refused,) = audit_records(office.ledger, action="refused")
    assert (refused["subject"], refused["detail"]["kind"]) == (ID, "folder")
    assert refused["detail"]["what"] == str(secret.parent)
    failures = run_failures(office.ledger, refused["detail"]["run"])
    (mend,) = {row["mend"] for row in failures}
    assert f"利用: の フォルダ: に「名前: {secret.parent}」を加え" in mend


def test_where_the_log_can_not_be_written_no_run_begins(office: FlowTown) -> None:
    office.write(READS)
    office.rows("1,甲,0")
    away(office)
    with pytest.raises(SystemFailure, match="控え"):
        office.run()
    assert (office.entered(), latest_runs(office.ledger, ID, 5), actions(office)) == ({}, [], [])


def test_where_a_refusal_can_not_be_recorded_no_further_item_is_begun(office: FlowTown, tmp_path: Path) -> None:
    office.write(READS)
    office.rows(f"1,甲,{tmp_path}/x.csv", "2,乙,0", "3,丙,0")
    log = office.audit
    before = office.entered()
    broken = _Breaks(office)
    with pytest.raises(SystemFailure, match="控え"):
        office.run(beside=[broken])
    assert office.entered() == before == {}
    assert "done" not in office.states().values()
    office.heads[0].parent.with_name("gone").rename(office.heads[0].parent)
    log.record("settings", who="d1")
    assert verify_audit(office.ledger, office.heads, "robot-1", alone=True).findings == ()


class _Breaks:
    """Stands beside the steps and takes the second place away before the first item's first step."""

    def __init__(self, office: FlowTown) -> None:
        self._office = office

    def step(self, step: Step, session: Session, go: Go) -> object:
        if step.path.startswith("each") and self._office.heads[0].parent.exists():
            away(self._office)
        return go(step)


def test_an_answer_of_the_desk_is_recorded_or_not_taken(office: FlowTown) -> None:
    office.write(ASKS)
    office.rows("1,甲,0", "2,乙,0")
    office.run()
    office.answer("1", "甲")
    (record,) = audit_records(office.ledger, action="reviewed")
    assert (record["who"], record["subject"], record["detail"]["decision"]) == ("s1", ID, "correct")
    assert "甲" not in str(record["detail"]), "the answer itself is not the log's to tell"
    away(office)
    with pytest.raises(SystemFailure, match="控え"):
        office.answer("2", "乙")
    assert [row["key"] for row in office.tasks()] == ["2"]
