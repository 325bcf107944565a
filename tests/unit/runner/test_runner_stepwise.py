"""A person leads the steps: what may be done at each, and that nothing altered is ever entered."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from robots.errors import ScenarioFault
from robots.registry.gate import Approved
from robots.runner.recorded import Replay, read_recorded, step_named
from robots.runner.stepwise import Stepwise
from tests.flow_town import ID, ITEMS, TOP, FlowTown, enter, open_flow_town

TEXT = f"""\
{TOP}{ITEMS}各件:
  - 値を決める: ${{対象.氏名}}さん
    保存名: 呼び名
  - 審査する:
      - {{条件: "${{対象.金額 != ''}}", さもなくば: "${{対象.番号}}の金額がありません"}}
  - 値を決める: ${{呼び名}} ${{対象.金額}}
    保存名: 値
{enter("${値}")}"""
ON = ""


class Person:
    """Types these lines, and reads what is shown."""

    def __init__(self, *typed: str) -> None:
        self._typed = list(typed)
        self.read: list[str] = []
        self.stepwise = Stepwise(self.read.append, self._answer)

    def _answer(self, keys: str) -> str | None:
        return self._typed.pop(0) if self._typed else None

    @property
    def seen(self) -> str:
        return "\n".join(self.read)

    @property
    def all_typed(self) -> bool:
        return not self._typed


@pytest.fixture
def town(tmp_path: Path) -> Iterator[FlowTown]:
    opened = open_flow_town(tmp_path / "town")
    opened.write(TEXT)
    opened.rows("1,山田太郎,500")
    yield opened
    opened.ledger.close()


def test_going_on_enters_what_a_run_enters(town: FlowTown) -> None:
    person = Person(ON, ON, ON, ON, ON)
    report = town.run(beside=(person.stepwise,))
    assert report.items["done"] == 1
    assert town.entered() == {"1": "山田太郎さん 500"}
    assert person.all_typed
    assert "取り消せません" in person.seen
    assert "（each[0]）" in person.seen and "登録.xlsx" in person.seen


def test_paths_are_shown_and_personal_values_are_not(town: FlowTown) -> None:
    register = town.home.register.read_text(encoding="utf-8")
    town.home.register.write_text(register.replace("data: none", "data: personal"), encoding="utf-8")
    town.accept()
    person = Person(ON, ON, ON, ON, ON)
    town.run(beside=(person.stepwise,))
    assert town.entered() == {"1": "山田太郎さん 500"}
    assert f"ファイル: {town.home.scenarios / ID / 'sample'}" in person.seen
    assert "登録.xlsx" in person.seen and "シート: 登録" in person.seen
    assert "山●●●（4文字）さん" in person.seen and "山田太郎" not in person.seen


def test_stopping_at_the_commit_enters_nothing_and_leaves_the_item_for_the_next_run(town: FlowTown) -> None:
    report = town.run(beside=(Person(ON, ON, ON, ON, "q").stepwise,))
    assert (report.state, report.items["done"]) == ("stopped", 0)
    assert town.entered() == {}
    assert town.run().items["done"] == 1


def test_the_end_of_the_input_stops(town: FlowTown) -> None:
    assert town.run(beside=(Person(ON).stepwise,)).state == "stopped"
    assert town.entered() == {}


@pytest.mark.parametrize("typed", ["s", "c 値=999"])
def test_after_a_skipped_step_or_a_changed_value_nothing_is_entered(town: FlowTown, typed: str) -> None:
    person = Person(ON, ON, ON, typed, ON, ON, ON)
    report = town.run(beside=(person.stepwise,))
    assert report.items["done"] == 0
    assert "飛ばした手順や変えた値がある" in report.message + person.seen
    assert town.entered() == {}
    assert town.run().items["done"] == 1


def test_a_changed_value_holds_in_a_rehearsal(town: FlowTown) -> None:
    town.rows("1,山田太郎,")
    failed = Person(ON, ON, ON, "s", "c 値=直した値", ON, ON)
    report = town.run(rehearsal=True, beside=(failed.stepwise,))
    assert report.items["done"] == 1
    assert "リハーサルなので、ここで終わります" in failed.seen
    assert "うまくいきませんでした: 1の金額がありません" in failed.seen


def test_a_step_that_failed_is_begun_again(town: FlowTown) -> None:
    book = town.home.scenarios / ID / "sample" / "届.csv"
    content = book.read_bytes()
    book.unlink()
    person = Person(ON)
    answers = iter([ON, "r", ON, ON, ON, ON])

    def answer(keys: str) -> str | None:
        one = next(answers, None)
        if one == "r":
            book.write_bytes(content)  # the person has mended the cause
        return one

    report = town.run(beside=(Stepwise(person.read.append, answer),))
    assert report.items["done"] == 1
    assert "うまくいきませんでした" in person.seen


def test_the_step_before_is_done_once_more(town: FlowTown) -> None:
    person = Person(ON, ON, "r", ON, ON, ON, ON)
    assert town.run(beside=(person.stepwise,)).items["done"] == 1
    assert [line.split("　")[0] for line in person.read if "（each[0]）" in line] == ["11 行目", "11 行目"]


def from_step(town: FlowTown, wanted: str, lead: Stepwise | None = None) -> Replay:
    passed = town.gate(rehearsal=True)
    assert isinstance(passed, Approved), str(passed)
    start = step_named(passed.scenario, wanted)
    return Replay(passed.scenario, read_recorded(town.home.var, ID, {}, town.ledger.sealer), start, lead)


def test_a_rehearsal_from_a_later_step_takes_the_recorded_values(town: FlowTown) -> None:
    assert town.run(rehearsal=True).items["done"] == 1
    (town.home.scenarios / ID / "sample" / "届.csv").unlink()  # what was read is not read again
    person = Person(ON)
    report = town.run(rehearsal=True, beside=(from_step(town, "each[2]", person.stepwise),))
    assert report.items["done"] == 1, report.message
    assert person.all_typed
    assert "（each[2]）" in person.seen and "（each[1]）" not in person.seen
    assert town.entered() == {}


def test_the_line_of_a_step_names_it_too(town: FlowTown) -> None:
    town.run(rehearsal=True)
    assert town.run(rehearsal=True, beside=(from_step(town, "15"),)).items["done"] == 1


def test_it_refuses_without_recorded_values(town: FlowTown) -> None:
    with pytest.raises(ScenarioFault, match="記録された値がありません"):
        from_step(town, "each[2]")
    town.run(rehearsal=True)
    town.rows("1,山田太郎,500", "2,鈴木次郎,7")
    town.run()  # a good run records nothing
    report = town.run(rehearsal=True, beside=(from_step(town, "each[0]"),))
    assert report.items["done"] == 1, "what `prepare` read is the recorded list of one"
    text = TEXT.replace("保存名: 届\n", "保存名: 届\n  - 値を決める: 新しい値\n    保存名: 加えた値\n")
    town.write(text)
    assert (
        "「加えた値」の値が記録されていません" in town.run(rehearsal=True, beside=(from_step(town, "each[0]"),)).message
    )


def test_an_item_without_recorded_values_is_not_begun_in_the_middle(town: FlowTown) -> None:
    town.rows("1,山田太郎,", "2,鈴木次郎,7")
    town.run(rehearsal=True)
    report = town.run(rehearsal=True, beside=(from_step(town, "each[3]"),))
    assert (report.items["done"], report.items["rejected"]) == (1, 1)


@pytest.mark.parametrize("wanted", ["each[9]", "each[3].commit.do[0]"])
def test_a_step_that_is_not_there_or_lies_beyond_the_commit_is_refused(town: FlowTown, wanted: str) -> None:
    town.run(rehearsal=True)
    with pytest.raises(ScenarioFault):
        from_step(town, wanted)


def test_other_input_values_than_the_recorded_are_refused(town: FlowTown) -> None:
    town.run(rehearsal=True)
    with pytest.raises(ScenarioFault, match="入力値"):
        read_recorded(town.home.var, ID, {"年度": 2026}, town.ledger.sealer)
