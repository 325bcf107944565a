"""Who gets which task at the desk: in the order of items or of proposals, onwards, back and round, never another's."""

from __future__ import annotations

import sqlalchemy as sa

from robots.ledger.holds import Seat, Waiting, fields_waiting, take_next, waiting
from robots.ledger.items import NewItem
from robots.ledger.reviews import Answer, Question, answer, answers, tasks
from robots.ledger.store import Ledger
from tests.unit.ledger.ledger_help import SCENARIO, adopt, start

ONE, TWO = Seat(SCENARIO, "s1"), Seat(SCENARIO, "s2")


def _seen(_connection: sa.Connection, _row: sa.RowMapping) -> None:
    """Nothing is kept of who looked."""


def _asked(ledger: Ledger) -> list[int]:
    """Three papers with a name and a number each, the number of the last entered twice; the tasks in order."""
    run = start(ledger)
    for number, name in enumerate(("ハ", "イ", "ロ"), 1):
        name_of = Question(f"p{number}", "氏名", "text", name, ("?",))
        number_of = Question(f"p{number}", "番号", "text", str(number), ("?",), twice=number == 3)
        adopt(ledger, run, NewItem(f"{number}", "紙", {}, questions=(name_of, number_of)))
    return [row["id"] for row in tasks(ledger, SCENARIO)]


def _walk(ledger: Ledger, seat: Seat, first: int, *, back: bool = False) -> list[int]:
    """The tasks that a person is led through from one, until one comes again."""
    found: list[int] = []
    task: int | None = first
    while task is not None and task not in found:
        found.append(task)
        task = take_next(ledger, seat, _seen, beside=task, back=back)
    return found


def test_a_person_is_led_onwards_and_back_and_round(ledger: Ledger) -> None:
    order = _asked(ledger)
    assert take_next(ledger, ONE, _seen) == order[0]
    assert _walk(ledger, ONE, order[0]) == order
    assert _walk(ledger, ONE, order[2]) == order[2:] + order[:2]
    assert _walk(ledger, ONE, order[2], back=True) == [*order[2::-1], *order[:2:-1]]
    by_name = Seat(SCENARIO, "s1", field="氏名")
    assert _walk(ledger, by_name, order[2]) == [order[2], order[0], order[4]]  # イ ハ ロ
    assert _walk(ledger, by_name, order[2], back=True) == [order[2], order[4], order[0]]
    assert fields_waiting(ledger, ONE) == [("氏名", 3), ("番号", 3)]


def test_nobody_gets_what_another_has_and_what_was_entered_is_not_offered_again(ledger: Ledger) -> None:
    order = _asked(ledger)
    first = take_next(ledger, ONE, _seen)
    ahead = take_next(ledger, ONE, _seen, beside=order[0], keep=order[0])
    assert (first, ahead) == (order[0], order[1]) and take_next(ledger, TWO, _seen) == order[2]
    assert waiting(ledger, SCENARIO) == waiting(ledger) == {SCENARIO: Waiting(open=6, held=3)}
    assert waiting(ledger, "shimin/other") == {}
    for task, text in zip(order, ("ハ", "1", "イ", "2", "ロ", "3"), strict=True):
        who = "s2" if task == order[2] else "s1"
        taken = answer(ledger, task, Answer("correct", text, who), _seen)
        assert taken is not None and taken.ours
    assert take_next(ledger, ONE, _seen) is None and take_next(ledger, TWO, _seen) == order[5]
    taken = answer(ledger, order[5], Answer("correct", "8", "s2"), _seen)
    assert taken is not None and waiting(ledger, SCENARIO) == {SCENARIO: Waiting(open=1, differ=1)}
    assert take_next(ledger, Seat(SCENARIO, "s3", settles=True), _seen) == order[5]
    assert list(answers(ledger, SCENARIO, "p2")) == ["p2"] and len(answers(ledger, SCENARIO)) == 3
