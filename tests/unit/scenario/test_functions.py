"""The functions of ${...}: every example is run, every rule that was published is checked against published numbers."""

from __future__ import annotations

from datetime import date

import pytest

from robots.errors import BusinessError, ScenarioFault
from robots.nightly.calendar import OpenDays
from robots.scenario.all_functions import FUNCTIONS
from robots.scenario.function import Function
from robots.scenario.template import Template, compile_text
from robots.values import Row, text_of

RUN = {"run": {"date": date(2026, 4, 1), "open_days": OpenDays()}}


def value(expression: str, **names: object) -> object:
    made = compile_text("${" + expression + "}")
    assert isinstance(made, Template)
    return made.evaluate({**RUN, **names})


@pytest.mark.parametrize("function", dict.fromkeys(FUNCTIONS.values()), ids=lambda function: function.name)
def test_the_example_gives_what_it_says(function: Function) -> None:
    assert function.ja + "(" in function.example and function.doc.endswith("。")
    assert text_of(value(function.example)) == function.result
    assert text_of(value(function.example.replace(function.ja + "(", function.name + "("))) == function.result


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("令和8年4月1日", date(2026, 4, 1)),
        ("令和８年４月１日", date(2026, 4, 1)),
        ("令和08年04月01日", date(2026, 4, 1)),
        ("令和元年5月1日", date(2019, 5, 1)),
        ("㋿8年4月1日", date(2026, 4, 1)),
        ("R8.4.1", date(2026, 4, 1)),
        ("r8/4/1", date(2026, 4, 1)),
        ("令8.4.1", date(2026, 4, 1)),
        ("R080401", date(2026, 4, 1)),
        ("H31.4.30", date(2019, 4, 30)),
        ("昭和64年1月7日", date(1989, 1, 7)),
        ("平成元年1月8日", date(1989, 1, 8)),
        ("S20.8.15", date(1945, 8, 15)),
        ("大正15年12月25日", date(1926, 12, 25)),
        ("昭和元年12月25日", date(1926, 12, 25)),
        ("明治45年7月30日", date(1912, 7, 30)),
        ("明治6年1月1日", date(1873, 1, 1)),
        ("2026/4/1", date(2026, 4, 1)),
        ("2026-04-01", date(2026, 4, 1)),
        ("2026年4月1日", date(2026, 4, 1)),
        ("２０２６．４．１", date(2026, 4, 1)),
        ("20260401", date(2026, 4, 1)),
        (" 令和 8年 4月 1日 ", date(2026, 4, 1)),
        ("令和6年2月29日", date(2024, 2, 29)),
    ],
)
def test_dates_as_people_write_them(text: str, day: date) -> None:
    assert value("日付(x)", x=text) == day


@pytest.mark.parametrize(
    ("text", "era"), [("8.4.1", "令和"), ("8年4月1日", "R"), ("080401", "令"), ("8/4/1", "ｒ"), ("元.5.1", "令和")]
)
def test_dates_with_the_era_beside_them(text: str, era: str) -> None:
    day = value("日付(x, y)", x=text, y=era)
    assert isinstance(day, date) and day.year in (2026, 2019)


@pytest.mark.parametrize(
    "text",
    [
        "令和8年2月30日", "令和7年2月29日", "令和8年13月1日", "令和8年4月0日", "令和0年4月1日", "昭和65年1月1日", "昭和64年1月8日",
        "平成31年5月1日", "令和元年4月30日", "平成元年1月7日", "大正元年7月29日", "明治5年12月2日", "明治46年1月1日", "1872/12/31",
        "8.4.1", "080401", "260401", "4月1日", "令和8年4月", "慶応3年1月1日", "2026/4-1", "2026/13/01", "20260230", "未定", "", " ",
        "46113", "令和8年4月1日ごろ", "2026年４月", "元/4/1", "あ" * 100_000,
    ],
)  # fmt: skip
def test_an_impossible_or_unclear_date_is_never_guessed(text: str) -> None:
    with pytest.raises(BusinessError):
        value("日付(x)", x=text)


def test_an_unknown_era_is_refused() -> None:
    with pytest.raises(BusinessError):
        value("日付('8.4.1', '安政')")


@pytest.mark.parametrize(
    ("day", "text"),
    [
        (date(2019, 4, 30), "平成31年4月30日"),
        (date(2019, 5, 1), "令和元年5月1日"),
        (date(1926, 12, 25), "昭和元年12月25日"),
        (date(1912, 7, 30), "大正元年7月30日"),
    ],
)
def test_the_day_of_a_change_is_written_in_the_new_era(day: date, text: str) -> None:
    assert value("和暦(x)", x=day) == text
    assert value("日付(和暦(x))", x=day) == day


def test_every_day_of_two_centuries_comes_back() -> None:
    for ordinal in range(date(1873, 1, 1).toordinal(), date(2073, 1, 1).toordinal(), 7):
        day = date.fromordinal(ordinal)
        assert value("日付(和暦(x))", x=day) == day


def test_parts_of_a_date() -> None:
    assert [value(f"和暦('令和元年5月2日', '{part}')") for part in ("元号", "年", "月", "日")] == ["令和", 1, 5, 2]
    assert value("西暦('R8.4.1', '/')") == "2026/04/01"
    with pytest.raises(ScenarioFault):
        value("和暦('R8.4.1', '時')")


