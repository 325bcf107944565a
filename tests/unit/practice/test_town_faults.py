"""The fault switch does what it says, as often as it says, and no more."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest

from practice.server import RunningTown, start_town
from tests.unit.practice.practice_clerk import Clerk

PERSON = "/jumin/persons/00104005/address"
POST = "POST /jumin/persons"


def test_a_dropped_request_leaves_nothing_and_the_next_one_comes_through(
    clerk: Clerk, town: RunningTown, change: dict[str, str]
) -> None:
    town.faults.set(POST, "drop", times=1)
    with pytest.raises(httpx.TransportError):
        clerk.send(PERSON, change)
    assert town.entries("jumin") == []
    assert "登録しました" in clerk.send(PERSON, change)


def test_drop_after_records_once_and_answers_nothing(clerk: Clerk, town: RunningTown, change: dict[str, str]) -> None:
    town.faults.set(POST, "drop_after", times=1)
    with pytest.raises(httpx.TransportError):
        clerk.send(PERSON, change)
    assert len(town.entries("jumin")) == 1


def test_error500_records_nothing(clerk: Clerk, town: RunningTown, change: dict[str, str]) -> None:
    town.faults.set(POST, "error500")
    assert "システムエラー" in clerk.send(PERSON, change)
    assert town.entries("jumin") == []
    town.faults.clear()
    assert "登録しました" in clerk.send(PERSON, change)


def test_a_session_that_times_out_under_an_entry_leaves_nothing(
    clerk: Clerk, town: RunningTown, change: dict[str, str]
) -> None:
    town.faults.set(POST, "session_timeout", times=1)
    assert "自動的にログアウトしました" in clerk.send(PERSON, change)
    assert town.entries("jumin") == []


def test_a_late_entry_has_arrived_but_is_shown_later(clerk: Clerk, town: RunningTown, change: dict[str, str]) -> None:
    town.faults.set(POST, "late_save", seconds=1.5)
    assert "登録しました" in clerk.send(PERSON, change)
    assert len(town.entries("jumin")) == 1
    assert "該当する異動はありません" in clerk.see("/jumin/changes?no=26049001")
    assert comes_true(lambda: "稽古市中央" in clerk.see("/jumin/changes?no=26049001"))


def test_a_delay_holds_the_answer_back(clerk: Clerk, town: RunningTown) -> None:
    town.faults.set("/menu", "delay", seconds=2)
    with pytest.raises(httpx.ReadTimeout):
        clerk.http.get("/menu", timeout=0.5)


def test_words_change_and_a_dialog_comes_only_where_told(clerk: Clerk, town: RunningTown) -> None:
    town.faults.set("/jumin/search", "changed_label", old="氏名カナ", new="フリガナ")
    town.faults.set("/gakumu", "dialog", times=1)
    assert "フリガナ" in clerk.see("/jumin/search")
    assert 'alert("予期しないお知らせ")' in clerk.see("/gakumu/applications")
    assert "alert(" not in clerk.see("/gakumu/applications")


def test_another_process_uses_the_same_switch(town: RunningTown, clerk: Clerk, change: dict[str, str]) -> None:
    town_url = f"{town.url}/_practice"
    assert httpx.get(f"{town_url}/health").json()["town"] == "練習市"
    fault = {"route": "/jumin/search", "kind": "error500"}
    assert httpx.post(f"{town_url}/faults", json=fault).status_code == 200
    assert "システムエラー" in clerk.see("/jumin/search")
    httpx.delete(f"{town_url}/faults")
    assert "住登外者検索" in clerk.see("/jumin/search")
    clerk.send(PERSON, change)
    assert httpx.get(f"{town_url}/entries/jumin").json() == town.entries("jumin")


@pytest.mark.parametrize(
    "fault", [{"route": "/menu", "kind": "fire"}, {"kind": "drop"}, {"route": "menu", "kind": "drop"}]
)
def test_a_fault_that_does_not_exist_is_refused(town: RunningTown, fault: dict[str, str]) -> None:
    answer = httpx.post(f"{town.url}/_practice/faults", json=fault)
    assert answer.status_code == 400 and answer.json()["error"]


def test_only_a_slow_town_is_slow_and_then_only_now_and_then(tmp_path: Path) -> None:
    with start_town(tmp_path / "slow.db", slow=True) as town:
        outcomes = ["late" if is_late(f"{town.url}/login") else "" for _ in range(7)]
    assert outcomes == [""] * 6 + ["late"]


def is_late(url: str) -> bool:
    try:
        httpx.get(url, timeout=1)
    except httpx.ReadTimeout:
        return True
    return False


def comes_true(condition: Callable[[], bool]) -> bool:
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        if condition():
            return True
    return False
