"""What a person may decide of an item, and what `finish` is given of the done ones."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

import pytest
import sqlalchemy as sa

from robots.clock import JST
from robots.errors import SystemFailure
from robots.ledger.items import Item, Outcome, claim_next, intend_commit, settle_by_person, settle_item
from robots.ledger.lookup import done_rows
from robots.ledger.runs import end_run, finish_run
from robots.ledger.store import Ledger
from robots.ledger.tables import settlements
from tests.unit.ledger.ledger_help import SCENARIO, adopt, enter, row, start, state_of


def reject(ledger: Ledger, run: str, item: Item, reason: str = "氏名が空欄です。") -> None:
    claim_next(ledger, run)
    settle_item(ledger, run, item.id, Outcome("rejected", reason))


# --- a person decides ---


def in_state(ledger: Ledger, run: str, state: str) -> Item:
    (item,) = adopt(ledger, run, row("1"))
    claim_next(ledger, run)
    if state in ("committing", "done", "in_doubt"):
        intend_commit(ledger, run, item.id, {})
    if state not in ("working", "committing"):
        settle_item(ledger, run, item.id, Outcome(state, "前の理由"))
    return item


@pytest.mark.parametrize(
    ("state", "decision", "then"),
    [
        ("in_doubt", "done", "done"),
        ("in_doubt", "again", "ready"),
        ("rejected", "again", "ready"),
        ("failed", "again", "ready"),
        ("rejected", "done", None),
        ("failed", "done", None),
        ("done", "again", None),
        ("done", "done", None),
        ("working", "again", None),
        ("committing", "done", None),
        ("committing", "again", None),
    ],
)
def test_what_a_person_may_decide(ledger: Ledger, state: str, decision: str, then: str | None) -> None:
    run = start(ledger)
    item = in_state(ledger, run, state)
    settled = settle_by_person(ledger, item.id, decision, "s1001", "画面で見ました")
    with ledger.reading() as connection:
        kept = connection.execute(sa.select(settlements)).mappings().all()
    assert state_of(ledger, item)[0] == (then or state)
    if then is None:
        assert settled is None
        assert kept == []
        return
    assert settled is not None
    assert settled["key"] == "1"
    assert [(one["item"], one["decision"], one["who"], one["why"]) for one in kept] == [
        (item.id, decision, "s1001", "画面で見ました")
    ]


def test_an_item_that_is_not_there_cannot_be_decided(ledger: Ledger) -> None:
    assert settle_by_person(ledger, 99, "done", "s1001", "なし") is None


def test_again_lets_the_next_run_enter_an_unchanged_rejected_item(ledger: Ledger) -> None:
    first = start(ledger)
    item = in_state(ledger, first, "rejected")
    settle_by_person(ledger, item.id, "again", "s1001", "マスタを直しました")
    second = start(ledger)
    (again,) = adopt(ledger, second, row("1"))
    assert again.state == "ready"
    enter(ledger, second, again)
    assert state_of(ledger, item) == ("done", second)


def test_done_by_a_person_is_never_entered_again(ledger: Ledger) -> None:
    first = start(ledger)
    item = in_state(ledger, first, "in_doubt")
    settle_by_person(ledger, item.id, "done", "s1001", "画面にあります")
    second = start(ledger)
    (again,) = adopt(ledger, second, row("1"))
    assert again.state == "done"
    assert again.reason.startswith("登録済みです（20")
    with pytest.raises(SystemFailure):
        enter(ledger, second, again)


# --- what finish gets ---


def test_done_rows_are_the_sources_columns_then_what_was_saved_then_when(ledger: Ledger) -> None:
    run = start(ledger)
    (item,) = adopt(ledger, run, row("1", 氏名="練習 太郎", 届出日=date(2026, 4, 1), 金額=Decimal("1234.50")))
    enter(ledger, run, item, 受付番号="A-1")
    (found,) = list(done_rows(ledger, SCENARIO, []).values())
    assert list(found) == ["氏名", "届出日", "金額", "受付番号", "登録日時"]
    assert found["届出日"] == date(2026, 4, 1)
    assert found["金額"] == Decimal("1234.50")
    assert datetime.strptime(str(found["登録日時"]), "%Y-%m-%d %H:%M:%S").replace(tzinfo=JST)
    assert found.origin == item.origin


def test_a_row_has_every_column_that_its_steps_may_save(ledger: Ledger) -> None:
    run = start(ledger)
    with_note, without = adopt(ledger, run, row("1", 番号="1", 備考="元の備考"), row("2", 番号="2", 備考="元の備考"))
    enter(ledger, run, with_note, 備考="画面の備考", 受付番号="A-1")
    enter(ledger, run, without)
    rows = list(done_rows(ledger, SCENARIO, ["備考", "受付番号"]).values())
    assert [(one["備考"], one["受付番号"]) for one in rows] == [("画面の備考", "A-1"), ("元の備考", "")]
    assert list(rows[0]) == list(rows[1]) == ["番号", "備考", "受付番号", "登録日時"]


def test_done_rows_hold_those_of_all_unfinished_runs_that_it_carries_on_and_each_once(ledger: Ledger) -> None:
    keys = ["1", "2", "3"]
    for number in range(3):
        run = start(ledger)
        adopted = adopt(ledger, run, *(row(key, 番号=key) for key in keys))
        enter(ledger, run, adopted[number])
        if number < 2:
            end_run(ledger, run, "stopped")
    assert [one["番号"] for one in list(done_rows(ledger, SCENARIO, []).values())] == keys
    finish_run(ledger, run, "ended", done_rows(ledger, SCENARIO, []))
    later = start(ledger)
    adopted = adopt(ledger, later, *(row(key, 番号=key) for key in [*keys, "4"]))
    enter(ledger, later, adopted[3])
    assert [one["番号"] for one in list(done_rows(ledger, SCENARIO, []).values())] == ["4"]


def test_only_done_items_are_given_to_finish(ledger: Ledger) -> None:
    run = start(ledger)
    rejected, doubt, failed, done = adopt(ledger, run, *(row(key, 番号=key) for key in "1234"))
    reject(ledger, run, rejected)
    claim_next(ledger, run)
    intend_commit(ledger, run, doubt.id, {})
    settle_item(ledger, run, doubt.id, Outcome("in_doubt"))
    settle_item(ledger, run, failed.id, Outcome("failed"))
    enter(ledger, run, done)
    assert [one["番号"] for one in list(done_rows(ledger, SCENARIO, []).values())] == ["4"]


def test_values_come_back_from_the_ledger_as_they_went_in(ledger: Ledger) -> None:
    values: dict[str, object] = {
        "日付": date(2026, 4, 1),
        "日時": datetime(2026, 4, 1, 19, 30, 15, tzinfo=JST),
        "数": Decimal("0.10"),
        "大きな数": 12345678901234567890,
        "先頭ゼロ": "011002",
        "空": None,
        "可否": True,
        "明細": [{"費目": "学用品費", "額": Decimal("11630")}, []],
        "$date": {"$date": "日付ではない文字"},
    }
    run = start(ledger)
    (item,) = adopt(ledger, run, row("1", **values))
    enter(ledger, run, item)
    (found,) = list(done_rows(ledger, SCENARIO, []).values())
    del found["登録日時"]
    assert found == values
    assert [type(one) for one in found.values()] == [type(one) for one in values.values()]
    assert str(found["数"]) == "0.10"
