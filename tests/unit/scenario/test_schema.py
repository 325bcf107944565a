"""The JSON Schema takes what the checker takes, in both languages, and refuses what has the wrong shape."""

from __future__ import annotations

from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from ruamel.yaml import YAML

from robots.all_steps import STEPS
from robots.params import Params
from robots.registry.model import Register
from robots.scenario.problem import Findings
from robots.scenario.schema import Known, known_names, mapping_schema, scenario_schema
from robots.scenario.schema_forms import form_schema
from robots.scenario.shape import parameters
from robots.scenario.source import SCENARIO, read_source
from robots.scenario.step_parts import OPTIONS
from robots.scenario.translate import step_in
from robots.step import StepKind

ROOT = Path(__file__).parents[3]
GALLERY = sorted((ROOT / "scenarios").rglob("scenario.yaml"))
VALID = sorted((ROOT / "tests" / "scenarios" / "valid").rglob("scenario.yaml"))
INVALID = sorted((ROOT / "tests" / "scenarios" / "invalid").iterdir())
SHAPES = (
    *("044", "045", "046", "047", "048", "049", "050", "051", "052", "053", "054", "055", "057", "063", "065", "071"),
    *("072", "073", "075", "078", "080", "081", "082", "083", "084", "085", "086", "087", "088", "089", "090", "091"),
    *("092", "093", "094", "095", "096", "097", "098", "099", "100", "101", "102", "104", "105", "106", "107", "108"),
    *("109", "126", "127", "129", "130", "146", "147", "152", "153", "154", "158", "192", "193", "196"),
)
"""The broken samples whose fault is one of shape: an unknown or missing key, a wrong kind of value or place."""


def as_text(path: Path) -> Any:
    """The file as Banken reads it: every scalar is text."""
    source = read_source(path.name, path.read_bytes(), Findings(), SCENARIO)
    assert source is not None
    return source.data


def as_an_editor_sees_it(text: str) -> Any:
    """The file as YAML 1.2 reads it: numbers, yes and no, nothing; an editor's dates are text."""
    return _plain(YAML(typ="safe", pure=True).load(text))


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {str(key): _plain(one) for key, one in value.items()}
    if isinstance(value, list):
        return [_plain(one) for one in value]
    return str(value) if isinstance(value, date) else value


@cache
def any_scenario() -> Draft202012Validator:
    return Draft202012Validator(scenario_schema())


def faults(data: object, checker: Draft202012Validator | None = None) -> list[str]:
    found = (checker or any_scenario()).iter_errors(data)
    return [f"{'.'.join(map(str, one.absolute_path))}: {one.message[:200]}" for one in found]


def test_they_are_schemas() -> None:
    for schema in (scenario_schema(), form_schema(), mapping_schema(Register, "台帳", Known())):
        Draft202012Validator.check_schema(schema)


@pytest.mark.parametrize("path", [*GALLERY, *VALID], ids=lambda path: path.parent.name)
def test_what_the_checker_accepts_is_accepted(path: Path) -> None:
    assert faults(as_text(path)) == []
    assert faults(as_an_editor_sees_it(path.read_text(encoding="utf-8"))) == []


@pytest.mark.parametrize("kind", list(STEPS), ids=lambda kind: kind.name)
@pytest.mark.parametrize("language", ["ja", "en"])
def test_the_example_of_a_step_is_accepted(kind: StepKind[Any], language: Any) -> None:
    step = as_an_editor_sees_it(step_in(kind.example, language))
    section = next(one for one in ("each", "prepare", "finish") if one in kind.sections)
    items = {"items": {"from": "${a}"}} if section == "each" else {}
    assert faults({"name": "例", section: [step], **items}) == []


@pytest.mark.parametrize("number", SHAPES)
def test_a_fault_of_shape_is_refused(number: str) -> None:
    (folder,) = [one for one in INVALID if one.name.startswith(number)]
    assert faults(as_text(folder / "scenario.yaml")), folder.name


