"""Items: adopted once, entered at most once, whatever runs die, race or come again."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from robots.errors import SystemFailure
from robots.ledger.items import Item, Outcome, claim_next, intend_commit, settle_item, withdraw_intent
from robots.ledger.lookup import items_of_run, scenario_items
from robots.ledger.runs import Failure, run_counts, run_failures, take_up_run
from robots.ledger.store import Ledger, open_ledger
from robots.values import Row
from tests.unit.ledger.ledger_help import SCENARIO, adopt, enter, left_to, row, start, state_of


def reject(ledger: Ledger, run: str, item: Item, reason: str = "氏名が空欄です。") -> None:
    claim_next(ledger, run)
    settle_item(ledger, run, item.id, Outcome("rejected", reason))


# --- adopting ---


def test_new_items_become_ready_in_the_order_of_the_source(ledger: Ledger) -> None:
    run = start(ledger)
    adopted = adopt(ledger, run, row("3"), row("1"), row("2"))
    assert [(item.key, item.state, item.attempts) for item in adopted] == [
        ("3", "ready", 0),
        ("1", "ready", 0),
        ("2", "ready", 0),
    ]
    assert [one["key"] for one in items_of_run(ledger, run)] == ["3", "1", "2"]
    assert run_counts(ledger, [run]) == {run: {"ready": 3}}


def test_an_item_that_cannot_be_begun_is_rejected_with_its_reason(ledger: Ledger) -> None:
    run = start(ledger)
    (item,) = adopt(ledger, run, replace(row("7"), refusal="キーが二つの行にあります。"))
    assert (item.state, item.reason) == ("rejected", "キーが二つの行にあります。")
    with pytest.raises(SystemFailure):
        enter(ledger, run, item)


def test_what_an_earlier_run_entered_is_skipped_and_says_when(ledger: Ledger) -> None:
    first = start(ledger)
    (item,) = adopt(ledger, first, row("1"))
    enter(ledger, first, item)
    second = start(ledger)
    (again,) = adopt(ledger, second, row("1"))
    assert (again.id, again.state) == (item.id, "done")
    assert again.reason.startswith("登録済みです（20")
    assert "内容が登録した時と違います" not in again.reason
    assert run_counts(ledger, [first, second]) == {first: {"done": 1}, second: {"skipped": 1}}
    assert state_of(ledger, item) == ("done", first)


def test_what_was_entered_with_other_values_is_still_not_entered_again_but_told(ledger: Ledger) -> None:
    first = start(ledger)
    (item,) = adopt(ledger, first, row("1", 氏名="練習 太郎"))
    enter(ledger, first, item)
    second = start(ledger)
    (again,) = adopt(ledger, second, row("1", 氏名="練習 次郎"))
    assert again.state == "done"
    assert "内容が登録した時と違います" in again.reason
    assert [one["reason"] for one in items_of_run(ledger, second)] == [again.reason]
    assert scenario_items(ledger, SCENARIO, None)[0]["values"] == {"氏名": "練習 太郎"}


def test_a_run_that_is_carried_on_itself_keeps_its_done_items_as_done(ledger: Ledger) -> None:
    run = start(ledger)
    (item,) = adopt(ledger, run, row("1"))
    enter(ledger, run, item)
    take_up_run(ledger, run)
    adopt(ledger, run, row("1"))
    assert run_counts(ledger, [run]) == {run: {"done": 1}}


def test_a_rejected_item_is_not_tried_again_while_nothing_changed(ledger: Ledger) -> None:
    first = start(ledger)
    (item,) = adopt(ledger, first, row("1"))
    reject(ledger, first, item)
    for _ in range(3):
        (again,) = adopt(ledger, start(ledger), row("1"))
        assert again.state == "rejected"
        assert again.reason.startswith("氏名が空欄です。（前回と同じ内容のため")
        assert again.reason.count("前回と同じ") == 1


@pytest.mark.parametrize(("digest", "name"), [("sha256:1", "直した名前"), ("sha256:2", "練習 太郎")])
def test_a_rejected_item_is_tried_again_once_its_row_or_the_scenario_changed(
    ledger: Ledger, digest: str, name: str
) -> None:
    first = start(ledger, digest="sha256:1")
    (item,) = adopt(ledger, first, row("1", 氏名="練習 太郎"))
    reject(ledger, first, item)
    second = start(ledger, digest=digest)
    (again,) = adopt(ledger, second, row("1", 氏名=name))
    assert (again.state, again.reason, again.attempts) == ("ready", "", 1)
    enter(ledger, second, again)
    assert state_of(ledger, item) == ("done", second)


def test_a_failed_or_skipped_item_is_left_to_the_next_run(ledger: Ledger) -> None:
    first = start(ledger)
    failed, skipped = adopt(ledger, first, row("1"), row("2"))
    settle_item(ledger, first, failed.id, Outcome("failed", "画面が出ません。"))
    settle_item(ledger, first, skipped.id, Outcome("skipped", "対象外です。"))
    again = adopt(ledger, start(ledger), row("1"), row("2"))
    assert [(one.state, one.reason) for one in again] == [("ready", ""), ("ready", "")]


def test_items_in_doubt_and_items_being_entered_are_left_as_they_are(ledger: Ledger) -> None:
    first = start(ledger)
    doubt, committing = adopt(ledger, first, row("1"), row("2"))
    for item in (doubt, committing):
        claim_next(ledger, first)
        intend_commit(ledger, first, item.id, {})
    settle_item(ledger, first, doubt.id, Outcome("in_doubt", "登録されたかどうか分かりません。"))
    again = adopt(ledger, start(ledger, digest="sha256:2"), row("1", 氏名="別"), row("2", 氏名="別"))
    assert [(one.state, one.reason) for one in again] == [
        ("in_doubt", "登録されたかどうか分かりません。"),
        ("committing", ""),
    ]
    assert [state_of(ledger, one) for one in (doubt, committing)] == [("in_doubt", first), ("committing", first)]


def test_the_same_key_of_another_scenario_is_another_item(ledger: Ledger) -> None:
    adopt(ledger, start(ledger), row("1"))
    other = start(ledger, scenario="kaikei/shiharai")
    with ledger.reading():
        assert scenario_items(ledger, "kaikei/shiharai", None) == []
    assert claim_next(ledger, other) is None
    assert [one["state"] for one in scenario_items(ledger, SCENARIO, None)] == ["ready"]


# --- the transaction ---


def test_nothing_is_entered_that_was_not_claimed(ledger: Ledger) -> None:
    run = start(ledger)
    (item,) = adopt(ledger, run, row("1"))
    with pytest.raises(SystemFailure, match="登録しませんでした"):
        intend_commit(ledger, run, item.id, {})
    assert state_of(ledger, item) == ("ready", run)


@pytest.mark.parametrize("state", ["done", "rejected", "failed", "in_doubt"])
def test_an_item_with_an_outcome_cannot_be_claimed_and_entered(ledger: Ledger, state: str) -> None:
    run = start(ledger)
    (item,) = adopt(ledger, run, row("1"))
    claim_next(ledger, run)
    intend_commit(ledger, run, item.id, {})
    settle_item(ledger, run, item.id, Outcome(state))
    for one in (run, start(ledger)):
        claim_next(ledger, one)
        with pytest.raises(SystemFailure, match="すでに登録済み"):
            intend_commit(ledger, one, item.id, {})
    assert state_of(ledger, item) == (state, run)


def test_the_intent_is_on_disk_for_whoever_opens_the_ledger(url: str, ledger: Ledger) -> None:
    run = start(ledger)
    (item,) = adopt(ledger, run, row("1", 届出日=date(2026, 4, 1)))
    claim_next(ledger, run)
    intend_commit(ledger, run, item.id, {"受付番号": "A-1"})
    other = open_ledger(url)
    (left,) = [one.item for one in left_to(other, start(other)).cut_off]
    other.close()
    assert (left.id, left.key, left.state, left.attempts) == (item.id, "1", "committing", 1)
    assert left.values == {"届出日": date(2026, 4, 1)}
    assert isinstance(left.values, Row)
    assert left.values.origin == left.origin


def test_two_runs_that_race_for_an_item_enter_it_once(url: str, ledger: Ledger) -> None:
    other = open_ledger(url)
    first, second = start(ledger), start(other)
    (mine,) = adopt(ledger, first, row("1"))
    (theirs,) = adopt(other, second, row("1"))
    assert mine.id == theirs.id
    claim_next(ledger, first)
    claim_next(other, second)
    entered = []
    for at, run in ((ledger, first), (other, second)):
        try:
            intend_commit(at, run, mine.id, {})
            entered.append(run)
        except SystemFailure:
            pass
    other.close()
    assert entered == [second], "it passed to the run that took it up last"


def test_a_run_that_lost_an_item_cannot_undo_what_the_other_is_entering(ledger: Ledger) -> None:
    """It would be entered a second time by the next run if the intent of the other were lost."""
    slow = start(ledger)
    (item,) = adopt(ledger, slow, row("1"))
    claim_next(ledger, slow)
    quick = start(ledger)
    assert left_to(ledger, quick).freed == 1
    adopt(ledger, quick, row("1"))
    claim_next(ledger, quick)
    intend_commit(ledger, quick, item.id, {})
    settle_item(ledger, slow, item.id, Outcome("failed", "ほかの実行が扱っています。"))
    assert state_of(ledger, item) == ("committing", quick)
    settle_item(ledger, quick, item.id, Outcome("done"))
    settle_item(ledger, slow, item.id, Outcome("rejected", "遅れて届いた結果です。"))
    assert state_of(ledger, item) == ("done", quick)
    assert run_counts(ledger, [slow, quick]) == {slow: {"rejected": 1}, quick: {"done": 1}}


def test_done_stays_done_and_keeps_its_first_time(ledger: Ledger) -> None:
    run = start(ledger)
    (item,) = adopt(ledger, run, row("1"))
    enter(ledger, run, item, 番号="A")
    (before,) = scenario_items(ledger, SCENARIO, "done")
    settle_item(ledger, run, item.id, Outcome("done", "そのあとの手順が終わっていません。", {"番号": "A", "控え": "B"}))
    settle_item(ledger, run, item.id, Outcome("failed", "あとから来た失敗です。"))
    (after,) = scenario_items(ledger, SCENARIO, "done")
    assert after["done_at"] == before["done_at"]
    assert after["result"] == {"番号": "A", "控え": "B"}


def test_settling_an_item_claims_the_next_one(ledger: Ledger) -> None:
    run = start(ledger)
    first, second = adopt(ledger, run, row("1"), row("2"))
    claim_next(ledger, run)
    settle_item(ledger, run, first.id, Outcome("rejected", "理由"), claim=True)
    assert state_of(ledger, second) == ("working", run)
    intend_commit(ledger, run, second.id, {})
    assert scenario_items(ledger, SCENARIO, "committing")[0]["attempts"] == 1


def test_a_withdrawn_intent_may_be_entered_by_the_run_that_looked(ledger: Ledger) -> None:
    dead = start(ledger)
    (item,) = adopt(ledger, dead, row("1"))
    claim_next(ledger, dead)
    intend_commit(ledger, dead, item.id, {})
    run = start(ledger)
    withdraw_intent(ledger, run, item.id)
    assert state_of(ledger, item) == ("working", run)
    assert scenario_items(ledger, SCENARIO, "committing") == []
    with pytest.raises(SystemFailure):
        intend_commit(ledger, dead, item.id, {})
    intend_commit(ledger, run, item.id, {})
    settle_item(ledger, run, item.id, Outcome("done"))
    assert state_of(ledger, item) == ("done", run)


def test_withdrawing_touches_no_item_that_is_done(ledger: Ledger) -> None:
    run = start(ledger)
    (item,) = adopt(ledger, run, row("1"))
    enter(ledger, run, item)
    withdraw_intent(ledger, start(ledger), item.id)
    assert state_of(ledger, item) == ("done", run)


@pytest.mark.parametrize("state", ["done", "in_doubt"])
def test_what_was_found_out_of_a_dead_runs_commit_is_kept(ledger: Ledger, state: str) -> None:
    dead = start(ledger)
    (item,) = adopt(ledger, dead, row("1"))
    claim_next(ledger, dead)
    intend_commit(ledger, dead, item.id, {})
    run = start(ledger)
    settle_item(ledger, run, item.id, Outcome(state, "画面で確かめました。"))
    assert state_of(ledger, item) == (state, run)


def test_items_of_a_dead_run_short_of_the_commit_are_ready_again(ledger: Ledger) -> None:
    dead = start(ledger)
    working, committing = adopt(ledger, dead, row("1"), row("2"))
    claim_next(ledger, dead)
    claim_next(ledger, dead)
    intend_commit(ledger, dead, committing.id, {})
    assert left_to(ledger, start(ledger)).freed == 1
    assert [state_of(ledger, one)[0] for one in (working, committing)] == ["ready", "committing"]


def test_the_step_that_failed_is_kept_with_its_item(ledger: Ledger) -> None:
    run = start(ledger)
    (item,) = adopt(ledger, run, row("1"))
    failure = Failure(
        "each[2]", "scenario.yaml:14:5", "「登録」がありません。", "画面を確かめてください。", "evidence/1"
    )
    settle_item(ledger, run, item.id, Outcome("failed", "「登録」がありません。", seconds=1.25, failure=failure))
    (kept,) = run_failures(ledger, run)
    assert (kept["key"], kept["step"], kept["place"], kept["evidence"]) == (
        "1",
        "each[2]",
        "scenario.yaml:14:5",
        "evidence/1",
    )
    (visit,) = items_of_run(ledger, run)
    assert (visit["state"], visit["seconds"]) == ("failed", "1.250")
