"""Names of files from outside, and the names of keys."""

from __future__ import annotations

from pathlib import Path

import pytest

from robots.drivers.browser_keys import key_named
from robots.drivers.browser_saved import place_for, safe_name
from robots.errors import BusinessError


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("一覧 令和8年度.csv", "一覧 令和8年度.csv"),
        ("../../etc/passwd", "passwd"),
        ("..\\..\\Windows\\system.ini", "system.ini"),
        ("C:\\temp\\a.csv", "a.csv"),
        ("a:b*c?.csv", "a_b_c_.csv"),
        ("con.csv", "_con.csv"),
        ("COM1", "_COM1"),
        ("nul.tar.gz", "_nul.tar.gz"),
        ("...", "ファイル"),
        ("", "ファイル"),
        ("/", "ファイル"),
        (".banken-1.csv", "banken-1.csv"),
        ("~$名簿.xlsx", "名簿.xlsx"),
        ("名簿.xlsx. . ", "名簿.xlsx"),
        ("a\r\nb\x00c\u202efdp.csv", "abcfdp.csv"),
        ("か\u3099.csv", "が.csv"),
    ],
)
def test_a_name_from_outside_is_one_that_every_system_takes(given: str, kept: str) -> None:
    assert safe_name(given) == kept


def test_a_name_that_is_too_long_keeps_its_ending() -> None:
    name = safe_name("あ" * 500 + ".csv")
    assert len(name) == 120 and name.endswith("あ.csv")
    assert len(safe_name("a." + "b" * 500)) <= 120


def test_a_taken_place_gets_a_number_is_replaced_or_stops(tmp_path: Path) -> None:
    for name in ("a.csv", "a (2).csv"):
        (tmp_path / name).write_bytes(b"")
    assert place_for(tmp_path.joinpath, "x/", "a.csv", "replace")[0] == "x/a.csv"
    (tmp_path / "x").mkdir()
    (tmp_path / "x" / "a.csv").write_bytes(b"")
    assert place_for(tmp_path.joinpath, "x", "a.csv", "number") == ("x/a (2).csv", tmp_path / "x" / "a (2).csv")
    assert place_for(tmp_path.joinpath, ".", "a.csv", "number")[0] == "./a (3).csv"
    with pytest.raises(BusinessError, match=r"「a\.csv」がすでにあります"):
        place_for(tmp_path.joinpath, "x", "a.csv", "stop")


@pytest.mark.parametrize(
    ("given", "key"),
    [
        ("Enter", "Enter"),
        ("エンター", "Enter"),
        ("ｅｓｃ", "Escape"),
        ("Ｆ１２", "F12"),
        ("Ctrl+S", "Control+s"),
        ("shift + tab", "Shift+Tab"),
        ("Ctrl+Alt+Delete", "Control+Alt+Delete"),
        ("↓", "ArrowDown"),
        ("左", "ArrowLeft"),
        ("7", "7"),
    ],
)
def test_keys_have_the_names_that_people_give_them(given: str, key: str) -> None:
    assert key_named(given) == key


@pytest.mark.parametrize("given", ["", "+", "Ctrl+", "F13", "送信", "ab", "Ctrl+Ctrl+A", "Meta+A", "Enter+A"])
def test_what_is_no_key_is_said_with_those_there_are(given: str) -> None:
    with pytest.raises(ValueError, match="使えるのは Enter"):
        key_named(given)
