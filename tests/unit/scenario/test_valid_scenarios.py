"""Every scenario of tests/scenarios/valid is accepted, and is what it says."""

from __future__ import annotations

from pathlib import Path

import pytest

from robots.scenario.model import Scenario
from robots.scenario.validate import read_scenario

VALID = Path(__file__).parents[2] / "scenarios" / "valid"


def folder_bytes(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def read(name: str) -> Scenario:
    scenario = read_scenario(folder_bytes(VALID / name), f"test/{name}")
    assert isinstance(scenario, Scenario), str(scenario)
    return scenario


@pytest.mark.parametrize("name", sorted(path.name for path in VALID.iterdir()))
def test_it_is_accepted(name: str) -> None:
    scenario = read(name)
    assert scenario.name
    for step in scenario.steps():
        assert scenario.step_at(step.path) is step


def test_english_and_japanese_keys_mean_the_same() -> None:
    english, japanese = read("whole-english"), read("whole-japanese")
    assert [(one.path, one.kind.name, one.fixed) for one in english.steps()] == [
        (one.path, one.kind.name, one.fixed) for one in japanese.steps()
    ]
    assert english.uses == japanese.uses
    assert english.items is not None and japanese.items is not None
    assert english.items.review == japanese.items.review == "uncertain"
    assert set(english.expected_columns()) == set(japanese.expected_columns())


def test_a_run_can_tell_beforehand_which_columns_it_needs() -> None:
    columns = read("whole-japanese").expected_columns()
    assert set(columns) == {"受付番号", "年度", "児童氏名カナ", "生年月日", "申請区分"}
    assert [str(place) for place in columns["年度"]] == ["scenario.yaml:17:12"]


def test_the_commit_and_its_blocks_are_found_by_path() -> None:
    scenario = read("whole-japanese")
    assert scenario.commit is not None and scenario.commit.path == "each[3]"
    assert scenario.step_at("each[3].commit.do[0]").kind.ja == "押す"
    assert scenario.step_at("each[3].commit.already_done[1]").position.line == 34
    with pytest.raises(KeyError):
        scenario.step_at("each[9]")


def test_every_scalar_stays_text_until_a_model_gives_it_a_type() -> None:
    assert [one.raw for one in read("texts").steps()][3:] == [
        {"message": "no"},
        {"message": "2026-04-01"},
        {"message": "~"},
    ]
    assert read("inputs").inputs["文"].default == "011002"


def test_labels_of_a_screen_are_never_taken_for_parameters() -> None:
    first, second = read("labels").steps()
    assert first.raw == {"fields": {"fields": "1", "項目": "2", "番号: 新": "3", "氏名 カナ": "ヤマダ"}}
    assert second.raw == {"fields": {"項目": "4"}}


def test_options_reach_the_step() -> None:
    first, second, third, fourth, _ = read("options").steps()
    assert (first.retry_times, first.timeout, first.note) == (3, 30.0, "朝は遅いことがある")
    assert (second.retry_times, second.retry_wait) == (2, 5.0) and second.if_ is not None
    assert third.secret and not first.secret
    assert (fourth.save_as, fourth.timeout) == ("受理番号", 120.0)
