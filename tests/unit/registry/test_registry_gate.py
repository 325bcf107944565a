"""The gate: what is not registered, approved and unchanged does not run."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

import pytest

from robots.registry.gate import Approved
from robots.registry.practice_town import is_loopback
from robots.scenario.problem import Problems
from robots.settings import Home, Settings
from tests.unit.registry.registry_help import (
    DAY,
    ID,
    SCENARIO,
    UNTIL,
    approve_it,
    edit_register,
    make_town,
    refused,
    sign_it,
    trusting,
    try_gate,
)


def passed(home: Home, *, today: date = DAY, rehearsal: bool = False) -> Approved:
    answer = try_gate(home, today=today, rehearsal=rehearsal)
    assert isinstance(answer, Approved), str(answer)
    return answer


def test_an_approved_scenario_passes_with_the_bytes_that_were_hashed(home: Home) -> None:
    approve_it(home)
    approved = passed(home)
    assert approved.id == ID
    assert approved.scenario.name == "就学援助申請"
    assert set(approved.files) == {"scenario.yaml", "forms/shinsei.yaml", "books/結果.xlsx"}
    assert approved.entry.approval is not None
    assert approved.digest == approved.entry.approval.digest
    assert approved.practice_only


def test_what_runs_is_what_was_hashed_whatever_becomes_of_the_disk(home: Home) -> None:
    approve_it(home)
    approved = passed(home)
    folder = home.scenarios / ID
    (folder / "scenario.yaml").write_text(SCENARIO.replace("/menu", "/evil"), encoding="utf-8")
    (folder / "books/結果.xlsx").unlink()
    step = approved.scenario.prepare[0]
    assert step.raw
    assert "evil" not in str(step.params)
    assert approved.files["scenario.yaml"] == SCENARIO.encode()
    assert approved.files["books/結果.xlsx"] == b"not really a book"
    assert "scenario.yaml が変わっています" in refused(home)


@pytest.mark.parametrize("rehearsal", [False, True])
def test_what_is_not_registered_does_not_run_and_is_guessed(home: Home, rehearsal: bool) -> None:
    words = refused(home, "gakumu/enj", rehearsal=rehearsal)
    assert "登録されていません" in words
    assert "もしかして: gakumu/enjo" in words


@pytest.mark.parametrize("rehearsal", [False, True])
@pytest.mark.parametrize("name", ["../../etc", "gakumu/../gakumu/enjo", "", "gakumu/enjo/", "Gakumu/enjo"])
def test_only_the_registered_name_itself_is_registered(home: Home, name: str, rehearsal: bool) -> None:
    approve_it(home)
    assert "登録されていません" in refused(home, name, rehearsal=rehearsal)


def test_a_registered_scenario_without_its_file_is_refused(home: Home) -> None:
    (home.scenarios / ID / "scenario.yaml").unlink()
    assert "scenario.yaml がありません" in refused(home)


def test_a_scenario_that_nobody_approved_is_refused(home: Home) -> None:
    words = refused(home)
    assert "まだ承認されていません" in words
    assert f"banken approve {ID}" in words


def append(name: str) -> Callable[[Home], None]:
    def change(home: Home) -> None:
        with (home.scenarios / ID / name).open("ab") as file:
            file.write(b" ")

    return change


def add(name: str) -> Callable[[Home], None]:
    def change(home: Home) -> None:
        (home.scenarios / ID / name).write_bytes(b"")

    return change


def remove(name: str) -> Callable[[Home], None]:
    return lambda home: (home.scenarios / ID / name).unlink()


def swap(before: str, after: str) -> Callable[[Home], None]:
    return lambda home: edit_register(home, before, after)


@pytest.mark.parametrize(
    ("change", "names"),
    [
        (append("scenario.yaml"), "scenario.yaml が変わっています"),
        (append("forms/shinsei.yaml"), "forms/shinsei.yaml が変わっています"),
        (append("books/結果.xlsx"), "books/結果.xlsx が変わっています"),
        (add("books/別.xlsx"), "books/別.xlsx が加わっています"),
        (remove("forms/shinsei.yaml"), "forms/shinsei.yaml がなくなっています"),
        (
            swap("owner: s1001\n        deputy:   s1002", "owner: s1002\n        deputy:   s1001"),
            "registry.yaml#owner が変わっています",
        ),
        (swap("            - robot-2\n", ""), "registry.yaml#runs_on が変わっています"),
        (swap("data: personal", "data: none"), "registry.yaml#data が変わっています"),
        (swap('"19:00"', '"20:00"'), "registry.yaml#schedule が変わっています"),
        (swap("minutes_per_item: 8.0", "minutes_per_item: 80.0"), "registry.yaml#baseline が変わっています"),
    ],
)
def test_one_change_after_the_approval_is_refused_and_named(
    home: Home, change: Callable[[Home], None], names: str
) -> None:
    approve_it(home)
    passed(home)
    change(home)
    words = refused(home)
    assert "承認のあとで変わりました" in words
    assert names in words
    approve_it(home)
    passed(home)


@pytest.mark.parametrize(
    "change",
    [
        append("sample/in/届出.csv"),
        add("sample/in/別.csv"),
        remove("expected/結果.csv"),
        add("books/~$結果.xlsx"),
        swap("name: 就学援助\n", "name: 就学援助申請内容入力\n"),
        swap("いまの対象が終わるのを待つ", "課へ電話する"),
        swap("hourly_cost: null", "hourly_cost: 2800"),
    ],
)
def test_what_stands_outside_the_approval_may_change(home: Home, change: Callable[[Home], None]) -> None:
    approve_it(home)
    before = passed(home)
    change(home)
    assert passed(home).digest == before.digest


def test_an_approval_moved_to_another_digest_is_refused(home: Home) -> None:
    approve_it(home)
    edit_register(home, 'digest: "sha256:', 'digest: "sha256:0')
    assert "承認の記録（approval）と内容が合いません" in refused(home)


def test_an_approval_ends_after_its_last_day(home: Home) -> None:
    edit_register(home, "        reviewed_by: 2026-12-31   # 見直し\n", "")
    approve_it(home)
    passed(home, today=UNTIL)
    assert f"承認は {UNTIL} で切れました" in refused(home, today=UNTIL + timedelta(days=1))


def test_a_scenario_is_looked_at_again_in_time_or_stops(home: Home) -> None:
    approve_it(home)
    passed(home, today=date(2026, 12, 31))
    assert "2026-12-31 までに見直すことになっています" in refused(home, today=date(2027, 1, 1))


def test_a_scenario_runs_on_its_own_machines_only(home: Home) -> None:
    approve_it(home)
    for machine, runs in (("robot-1", True), ("robot-2", True), ("robot-3", False), ("robot", False)):
        answer = try_gate(Home(root=home.root, settings=home.settings.model_copy(update={"machine": machine})))
        assert isinstance(answer, Approved) is runs
        if not runs:
            assert machine in str(answer)
            assert "robot-1、robot-2" in str(answer)


def test_a_star_means_any_machine(home: Home) -> None:
    approve_it(home, "gakumu/flow")
    other = Home(root=home.root, settings=Settings(machine="some-pc"))
    assert isinstance(try_gate(other, "gakumu/flow"), Approved)


def test_an_approved_scenario_with_mistakes_gives_its_problems(home: Home) -> None:
    """It may have been approved by a version of Banken that knew a step which this one does not."""
    approve_it(home)
    broken = home.scenarios / ID / "scenario.yaml"
    broken.write_text("名称: x\n準備:\n  - 画面をあける: /menu\n", encoding="utf-8")
    answer = try_gate(home, rehearsal=True)
    assert isinstance(answer, Problems)
    assert str(answer).startswith("scenario.yaml:3:")


def reaching(tmp_path: Path, address: str) -> Home:
    home = make_town(tmp_path)
    text = SCENARIO.replace("http://127.0.0.1:8710", address)
    (home.scenarios / ID / "scenario.yaml").write_text(text, encoding="utf-8")
    return home


@pytest.mark.parametrize("address", ["http://127.0.0.1:8710", "http://localhost:8710", "http://[::1]:8710"])
def test_a_draft_may_be_rehearsed_in_the_practice_town(tmp_path: Path, address: str) -> None:
    home = reaching(tmp_path, address)
    assert "承認されていません" in refused(home)
    assert passed(home, rehearsal=True).practice_only


@pytest.mark.parametrize(
    "address",
    ["https://gakumu.example.lg.jp", "http://192.168.0.5:8710", "http://127.0.0.1.example.jp", "http://0.0.0.0"],
)
def test_a_draft_is_not_rehearsed_against_any_other_site(tmp_path: Path, address: str) -> None:
    home = reaching(tmp_path, address)
    words = refused(home, rehearsal=True)
    assert "まだ承認されていません" in words
    assert "練習市のほかのサイトに触れません" in words
    sign_it(home, trusting(home))
    assert not passed(home, rehearsal=True).practice_only


def test_a_changed_scenario_may_be_rehearsed_in_the_practice_town_as_it_stands_now(home: Home) -> None:
    approve_it(home)
    before = passed(home).digest
    append("scenario.yaml")(home)
    assert passed(home, rehearsal=True).digest != before


@pytest.mark.parametrize(
    ("address", "local"),
    [
        ("http://127.0.0.1", True),
        ("http://127.9.9.9:1/x", True),
        ("https://LOCALHOST/", True),
        ("http://user@127.0.0.1", True),
        ("http://127.0.0.1@example.jp/", False),
        ("http://localhost.example.jp", False),
        ("http://example.jp/127.0.0.1", False),
        ("", False),
    ],
)
def test_this_very_machine(address: str, local: bool) -> None:
    assert is_loopback(address) is local
