"""Leases: one holder, a token that goes up, and who is refused."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from robots.clock import JST
from robots.errors import SystemFailure
from robots.ledger.items import claim_next, intend_commit
from robots.ledger.leases import IN_FLIGHT, Busy, Holder, Lease, attach, holders, release, renew, take
from robots.ledger.store import Ledger
from tests.unit.ledger.ledger_help import adopt, enter, row, start, state_of

NOW = datetime(2026, 12, 1, 19, tzinfo=JST)
ONE, OTHER = (Holder(name, f"{name}の実行", name, f"1@{name}") for name in ("robot-1", "robot-2"))


def reach(
    ledger: Ledger, holder: Holder, seconds: float = 0, wanted: dict[str, int] | None = None
) -> list[Lease] | Busy:
    """Takes the login so many seconds after NOW."""
    moment = NOW + timedelta(seconds=seconds)
    return take(ledger, wanted or {"login": 1}, holder, moment=moment, seconds=90, gone=lambda *_: False)


def taken(found: list[Lease] | Busy) -> list[Lease]:
    assert not isinstance(found, Busy), found
    return found


def test_one_has_it_until_it_gives_it_back(ledger: Ledger) -> None:
    mine = taken(reach(ledger, ONE))
    busy = reach(ledger, OTHER)
    assert (
        isinstance(busy, Busy)
        and str(busy) == "「login」は robot-1 の「robot-1の実行」が 2026-12-01 19:00 から使っています"
    )
    release(ledger, mine)
    assert [one.token for one in taken(reach(ledger, OTHER))] == [mine[0].token + 1]


def test_a_lease_that_is_renewed_does_not_run_out(ledger: Ledger) -> None:
    mine = taken(reach(ledger, ONE))
    assert renew(ledger, mine, moment=NOW + timedelta(seconds=60), seconds=90)
    assert isinstance(reach(ledger, OTHER, 100), Busy)
    (theirs,) = taken(reach(ledger, OTHER, 151))
    assert theirs.before == ONE and not renew(ledger, mine, moment=NOW + timedelta(seconds=152), seconds=90)
    release(ledger, mine)  # of one who has nothing any more
    assert holders(ledger)["login"].holder == OTHER


def test_one_whose_process_is_dead_holds_nothing_up(ledger: Ledger) -> None:
    taken(reach(ledger, ONE))
    gone = take(ledger, {"login": 1}, OTHER, moment=NOW, seconds=90, gone=lambda machine, _: machine == "robot-1")
    assert not isinstance(gone, Busy)


def test_as_many_places_as_there_are(ledger: Ledger) -> None:
    assert [one.name for one in taken(reach(ledger, ONE, wanted={"login": 2}))] == ["login"]
    assert [one.name for one in taken(reach(ledger, OTHER, wanted={"login": 2}))] == ["login#2"]
    assert isinstance(reach(ledger, Holder("third", "", "robot-3", "1@0"), wanted={"login": 2}), Busy)


def test_all_or_nothing(ledger: Ledger) -> None:
    taken(reach(ledger, ONE, wanted={"b": 1}))
    busy = reach(ledger, OTHER, wanted={"a": 1, "b": 1})
    assert isinstance(busy, Busy) and busy.name == "b" and [*holders(ledger)] == ["b"]


def test_a_stale_holder_commits_nothing(ledger: Ledger) -> None:
    run = start(ledger)
    first, second = adopt(ledger, run, row("A-1"), row("A-2"))
    mine = taken(reach(ledger, ONE))
    with ledger.writing() as connection:
        attach(connection, run, mine)
    enter(ledger, run, first)
    taken(reach(ledger, OTHER, 91))
    claim_next(ledger, run)
    with pytest.raises(SystemFailure, match="「login」を使う順番は、もうほかの実行に移りました。登録しませんでした。"):
        intend_commit(ledger, run, second.id, {})
    assert (state_of(ledger, first)[0], state_of(ledger, second)[0]) == ("done", "working")


def test_a_run_that_gave_its_lease_back_commits_nothing_either(ledger: Ledger) -> None:
    run = start(ledger)
    (item,) = adopt(ledger, run, row("A-1"))
    mine = taken(reach(ledger, ONE))
    with ledger.writing() as connection:
        attach(connection, run, mine)
    release(ledger, mine)
    claim_next(ledger, run)
    with pytest.raises(SystemFailure, match="順番"):
        intend_commit(ledger, run, item.id, {})


def test_a_commit_under_way_is_waited_for_long_after_the_lease_ran_out(ledger: Ledger) -> None:
    run = start(ledger)
    (item,) = adopt(ledger, run, row("A-1"))
    mine = taken(reach(ledger, ONE))
    with ledger.writing() as connection:
        attach(connection, run, mine)
    claim_next(ledger, run)
    intend_commit(ledger, run, item.id, {})
    assert isinstance(reach(ledger, OTHER, 91), Busy)
    assert isinstance(reach(ledger, OTHER, 90 + IN_FLIGHT.total_seconds()), Busy)
    taken(reach(ledger, OTHER, 91 + IN_FLIGHT.total_seconds()))
    assert state_of(ledger, item)[0] == "committing"  # what came of it, its own next run asks
