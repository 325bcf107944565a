"""What is not registered, approved and unchanged does not run: exit 3, the reason in words, nothing touched."""

from __future__ import annotations

from pathlib import Path

import pytest
from openpyxl import Workbook, load_workbook

from robots.ledger.audit import audit_records
from robots.ledger.store import open_ledger
from tests.conftest import JUTOGAI, CityHall, banken_here


def refused(city: CityHall, reason: str, scenario: str = JUTOGAI) -> str:
    """Runs it and holds that it was refused for this reason, with nothing entered or written, and no run begun, and that
    the reason stands in the audit log; gives what was said."""
    done = city.banken("run", scenario)
    assert done.code == 3, done.out + done.err
    assert reason in done.err
    assert not city.arrived("jumin")
    assert not (city.home.var / "out").exists()
    assert not (city.home.var / "runs").exists()
    assert reason in audited(city, "refused", scenario)[-1]
    return done.err


def audited(city: CityHall, action: str, scenario: str = JUTOGAI) -> list[str]:
    """The reasons of the audit log's records of this kind about the scenario."""
    ledger = open_ledger(city.home.database)
    try:
        found = audit_records(ledger, action=action, subject=scenario)
    finally:
        ledger.close()
    return [str(one["detail"].get("why", "")) for one in found]


