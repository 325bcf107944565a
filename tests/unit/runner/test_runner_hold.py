"""What a run holds: a login to itself while it goes, and its turn of the night's plan."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from robots.clock import now
from robots.errors import SystemFailure
from robots.ledger.firings import NewFiring, ask_to_stop, fire, get_firing, open_firings
from robots.ledger.leases import Busy, Holder, Lease, holders, take
from robots.runner import hold
from robots.runner.beside import Go
from robots.runner.session import Session
from robots.step import Step
from tests.flow_town import ID, ITEMS, TOP, FlowTown, enter, open_flow_town

_OTHER = Holder("other", "ほかの実行", "robot-2", "1@0")


class At:
    """Stands beside the steps and does something once, before the first step of an item with this number."""

    def __init__(self, number: str, do: Callable[[], object]) -> None:
        self._number, self._do, self.done = number, do, False

    def step(self, step: Step, session: Session, go: Go) -> object:
        item = session.names.get("item")
        if not self.done and isinstance(item, dict) and item["番号"] == self._number:
            self.done = True
            self._do()
        return go(step)


@pytest.fixture
def town(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[FlowTown]:
    monkeypatch.setattr(hold, "BEAT_SECONDS", 0.02)
    town = open_flow_town(tmp_path / "city")
    town.rows("A,山田,1", "B,鈴木,2", "C,佐藤,3")
    town.write(TOP + ITEMS + "各件:\n" + enter("${対象.氏名}"), accept=False)
    text = town.home.register.read_text(encoding="utf-8")
    text = text.replace("scenarios:\n", "resources: {login: {holders: 1}}\nscenarios:\n")
    schedule = '    schedule: {on: 毎日, at: "0:00", resources: [login]}\n'
    town.home.register.write_text(text.replace("    data: none\n", "    data: none\n" + schedule), encoding="utf-8")
    town.accept()
    yield town
    town.ledger.close()


def taken_over(town: FlowTown) -> None:
    """The clock of another machine says that the lease has run out."""
    later = now() + timedelta(hours=1)
    taken = take(town.ledger, {"login": 1}, _OTHER, moment=later, seconds=90, gone=lambda *_: False)
    assert not isinstance(taken, Busy)


def fired(town: FlowTown) -> int:
    """A turn that has come."""
    leading = take(town.ledger, {"nightly": 1}, _OTHER, moment=now(), seconds=90, gone=lambda *_: False)
    assert not isinstance(leading, Busy)
    fire(town.ledger, Lease("nightly", leading[0].token), [NewFiring(ID, now(), 5)], {})
    return int(open_firings(town.ledger)[0]["id"])


def test_a_login_is_held_while_the_run_goes_and_no_longer(town: FlowTown) -> None:
    seen: list[str] = []
    town.run(beside=[At("B", lambda: seen.extend(str(one) for one in holders(town.ledger).values()))])
    assert len(seen) == 1 and seen[0].startswith("「login」は ") and "「届の登録」が" in seen[0]
    assert holders(town.ledger) == {} and town.entered() == {"A": "山田", "B": "鈴木", "C": "佐藤"}


def test_a_login_in_use_stops_a_run_before_it_begins(town: FlowTown) -> None:
    taken_over(town)
    with pytest.raises(SystemFailure, match="「login」は robot-2 の「ほかの実行」が"):
        town.run()
    assert town.states() == {}


def test_a_run_that_has_lost_its_login_commits_nothing_more(town: FlowTown) -> None:
    report = town.run(beside=[At("B", lambda: taken_over(town))])
    assert town.entered() == {"A": "山田"} and report.state == "stopped"
    assert town.states() == {"A": "done", "B": "failed", "C": "ready"}
    assert "もうほかの実行に移りました" in town.reasons()["B"]
    assert holders(town.ledger)["login"].holder == _OTHER  # and it gave back nothing that was not its own


def test_a_turn_is_told_how_its_run_ended(town: FlowTown) -> None:
    firing = fired(town)
    report = town.run(firing=firing)
    row = get_firing(town.ledger, firing)
    assert row is not None and (row["state"], row["run"], row["claims"]) == ("ended", report.run, 1)
    with pytest.raises(SystemFailure, match="もうほかの実行が受け持って"):
        town.run(firing=firing)


def test_a_turn_that_could_not_begin_waits_for_a_while(town: FlowTown) -> None:
    firing = fired(town)
    taken_over(town)
    with pytest.raises(SystemFailure, match="「login」"):
        town.run(firing=firing)
    row = get_firing(town.ledger, firing)
    assert (
        row is not None and row["state"] == "queued" and "robot-2" in row["reason"] and row["not_before"] > row["due"]
    )


def test_a_run_stops_after_its_item_when_the_night_asks(town: FlowTown) -> None:
    firing = fired(town)

    def ask() -> None:
        ask_to_stop(town.ledger, firing, "終了期限を過ぎたため、止めるよう頼みました。")
        for _ in range(100):
            threading.Event().wait(0.02)
            row = get_firing(town.ledger, firing)
            assert row is not None
            if row["beat_at"] > row["stop_at"]:
                return

    report = town.run(firing=firing, beside=[At("B", ask)])
    row = get_firing(town.ledger, firing)
    assert report.state == "stopped" and town.entered() == {"A": "山田", "B": "鈴木"}
    assert row is not None and row["state"] == "stopped" and row["reason"].startswith("終了期限を過ぎた")
