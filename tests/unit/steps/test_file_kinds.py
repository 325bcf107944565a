"""files.* as a scenario writes them, in real folders: nothing is overwritten or lost unasked, Japanese names survive."""

from __future__ import annotations

import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from robots.errors import BusinessError

RunStep = Callable[..., Any]


@pytest.fixture
def inbox(tmp_path: Path) -> Path:
    folder = tmp_path / "受付"
    (folder / "下").mkdir(parents=True)
    for name in ("申請書②.pdf", "10.PDF", "名簿.csv", ".隠し.pdf", "~$名簿.xlsx", "下/控え.pdf"):
        (folder / name).write_bytes(name.encode())
    return folder


def test_files_are_listed_in_the_order_of_their_names(run_step: RunStep, inbox: Path) -> None:
    rows = run_step("  - ファイルを探す: {フォルダ: 受付, 名前: '*.pdf'}\n    保存名: x\n")
    assert [row["名前"] for row in rows] == ["10.PDF", "申請書②.pdf"]
    assert rows[1]["ファイル"] == "受付/申請書②.pdf" and rows[1]["幹"] == "申請書②"
    assert (rows[1]["拡張子"], rows[1]["大きさ"]) == (".pdf", len("申請書②.pdf".encode()))
    deep = run_step("  - ファイルを探す: {フォルダ: 受付, 下のフォルダも: はい}\n    保存名: x\n")
    assert [row["ファイル"] for row in deep] == ["受付/10.PDF", "受付/下/控え.pdf", "受付/名簿.csv", "受付/申請書②.pdf"]


def test_links_are_not_followed(run_step: RunStep, inbox: Path, tmp_path: Path) -> None:
    (tmp_path / "外.pdf").write_bytes(b"x")
    try:
        (inbox / "近道.pdf").symlink_to(tmp_path / "外.pdf")
    except OSError:
        pytest.skip("this account may not make links")
    rows = run_step("  - ファイルを探す: {フォルダ: 受付, 名前: '近道*'}\n    保存名: x\n")
    assert rows == []


def test_an_absent_folder_is_told(run_step: RunStep) -> None:
    with pytest.raises(BusinessError, match="フォルダ「ない」がありません"):
        run_step("  - ファイルを探す: ない\n    保存名: x\n")


def test_a_copy_is_made_once_and_nothing_else_is_overwritten(run_step: RunStep, inbox: Path) -> None:
    step = "  - 写す: {ファイル: 受付/名簿.csv, 先: 出力/名簿.csv}\n"
    run_step(step)
    target = inbox.parent / "出力" / "名簿.csv"
    assert target.read_bytes() == "名簿.csv".encode() and (inbox / "名簿.csv").exists()
    run_step(step)
    target.write_bytes(b"other")
    with pytest.raises(BusinessError, match=r"名簿\.csv は、内容の違うファイルがもうある"):
        run_step(step)
    assert target.read_bytes() == b"other"
    run_step(step.replace("}", ", 上書き: はい}"))
    assert target.read_bytes() == "名簿.csv".encode()


def test_a_file_is_moved(run_step: RunStep, inbox: Path) -> None:
    step = "  - 移す: {ファイル: 受付/申請書②.pdf, 先: 受付/処理済/申請書②.pdf}\n"
    run_step(step)
    assert (inbox / "処理済" / "申請書②.pdf").read_bytes() == "申請書②.pdf".encode()
    assert not (inbox / "申請書②.pdf").exists()
    with pytest.raises(BusinessError, match=r"ファイル「申請書②\.pdf」がありません"):
        run_step(step)
    (inbox / "申請書②.pdf").write_bytes("別の申請".encode())
    with pytest.raises(BusinessError, match="内容の違うファイル"):
        run_step(step)
    assert (inbox / "申請書②.pdf").read_bytes() == "別の申請".encode()


def test_a_move_that_died_after_the_copy_is_ended(run_step: RunStep, inbox: Path) -> None:
    (inbox / "処理済").mkdir()
    (inbox / "処理済" / "名簿.csv").write_bytes((inbox / "名簿.csv").read_bytes())
    run_step("  - 移す: {ファイル: 受付/名簿.csv, 先: 受付/処理済/名簿.csv}\n")
    assert not (inbox / "名簿.csv").exists() and (inbox / "処理済" / "名簿.csv").exists()


def test_a_file_moved_onto_itself_stays(run_step: RunStep, inbox: Path) -> None:
    run_step("  - 移す: {ファイル: 受付/名簿.csv, 先: 受付/名簿.csv}\n")
    assert (inbox / "名簿.csv").read_bytes() == "名簿.csv".encode()


def test_a_zip_has_plain_names_in_utf8_and_the_same_bytes_each_time(run_step: RunStep, inbox: Path) -> None:
    found = run_step("  - ファイルを探す: {フォルダ: 受付, 名前: '*.pdf', 下のフォルダも: はい}\n    保存名: x\n")
    step = '  - まとめる: {ファイル: "${対象.一覧}", 先: 出力/一式.zip}\n'
    run_step(step, 一覧=found)
    target = inbox.parent / "出力" / "一式.zip"
    with zipfile.ZipFile(target) as packed:
        assert packed.testzip() is None
        assert packed.namelist() == ["10.PDF", "控え.pdf", "申請書②.pdf"]
        assert all(one.flag_bits & 0x800 for one in packed.infolist() if not one.filename.isascii())
        assert packed.read("控え.pdf") == "下/控え.pdf".encode()
    run_step(step, 一覧=found)
    with pytest.raises(BusinessError, match="内容の違うファイル"):
        run_step(step, 一覧=found[:1])
    run_step(step.replace("}\n", ", 上書き: はい}\n"), 一覧=[row["ファイル"] for row in found[:1]])
    with zipfile.ZipFile(target) as packed:
        assert packed.namelist() == ["10.PDF"]
    assert not list(target.parent.glob(".banken-*"))


def test_two_of_one_name_are_not_packed(run_step: RunStep, inbox: Path) -> None:
    (inbox / "下" / "名簿.CSV").write_bytes(b"x")
    with pytest.raises(BusinessError, match="という名前のファイルが二つあります"):
        run_step("  - まとめる: {ファイル: [受付/名簿.csv, 受付/下/名簿.CSV], 先: 出力/x.zip}\n")
    with pytest.raises(BusinessError, match="一覧が空"):
        run_step('  - まとめる: {ファイル: "${対象.なし}", 先: 出力/x.zip}\n', なし=[])
    assert not (inbox.parent / "出力").exists() or not list((inbox.parent / "出力").iterdir())
