"""A withdrawal stops a run before its next item, and nothing more is done."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from robots.ledger.audit import AuditLog
from robots.ledger.runs import latest_runs
from robots.registry.decisions import Decisions
from robots.registry.edit import edit_entry
from robots.runner.beside import Go
from robots.runner.session import Session
from robots.step import Step
from tests.flow_town import DAY, ID, ITEMS, TOP, FlowTown, enter, open_flow_town

TEXT = f"""\
{TOP}{ITEMS}各件:
{enter("${対象.氏名}")}後始末:
  - CSVを書く: {{ファイル: "${{フォルダ.出力}}/終わり.csv", 行: "${{完了分}}", 列: [番号]}}
"""


@pytest.fixture
def town(tmp_path: Path) -> Iterator[FlowTown]:
    made = open_flow_town(tmp_path / "town")
    yield made
    made.ledger.close()


class AtCommit:
    """Somebody who does something while an item is being committed; see Beside."""

    def __init__(self, number: int, act: Callable[[], None]) -> None:
        self._left = number
        self._act = act

    def step(self, step: Step, session: Session, go: Go) -> object:
        if step.kind.name == "commit":
            self._left -= 1
            if self._left == 0:
                self._act()
        return go(step)


def suspended(town: FlowTown) -> None:
    audit = AuditLog(town.ledger, [], "robot-1")
    decisions = Decisions(town.home, town.ledger, audit, "user")
    decisions.withdraw(town.loaded(), ID, "suspended", by="d1", on=DAY, why="画面が変わった")


def taken_out(town: FlowTown) -> None:
    edit_entry(town.home, ID, {"approval": None})


@pytest.mark.parametrize(("act", "why"), [(suspended, "画面が変わった"), (taken_out, "台帳から外されました")])
def test_a_withdrawal_stops_it_before_the_next_item(town: FlowTown, act: Callable[[FlowTown], None], why: str) -> None:
    town.write(TEXT)
    town.rows("1,甲,10", "2,乙,20", "3,丙,30")
    report = town.run(beside=[AtCommit(2, lambda: act(town))])
    assert report.state == "stopped"
    assert why in report.message
    assert report.exit_code == 1
    assert town.entered() == {"1": "甲", "2": "乙"}  # the item that was begun is brought to its end
    assert town.states()["3"] == "ready"
    assert not (town.home.var / "out" / "終わり.csv").exists()
    assert [row["state"] for row in latest_runs(town.ledger, ID, 5)] == ["stopped"]
    town.accept()
    again = town.run()
    assert again.state == "ended"
    assert town.entered() == {"1": "甲", "2": "乙", "3": "丙"}
    written = (town.home.var / "out" / "終わり.csv").read_text(encoding="utf-8-sig")
    assert [line.split(",")[0] for line in written.splitlines()[1:]] == ["1", "2", "3"]


def test_a_rehearsal_of_what_is_approved_is_stopped_too(town: FlowTown) -> None:
    town.write(TEXT)
    town.rows("1,甲,10", "2,乙,20", "3,丙,30")
    report = town.run(rehearsal=True, beside=[AtCommit(1, lambda: suspended(town))])
    assert (report.state, "画面が変わった" in report.message) == ("stopped", True)
    assert sum(report.items.values()) == 1


def test_what_was_written_elsewhere_in_the_register_stops_nothing(town: FlowTown) -> None:
    town.write(TEXT)
    town.rows("1,甲,10", "2,乙,20")

    def write() -> None:
        with town.home.register.open("a", encoding="utf-8") as file:
            file.write("# 注\n")

    assert town.run(beside=[AtCommit(1, write)]).state == "ended"
    assert town.entered() == {"1": "甲", "2": "乙"}
