"""flow.* and commit: run through a context that only remembers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast

import pytest

from robots.errors import BusinessError, ScenarioFault
from robots.scenario.model import Scenario
from robots.scenario.resolve import resolve
from robots.scenario.template import Template
from robots.scenario.validate import read_scenario
from robots.step import Skipped, Step, StepContext


class Remembering:
    """A context that runs blocks for real and remembers what was said."""

    def __init__(self, names: dict[str, object], *, secret: bool = False) -> None:
        self.names = names
        self.secret = secret
        self.said: list[str] = []
        self.committed: tuple[int, int] | None = None

    def evaluate(self, expression: object, **names: object) -> object:
        assert isinstance(expression, Template)
        return expression.evaluate({**self.names, **names})

    def run_steps(self, steps: Sequence[Step], **names: object) -> None:
        outer, self.names = self.names, {**self.names, **names}
        for step in steps:
            self.run(step)
        self.names = outer

    def run(self, step: Step) -> object:
        return step.kind.run(resolve(step, self.names), cast("StepContext", self))

    def log(self, message: str) -> None:
        self.said.append(message)

    def commit(self, do: Sequence[Step], already_done: Sequence[Step]) -> None:
        self.committed = (len(do), len(already_done))


def run(step: str, *, secret: bool = False, **item: object) -> Remembering:
    text = '名称: x\n対象: {元: "${[]}", キー: "${対象.番号}"}\n各件:\n' + step
    scenario = read_scenario({"scenario.yaml": text.encode()}, "a/b")
    assert isinstance(scenario, Scenario), str(scenario)
    context = Remembering({"item": item}, secret=secret)
    for one in scenario.each:
        context.run(one)
    return context


IF = """  - もし:
      条件: ${対象.年齢 >= 18}
      ならば:
        - 記録する: 成人
"""


@pytest.mark.parametrize(("age", "said"), [(20, ["成人"]), ("１８", ["成人"]), (17, ["未成年"])])
def test_one_of_two_branches_is_taken(age: Any, said: list[str]) -> None:
    assert run(IF + "      さもなくば:\n        - 記録する: 未成年\n", 年齢=age).said == said


def test_without_the_other_branch_nothing_happens() -> None:
    assert run(IF, 年齢=3).said == []


def test_a_condition_that_is_neither_yes_nor_no_is_no_guess() -> None:
    with pytest.raises(ScenarioFault, match="はい・いいえ"):
        run(IF.replace("対象.年齢 >= 18", "対象.年齢"), 年齢="あり")


def test_a_block_is_repeated_with_its_name() -> None:
    step = """  - くり返す:
      一覧: ${対象.組}
      変数: 一人
      手順:
        - くり返す:
            一覧: ${一人.科目}
            変数: 科目
            手順:
              - 記録する: ${一人.氏名}の${科目}
"""
    people = [{"氏名": "山田", "科目": ["国", "算"]}, {"氏名": "鈴木", "科目": []}, {"氏名": "佐藤", "科目": ["国"]}]
    assert run(step, 組=people).said == ["山田の国", "山田の算", "佐藤の国"]


def test_repeating_wants_a_list() -> None:
    with pytest.raises(BusinessError, match="一覧が必要"):
        run("  - くり返す: {一覧: '${対象.組}', 変数: x, 手順: [{記録する: y}]}\n", 組="一つ")


def test_rejecting_gives_the_authors_reason() -> None:
    with pytest.raises(BusinessError, match="0123は住所が空欄です"):
        run("  - 業務エラーにする: ${対象.番号}は住所が空欄です\n", 番号="0123")


def test_leaving_an_item_out_gives_the_reason() -> None:
    with pytest.raises(Skipped) as caught:
        run("  - flow.skip: {reason: 取下げ}\n")
    assert caught.value.reason == "取下げ"


def test_a_secret_line_is_not_logged() -> None:
    assert run("  - 記録する: ${対象.番号}\n", 番号="暗証").said == ["暗証"]
    assert "暗証" not in "".join(run("  - 記録する: ${対象.番号}\n", secret=True, 番号="暗証").said)


def test_commit_hands_both_blocks_to_the_engine() -> None:
    step = "  - 確定する:\n      手順: [{記録する: a}, {記録する: b}]\n      登録済みの確認: [{記録する: c}]\n"
    context = run(step)
    assert context.committed == (2, 1) and context.said == []
