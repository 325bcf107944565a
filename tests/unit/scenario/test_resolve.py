"""What the runner gets before each step: typed parameters, or an error in the words of the family it belongs to."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from robots.all_steps import Steps
from robots.errors import BusinessError, ScenarioFault
from robots.params import Block, Day, Flag, Items, Later, NewName, Number, Params, Rows, Text, Whole, param
from robots.scenario.inputs import input_values
from robots.scenario.model import Scenario
from robots.scenario.problem import Problems
from robots.scenario.resolve import resolve
from robots.scenario.template import LaterTemplate
from robots.scenario.validate import read_scenario
from robots.step import RunFacts, Step, StepContext, StepKind
from robots.values import Row


class Inner(Params):
    bare = "text"
    text: Text = param("文", "文。")
    number: Number | None = param("数", "数。", default=None)


class EverythingParams(Params):
    text: Text = param("文", "文。", default="")
    number: Number | None = param("数", "数。", default=None)
    whole: Whole | None = param("整数", "整数。", default=None)
    flag: Flag | None = param("印", "印。", default=None)
    day: Day | None = param("日", "日。", default=None)
    rows: Rows | None = param("表", "表。", default=None)
    items: Items | None = param("一覧", "一覧。", default=None)
    inner: Inner | None = param("中", "中。", default=None)
    many: list[Inner] = param("いくつも", "いくつも。", factory=list)
    later: Later | None = param("後で", "後で。", default=None)
    columns: dict[str, Later] = param("列", "列。", factory=dict)
    either: Later | Text | None = param("どちらか", "どちらか。", default=None)
    as_: NewName | None = param("変数", "変数。", default=None)
    do: Block = param("手順", "手順。", default=())


def _run(params: EverythingParams, context: StepContext) -> object:
    return params


KIND: StepKind[Any] = StepKind("test.everything", "すべて", "試験。", EverythingParams, _run, "すべて: {}", saves=True)
FACTS = RunFacts(id="r1", date=date(2026, 4, 1), scenario="a/b", rehearsal=False)


def read(step: str, top: str = "") -> Scenario | Problems:
    text = f'名称: x\n{top}対象: {{元: "${{[]}}"}}\n各件:\n  - {step}\n'
    return read_scenario({"scenario.yaml": text.encode()}, "a/b", Steps([KIND]))


def step_of(written: str) -> Step:
    scenario = read(written)
    assert isinstance(scenario, Scenario), str(scenario)
    return scenario.each[0]


def resolved(written: str, item: dict[str, object]) -> Any:
    return resolve(step_of(f"すべて: {written}"), {"item": Row(item)})


def test_what_is_fixed_is_not_evaluated_again() -> None:
    step = step_of("すべて: {文: a, 数: '1,200', 印: はい}")
    assert step.fixed and resolve(step, {}) is step.params
    assert (step.params.number, step.params.flag) == (1200, True)  # type: ignore[attr-defined]


def test_values_take_the_type_that_the_step_wants() -> None:
    item = {"a": "２，０００", "b": True, "c": date(2026, 4, 1), "d": [{"x": 1}], "e": None}
    params = resolved(
        '{文: "${対象.c}", 数: "${対象.a}", 整数: "${対象.a}", 印: "${対象.b}", 日: "${対象.c}", 表: "${対象.d}", 一覧: "${対象.d}"}',
        item,
    )
    assert (params.text, params.number, params.whole, params.flag, params.day) == (
        "2026-04-01",
        2000,
        2000,
        True,
        date(2026, 4, 1),
    )
    assert isinstance(params.rows[0], Row) and params.items == [{"x": 1}]
    assert resolved('{文: "${対象.e}"}', item).text == ""


def test_nested_and_bare_values_are_resolved() -> None:
    params = resolved(
        '{中: "${対象.a}", いくつも: [{文: "${対象.a}号", 数: "${対象.b}"}, "素の文"]}', {"a": "x", "b": 3}
    )
    assert params.inner == Inner(text="x")
    assert params.many == [Inner(text="x号", number=3), Inner(text="素の文")]


def test_later_expressions_stay_for_the_step() -> None:
    step = step_of('すべて: {表: "${対象.d}", 後で: "${行.x}", 列: {名: "${行.x}"}, どちらか: "${行.x}"}')
    params = resolve(step, {"item": Row({"d": []})})
    for later in (params.later, params.columns["名"], params.either):  # type: ignore[attr-defined]
        assert isinstance(later, LaterTemplate) and later.evaluate({"row": {"x": 5}}) == 5
    assert resolved("{どちらか: ただの文}", {}).either == "ただの文"


def test_a_new_name_is_known_inside_its_own_step_only() -> None:
    assert isinstance(read('すべて: {変数: 一人, 後で: "${一人.x}", 手順: [{すべて: {文: "${一人.y}"}}]}'), Scenario)
    assert isinstance(read('すべて: {変数: 一人, 文: "${一人.x}"}'), Problems)


@pytest.mark.parametrize(
    ("written", "words"),
    [
        ('{数: "${対象.a}"}', "「number／数」: 数値が必要ですが「未定」でした"),
        ('{整数: "${対象.b}"}', "整数が必要ですが「1.5」でした"),
        ('{印: "${対象.a}"}', "はい か いいえ"),
        ('{日: "${対象.a}"}', "日付が必要です。${日付(…)}"),
        ('{表: "${対象.a}"}', "表（行の一覧）が必要です"),
        ('{一覧: "${対象.a}"}', "一覧が必要です"),
        ('{文: "${対象.c}"}', "一覧を文字として"),
        ('{中: {文: x, 数: "${対象.a}"}}', "「inner／中」: 数値が必要"),
    ],
)
def test_data_that_does_not_fit_names_the_parameter(written: str, words: str) -> None:
    with pytest.raises(BusinessError) as caught:
        resolved(written, {"a": "未定", "b": "1.5", "c": [1]})
    assert words in str(caught.value)


def test_a_secret_value_is_not_in_the_message() -> None:
    step = step_of('すべて: {数: "${対象.a}"}\n    秘密: はい')
    with pytest.raises(BusinessError) as caught:
        resolve(step, {"item": Row({"a": "ひみつ"})})
    assert "ひみつ" not in str(caught.value)


def test_a_column_that_the_book_lacks_is_a_fault_of_the_scenario() -> None:
    with pytest.raises(ScenarioFault, match="氏名"):
        resolved('{文: "${対象.氏名}"}', {"指名": "x"})


INPUTS = """入力値:
  年度: {型: 整数, 既定値: "${年度(今日())}"}
  日: {型: 日付, 既定値: R8.4.1}
  区分: {型: 選択, 選択肢: [新規, 継続], 既定値: 新規}
  本番: {型: はい・いいえ, 既定値: いいえ}
  コード: {説明: 団体コード。}
  メモ: {必須: いいえ}
"""


def inputs(given: dict[str, str]) -> dict[str, object]:
    scenario = read("すべて: {}", INPUTS)
    assert isinstance(scenario, Scenario), str(scenario)
    return input_values(scenario, given, FACTS)


def test_inputs_are_typed_and_defaults_filled_in() -> None:
    wanted = {"年度": 2026, "日": date(2026, 4, 1), "区分": "新規", "本番": False, "コード": "011002", "メモ": None}
    assert inputs({"コード": "011002"}) == wanted
    assert inputs({"コード": "1", "年度": "２０２５", "本番": "はい", "日": "2026/5/1"})["年度"] == 2025


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({}, "コード"),
        ({"コード": "1", "年度": "ことし"}, "数値が必要"),
        ({"コード": "1", "日": "令和8年2月30日"}, "暦にない"),
        ({"コード": "1", "区分": "新"}, "選べるのは 新規、継続"),
        ({"コード": "1", "年": "2026"}, "もしかして: 年度"),
    ],
)
def test_inputs_that_do_not_fit(given: dict[str, str], words: str) -> None:
    with pytest.raises(ScenarioFault) as caught:
        inputs(given)
    assert words in str(caught.value)