def flip_last_byte(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[-2] ^= 1
    path.write_bytes(bytes(data))


@pytest.mark.parametrize("name", ["scenario.yaml", "forms/todoke.yaml", "books/kekka.xlsx"])
def test_one_byte_changed_is_refused_by_the_name_of_the_file(city: CityHall, name: str) -> None:
    folder = city.home.scenarios / JUTOGAI
    (folder / "forms").mkdir()
    (folder / "forms" / "todoke.yaml").write_text("form: 届\nversion: 1\n", encoding="utf-8")
    (folder / "books").mkdir()
    Workbook().save(folder / "books" / "kekka.xlsx")
    city.approve(JUTOGAI)
    if name == "scenario.yaml":
        city.edit(JUTOGAI, lambda text: text.replace("人違いを防ぐ", "人違いをふせぐ"))
    else:
        flip_last_byte(folder / name)
    said = refused(city, name)
    assert "変わっています" in said and "banken approve" in said


def test_a_file_added_or_taken_away_is_refused(city: CityHall) -> None:
    extra = city.home.scenarios / JUTOGAI / "memo.txt"
    extra.write_text("メモ", encoding="utf-8")
    assert "加わっています" in refused(city, "memo.txt")
    extra.unlink()
    assert city.banken("run", JUTOGAI, "--limit", "1").code == 0


def test_a_longer_baseline_is_refused_until_it_is_approved(city: CityHall) -> None:
    register = city.home.register
    register.write_text(
        register.read_text(encoding="utf-8").replace("minutes_per_item: 4.0", "minutes_per_item: 40.0"),
        encoding="utf-8",
    )
    assert "変わっています" in refused(city, "registry.yaml#baseline")


def test_the_sample_is_data_and_may_change(city: CityHall) -> None:
    path = city.home.scenarios / JUTOGAI / "sample" / "住登外者異動届.xlsx"
    book = load_workbook(path)
    book.properties.title = "差し替え"
    book.save(path)
    assert city.banken("run", JUTOGAI, "--limit", "1").code == 0


def test_what_the_register_does_not_know_is_refused_with_the_nearest_name(city: CityHall) -> None:
    said = refused(city, "登録されていません", "shimin/jutogai-jushoo")
    assert "もしかして: shimin/jutogai-jusho" in said


def test_a_draft_may_only_be_rehearsed(city: CityHall) -> None:
    text = city.home.register.read_text(encoding="utf-8")
    head, _, _ = text.partition("    approval:")
    city.home.register.write_text(head, encoding="utf-8")  # the first entry alone, without its approval
    scenario = next(line.strip().rstrip(":") for line in head.splitlines() if line.startswith("  ") and "/" in line)
    done = city.banken("run", scenario)
    assert done.code == 3
    assert "まだ承認されていません" in done.err
    assert city.banken("run", scenario, "--rehearse", "--limit", "1").code == 0
    city.edit(scenario, lambda text: text.replace("http://127.0.0.1", "http://10.0.0.1"))
    done = city.banken("run", scenario, "--rehearse")
    assert done.code == 3
    assert "練習市のほか" in done.err


def test_the_author_can_not_approve_what_he_owns(city: CityHall) -> None:
    city.edit(JUTOGAI, lambda text: text.replace("人違いを防ぐ", "人違いをふせぐ"))
    before = city.home.register.read_bytes()
    done = city.banken("approve", JUTOGAI, "--as", "s1001", "--yes")
    assert done.code == 3
    assert "承認者ではありません" in done.err
    assert city.home.register.read_bytes() == before
    assert city.banken("approve", JUTOGAI, "--as", "d0001", "--yes").code == 0
    assert city.banken("run", JUTOGAI, "--limit", "1").code == 0


def test_from_asking_to_revoking_at_the_command_line(city: CityHall) -> None:
    """Asked for, sent back, asked for again, approved, suspended, put back by hand, approved anew, revoked."""
    root = city.home.root

    def banken(*words: str) -> str:
        done = banken_here(root, *words)
        assert done.code == 0, done.err
        return done.out

    city.edit(JUTOGAI, lambda text: text.replace("登録しました}", "登録しました。}"))
    shown = banken("approve", JUTOGAI, "--request", "--as", "s1001", "--yes")
    assert "画面を確かめる: 登録しました。" in shown
    assert shown.index("新しく触れるもの") < shown.index("台帳の項目") < shown.index("■ 手順")
    refused(city, "s1001 が")
    banken("approve", JUTOGAI, "--reject", "--as", "d0001", "--why", "句点は要りません")
    refused(city, "句点は要りません")
    city.edit(JUTOGAI, lambda text: text.replace("登録しました。}", "登録しました}"))
    banken("approve", JUTOGAI, "--request", "--as", "s1001", "--yes")
    banken("approve", JUTOGAI, "--as", "d0001", "--yes")
    before = city.home.register.read_bytes()
    banken("approve", JUTOGAI, "--suspend", "--as", "s1002", "--why", "画面が変わる", "--yes")
    assert "画面が変わる" in refused(city, "一時停止")
    city.home.register.write_bytes(before)
    assert "画面が変わる" in refused(city, "取り消されています")
    banken("approve", JUTOGAI, "--as", "d0001", "--yes")
    banken("approve", JUTOGAI, "--revoke", "--as", "d0001", "--why", "業務がなくなった", "--yes")
    assert "業務がなくなった" in refused(city, "承認は取り消されています")
    for action, count in (("requested", 2), ("rejected", 1), ("approved", 2), ("suspended", 1), ("revoked", 1)):
        assert len(audited(city, action)) == count, action


@pytest.mark.parametrize(
    "words", [["--request", "--revoke", "--why", "x"], ["--suspend"], ["--reject", "--why", " "], ["--until", "いつか"]]
)
def test_what_is_asked_in_half_or_twice_is_a_wrong_use(city: CityHall, words: list[str]) -> None:
    before = city.home.register.read_bytes()
    assert banken_here(city.home.root, "approve", JUTOGAI, "--as", "d0001", "--yes", *words).code == 2
    assert city.home.register.read_bytes() == before


def test_a_refusal_that_can_not_be_recorded_is_still_a_refusal(city: CityHall) -> None:
    city.edit(JUTOGAI, lambda text: text.replace("人違いを防ぐ", "人違いをふせぐ"))
    (city.home.var / "ledger.sqlite").unlink()
    (city.home.var / "ledger.sqlite").mkdir()
    done = city.banken("run", JUTOGAI)
    assert done.code == 3
    assert "変わっています" in done.err
