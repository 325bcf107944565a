"""The index saves time and changes no answer: it is keyed by bytes, never stale, and may be deleted at any moment."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from robots.ledger.known import Known, Remembered
from robots.registry import looks, survey
from robots.registry.index import GRAIN, NAME, Written, open_index
from robots.registry.load import Loaded
from robots.registry.survey import Place, Town, problems_of_all, states_of_all
from robots.settings import Home
from tests.unit.registry.registry_help import DAY, ID, NOTHING, SCENARIO, approve_it, edit_register, loaded, make_town

FLOW = "gakumu/flow"
CALLER = SCENARIO.replace("準備:\n", "準備:\n  - 値を決める: '${[]}'\n    保存名: 表\n") + (
    '対象: {元: "${表}", キー: "${対象.番号}"}\n各件:\n  - 呼び出す: {シナリオ: gakumu/enjo}\n'
)
CALLED = SCENARIO.replace("準備:\n", "準備:\n  - 値を決める: '${[]}'\n    保存名: 表\n") + (
    '対象: {元: "${表}", キー: "${対象.番号}"}\n各件:\n  - 記録する: 例\n'
)


@pytest.fixture
def old(home: Home) -> Home:
    """A town whose files were all saved long ago."""
    settle(home)
    return home


def settle(home: Home) -> None:
    long_ago = time.time() - 60
    for path in home.root.rglob("*"):
        os.utime(path, (long_ago, long_ago))


def problems(home: Home, day: date = DAY) -> dict[str, list[str]]:
    places = [Place(id, home.scenarios / id) for id in (ID, FLOW)]
    with open_index(home) as index:
        found = problems_of_all(Town(home, day), index, places)
    return {place.id: [one.what for one in found[place.folder]] for place in places}


def states(home: Home, day: date = DAY, memory: Remembered | None = None) -> dict[str, str]:
    with open_index(home) as index:
        written = index.written(home.register.read_bytes())
        assert isinstance(written, Written)
        found = states_of_all(Town(home, day, memory or Remembered()), written, index)
    return {id: one.code for id, one in found.items()}


@pytest.fixture
def looked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The ids that were really looked at."""
    seen: list[str] = []

    def counted(look: Callable[[Town, list[Place]], list[survey.Found]]) -> object:
        def counting(town: Town, places: list[Place]) -> list[survey.Found]:
            seen.extend(place.id for place in places)
            return look(town, places)

        return counting

    monkeypatch.setattr(looks, "problems", counted(looks.problems))
    monkeypatch.setattr(looks, "standings", counted(looks.standings))
    return seen


@pytest.fixture
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """A clock that is past the grain of every file's times (the change time can't be put back)."""
    real = time.time_ns
    monkeypatch.setattr("robots.registry.index.time.time_ns", lambda: real() + 10 * GRAIN)


@pytest.mark.usefixtures("patient")
def test_nothing_is_looked_at_twice_until_it_changes(old: Home, looked: list[str]) -> None:
    first = problems(old)
    assert (sorted(looked), first) == ([ID, FLOW], {ID: [], FLOW: []})
    assert problems(old) == first
    assert len(looked) == 2
    (old.scenarios / ID / "scenario.yaml").write_text(SCENARIO.replace("画面を開く", "画面を閉く"), encoding="utf-8")
    assert problems(old)[ID]
    assert looked[2:] == [ID]


