"""Steps that ask people: the item waits, the others go on, and the next run has the answer."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

import pytest

from robots.ledger.tallies import tallies
from robots.savings.figures import hours_of
from tests.conftest import banken_here
from tests.flow_town import ID, ITEMS, TOP, FlowTown, enter, open_flow_town

ASK = f"""\
{TOP}{ITEMS}各件:
  - 人に尋ねる:
      質問: ${{対象.氏名}}さんの区分はどちらですか
      選択肢: [新規, 継続]
      説明: 窓口の控えを見てください
    条件: ${{対象.金額 == ''}}
    保存名: 答え
  - 値を決める: ${{対象.金額}}
    条件: ${{対象.金額 != ''}}
    保存名: 答え
{enter("${答え}")}"""
REVIEW = f"""\
{TOP}{ITEMS}各件:
  - 値を決める: ${{日付(対象.氏名)}}
    保存名: 届出日
  - 人が確認する:
      値: {{届出日: "${{届出日}}", 金額: "${{対象.金額}}"}}
    保存名: 確認済み
{enter("${和暦(確認済み.届出日)}/${確認済み.金額 + 1}")}"""


@pytest.fixture
def town(tmp_path: Path) -> Iterator[FlowTown]:
    opened = open_flow_town(tmp_path / "town")
    yield opened
    opened.ledger.close()


def test_the_item_waits_the_others_go_on_and_the_answer_is_there_in_the_next_run(town: FlowTown) -> None:
    town.write(ASK)
    town.rows("1,山田,", "2,鈴木,500")
    first = town.run()
    assert (first.items["done"], first.items["waiting"], first.exit_code) == (1, 1, 1)
    assert town.entered() == {"2": "500"}
    (task,) = town.tasks()
    assert (task["field"], task["options"], task["why"]) == (
        "山田さんの区分はどちらですか",
        ["新規", "継続"],
        ["窓口の控えを見てください"],
    )
    taken = town.answer("1", "継続")
    assert (taken.ours, taken.left, town.states()) == (True, 0, {"1": "ready", "2": "done"})
    second = town.run()
    assert (second.items["done"], second.items["waiting"], second.exit_code) == (1, 0, 0)
    assert town.entered() == {"2": "500", "1": "継続"}
    assert not town.tasks()


def test_an_unanswered_item_waits_on_with_its_one_question(town: FlowTown) -> None:
    town.write(ASK)
    town.rows("1,山田,")
    town.run()
    before = [task["id"] for task in town.tasks()]
    again = town.run()
    assert again.items["waiting"] == 1
    assert [task["id"] for task in town.tasks()] == before and len(before) == 1
    assert "人の確認を待っています: 山田さん" in town.reasons()["1"]
    assert town.entered() == {}


def test_a_question_is_put_anew_where_the_row_or_the_question_changes(town: FlowTown) -> None:
    town.write(ASK)
    town.rows("1,山田,")
    town.run()
    (old,) = town.tasks()
    town.answer("1", "新規")
    town.rows("1,山本,")
    town.run()
    (new,) = town.tasks()
    assert (new["field"], new["id"] == old["id"]) == ("山本さんの区分はどちらですか", False)
    town.write(ASK.replace("[新規, 継続]", "[新規, 継続, 変更]"))
    town.run()
    (newest,) = town.tasks()
    assert newest["options"] == ["新規", "継続", "変更"]
    assert town.entered() == {}


@pytest.mark.parametrize("text", ["", "  ", "変更", "新規 継続"])
def test_only_one_of_the_choices_is_an_answer(town: FlowTown, text: str) -> None:
    town.write(ASK)
    town.rows("1,山田,")
    town.run()
    with pytest.raises(ValueError, match=r"答えを書いて|選べるのは 新規、継続"):
        town.answer("1", text)
    assert town.states() == {"1": "waiting"}
    assert town.answer("1", " 継 続 ").task["answer"] == "継続"


def test_a_person_may_leave_the_item_out(town: FlowTown) -> None:
    town.write(ASK)
    town.rows("1,山田,")
    town.run()
    town.desk("s2").exclude(town.tasks()[0], "取下げの電話あり")
    report = town.run()
    assert (report.items["skipped"], report.items["waiting"], report.exit_code) == (1, 0, 0)
    assert "取下げの電話あり" in town.reasons()["1"] and town.entered() == {}


def test_a_rehearsal_shows_who_would_wait_and_asks_nobody(town: FlowTown) -> None:
    town.write(ASK)
    town.rows("1,山田,", "2,鈴木,500")
    report = town.run(rehearsal=True)
    assert (report.items["waiting"], report.items["done"]) == (1, 1)
    assert not town.tasks() and town.states() == {}


def test_values_are_confirmed_or_corrected_before_the_item_goes_on(town: FlowTown) -> None:
    town.write(REVIEW)
    town.rows("1,令和8年4月1日,900", "2,令和8年4月2日,100")
    town.run()
    shown = {(task["key"], task["field"]): (task["kind"], task["proposed"]) for task in town.tasks()}
    assert shown[("1", "届出日")] == ("date", "2026-04-01") and shown[("2", "金額")] == ("text", "100")
    for task in town.tasks():
        if task["key"] == "1":
            town.desk().accept(task, seconds=6.0)
    with pytest.raises(ValueError, match=r"2月30日"):
        town.answer("2", "令和8年2月30日", "届出日")
    town.answer("2", "令和8年5月3日", "届出日")
    assert town.states() == {"1": "ready", "2": "waiting"}
    town.run()
    assert town.entered() == {"1": "令和8年4月1日/901"}
    town.answer("2", "250", "金額")
    report = town.run()
    assert town.entered() == {"1": "令和8年4月1日/901", "2": "令和8年5月3日/251"}
    assert report.exit_code == 0


def test_the_time_at_the_desk_lowers_the_saving(town: FlowTown) -> None:
    town.write(ASK)
    town.rows("1,山田,")
    town.run()
    town.desk().correct(town.tasks()[0], "新規", seconds=90.0)
    town.run()
    hours = hours_of(tallies(town.ledger, scenario=ID))
    assert float(hours.before - hours.saved) == pytest.approx(1.5)


def test_the_desk_on_the_command_line_shows_the_question_and_takes_the_answer(town: FlowTown) -> None:
    town.write(ASK)
    town.rows("1,山田,", "2,鈴木,")
    town.run()
    done = banken_here(town.home.root, "review", ID, "--as", "s1", typed="変更\n継続\nx\n電話待ち\n")
    assert done.code == 0, done.err
    assert "山田さんの区分はどちらですか" in done.out and "選択肢: 新規、継続" in done.out
    assert "理由: 窓口の控えを見てください" in done.out and "選べるのは 新規、継続" in done.out
    assert "この対象は登録しません" in done.out
    listed = cast("list[dict[str, Any]]", banken_here(town.home.root, "review", "--list", "--json").json())
    assert listed == []
    assert town.run().items["done"] == 1 and town.entered() == {"1": "継続"}
