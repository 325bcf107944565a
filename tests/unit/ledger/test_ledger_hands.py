"""Several processes at the items of one run: who has what, and what is taken back from one that is no more."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta

import pytest
import sqlalchemy as sa

from robots.clock import now, stamp
from robots.errors import SystemFailure
from robots.ledger.firings import NewFiring, ask_to_stop, begun, claim, fire, put_back, settle
from robots.ledger.hands import SILENT, Left, account_for, beat, begin, end, join, take_back, wanted
from robots.ledger.items import Item, Outcome, claim_next, intend_commit, settle_by_person, settle_item
from robots.ledger.leases import IN_FLIGHT, Holder, Lease, attach, take
from robots.ledger.lookup import items_of_run, scenario_items
from robots.ledger.runs import run_counts
from robots.ledger.server import WRITER
from robots.ledger.store import Ledger
from robots.ledger.tables import hands, runs, savings_months
from tests.unit.ledger.ledger_help import SCENARIO, adopt, row, start, state_of

HERE = "robot-1"
LONG_AGO = timedelta(minutes=30)


def hand_of(ledger: Ledger, run: str, *, machine: str = HERE, firing: int | None = None) -> int:
    with ledger.writing() as connection:
        return begin(connection, run, firing, machine, "1@0")


def unheard(ledger: Ledger, hand: int, since: timedelta) -> None:
    """It was last heard of so long ago."""
    with ledger.writing() as connection:
        connection.execute(hands.update().where(hands.c.id == hand).values(beat_at=stamp(now() - since)))


def look(ledger: Ledger, run: str, hand: int, *, dead: bool = False) -> Left:
    """What the others leave to this hand; dead: every process on this machine is surely gone."""
    return take_back(
        ledger, SCENARIO, run, hand, machine=HERE, moment=now(), gone=lambda where, _: dead and where == HERE
    )


def fired(ledger: Ledger, run: str) -> int:
    """A firing whose run goes."""
    taken = take(ledger, {"nightly": 1}, Holder("n", "", HERE, "1@0"), moment=now(), seconds=60, gone=lambda *_: True)
    assert isinstance(taken, list)
    fire(ledger, taken[0], [NewFiring(SCENARIO, now(), 5)], {})
    with ledger.reading() as connection:
        firing = int(connection.exec_driver_sql("SELECT max(id) FROM firings").scalar_one())
    assert claim(ledger, firing, machine=HERE, process="1@0", moment=now())
    with ledger.writing() as connection:
        begun(connection, firing, run)
    return firing


def work_off(ledger: Ledger, run: str, hand: int) -> list[int]:
    """Claims, enters and settles until nothing is left; returns the items in its order."""
    mine = []
    item = claim_next(ledger, run, hand)
    while item is not None:
        mine.append(item.id)
        intend_commit(ledger, run, item.id, {}, hand)
        item = settle_item(ledger, run, item.id, Outcome("done"), hand, claim=True)
    return mine


def test_hands_that_claim_at_once_never_get_the_same_item_and_the_sums_are_right(ledger: Ledger) -> None:
    run = start(ledger)
    adopted = adopt(ledger, run, *(row(str(number)) for number in range(60)))
    numbers = [hand_of(ledger, run) for _ in range(6)]
    with ThreadPoolExecutor(6) as threads:
        had = list(threads.map(lambda hand: work_off(ledger, run, hand), numbers))
    assert sorted(one for mine in had for one in mine) == [item.id for item in adopted]
    assert all(mine == sorted(mine) for mine in had), "in the order of the source"
    assert {one["attempts"] for one in scenario_items(ledger, SCENARIO, "done")} == {1}
    with ledger.reading() as connection:
        counted = connection.execute(sa.select(runs.c.done, runs.c.books_run).where(runs.c.id == run)).one()
        summed = connection.execute(sa.select(savings_months.c["items"], savings_months.c["runs"])).one()
    assert (tuple(counted), tuple(summed)) == ((60, True), (60, 1))


@pytest.mark.parametrize("url", ["postgresql"], indirect=True)
def test_writes_of_items_go_beside_each_other_and_beside_no_other_write(ledger: Ledger) -> None:
    asked = sa.text(f"SELECT pg_try_advisory_xact_lock({WRITER}), pg_try_advisory_xact_lock_shared({WRITER})")
    with ledger.writing(beside=True), ledger.reading() as other:
        assert tuple(other.execute(asked).one()) == (False, True)
    with ledger.writing(), ledger.reading() as other:
        assert tuple(other.execute(asked).one()) == (False, False)


def test_a_paused_hand_whose_item_was_taken_back_enters_nothing_and_changes_nothing(ledger: Ledger) -> None:
    run = start(ledger)
    (item,) = adopt(ledger, run, row("1"))
    paused, other = hand_of(ledger, run), hand_of(ledger, run)
    assert claim_next(ledger, run, paused) is not None
    assert (claim_next(ledger, run, other), look(ledger, run, other)) == (None, Left(at_work=1))
    unheard(ledger, paused, SILENT + timedelta(seconds=1))
    assert look(ledger, run, other) == Left(freed=1)
    again = claim_next(ledger, run, other)
    assert again is not None and (again.id, again.attempts) == (item.id, 2)
    with pytest.raises(SystemFailure, match="登録しませんでした"):
        intend_commit(ledger, run, item.id, {}, paused)
    intend_commit(ledger, run, item.id, {}, other)
    settle_item(ledger, run, item.id, Outcome("failed", "ほかの実行が扱っています。"), paused)
    assert state_of(ledger, item) == ("committing", run)
    settle_item(ledger, run, item.id, Outcome("done"), other)
    settle_item(ledger, run, item.id, Outcome("rejected", "遅れて届いた結果です。"), paused)
    assert [(one["state"], one["reason"]) for one in items_of_run(ledger, run)] == [("done", "")]


@pytest.mark.parametrize("machine", [HERE, "robot-2"])
def test_a_commit_is_left_to_a_silent_hand_until_nothing_of_it_can_be_on_its_way(ledger: Ledger, machine: str) -> None:
    run = start(ledger)
    (item,) = adopt(ledger, run, row("1"))
    paused, other = hand_of(ledger, run, machine=machine), hand_of(ledger, run)
    claim_next(ledger, run, paused)
    intend_commit(ledger, run, item.id, {"控え": "A"}, paused)
    unheard(ledger, paused, IN_FLIGHT - timedelta(seconds=30))
    assert look(ledger, run, other) == Left(silent=1)
    unheard(ledger, paused, IN_FLIGHT + timedelta(seconds=1))
    (cut_off,) = look(ledger, run, other).cut_off
    assert cut_off.item.id == item.id
    assert cut_off.hung == ("1@0" if machine == HERE else ""), "what hangs here can be ended before it goes on"


@pytest.mark.parametrize("how", ["ended", "gone"])
def test_what_a_dead_hand_had_is_taken_up_at_once(ledger: Ledger, how: str) -> None:
    run = start(ledger)
    working, committing = adopt(ledger, run, row("1"), row("2"))
    dead, other = hand_of(ledger, run), hand_of(ledger, run, machine="robot-2")
    second = hand_of(ledger, run)
    claim_next(ledger, run, dead)
    claim_next(ledger, run, second)
    intend_commit(ledger, run, committing.id, {}, second)
    for one in (dead, second) if how == "ended" else ():
        end(ledger, one)
    left = look(ledger, run, other, dead=how == "gone")
    assert (left.freed, [(one.item.id, one.hung) for one in left.cut_off]) == (1, [(committing.id, "")])
    assert state_of(ledger, working) == ("ready", run)


def test_a_run_that_follows_leaves_to_living_hands_what_they_have_and_gets_it_once_they_are_gone(
    ledger: Ledger,
) -> None:
    first = start(ledger)
    adopt(ledger, first, row("1"), row("2"))
    alive = hand_of(ledger, first)
    claim_next(ledger, first, alive)
    second = start(ledger)
    mine = hand_of(ledger, second)
    assert look(ledger, second, mine) == Left(at_work=1)
    had, free = adopt(ledger, second, row("1"), row("2"))
    assert [(one.state, state_of(ledger, one)) for one in (had, free)] == [
        ("working", ("working", first)),
        ("ready", ("ready", second)),
    ]
    assert [one.id for one in taken(ledger, second, mine)] == [free.id]
    end(ledger, alive)
    assert look(ledger, second, mine) == Left(freed=1)
    assert [one.id for one in taken(ledger, second, mine)] == [had.id]


@pytest.mark.parametrize(("state", "told"), [("done", "skipped"), ("failed", "failed")])
def test_what_a_hand_of_the_run_before_made_of_an_item_stands_in_both_accounts(
    ledger: Ledger, state: str, told: str
) -> None:
    first = start(ledger)
    (item,) = adopt(ledger, first, row("1"))
    alive = hand_of(ledger, first)
    claim_next(ledger, first, alive)
    second = start(ledger)
    adopt(ledger, second, row("1"))
    intend_commit(ledger, first, item.id, {}, alive)
    settle_item(ledger, first, item.id, Outcome(state, "理由"), alive)
    account_for(ledger, second)
    assert run_counts(ledger, [first, second]) == {first: {state: 1}, second: {told: 1}}


def taken(ledger: Ledger, run: str, hand: int) -> list[Item]:
    """All that it gets."""
    found = []
    while (item := claim_next(ledger, run, hand)) is not None:
        found.append(item)
    return found


def test_each_hand_answers_for_its_own_leases(ledger: Ledger) -> None:
    run = start(ledger)
    first, second = adopt(ledger, run, row("1"), row("2"))
    one, other = hand_of(ledger, run), hand_of(ledger, run)
    with ledger.writing() as connection:
        for hand, name in ((one, "login"), (other, "login#2")):
            attach(connection, run, [Lease(name, 1)], hand)
    held = take(ledger, {"login": 1}, Holder("a", "", HERE, "1@0"), moment=now(), seconds=60, gone=lambda *_: False)
    assert held == [Lease("login", 1)]
    claim_next(ledger, run, one)
    claim_next(ledger, run, other)
    intend_commit(ledger, run, first.id, {}, one)
    with pytest.raises(SystemFailure, match="「login」を使う順番は"):
        intend_commit(ledger, run, second.id, {}, other)


def test_hands_come_as_many_as_the_share_and_the_waiting_items_are_worth(ledger: Ledger) -> None:
    run = start(ledger)
    firing = fired(ledger, run)
    main = hand_of(ledger, run, firing=firing)
    counts = []
    for number in (1, 3, 8):  # ready items
        adopt(
            ledger,
            run,
            *(row(f"{number}-{one}") for one in range(number - len(scenario_items(ledger, SCENARIO, None)))),
        )
        counts.append([one.count for one in wanted(ledger, {SCENARIO: 4}, now())])
    assert counts == [[], [1], [3]]
    assert wanted(ledger, {"other/one": 4}, now()) == []
    joined = [join(ledger, run, firing, 4, HERE, "1@0", []) for _ in range(4)]
    assert None not in joined[:3] and joined[3] is None
    assert wanted(ledger, {SCENARIO: 4}, now()) == []
    unheard(ledger, main, LONG_AGO)
    (more,) = wanted(ledger, {SCENARIO: 4}, now())
    assert (more.firing, more.scenario, more.count) == (firing, SCENARIO, 1)
    ask_to_stop(ledger, firing, "終了期限")
    assert wanted(ledger, {SCENARIO: 4}, now()) == []
    assert join(ledger, run, firing, 4, HERE, "1@0", []) is None


def test_hands_that_end_again_and_again_are_not_begun_for_ever(ledger: Ledger) -> None:
    run = start(ledger)
    firing = fired(ledger, run)
    adopt(ledger, run, *(row(str(number)) for number in range(20)))
    begun_in_all = 0
    while wanted(ledger, {SCENARIO: 2}, now()) and begun_in_all < 50:
        hand = join(ledger, run, firing, 2, HERE, "1@0", [])
        assert hand is not None
        end(ledger, hand)
        begun_in_all += 1
    assert begun_in_all == 6


def test_a_hand_stops_when_its_firing_does_and_goes_on_while_it_waits_for_a_new_process(ledger: Ledger) -> None:
    run = start(ledger)
    firing = fired(ledger, run)
    hand, alone = hand_of(ledger, run, firing=firing), hand_of(ledger, run)
    assert not beat(ledger, hand, moment=now()) and not beat(ledger, alone, moment=now())
    put_back(ledger, firing, "途中で落ちました", now())
    assert not beat(ledger, hand, moment=now())
    assert claim(ledger, firing, machine=HERE, process="2@0", moment=now())
    ask_to_stop(ledger, firing, "人が止めました")
    assert beat(ledger, hand, moment=now())
    settle(ledger, firing, "stopped", "", while_in=["running"])
    assert beat(ledger, hand, moment=now())


def test_what_a_person_sends_back_waits_for_the_next_run(ledger: Ledger) -> None:

    run = start(ledger)
    (item,) = adopt(ledger, run, row("1"))
    claim_next(ledger, run)
    settle_item(ledger, run, item.id, Outcome("failed", "画面が出ません。"))
    settle_by_person(ledger, item.id, "again", "s1", "直しました")
    assert claim_next(ledger, run) is None
    following = start(ledger)
    adopt(ledger, following, row("1"))
    assert [one.id for one in taken(ledger, following, hand_of(ledger, following))] == [item.id]


def test_an_item_is_handed_out_as_the_source_gave_it(ledger: Ledger) -> None:
    run = start(ledger)
    (item,) = adopt(ledger, run, row("1", 届出日=date(2026, 4, 1), 明細=[{"品": "机", "数": 2}]))
    claimed = claim_next(ledger, run)
    assert claimed is not None
    assert (claimed.values, claimed.values.origin, claimed.key) == (item.values, item.origin, "1")
    assert run_counts(ledger, [run]) == {run: {"ready": 1}}
