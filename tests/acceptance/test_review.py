"""The verification desk on the command line: what waits is shown, an answer counts once, and the next run enters it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

import pytest

from tests.conftest import Done, banken_here
from tests.papers import SCENARIO, Office, open_office, paper, refused


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    """One paper that is certain, one with two doubts, and a blank page."""
    opened = open_office(tmp_path / "town")
    opened.lay("a.png", paper("a.png", number="0001"))
    opened.lay("b.png", paper("b.png", number="0002", unsure=["番号", "氏名"]), refused("b.png", 2, "白紙です。"))
    opened.run()
    yield opened
    opened.ledger.close()


def banken(office: Office, *arguments: str, typed: str = "") -> Done:
    return banken_here(office.home.root, *arguments, typed=typed)


def waiting(office: Office) -> list[dict[str, Any]]:
    return cast("list[dict[str, Any]]", banken(office, "review", SCENARIO, "--list", "--json").json())


def test_what_waits_is_listed_with_its_picture_value_and_reason(office: Office) -> None:
    number, name, page = waiting(office)
    assert (number["field"], number["proposed"], number["origin"]) == ("番号", "0002", "b.png 1ページ目")
    assert name["why"] == ["似た字です"] and name["picture"] and name["place"].startswith("1ページ目")
    assert (page["kind"], page["why"], page["origin"]) == ("page", ["白紙です。"], "b.png 2ページ目")
    listed = banken(office, "review", "--list")
    assert listed.code == 0 and "確認待ち 3 か所" in listed.out
    items = cast("list[dict[str, Any]]", banken(office, "items", SCENARIO, "--state", "waiting", "--json").json())
    assert [item["origin"] for item in items] == ["b.png 1ページ目", "b.png 2ページ目"]


def test_a_person_at_the_terminal_goes_through_them_one_by_one(office: Office) -> None:
    # The number is not four digits, then it is; the name is right; the page is left out, with a reason.
    done = banken(office, "review", SCENARIO, "--as", "s1", typed="12\n0007\n\nx\n\nx\n裏面\n")
    assert done.code == 0, done.err
    assert "4 桁で書いてください" in done.out
    assert "画像: memory/" in done.out and "理由: 似た字です" in done.out
    assert f"確認が終わりました。banken run {SCENARIO} で登録されます" in done.out
    assert "除外する理由を書いてください" in done.out and "この紙は登録しません" in done.out
    assert "3 か所を確かめました" in done.out and "残りは 0 か所" in done.out
    office.run()
    assert office.entered()["0007"][0] == "ヤマダ　ハナコ"
    assert office.states() == {"a.png 1ページ目": "done", "b.png 1ページ目": "done", "b.png 2ページ目": "skipped"}
    assert "確認を待っているものはありません" in banken(office, "review", "--as", "s1", typed="").out


def test_a_person_may_skip_and_leave_and_nothing_is_lost(office: Office) -> None:
    done = banken(office, "review", "--as", "s1", typed="s\n-\nq\n")
    assert done.code == 0
    assert [(one["field"], one["origin"]) for one in waiting(office)] == [
        ("番号", "b.png 1ページ目"),
        ("", "b.png 2ページ目"),
    ]
    office.run()
    assert list(office.entered()) == ["0001"], "one doubt is left on that paper"


def test_two_people_never_answer_the_same_task_differently(office: Office) -> None:
    number = str(waiting(office)[0]["id"])
    first = banken(office, "review", "--task", number, "--answer", "0042", "--as", "s1", "--json")
    assert first.code == 0
    assert first.json() == {"task": int(number), "taken": True, "answer": "0042", "left": 1}
    second = banken(office, "review", "--task", number, "--answer", "0043", "--as", "s2")
    assert second.code == 1
    assert "先に s1 が「0042」と答えています" in second.err


@pytest.mark.parametrize(
    ("arguments", "code", "word"),
    [
        (("--as", "s1", "--task", "1"), 2, "どれか一つ"),
        (("--as", "s1", "--task", "1", "--accept", "--answer", "1"), 2, "どれか一つ"),
        (("--as", "s1", "--task", "99", "--accept"), 2, "確認 99 はありません"),
        (("--task", "1", "--accept"), 2, "--as に"),
        (("--as", "nobody", "--task", "1", "--accept"), 3, "people にいません"),
        (("--as", "s1", "--task", "1", "--answer", "１２ａ４"), 1, "数字だけで書いてください"),
        (("--as", "s1", "--task", "3", "--accept"), 1, "除外（理由）"),
        (("--as", "s1", "--task", "3", "--exclude"), 1, "理由を書いてください"),
    ],
)
def test_wrong_answers_are_refused_in_words(office: Office, arguments: tuple[str, ...], code: int, word: str) -> None:
    done = banken(office, "review", *arguments)
    assert (done.code, word in done.err) == (code, True), done.err
    assert len(waiting(office)) == 3


def test_a_changed_scenario_must_be_approved_before_anyone_answers(office: Office) -> None:
    form = office.home.scenarios / SCENARIO / "forms" / "todoke.yaml"
    form.write_text(form.read_text(encoding="utf-8").replace("cells: 4", "cells: 5"), encoding="utf-8")
    done = banken(office, "review", "--as", "s1", "--task", "1", "--answer", "12345")
    assert done.code == 3
    assert "forms/todoke.yaml が変わっています" in done.err


def test_the_time_at_the_desk_stands_in_the_savings(office: Office) -> None:
    task = next(iter(office.open_tasks().values()))
    office.desk().correct(task, "0007", seconds=60)
    total = cast("dict[str, Any]", banken(office, "savings", "--json").json())["total"]
    assert (total["hours_gross"], total["hours_after"]) == (0.13, 0.02)
