"""The form definitions of a scenario are checked with it: each problem at its line in the form's own file."""

from __future__ import annotations

from pathlib import Path

import pytest

from robots.scenario.forms import loaded
from robots.scenario.model import Scenario
from robots.scenario.problem import Problems
from robots.scenario.validate import read_scenario

FORMS = Path(__file__).parents[2] / "scenarios" / "valid" / "whole-japanese" / "forms"

SCENARIO = """\
名称: 届の登録
利用:
  フォルダ: {受付: sample}
  帳票: [forms/todoke.yaml]
準備:
  - 帳票を読む: {帳票: todoke, 元: "${フォルダ.受付}"}
    保存名: 届
対象:
  元: ${届}
  キー: ${対象.番号}
  確認: 不確かなもの
各件:
  - 記録する: ${対象.氏名}
"""
FORM = """\
form: 届
blank: blank.png
fields:
  番号: {kind: digits, at: [20, 20, 32, 8], cells: 4}
  氏名: {kind: kana, at: [20, 40, 80, 8], cells: 10, words: names.txt}
"""


def read(form: str = FORM, scenario: str = SCENARIO, **more: bytes) -> Scenario | Problems:
    files = {
        "scenario.yaml": scenario.encode(),
        "forms/todoke.yaml": form.encode(),
        "forms/blank.png": (FORMS / "shugaku-enjo.png").read_bytes(),
        "forms/names.txt": "ヤマダ　ハナコ\n".encode(),
    }
    return read_scenario({name: data for name, data in (files | more).items() if data}, "gakumu/todoke")


def test_a_form_comes_with_the_bytes_that_it_names() -> None:
    scenario = read()
    assert isinstance(scenario, Scenario), str(scenario)
    form = scenario.forms["todoke"]
    assert form is scenario.forms["forms/todoke.yaml"]
    assert set(form.files) == {"blank.png", "names.txt"}
    whole = loaded(form)
    assert (whole.name, [one.name for one in whole.fields], len(whole.blanks)) == ("届", ["番号", "氏名"], 1)
    assert whole.rules.words["names.txt"] == ("ヤマダ　ハナコ",)


@pytest.mark.parametrize(
    ("old", "new", "line", "column", "word"),
    [
        ("kind: digits", "kind: digit", 4, 14, "「digit」という種類はありません"),
        ("cells: 4", "cels: 4", 4, 43, "「cels」という項目はありません"),
        ("blank: blank.png", "blank: nai.png", 2, 8, "nai.png がありません"),
        ("words: names.txt", "words: nai.txt", 5, 59, "nai.txt を読めません"),
        ("form: 届\n", "", 1, 1, "「form」がありません"),
        ("[20, 40, 80, 8]", "[190, 40, 80, 8]", 5, 7, "用紙からはみ出しています"),
        ("form: 届", "form: &届 届", 1, 7, "目印は使えません"),
    ],
)
def test_a_mistake_in_a_form_is_told_at_its_place(old: str, new: str, line: int, column: int, word: str) -> None:
    assert old in FORM
    problems = read(FORM.replace(old, new, 1))
    assert isinstance(problems, Problems)
    found = [one for one in problems if one.path == "forms/todoke.yaml"]
    assert [(one.line, one.column) for one in found] == [(line, column)], str(problems)
    assert word in str(found[0])
    assert found[0].mend.endswith(("。", "）"))


def test_a_column_that_the_form_lacks_is_told_before_anything_is_read() -> None:
    problems = read(scenario=SCENARIO.replace("対象.氏名", "対象.氏命"))
    assert isinstance(problems, Problems)
    (problem,) = problems
    assert (problem.path, problem.line) == ("scenario.yaml", 13)
    assert "帳票に「氏命」という欄はありません" in problem.what
    assert problem.guess == "氏名" and "番号、氏名" in problem.mend
