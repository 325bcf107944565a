"""What ${...} gives, what it refuses, and that nothing but the closed grammar is ever evaluated."""

from __future__ import annotations

import time
from datetime import date, datetime
from decimal import Decimal

import pytest

from robots.errors import BusinessError, ScenarioFault
from robots.scenario.node import ExpressionError
from robots.scenario.template import Template, compile_text
from robots.values import Row

NAMES: dict[str, object] = {
    "item": Row(
        {
            "受付番号": "011002",
            "氏名": "山田",
            "届出日": "令和8年4月1日",
            "異動日": date(2026, 4, 2),
            "備考": None,
            "年齢": 20,
            "金額": "１，２００",
            "1年": 3,
        },
        origin="届出.xlsx 3行目",
    ),
    "inputs": {"年度": 2026, "本番": True},
    "run": {"id": "r1", "date": date(2026, 4, 1), "scenario": "a/b", "rehearsal": False},
    "表": [Row({"金額": 100}), Row({"金額": "2,000"}), Row({"金額": None})],
}


def value(text: str) -> object:
    made = compile_text(text)
    return made.evaluate(NAMES) if isinstance(made, Template) else made


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("${1 + 2 * 3}", 7),
        ("${2 ** 3 ** 2}", 512),
        ("${-2 ** 2}", -4),
        ("${10 / 4}", Decimal("2.5")),
        ("${0.1 + 0.2 == 0.3}", True),
        ("${7 // 2} ${-7 // 2} ${-7 % 3} ${7.5 % 2}", "3 -4 2 1.5"),
        ("${item.金額 + 1}", 1201),
        ("${item.受付番号}", "011002"),
        ("${対象.受付番号}号", "011002号"),
        ("${item['受付番号']}", "011002"),
        ("${item.1年}", 3),
        ("${表[0].金額}", 100),
        ("${表[-1].金額}", None),
        ("${item.異動日 - 日付(item.届出日)}", 1),
        ("${item.異動日 + 30}", date(2026, 5, 2)),
        ("${合計(表, '金額')}", 2100),
        ("${[1, 'a', none]}", [1, "a", None]),
        ("${{種類: 1, 'b c': 2}}", {"種類": 1, "b c": 2}),
        ("${'新規' if item.年齢 >= 18 else '継続'}", "新規"),
        ("${item.年齢 > 18 and not item.年齢 > 30}", True),
        ("${true または false かつ false}", True),
        ("$${item} は ${item.氏名}", "${item} は 山田"),
        ("普通の文", "普通の文"),
        ("$${", "${"),
        ("${'a}b'}", "a}b"),
        ("${実行.date}", date(2026, 4, 1)),
        ("${今日() == 実行.date}", True),
    ],
)
def test_values(text: str, wanted: object) -> None:
    assert value(text) == wanted
    assert type(value(text)) is type(wanted)


@pytest.mark.parametrize(
    ("left", "right", "same"),
    [
        ("item.備考", "''", True),
        ("item.備考", "none", True),
        ("'1,000'", "1000", True),
        ("'１０'", "10", True),
        ("'010'", "10", False),
        ("'010'", "'10'", False),
        ("'abc'", "1", False),
        ("item.届出日", "date('2026/4/1')", True),
        ("item.異動日", "'R8.4.2'", True),
        ("item.異動日", "''", False),
        ("inputs.本番", "'はい'", True),
        ("inputs.本番", "1", False),
        ("[1, '2']", "['1', 2]", True),
    ],
)
def test_equality_is_a_readers(left: str, right: str, same: bool) -> None:
    assert value(f"${{{left} == {right}}}") is same
    assert value(f"${{{right} == {left}}}") is same
    assert value(f"${{{left} != {right}}}") is not same


@pytest.mark.parametrize(
    "text",
    [
        "${'9' < '10'}",
        "${'1,000' > 999}",
        "${item.届出日 < item.異動日}",
        "${'令和8年4月1日' < '2026/4/2'}",
        "${'0100' < '0200'}",
        "${'2026-04-01' <= 今日()}",
    ],
)
def test_order_of_numbers_dates_and_codes(text: str) -> None:
    assert value(text) is True


@pytest.mark.parametrize(
    "text",
    [
        "${'東' < '西'}",
        "${'' < 1}",
        "${item.備考 < 1}",
        "${item.異動日 > 5}",
        "${item.異動日 == '令和8年2月30日'}",
        "${item.異動日 < '未定'}",
        "${item.氏名 + 1}",
        "${item.氏名 * 3}",
        "${item.備考 + 1}",
        "${1 / 0}",
        "${1 % 0}",
        "${0 ** -1}",
        "${2 ** 0.5}",
        "${10 ** 101}",
        "${9 ** 9 ** 9}",
        "${(10 ** 100) * 10}",
        "${0.5 ** -100000000}",
        "${表[3]}",
        "${item.異動日 + 1.5}",
        "${item.異動日 + 10 ** 50}",
        "一覧は ${表}",
    ],
)
def test_data_that_does_not_fit_is_a_business_error(text: str) -> None:
    with pytest.raises(BusinessError) as caught:
        value(text)
    assert caught.value.mend


