"""The file as plain data: what is text stays text, places are right, bounds hold."""

from __future__ import annotations

import pytest

from robots.scenario.problem import Findings, Problems
from robots.scenario.source import SCENARIO, Source, read_source
from robots.scenario.validate import read_scenario


def source_of(text: str) -> Source:
    findings = Findings()
    source = read_source("scenario.yaml", text.encode(), findings, SCENARIO)
    assert source is not None and not len(findings), str(findings.problems())
    return source


@pytest.mark.parametrize(
    "written", ["011002", "no", "2026-04-01", "1_000", "0x10", "~", "null", "1e3", ".5", "true", "12:30:00"]
)
def test_every_scalar_is_text(written: str) -> None:
    assert source_of(f"a: {written}\nb: [{written}]\n").data == {"a": written, "b": [written]}


def test_an_empty_value_is_empty_text() -> None:
    assert source_of("a:\nb: ''\n").data == {"a": "", "b": ""}


def test_places_of_values_and_keys() -> None:
    source = source_of("# c\n名称: x\n準備:\n  - 記録する: {文: あ}\n")
    assert str(source.key(("準備",))) == "scenario.yaml:3:1"
    assert str(source.at(("準備", 0, "記録する", "文"))) == "scenario.yaml:4:15"
    assert str(source.key(("準備", 0, "記録する", "文"))) == "scenario.yaml:4:12"
    assert str(source.at(("準備", 0, "ない"))) == "scenario.yaml:4:5"


@pytest.mark.parametrize(
    ("text", "line", "column"),
    [
        ("a: 一二${x}\n", 1, 6),
        ("a: '一''二${x}'\n", 1, 9),
        ('a: "一\\"二${x}"\n', 1, 9),
        ('a: "\\u3042${x}"\n', 1, 11),
        ("a: |\n  一\n  二${x}\n", 3, 4),
        ("a: >-\n  一\n  二${x}\n", 3, 4),
        ("a: 'よ\n  ん${x}'\n", 2, 4),
        ("# あ\n- a: [x, '${x}']\n", 2, 11),
    ],
)
def test_the_place_inside_a_text_however_it_is_quoted(text: str, line: int, column: int) -> None:
    source = source_of(text)
    path: tuple[str | int, ...] = ("a",) if isinstance(source.data, dict) else (0, "a", 1)
    value = source.data_at(path)
    assert isinstance(value, str)
    place = source.inside(path, value, value.index("${"))
    assert (place.line, place.column) == (line, column)


def test_windows_line_ends_count_as_one() -> None:
    assert source_of("a: 1\r\nb: 2\r\n").key(("b",)).line == 2


def test_all_problems_are_told_at_once() -> None:
    text = "名称: x\n名称: y\n準備:\n  - おす: a\n  - 記録する: ${完了分}\n後片付け: []\n"
    problems = read_scenario({"scenario.yaml": text.encode()}, "a/b")
    assert isinstance(problems, Problems)
    assert [one.line for one in problems] == [2, 4, 5, 6]


def test_a_problem_as_text_and_as_data() -> None:
    text = "名称: x\n準備:\n  - browser.clik: a\n"
    problems = read_scenario({"scenario.yaml": text.encode()}, "a/b")
    assert isinstance(problems, Problems)
    assert str(problems) == (
        "scenario.yaml:3:5: 「browser.clik」という手順はありません（もしかして: browser.click／押す）"
        " — 手順の名前を確かめてください。一覧は banken steps で見られます。"
    )
    assert problems.to_dict()[0]["guess"] == "browser.click／押す"
    assert str(problems.under("scenarios/a/b")).startswith("scenarios/a/b/scenario.yaml:3:5: ")


def test_a_folder_without_the_file() -> None:
    problems = read_scenario({"sample/a.xlsx": b""}, "a/b")
    assert isinstance(problems, Problems) and "scenario.yaml がありません" in str(problems)


@pytest.mark.parametrize(
    "text",
    [
        "- " * 100_000,
        "a: " + "[" * 100_000,
        "{a: " * 50_000,
        "? " * 100_000,
        "&a " * 80_000,
        'a: "' + "a\n" * 100_000,
        "\n".join(f"k{n}: v" for n in range(25_000)),
    ],
    ids=["dashes", "brackets", "braces", "questions", "anchors", "quote", "keys"],
)
def test_hostile_files_end_in_a_problem(text: str) -> None:
    assert isinstance(read_scenario({"scenario.yaml": text.encode()}, "a/b"), Problems)