@pytest.mark.usefixtures("patient")
def test_an_edit_of_the_same_size_with_its_time_put_back_is_seen(old: Home) -> None:
    file = old.scenarios / ID / "scenario.yaml"
    assert problems(old)[ID] == []
    before = file.stat()
    file.write_text(SCENARIO.replace("画面を開く", "画面を閉く"), encoding="utf-8")
    os.utime(file, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert file.stat().st_size == before.st_size
    if os.name == "posix":  # elsewhere no stamp tells: an author would have to put the time back on purpose
        assert problems(old)[ID]


def test_what_was_saved_a_moment_ago_is_read_again_each_time(home: Home, looked: list[str]) -> None:
    """An edit of the same size within the clock's grain leaves all stamps as they were."""
    file = home.scenarios / ID / "scenario.yaml"
    stamp = file.stat()
    assert problems(home)[ID] == []
    with file.open("r+b") as handle:
        handle.write(SCENARIO.replace("画面を開く", "画面を閉く").encode())
    os.utime(file, ns=(stamp.st_atime_ns, stamp.st_mtime_ns))
    assert problems(home)[ID]


@pytest.mark.usefixtures("patient")
@pytest.mark.parametrize("how", ["deleted", "garbage", "another code"])
def test_an_index_that_is_lost_broken_or_of_another_code_costs_time_only(
    old: Home, looked: list[str], how: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = problems(old)
    place = old.var / NAME
    if how == "deleted":
        place.unlink()
    elif how == "garbage":
        for file in old.var.glob(f"{NAME}*"):
            file.unlink()
        place.write_bytes(b"not a database" * 100)
    else:
        monkeypatch.setattr("robots.registry.index.code_version", lambda: "another")
    looked.clear()
    assert problems(old) == first
    assert sorted(looked) == [ID, FLOW]


@pytest.mark.usefixtures("patient")
def test_states_follow_the_bytes_the_register_the_day_and_the_memory(old: Home, looked: list[str]) -> None:
    approve_it(old)
    settle(old)
    assert states(old, date(2026, 6, 2)) == {ID: "ok", FLOW: "refused"}
    assert states(old, date(2026, 6, 2)) == {ID: "ok", FLOW: "refused"}
    assert len(looked) == 2
    assert states(old, date(2026, 12, 30))[ID] == "ok"
    assert len(looked) == 2, "a day on the same side of every date changes nothing"
    assert states(old, date(2027, 1, 1))[ID] == "refused", "its review is due"
    assert states(old, memory=Remembered({ID: Known(5, "", withdrawn=4, why="止めた")}))[ID] == "changed"
    (old.scenarios / ID / "data.csv").write_text("番号\n", encoding="utf-8")
    assert states(old)[ID] == "changed"
    (old.scenarios / ID / "data.csv").unlink()
    edit_register(old, "minutes_per_item: 8.0", "minutes_per_item: 9.0")
    assert states(old)[ID] == "changed"


@pytest.mark.usefixtures("patient")
def test_a_caller_is_looked_at_again_where_what_it_calls_has_changed(old: Home, looked: list[str]) -> None:
    (old.scenarios / ID / "scenario.yaml").write_text(CALLED, encoding="utf-8")
    (old.scenarios / FLOW / "scenario.yaml").write_text(CALLER, encoding="utf-8")
    assert problems(old) == {ID: [], FLOW: []}
    assert problems(old) == {ID: [], FLOW: []}
    assert len(looked) == 2
    (old.scenarios / ID / "scenario.yaml").write_text(CALLED.replace("記録する", "記録す"), encoding="utf-8")
    found = problems(old)
    assert found[ID] and "呼び出すシナリオ" in found[FLOW][0]
    edit_register(old, "    gakumu/enjo:\n", "    gakumu/other:\n")
    assert "登録されていません" in problems(old)[FLOW][0]


@pytest.mark.usefixtures("patient")
def test_many_are_looked_at_by_several_processes_with_the_same_answers(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = make_town(tmp_path / "town")
    (home.scenarios / ID / "scenario.yaml").write_text("名称: 何もない\n", encoding="utf-8")
    alone = problems(home)
    (home.var / NAME).unlink()
    monkeypatch.setattr(survey, "MANY", 1)
    monkeypatch.setattr(os, "cpu_count", lambda: 2)
    assert problems(home) == alone
    assert alone[ID]


def test_a_register_from_the_index_is_the_register(home: Home) -> None:
    approve_it(home)
    content = home.register.read_bytes()
    read = loaded(home)
    for _ in range(2):
        with open_index(home) as index:
            again = index.register(content)
            assert isinstance(again, Loaded)
            assert again.register == read.register
            assert again.raw_entries == read.raw_entries
    with open_index(home) as index:
        assert not isinstance(index.register(content.replace(b"owner: s1001\n", b"owner: s9999\n")), Loaded)
    assert NOTHING.known(ID) == Known()
