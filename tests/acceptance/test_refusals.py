"""What is not registered, approved and unchanged does not run: exit 3, the reason in words, nothing touched."""

from __future__ import annotations

from pathlib import Path

import pytest
from openpyxl import Workbook, load_workbook

from tests.conftest import JUTOGAI, CityHall


def refused(city: CityHall, *words: str, scenario: str = JUTOGAI) -> None:
    """Runs it and holds that it was refused, saying these words, with nothing entered, recorded or written."""
    done = city.banken("run", scenario)
    assert done.code == 3, done.out + done.err
    for word in words:
        assert word in done.err
    assert not city.arrived("jumin")
    assert not (city.home.var / "out").exists()
    assert not (city.home.var / "ledger.sqlite").exists()


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
    refused(city, name, "変わっています", "banken approve")


def test_a_file_added_or_taken_away_is_refused(city: CityHall) -> None:
    extra = city.home.scenarios / JUTOGAI / "memo.txt"
    extra.write_text("メモ", encoding="utf-8")
    refused(city, "memo.txt", "加わっています")
    extra.unlink()
    assert city.banken("run", JUTOGAI, "--limit", "1").code == 0


def test_a_longer_baseline_is_refused_until_it_is_approved(city: CityHall) -> None:
    register = city.home.register
    register.write_text(
        register.read_text(encoding="utf-8").replace("minutes_per_item: 4.0", "minutes_per_item: 40.0"),
        encoding="utf-8",
    )
    refused(city, "registry.yaml#baseline", "変わっています")


def test_the_sample_is_data_and_may_change(city: CityHall) -> None:
    path = city.home.scenarios / JUTOGAI / "sample" / "住登外者異動届.xlsx"
    book = load_workbook(path)
    book.properties.title = "差し替え"
    book.save(path)
    assert city.banken("run", JUTOGAI, "--limit", "1").code == 0


def test_what_the_register_does_not_know_is_refused_with_the_nearest_name(city: CityHall) -> None:
    refused(city, "登録されていません", "もしかして: shimin/jutogai-jusho", scenario="shimin/jutogai-jushoo")


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
    assert done.code == 1
    assert "承認者ではありません" in done.err
    assert city.home.register.read_bytes() == before
    assert city.banken("approve", JUTOGAI, "--as", "d0001", "--yes").code == 0
    assert city.banken("run", JUTOGAI, "--limit", "1").code == 0