@pytest.mark.parametrize(
    ("start", "count", "day"),
    [
        ("2026/4/29", 0, date(2026, 4, 30)),  # 昭和の日
        ("2026/5/1", 1, date(2026, 5, 7)),  # 憲法記念日の振替休日まで
        ("2026/5/7", -1, date(2026, 5, 1)),
        ("2026/12/28", 1, date(2027, 1, 4)),  # 年末年始
        ("2026/9/18", 1, date(2026, 9, 24)),  # 国民の休日（9/22）
    ],
)
def test_open_days(start: str, count: int, day: date) -> None:
    assert value("開庁日(x, y)", x=start, y=count) == day


def test_a_year_without_known_holidays_is_refused() -> None:
    with pytest.raises(BusinessError, match="祝日"):
        value("開庁日('2150/1/4', 1)")


@pytest.mark.parametrize(
    ("born", "on", "years"),
    [
        ("2008/4/1", "2026/4/1", 18),
        ("2008/4/2", "2026/4/1", 17),
        ("2004/2/29", "2025/2/28", 20),
        ("2004/2/29", "2025/3/1", 21),
        ("2026/4/1", "2026/4/1", 0),
    ],
)
def test_age(born: str, on: str, years: int) -> None:
    assert value("年齢(x, y)", x=born, y=on) == years


def test_an_unborn_person_has_no_age() -> None:
    with pytest.raises(BusinessError):
        value("年齢('2026/4/2')")


@pytest.mark.parametrize(
    ("number", "kind", "right"),
    [
        ("7000012050002", "法人番号", True),  # 国税庁
        ("8000012010038", "corporate_number", True),  # デジタル庁
        ("7000012050003", "法人番号", False),
        ("123456789018", "my_number", True),  # the made-up number that is printed on sample cards
        ("１２３４－５６７８－９０１８", "個人番号", True),
        ("123456789012", "my_number", False),
        ("12345678901", "my_number", False),
        ("4901234567894", "mod10", True),  # GS1 の例
        ("4901234567895", "mod10", False),
        ("", "mod11", False),
        ("12a4", "mod11", False),
    ],
)
def test_check_digits(number: str, kind: str, right: bool) -> None:
    assert value("検査数字(x, y)", x=number, y=kind) is right


def test_every_number_has_one_check_digit() -> None:
    for kind in ("mod11", "mod10"):
        for head in ("1234567", "0000001", "9876543"):
            assert sum(value("検査数字(x, y)", x=f"{head}{last}", y=kind) is True for last in range(10)) == 1


def test_an_address_from_a_postal_code() -> None:
    assert value("住所('〒100-0001')") == "東京都千代田区千代田"
    for code in ("9999999", "123", "", "あ"):
        with pytest.raises(BusinessError):
            value("住所(x)", x=code)


def test_a_postal_code_of_several_towns_is_not_guessed() -> None:
    with pytest.raises(BusinessError, match="通り"):
        value("住所('4520961')")


@pytest.mark.parametrize(
    ("expression", "wanted"),
    [
        ("四捨五入(2.5)", 3),
        ("四捨五入(-2.5)", -3),
        ("四捨五入(1234, -2)", 1200),
        ("円表記(-1234567)", "-1,234,567円"),
        ("左('あいう', 10)", "あいう"),
        ("右('あいう', 0)", ""),
        ("中('あいう', 4, 1)", ""),
        ("半角('ガギ　Ａ')", "ｶﾞｷﾞ A"),
        ("半角('ガギ　Ａ', '英数')", "ガギ A"),
        ("全角('ｶﾞ A', 'カナ')", "ガ A"),
        ("カタカナ('ﾊﾟﾋﾟがぎ')", "パピガギ"),
        ("既定値(none, '　', 'x')", "x"),
        ("既定値('', '')", ""),
        ("最大('R8.4.1', '2026/4/2')", "2026/4/2"),
        ("最小([3, '２', ''])", 2),
        ("一致('1234567x', '\\d{7}')", False),
        ("件数({a: 1})", 1),
    ],
)
def test_small_things(expression: str, wanted: object) -> None:
    assert value(expression) == wanted


@pytest.mark.parametrize(
    "expression",
    [
        "円表記(1.5)",
        "合計(['x'])",
        "最大([])",
        "左('a', -1)",
        "中('a', 0, 1)",
        "四捨五入('x')",
        "四捨五入(1, 99)",
        "置換('a', '', 'b')",
        "件数('abc')",
        "合計('abc')",
    ],
)
def test_data_that_a_function_cannot_use(expression: str) -> None:
    with pytest.raises(BusinessError):
        value(expression)


@pytest.mark.parametrize("expression", ["一致('a', '(')", "一致('a', x)", "検査数字('1', '何か')", "半角('a', '漢字')"])
def test_a_function_used_wrongly(expression: str) -> None:
    with pytest.raises(ScenarioFault):
        value(expression, x="a" * 501)


def test_a_sum_names_the_row_that_is_no_number() -> None:
    rows = [Row({"金額": 1}, origin="届出.xlsx 3行目"), Row({"金額": "未定"}, origin="届出.xlsx 4行目")]
    with pytest.raises(BusinessError, match="4行目"):
        value("合計(x, '金額')", x=rows)


def test_text_is_trimmed_counted_and_turned_into_hiragana() -> None:
    assert value("空白除去(x)", x="\u3000 山田　太郎\t\n") == "山田　太郎"
    assert (value("文字数('髙橋①')"), value("文字数('')")) == (3, 0)
    assert value("ひらがな(x)", x="ヴァイオリン ｶﾞｷﾞ 山 ー") == "ゔぁいおりん がぎ 山 ー"


def test_the_fiscal_year_begins_in_april_and_today_is_the_runs_day() -> None:
    assert [value(f"年度('{day}')") for day in ("2026-03-31", "2026-04-01", "令和8年12月31日")] == [2025, 2026, 2026]
    assert value("今日()") == date(2026, 4, 1)
