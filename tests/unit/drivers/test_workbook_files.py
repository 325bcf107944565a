"""Files that are no good book, cells that hold no good value, and books that somebody has open."""

from __future__ import annotations

import io
import os
import stat
import struct
import zipfile
from collections.abc import Callable
from datetime import date, time, timedelta
from pathlib import Path

import openpyxl
import pytest
import xlsxwriter  # type: ignore[import-untyped]

from robots.drivers.openpyxl_workbook import OpenpyxlWorkbooks
from robots.errors import BusinessError, SystemFailure

SHEET = "xl/worksheets/sheet1.xml"
ROWS = [{"番号": "1", "氏名": "山田"}]


@pytest.fixture
def book(tmp_path: Path) -> Path:
    path = tmp_path / "届出.xlsx"
    OpenpyxlWorkbooks().append_rows(path, "受付", [*ROWS, {"番号": "2", "氏名": "鈴木"}])
    return path


def patched(path: Path, part: str, change: Callable[[bytes], bytes]) -> None:
    with zipfile.ZipFile(path) as old:
        held = {name: old.read(name) for name in old.namelist()}
    assert change(held[part]) != held[part]
    held[part] = change(held[part])
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as new:
        for name, data in held.items():
            new.writestr(name, data)
    path.write_bytes(stream.getvalue())


@pytest.mark.parametrize(
    ("content", "word"),
    [
        (b"", "空のファイル"),
        ("番号,氏名\n1,山田\n".encode("cp932"), "Excel のブックではありません"),
        (b"<html><table></table></html>", "Excel のブックではありません"),
        (b"PK\x03\x04 cut off", "壊れている"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "古い形式"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "EncryptedPackage".encode("utf-16-le"), "パスワード"),
    ],
)
def test_what_is_no_xlsx_is_named_as_such(tmp_path: Path, content: bytes, word: str) -> None:
    path = tmp_path / "偽物.xlsx"
    path.write_bytes(content)
    with pytest.raises(SystemFailure, match=rf"偽物\.xlsx.*{word}"):
        OpenpyxlWorkbooks().read_table(path)
    with pytest.raises(SystemFailure, match=word):
        OpenpyxlWorkbooks().append_rows(path, "S", ROWS)
    assert path.read_bytes() == content