def test_adding_texts_says_how_to_join_them() -> None:
    with pytest.raises(BusinessError) as caught:
        value("${item.氏名 + item.受付番号}")
    assert "${a}${b}" in caught.value.mend


def test_a_missing_column_lists_what_there_is() -> None:
    with pytest.raises(ScenarioFault) as caught:
        value("${対象.受付番合}")
    assert caught.value.guess == "受付番号"
    assert "氏名、届出日" in caught.value.mend


@pytest.mark.parametrize(
    "text",
    [
        "${item.氏名.長さ}",
        "${表.金額}",
        "${まだない}",
        "${item.年齢 and true}",
        "${1 if '' else 2}",
        "${1 in 2}",
        "${not 'はい'}",
    ],
)
def test_a_scenarios_mistakes_are_faults(text: str) -> None:
    with pytest.raises(ScenarioFault):
        value(text)


HOSTILE = [
    "${().__class__.__bases__[0].__subclasses__()}",
    "${item.__class__}",
    "${item['__class__'].__mro__}",
    "${''.format(1)}",
    "${'{0.__class__}'.format(item)}",
    "${lambda: 1}",
    "${(lambda x: x)(1)}",
    "${[x for x in 表]}",
    "${__import__('os').system('id')}",
    "${open('/etc/passwd')}",
    "${exec('1')}",
    "${eval('1')}",
    "${getattr(item, 'keys')}",
    "${item.keys()}",
    "${(x := 1)}",
    "${x = 1}",
    "${await x}",
    "${yield}",
    "${f'{1}'}",
    "${`id`}",
    "${1; 2}",
    "${import os}",
    "${globals}()",
    "${[1][0:1]}",
    "${*表}",
    "${**item}",
    "${\\x41}",
    "${{% for %}}",
    "${{{1}}}",
    "${#{1}}",
    "${T(java.lang.Runtime)}",
    "${@x}",
    "${x -> 1}",
    "${'a' 'b'}",
    "${0x10}",
    "${1e9}",
    "${1_000}",
    "${...}",
    "${/* */ 1}",
    "${1 //}",
    "${item?.a}",
    "${a ?? b}",
    "${!item}",
    "${~1}",
    "${1 << 9}",
    "${1 | 2}",
    "${1 & 2}",
    "${1 ^ 2}",
    "${a, b}",
    "${(a, b)}",
    "${[1, , 2]}",
    "${" + "(" * 5000,
    "${" + "(" * 900 + "1" + ")" * 900 + "}" + "}" * 3 + "${",
    "${" + "[" * 200 + "]" * 200 + "}",
    "${" + "not " * 200 + "true}",
    "${" + "-" * 500 + "1}",
    "${" + "1 if true else " * 120 + "1}",
    "${" + "2 ** " * 300 + "2}",
    "${" + "item" + ".a" * 300 + "}",
    "${" + "件数(" * 100 + "1" + ")" * 100 + "}",
    "${" + "9" * 1000 + "}",
    "${'" + "あ" * 3000 + "'}",
]


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_expressions_are_never_evaluated(text: str) -> None:
    with pytest.raises((ExpressionError, ScenarioFault)):
        value(text)


@pytest.mark.parametrize("pattern", ["(a+)+$", "(a|aa)+b", "(.*a){20}b", "((a*)*)*b"])
def test_a_slow_pattern_is_stopped(pattern: str) -> None:
    before = time.process_time()
    names = {"x": "a" * 5000 + "!"}
    expression = compile_text(f"${{一致(x, '{pattern}')}}")
    assert isinstance(expression, Template)
    try:
        assert expression.evaluate(names) is False
    except ScenarioFault as fault:
        assert "時間" in fault.what
    assert time.process_time() - before < 10


def test_long_text_is_bounded() -> None:
    names = {"長い": "あ" * 60_000}
    for text in ("${長い}${長い}", "${置換(長い, 'あ', '一二三四五')}"):
        made = compile_text(text)
        assert isinstance(made, Template)
        with pytest.raises(BusinessError):
            made.evaluate(names)


def test_names_and_attributes_are_known_before_anything_runs() -> None:
    made = compile_text("${対象.氏名}さん ${和暦(入力値.日)} ${一覧['列 名']} ${今日()}")
    assert isinstance(made, Template)
    assert made.names == {"item", "inputs", "一覧", "run"}
    assert made.attributes == {("item", "氏名"), ("inputs", "日"), ("一覧", "列 名"), ("run", "date")}


def test_a_time_stamp_compares_by_its_day_with_a_date() -> None:
    made = compile_text("${t == d and t >= d and not t < d}")
    assert isinstance(made, Template)
    assert made.evaluate({"t": datetime(2026, 4, 1, 9, 30), "d": date(2026, 4, 1)}) is True  # noqa: DTZ001  (a cell has no zone)


@pytest.mark.parametrize(
    ("text", "offset"), [("ab${ 年令(1)}", 5), ("${a}${b +}", 9), ("${a.b.__c__}", 6), ("あ${1 2}", 5), ("x${'a}", 1)]
)
def test_the_place_of_a_mistake(text: str, offset: int) -> None:
    with pytest.raises(ExpressionError) as caught:
        compile_text(text)
    assert caught.value.offset == offset
