"""Papers and people: what is certain is entered, what is not waits, nothing is lost and nothing is entered twice."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest

from robots.ledger.items import settle_by_person
from robots.ledger.lookup import scenario_items
from robots.ledger.tallies import run_tally, tallies
from robots.savings.figures import hours_of
from tests.papers import SCENARIO, TEXT, Failing, Office, PowerCut, edited, open_office, paper, refused


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    opened = open_office(tmp_path / "town")
    yield opened
    opened.ledger.close()


def test_what_is_certain_is_entered_and_what_is_not_waits_until_a_person_has_looked(office: Office) -> None:
    office.lay("a.png", paper("a.png", number="0001"))
    office.lay("b.png", paper("b.png", number="0002", unsure=["氏名"]))
    first = office.run()
    assert (first.items["done"], first.items["waiting"], first.exit_code) == (1, 1, 1)
    assert list(office.entered()) == ["0001"]
    (task,) = office.open_tasks().values()
    assert (task["field"], task["proposed"], task["why"]) == ("氏名", "ヤマダ　ハナコ", ["似た字です"])
    assert office.forms.pictures[task["picture"]].startswith(b"\x89PNG")

    taken = office.correct("b.png", "氏名", "ヤマダ　ハルコ")
    assert (taken.ours, taken.left) == (True, 0)
    assert office.states()["b.png 1ページ目"] == "ready"
    second = office.run()
    assert (second.items["done"], second.items["waiting"], second.exit_code) == (1, 0, 0)
    assert office.entered()["0002"][0] == "ヤマダ　ハルコ"
    third = office.run()
    assert (third.items["done"], third.items["skipped"]) == (0, 2)
    assert len(office.entered()) == 2


def test_a_person_is_asked_once_and_the_answer_stands_whatever_is_read_later(office: Office) -> None:
    office.lay("a.png", paper("a.png", unsure=["氏名", "明細[1].数"]))
    office.run()
    before = {key: task["id"] for key, task in office.open_tasks().items()}
    assert set(before) == {("a.png 1ページ目", "氏名"), ("a.png 1ページ目", "明細[1].数")}
    office.run()
    assert {key: task["id"] for key, task in office.open_tasks().items()} == before
    office.correct("a.png", "氏名", "スズキ　イチロウ")
    office.lay("a.png", paper("a.png", unsure=["明細[1].数"], 氏名="サトウ"))
    office.run()
    assert [field for _, field in office.open_tasks()] == ["明細[1].数"]
    office.correct("a.png", "明細[1].数", "7")
    office.run()
    assert office.entered() == {"0001": ("スズキ　イチロウ", "2018-04-05", "7")}


def test_what_turns_out_certain_is_no_longer_asked(office: Office) -> None:
    office.lay("a.png", paper("a.png", unsure=["氏名"]))
    office.run()
    office.lay("a.png", paper("a.png"))
    office.run()
    assert not office.open_tasks()
    assert list(office.entered()) == ["0001"]


def test_the_first_answer_counts(office: Office) -> None:
    office.lay("a.png", paper("a.png", unsure=["氏名"]))
    office.run()
    (task,) = office.open_tasks().values()
    assert office.desk("s1").correct(task, "スズキ").ours
    late = office.desk("s2").correct(task, "サトウ")
    assert (late.ours, late.task["who"], late.task["answer"]) == (False, "s1", "スズキ")
    office.run()
    assert office.entered()["0001"][0] == "スズキ"


def test_an_unsure_key_takes_no_part_until_it_is_answered(office: Office) -> None:
    office.lay("a.png", paper("a.png", number="0001", unsure=["番号"]))
    office.lay("b.png", paper("b.png", number="0001"))
    first = office.run()
    assert (first.items["done"], first.items["waiting"], first.items["rejected"]) == (1, 1, 0)
    office.correct("a.png", "番号", "0007")
    office.run()
    assert set(office.entered()) == {"0001", "0007"}


@pytest.mark.parametrize(("name", "state"), [("ヤマダ　ハナコ", "skipped"), ("スズキ", "rejected")])
def test_a_key_that_turns_out_to_be_entered_already_is_not_entered_again(office: Office, name: str, state: str) -> None:
    office.lay("a.png", paper("a.png", number="0009", unsure=["番号"], 氏名=name))
    office.lay("b.png", paper("b.png", number="0001"))
    office.run()
    office.correct("a.png", "番号", "0001")
    report = office.run()
    assert office.states() == {"a.png 1ページ目": state, "b.png 1ページ目": "done"}
    assert "b.png 1ページ目から登録済み" in office.items()["a.png 1ページ目"][2]
    assert report.exit_code == (0 if state == "skipped" else 1)
    assert office.entered()["0001"][0] == "ヤマダ　ハナコ"


def test_the_same_paper_scanned_again_is_entered_once(office: Office) -> None:
    office.lay("a.png", paper("a.png"))
    office.lay("b.png", paper("b.png"))
    office.run()
    assert office.states() == {"a.png 1ページ目": "done", "b.png 1ページ目": "skipped"}
    assert "同じ内容" in office.items()["b.png 1ページ目"][2]
    office.lay("c.png", paper("c.png"))
    office.lay("copy.png", paper("copy.png"), content="a.png")
    office.run()
    assert office.states()["c.png 1ページ目"] == "skipped"
    assert "copy.png 1ページ目" not in office.states(), "the very same file is the same paper"
    assert len(office.entered()) == 1


def test_two_papers_that_claim_one_number_are_both_refused_and_the_right_one_goes_on(office: Office) -> None:
    office.lay("a.png", paper("a.png"))
    office.lay("b.png", paper("b.png", 氏名="スズキ"))
    report = office.run()
    assert report.items["rejected"] == 2
    assert not office.entered()
    office.take_away("b.png")
    assert office.run().items["done"] == 1
    assert office.entered()["0001"][0] == "ヤマダ　ハナコ"


def test_a_paper_scanned_anew_takes_the_number_of_one_that_was_refused(office: Office) -> None:
    edited(
        office,
        lambda text: text.replace(
            "各件:\n", "各件:\n  - 審査する:\n      - {条件: \"${対象.氏名 != ''}\", さもなくば: 氏名が空欄です}\n"
        ),
    )
    office.lay("a.png", paper("a.png", 氏名=""))
    office.run()
    assert office.states() == {"a.png 1ページ目": "rejected"}
    office.take_away("a.png")
    office.lay("b.png", paper("b.png"))
    office.run()
    assert office.states() == {"a.png 1ページ目": "skipped", "b.png 1ページ目": "done"}
    assert "b.png" in office.items()["a.png 1ページ目"][2]


def test_a_page_that_could_not_be_read_waits_until_a_person_leaves_it_out(office: Office) -> None:
    office.lay("a.pdf", paper("a.pdf", page=1), refused("a.pdf", 2, "白紙です。"))
    report = office.run()
    assert (report.items["done"], report.items["waiting"], report.exit_code) == (1, 1, 1)
    (task,) = office.open_tasks().values()
    assert (task["kind"], task["field"], task["why"]) == ("page", "", ["白紙です。"])
    with pytest.raises(ValueError, match="除外"):
        office.desk().accept(task)
    with pytest.raises(ValueError, match="理由"):
        office.desk().exclude(task, " ")
    office.desk("s2").exclude(task, "裏面なので不要", seconds=3)
    assert office.states()["a.pdf 2ページ目"] == "skipped"
    again = office.run()
    assert (again.items["skipped"], again.exit_code) == (2, 0)
    assert "裏面なので不要" in office.items()["a.pdf 2ページ目"][2]


def test_leaving_a_paper_out_ends_its_other_questions(office: Office) -> None:
    office.lay("a.png", paper("a.png", unsure=["番号", "氏名"]))
    office.run()
    first, second = office.open_tasks().values()
    office.desk().exclude(first, "書き損じ")
    assert not office.open_tasks()
    late = office.desk("s2").correct(second, "スズキ")
    assert not late.ours
    office.run()
    assert office.states() == {"a.png 1ページ目": "skipped"}
    assert not office.entered()


def test_the_time_of_people_lowers_the_net_saving_of_the_run_that_asked(office: Office) -> None:
    office.lay("a.png", paper("a.png", unsure=["氏名", "番号"]))
    run = office.run().run
    office.correct("a.png", "氏名", "スズキ", seconds=30)
    office.correct("a.png", "番号", "0001", seconds=1000)
    office.run()
    hours = hours_of(tallies(office.ledger))
    assert (hours.before, hours.after) == (Decimal(8), Decimal("2.5")), "who is called away is counted for 120 s"
    assert run_tally(office.ledger, run).running == Decimal("2.5")


def test_an_answer_must_fit_its_field(office: Office) -> None:
    office.lay("a.png", paper("a.png", unsure=["番号", "生年月日"], 元号="", 生年月日="30.4.5"))
    office.run()
    tasks = office.open_tasks()
    for field, text in (("番号", "12a4"), ("番号", "12345"), ("生年月日", "R8.13.1"), ("生年月日", "30.4.5")):
        with pytest.raises(ValueError, match=r"[ぁ-ん]"):
            office.desk().correct(tasks[("a.png 1ページ目", field)], text)
    assert office.correct("a.png", "生年月日", "H30.4.5").task["answer"] == "2018-04-05"
    assert office.correct("a.png", "番号", "0042").task["decision"] == "correct"
    office.run()
    assert office.entered()["0042"][1] == "2018-04-05"


def test_nothing_uses_what_nobody_has_looked_at(office: Office) -> None:
    edited(
        office,
        lambda text: text.replace(
            "対象:\n", '  - 絞り込む: {行: "${届}", 条件: "${行.氏名 != \'\'}"}\n    保存名: 届\n対象:\n'
        ),
    )
    office.lay("a.png", paper("a.png", unsure=["氏名"]))
    report = office.run()
    assert report.state == "failed"
    assert "氏名" in report.message and "a.png 1ページ目" in report.message and "対象の「条件」" in report.message


def test_a_condition_on_an_unsure_field_waits_and_one_on_a_certain_field_does_not(office: Office) -> None:
    edited(office, lambda text: text.replace("  確認:", "  条件: ${対象.氏名 != 'スズキ'}\n  確認:"))
    office.lay("a.png", paper("a.png", number="0001", unsure=["氏名"]))
    office.lay("b.png", paper("b.png", number="0002", unsure=["番号"], 氏名="スズキ"))
    assert office.run().items["waiting"] == 1
    assert [origin for origin, _ in office.open_tasks()] == ["a.png 1ページ目"]
    office.correct("a.png", "氏名", "スズキ")
    office.run()
    assert not office.entered()


def test_a_rehearsal_asks_nobody_and_shows_what_would_wait(office: Office) -> None:
    office.lay("a.png", paper("a.png", unsure=["氏名"]), refused("a.png", 2))
    report = office.run(rehearsal=True)
    assert report.items["waiting"] == 2
    assert not office.open_tasks() and not office.items()


def test_review_of_everything_asks_for_every_field(office: Office) -> None:
    edited(office, lambda text: text.replace("不確かなもの", "すべて"))
    office.lay("a.png", paper("a.png"))
    office.run()
    fields = [field for _, field in office.open_tasks()]
    assert fields == ["番号", "氏名", "元号", "生年月日", "明細[1].数", "明細[1].印", "明細[2].数", "明細[2].印"]
    assert not office.entered()
    for task in office.open_tasks().values():
        office.desk().accept(task, seconds=1)
    office.run()
    assert office.entered() == {"0001": ("ヤマダ　ハナコ", "2018-04-05", "1")}


def test_review_of_everything_asks_for_the_rows_of_a_book_too(tmp_path: Path) -> None:
    text = TEXT.replace('帳票を読む: {帳票: todoke, 元: "${フォルダ.受付}"}', "CSVを読む: {ファイル: sample/届.csv}")
    text = text.replace("不確かなもの", "すべて").replace(', 明細: "${行.明細[0].数}"', "")
    office = open_office(tmp_path / "town", text)
    book = office.home.scenarios / "gakumu" / "todoke" / "sample" / "届.csv"
    book.write_text("番号,氏名,生年月日\n0001,ヤマダ,2018-04-05\n", encoding="utf-8")
    assert office.run().items["waiting"] == 1
    (task,) = office.open_tasks().values()
    assert (task["kind"], task["proposed"]) == ("row", "番号: 0001\n氏名: ヤマダ\n生年月日: 2018-04-05")
    book.write_text("番号,氏名,生年月日\n0001,スズキ,2018-04-05\n", encoding="utf-8")
    office.run()
    (changed,) = office.open_tasks().values()
    assert changed["id"] != task["id"] and "スズキ" in changed["proposed"]
    assert not office.desk().accept(task).ours
    office.desk().accept(changed)
    office.run()
    assert office.entered()["0001"][0] == "スズキ"
    office.ledger.close()


def settle_what_is_in_doubt(office: Office) -> None:
    """What a person does: looks into the book, and says what stands there."""
    for row in scenario_items(office.ledger, SCENARIO, "in_doubt"):
        there = row["key"] in office.entered()
        settle_by_person(office.ledger, row["id"], "done" if there else "again", "s1", "登録簿で確かめた")
        if not there:
            office.run()


def test_a_power_cut_anywhere_loses_no_paper_and_enters_none_twice(tmp_path: Path) -> None:
    ended = False
    at = 0
    while not ended:
        at += 1
        office = open_office(tmp_path / str(at))
        office.lay("first.png", paper("first.png", number="0000"))
        office.run()  # the book that already_done looks into is there
        office.take_away("first.png")
        office.lay("a.png", paper("a.png", number="0001"))
        office.lay("b.png", paper("b.png", number="0002", unsure=["番号"]), refused("b.png", 2))
        try:
            office.run(ledger=Failing(office.ledger, at))
            ended = True
        except PowerCut:
            office.run()
        settle_what_is_in_doubt(office)
        states = {"a.png 1ページ目": "done", "b.png 1ページ目": "waiting", "b.png 2ページ目": "waiting"}
        assert office.states() == {"first.png 1ページ目": "done"} | states, at
        (number, page) = office.open_tasks().values()
        try:
            desk = office.desk()
            desk._ledger = Failing(office.ledger, 1 + at % 2)
            desk.correct(number, "0002", seconds=6)
        except PowerCut:
            office.desk().correct(number, "0002", seconds=6)
        office.desk().exclude(page, "白紙", seconds=6)
        office.run()
        assert set(office.entered()) == {"0000", "0001", "0002"}, at
        assert hours_of(tallies(office.ledger)).after == Decimal("0.2"), "each answer's time is booked once"
        office.ledger.close()
    assert at > 6