def test_a_zip_that_is_no_book(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    with zipfile.ZipFile(path, "w") as made:
        made.writestr("a.txt", "x")
    with pytest.raises(SystemFailure, match="Excel のブックではありません"):
        OpenpyxlWorkbooks().read_table(path)


@pytest.mark.parametrize("part", [SHEET, "xl/workbook.xml", "xl/styles.xml", "_rels/.rels"])
def test_a_damaged_book_is_refused(book: Path, part: str) -> None:
    with zipfile.ZipFile(book) as opened:
        where = opened.getinfo(part).header_offset + 30 + len(part) + 20
    data = bytearray(book.read_bytes())
    data[where : where + 40] = b"\xff" * 40
    book.write_bytes(bytes(data))
    with pytest.raises(SystemFailure, match=r"届出\.xlsx"):
        OpenpyxlWorkbooks().read_table(book)


def test_a_zip_bomb_is_refused_before_it_grows(tmp_path: Path, book: Path) -> None:
    path = tmp_path / "爆弾.xlsx"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as made, zipfile.ZipFile(book) as old:
        for name in old.namelist():
            if name != SHEET:
                made.writestr(name, old.read(name))
        with made.open(SHEET, "w") as part:
            for _ in range(120):
                part.write(b" " * 1_000_000)
    with pytest.raises(SystemFailure, match="大きすぎます"):
        OpenpyxlWorkbooks().read_table(path)


def test_a_part_that_declares_less_than_it_holds_is_refused(book: Path) -> None:
    data = book.read_bytes()
    with zipfile.ZipFile(book) as opened:
        size = opened.getinfo(SHEET).file_size
    book.write_bytes(data.replace(struct.pack("<I", size), struct.pack("<I", size - 50)))
    with pytest.raises(SystemFailure):
        OpenpyxlWorkbooks().read_table(book)


def test_outside_entities_are_not_read(tmp_path: Path, book: Path) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("秘密", encoding="utf-8")
    declared = f'<!DOCTYPE worksheet [<!ENTITY x SYSTEM "{secret.as_uri()}">]><worksheet'.encode()
    patched(book, SHEET, lambda xml: xml.replace(b"<worksheet", declared, 1).replace("山田".encode(), b"&x;"))
    with pytest.raises(SystemFailure):
        OpenpyxlWorkbooks().append_rows(book, "受付", [{"番号": "3"}])
    try:
        table = OpenpyxlWorkbooks().read_table(book)
    except SystemFailure:
        return
    assert "秘密" not in str(list(table))


def test_a_cell_far_away_does_not_exhaust_the_machine(book: Path) -> None:
    far = b'<row r="1048576"><c r="XFD1048576"><v>1</v></c></row></sheetData>'
    patched(book, SHEET, lambda xml: xml.replace(b"</sheetData>", far))
    with pytest.raises(SystemFailure, match="セル XFD1048576 まで"):
        OpenpyxlWorkbooks().read_table(book)


def test_a_far_cell_in_a_large_sheet_is_found_too(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    made = xlsxwriter.Workbook(path, {"constant_memory": True})  # else a far cell makes it walk every column
    sheet = made.add_worksheet("S")
    for row in range(30_000):
        sheet.write_row(row, 0, [f"文字{row}", row, row])
    sheet.write(1_048_000, 16_000, 1)
    made.close()
    with pytest.raises(SystemFailure, match="シートが広すぎます"):
        OpenpyxlWorkbooks().read_table(path)


@pytest.mark.parametrize("large", [False, True])
def test_error_values_and_formulas_never_calculated_are_named(tmp_path: Path, large: bool) -> None:
    path = tmp_path / "a.xlsx"
    made = xlsxwriter.Workbook(path)
    sheet = made.add_worksheet("S")
    sheet.write_row(0, 0, ["番号", "率", "計"])
    sheet.write_row(1, 0, ["1", 0.5])
    sheet.write_formula(1, 2, "=1+1", None, 2)
    for row in range(2, 40_000 if large else 5):
        sheet.write_row(row, 0, [f"番号{row}", row, row])
    sheet.write_formula(3, 1, "=1/0", None, "#DIV/0!")
    sheet.write_formula(4, 2, "=A1", None, "")
    made.close()
    with pytest.raises(BusinessError) as caught:
        OpenpyxlWorkbooks().read_table(path)
    assert "B4（#DIV/0!）" in caught.value.what
    assert "C5（数式がまだ計算されていません）" in caught.value.what
    assert "C2" not in caught.value.what


def test_a_book_of_a_library_that_calculates_nothing(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    made = openpyxl.Workbook()
    assert made.active is not None
    made.active.append(["番号", "計"])
    made.active.append(["1", "=1+1"])
    made.save(path)
    with pytest.raises(BusinessError, match=r"B2（数式がまだ計算されていません）"):
        OpenpyxlWorkbooks().read_table(path)


def test_cells_of_excel_that_openpyxl_would_not_show(tmp_path: Path) -> None:
    """Era dates by a built-in format, furigana, times of day, rich text, a hidden column."""
    path = tmp_path / "a.xlsx"
    made = xlsxwriter.Workbook(path)
    sheet = made.add_worksheet("S")
    sheet.write_row(0, 0, ["氏　名", "生年月日", "時刻", "時間", "赤字", "隠し"])
    sheet.write_string(1, 0, "山田")
    sheet.write_number(1, 1, 46113, made.add_format({"num_format": 57}))
    sheet.write_datetime(1, 2, time(9, 5), made.add_format({"num_format": "h:mm"}))
    sheet.write_datetime(1, 3, timedelta(hours=30), made.add_format({"num_format": "[h]:mm"}))
    sheet.write_rich_string(1, 4, "あ", made.add_format({"bold": True}), "い")
    sheet.write(1, 5, "見える")
    sheet.set_column(5, 5, None, None, {"hidden": True})
    made.close()
    ruby = '<t>山田</t><rPh sb="0" eb="2"><t>ヤマダ</t></rPh>'.encode()
    patched(path, "xl/sharedStrings.xml", lambda xml: xml.replace("<t>山田</t>".encode(), ruby))
    assert dict(OpenpyxlWorkbooks().read_table(path)[0]) == {
        "氏名": "山田", "生年月日": date(2026, 4, 1), "時刻": "9:05", "時間": "30:00", "赤字": "あい", "隠し": "見える"
    }  # fmt: skip


def test_a_book_open_in_excel_is_left_alone_and_its_holder_named(book: Path) -> None:
    name = "市民課 佐藤"
    owner = bytes([8]) + b"x" * 53 + bytes([len(name), 0]) + name.encode("utf-16-le")
    (book.parent / f"~${book.name}").write_bytes(owner.ljust(165, b"\0"))
    before = book.read_bytes()
    with pytest.raises(SystemFailure, match="「市民課 佐藤」さんが開いている"):
        OpenpyxlWorkbooks().append_rows(book, "受付", [{"番号": "3"}])
    assert book.read_bytes() == before
    assert len(OpenpyxlWorkbooks().read_table(book)) == 2


def test_a_book_open_in_libreoffice_is_left_alone(book: Path) -> None:
    lock = book.parent / f".~lock.{book.name}#"
    lock.write_text(",佐藤,PC-1,01.04.2026 09:00,file:///home/sato;", encoding="utf-8")
    with pytest.raises(SystemFailure, match="「佐藤」さんが開いている"):
        OpenpyxlWorkbooks().append_rows(book, "受付", [{"番号": "3"}])
    lock.unlink()
    assert OpenpyxlWorkbooks().append_rows(book, "受付", [{"番号": "3"}]).added == 1


def test_a_failed_save_leaves_the_book_and_no_rubbish(book: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = book.read_bytes()

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(SystemFailure, match="書き込めません"):
        OpenpyxlWorkbooks().append_rows(book, "受付", [{"番号": "3"}])
    assert book.read_bytes() == before
    assert [path.name for path in book.parent.iterdir()] == [book.name]


@pytest.mark.skipif(os.name != "posix", reason="modes are POSIX")
def test_the_mode_of_the_file_stays(book: Path) -> None:
    book.chmod(0o640)
    OpenpyxlWorkbooks().append_rows(book, "受付", [{"番号": "3"}])
    assert stat.S_IMODE(book.stat().st_mode) == 0o640