def test_every_name_is_proposed_with_its_explanation_in_japanese() -> None:
    schema = scenario_schema()
    for section in ("prepare", "each", "finish"):
        step = schema["$defs"][f"step.{section}"]["properties"]
        kinds = [kind for kind in STEPS if section in kind.sections]
        assert set(step) == {name for kind in kinds for name in (kind.name, kind.ja)} | set(OPTIONS)
        for kind in kinds:
            assert step[kind.ja] == step[kind.name]
            target = schema["$defs"][step[kind.ja]["$ref"].rpartition("/")[2]]
            assert target["title"] == f"{kind.ja}（{kind.name}）"
            assert kind.summary in target["description"] and kind.example.strip() in target["description"]
    login = schema["$defs"]["steps.browser_login.LoginParams"]["properties"]
    model: type[Params] = next(kind for kind in STEPS if kind.name == "browser.login").params
    known = parameters(model)
    assert {key: one["description"] for key, one in login.items()} == {key: one.doc for key, one in known.items()}


def test_a_scenarios_own_names_are_proposed() -> None:
    path = ROOT / "scenarios" / "gakumu" / "shugaku-enjo" / "scenario.yaml"
    known = known_names(as_text(path), ["forms/shugaku-enjo.yaml", "forms/names.txt", "scenario.yaml"])
    assert known == Known(
        ("学務",), ("practice",), ("受付", "出力"), ("shugaku-enjo",), ("forms/shugaku-enjo.yaml",), ()
    )
    schema = scenario_schema(known=known)
    assert faults(as_text(path), Draft202012Validator(schema)) == []

    def proposed(name: str, key: str) -> object:
        return schema["$defs"][name]["properties"][key]["examples"]

    assert proposed("steps.browser_login.LoginParams", "サイト") == ["学務"]
    assert proposed("steps.browser_login.LoginParams", "credential") == ["practice"]
    assert proposed("steps.form_read.ReadParams", "帳票") == ["shugaku-enjo"]
    assert proposed("steps.form_read.ReadParams", "元") == ["${フォルダ.受付}/", "${フォルダ.出力}/"]
    assert proposed("steps.browser_open.OpenParams", "url") == ["${sites.学務}/"]
    assert schema["$defs"]["scenario.model.Uses"]["properties"]["帳票"]["items"]["examples"] == list(known.form_files)


@pytest.mark.parametrize("data", ["", "text", [], {}, {"利用": "x"}, {"利用": {"サイト": [], "帳票": "a"}}])
def test_names_of_a_half_written_scenario(data: Any) -> None:
    assert known_names(data, []) == Known()


@pytest.mark.parametrize("path", sorted((ROOT / "scenarios").rglob("forms/*.yaml")), ids=lambda path: path.stem)
def test_forms_are_accepted_and_their_faults_refused(path: Path) -> None:
    checker = Draft202012Validator(form_schema())
    data = as_an_editor_sees_it(path.read_text(encoding="utf-8"))
    assert faults(data, checker) == []
    name, field = next(iter(data["fields"].items()))
    for wrong in (
        {**field, "kind": "digit"},
        {**field, "sells": 3},
        {key: field[key] for key in field if key != "kind"},
    ):
        assert faults({**data, "fields": {**data["fields"], name: wrong}}, checker)


def test_the_register_is_accepted_and_its_faults_refused() -> None:
    checker = Draft202012Validator(mapping_schema(Register, "台帳", Known(people=("s1001",))))
    data = as_an_editor_sees_it((ROOT / "registry.yaml").read_text(encoding="utf-8"))
    assert faults(data, checker) == []
    entry = data["scenarios"]["shimin/jutogai-jusho"]
    for wrong in ({"data": "public"}, {"ownr": "s1001"}, {"baseline": {"minutes_per_item": "長い"}}):
        assert faults({**data, "scenarios": {"shimin/jutogai-jusho": {**entry, **wrong}}}, checker)
