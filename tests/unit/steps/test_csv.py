"""csv.read and csv.write as a scenario writes them: encodings, odd rows, dangerous text."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from robots.errors import BusinessError, SystemFailure

RunStep = Callable[..., Any]
READ = "  - CSVを読む: {ファイル: 名簿.csv}\n    保存名: 表\n"
TEXT = "番号,氏名\r\n001,髙橋 ①～\r\n\r\n002,鈴木\r\n"


@pytest.fixture
def roster(tmp_path: Path) -> Path:
    return tmp_path / "名簿.csv"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp932"])
def test_the_encoding_is_found(run_step: RunStep, roster: Path, encoding: str) -> None:
    roster.write_bytes(TEXT.encode(encoding))
    rows = run_step(READ)
    assert rows == [{"番号": "001", "氏名": "髙橋 ①～"}, {"番号": "002", "氏名": "鈴木"}]
    assert rows[1].origin == "名簿.csv 4行目"


def test_a_told_encoding_is_not_guessed(run_step: RunStep, roster: Path) -> None:
    roster.write_bytes(TEXT.encode("cp932"))
    with pytest.raises(BusinessError, match=r"1行目、行の先頭から1バイト目（94）が UTF-8"):
        run_step("  - CSVを読む: {ファイル: 名簿.csv, 文字コード: utf-8}\n    保存名: 表\n")


def test_bytes_of_no_encoding_are_placed(run_step: RunStep, roster: Path) -> None:
    roster.write_bytes("番号,氏名\r\n001,".encode("cp932") + b"\x81\x20\r\n")
    with pytest.raises(BusinessError, match=r"2行目、行の先頭から5バイト目（81）が cp932"):
        run_step(READ)


@pytest.mark.parametrize("lost", [b"\xf0\x40", b"\xfd"])
def test_characters_of_one_machine_only_are_refused(run_step: RunStep, roster: Path, lost: bytes) -> None:
    roster.write_bytes("番号,氏名\r\n001,山".encode("cp932") + lost + b"\r\n")
    with pytest.raises(BusinessError, match="2行目、列「氏名」の「山」の次に、外字か壊れた文字"):
        run_step(READ)


def test_utf16_is_named(run_step: RunStep, roster: Path) -> None:
    roster.write_bytes(TEXT.encode("utf-16"))
    with pytest.raises(BusinessError, match="UTF-16"):
        run_step(READ)


@pytest.mark.parametrize("line", ["001,山田,余り", "001"])
def test_a_row_that_does_not_fit_the_headings_is_named(run_step: RunStep, roster: Path, line: str) -> None:
    roster.write_text(f'番号,氏名\n000,"改\n行"\n{line}\n', encoding="utf-8")
    with pytest.raises(BusinessError, match=r"名簿\.csv の4行目は"):
        run_step(READ)


def test_an_unclosed_quote_is_named(run_step: RunStep, roster: Path) -> None:
    roster.write_text('番号,氏名\n001,"山田\n002,鈴木\n', encoding="utf-8")
    with pytest.raises(BusinessError, match="2行目からの記録"):
        run_step(READ)


def test_a_missing_column_is_told_with_those_that_are_there(run_step: RunStep, roster: Path) -> None:
    roster.write_text("番号,氏名\n", encoding="utf-8")
    with pytest.raises(BusinessError, match="ある列: 番号、氏名") as caught:
        run_step("  - CSVを読む: {ファイル: 名簿.csv, 列: [氏明]}\n    保存名: 表\n")
    assert caught.value.guess == "氏名"


def test_an_absent_file_is_a_system_failure(run_step: RunStep) -> None:
    with pytest.raises(SystemFailure, match=r"名簿\.csv がありません"):
        run_step(READ)


WRITE = '  - CSVを書く: {ファイル: 結果.csv, 行: "${対象.行}", 文字コード: %s}\n'


def test_values_are_written_as_they_read(run_step: RunStep, tmp_path: Path) -> None:
    rows = [{"番号": "001", "日": date(2026, 4, 1), "額": Decimal("1.50"), "可": True, "備考": 'a,"b"'}]
    run_step(WRITE % "utf-8", 行=rows)
    data = (tmp_path / "結果.csv").read_bytes()
    assert data == '\ufeff番号,日,額,可,備考\r\n001,2026-04-01,1.5,はい,"a,""b"""\r\n'.encode()


def test_columns_choose_and_order(run_step: RunStep, tmp_path: Path) -> None:
    step = '  - CSVを書く: {ファイル: 結果.csv, 行: "${対象.行}", 列: [b, a], 文字コード: cp932}\n'
    run_step(step, 行=[{"a": "1", "b": "2", "c": "3"}])
    assert (tmp_path / "結果.csv").read_text(encoding="cp932") == "b,a\n2,1\n"


def test_the_two_forms_of_jis_characters_are_one_in_cp932(run_step: RunStep, tmp_path: Path) -> None:
    run_step(WRITE % "cp932", 行=[{"値": "3〜4～5−6"}])
    assert "3～4～5－6".encode("cp932") in (tmp_path / "結果.csv").read_bytes()


def test_what_cp932_lacks_is_refused_and_nothing_written(run_step: RunStep, tmp_path: Path) -> None:
    with pytest.raises(BusinessError, match=r"2行目の列「氏名」の文字「𠮷」（U\+20BB7）は cp932"):
        run_step(WRITE % "cp932", 行=[{"氏名": "山田"}, {"氏名": "𠮷田"}])
    assert not (tmp_path / "結果.csv").exists()


def test_text_that_a_spreadsheet_takes_for_a_formula_is_guarded(run_step: RunStep, tmp_path: Path) -> None:
    values = ["=1+1", "@x", "＝A1", "+81-90", "-5", "+3.5", -5, "普通"]
    run_step(WRITE % "utf-8", 行=[{"値": value} for value in values])
    lines = (tmp_path / "結果.csv").read_text(encoding="utf-8-sig").split()
    assert lines == ["値", "'=1+1", "'@x", "'＝A1", "'+81-90", "-5", "+3.5", "-5", "普通"]


@pytest.mark.parametrize("encoding", ["utf-8", "cp932"])
def test_characters_of_one_machine_only_are_not_written(run_step: RunStep, roster: Path, encoding: str) -> None:
    rows = [{"番号": "1", "氏名": "髙橋"}, {"番号": "2", "氏名": "吉\ue000田"}]
    with pytest.raises(BusinessError, match=r"2行目の列「氏名」の「吉」の次に、外字か壊れた文字（U\+E000）"):
        run_step(f'  - CSVを書く: {{ファイル: 名簿.csv, 行: "${{対象.表}}", 文字コード: {encoding}}}\n', 表=rows)
    assert not roster.exists()


def test_what_the_two_sides_call_differently_is_one_character(run_step: RunStep, roster: Path) -> None:
    both = "〜～ −－ ‖∥ —― ¢￠ £￡ ¬￢ ①Ⅲ㈱髙"
    step = '  - CSVを書く: {ファイル: 名簿.csv, 行: "${対象.表}", 文字コード: cp932}\n'
    run_step(step, 表=[{"文字": both}])
    written = roster.read_bytes()
    assert b"?" not in written and "①Ⅲ㈱髙".encode("cp932") in written
    (row,) = run_step("  - CSVを読む: 名簿.csv\n    保存名: 表\n")
    assert row["文字"] == "～～ －－ ∥∥ ―― ￠￠ ￡￡ ￢￢ ①Ⅲ㈱髙"
