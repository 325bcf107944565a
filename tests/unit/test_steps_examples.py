"""The example of every step kind is a step that the checker accepts."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from robots.all_steps import STEPS, Steps
from robots.params import Params
from robots.scenario.model import Scenario
from robots.scenario.names import FIXED
from robots.scenario.problem import Findings
from robots.scenario.source import SCENARIO, read_source
from robots.scenario.template import Template, compile_text
from robots.scenario.validate import read_scenario
from robots.step import StepContext, StepKind

FORMS = Path(__file__).parents[1] / "scenarios" / "valid" / "whole-japanese" / "forms"


class Nothing(Params):
    pass


def _nothing(params: Nothing, context: StepContext) -> object:
    return None


SAVER = StepKind("test.save", "試験で保存する", "試験用。", Nothing, _nothing, "試験で保存する:", saves=True)


def _texts(data: object) -> Iterator[str]:
    if isinstance(data, str):
        yield data
    elif isinstance(data, dict):
        for value in data.values():
            yield from _texts(value)
    elif isinstance(data, list):
        for value in data:
            yield from _texts(value)


def _names(example: str) -> set[str]:
    source = read_source("example.yaml", example.encode(), Findings(), SCENARIO)
    assert source is not None, f"the example is no YAML:\n{example}"
    made = [compile_text(text) for text in _texts(source.data)]
    introduced = {text for text in _texts(source.data) if text.isidentifier()}
    return {name for one in made if isinstance(one, Template) for name in one.names} - FIXED - introduced


@pytest.mark.parametrize("kind", list(STEPS), ids=lambda kind: kind.name)
def test_the_example_of_a_step_is_accepted(kind: StepKind[Any]) -> None:
    example = textwrap.indent(kind.example.strip(), "    ").replace("    ", "  - ", 1)
    places = ["finish", "each", "prepare"] if "完了分" in example else ["each", "prepare", "finish"]
    section = next(one for one in places if one in kind.sections)
    saved = "".join(f"  - 試験で保存する:\n    保存名: {name}\n" for name in sorted(_names(kind.example.strip())))
    text = f"""名称: 例
入力値: {{年度: {{型: 整数, 既定値: 2026}}}}
利用:
  サイト: {{学務: "http://127.0.0.1:8710", 住民: "http://127.0.0.1:8711", 財務: "http://127.0.0.1:8712"}}
  資格情報: [gakumu, jumin, zaimu]
  フォルダ: {{受付: sample, 出力: var/out}}
  メール: [city.example.jp]
  帳票: [forms/shugaku-enjo.yaml, forms/tsukin.yaml]
準備:
  - 試験で保存する:
{saved}
対象: {{元: "${{[]}}", キー: "${{対象.受付番号}}", 確認: 不確かなもの}}
各件:
  - 記録する: はじめ
後始末:
  - 記録する: おわり
"""
    place = {"prepare": "準備:\n", "each": "各件:\n", "finish": "後始末:\n"}[section]
    text = text.replace(place, place + example + "\n")
    form = (FORMS / "shugaku-enjo.yaml").read_bytes()
    files = {
        "scenario.yaml": text.encode(),
        "forms/shugaku-enjo.yaml": form,
        "forms/tsukin.yaml": form,
        "forms/shugaku-enjo.png": (FORMS / "shugaku-enjo.png").read_bytes(),
    }
    read = read_scenario(files, "test/example", Steps([*STEPS, SAVER]))
    assert isinstance(read, Scenario), f"{read}\n{text}"
    assert kind.name in {step.kind.name for step in read.steps()}


@pytest.mark.parametrize("kind", list(STEPS), ids=lambda kind: kind.name)
def test_a_step_has_what_the_reference_shows(kind: StepKind[Any]) -> None:
    assert kind.summary.endswith("。") and not kind.summary.isascii()
    assert not kind.ja.isascii() and " " not in kind.ja
    for field in kind.params.model_fields.values():
        extra = field.json_schema_extra
        assert isinstance(extra, dict) and extra.get("ja") and field.description
