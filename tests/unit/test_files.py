"""Writing files: the old one or the whole new one, never half."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from robots.files import private_temp, replace_file, write_atomically


def test_a_file_is_put_in_place_with_its_folders(tmp_path: Path) -> None:
    target = tmp_path / "出力" / "2026" / "結果.csv"
    write_atomically(target, "一行目\n".encode())
    write_atomically(target, b"")
    write_atomically(target, b"whole")
    assert target.read_bytes() == b"whole"
    assert list(target.parent.iterdir()) == [target]


def test_a_write_that_fails_leaves_the_old_file_and_nothing_else(tmp_path: Path) -> None:
    target = tmp_path / "結果.xlsx"
    target.write_bytes(b"old")

    def half(temporary: Path) -> None:
        temporary.write_bytes(b"ne")
        raise RuntimeError("the disk is full")

    with pytest.raises(RuntimeError, match="full"):
        replace_file(target, half)
    assert target.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [target]


def test_what_is_written_lies_beside_its_place_under_the_same_ending(tmp_path: Path) -> None:
    """So that the rename stays on one disk, and Excel's writers accept the name."""
    seen: list[Path] = []

    def write(temporary: Path) -> None:
        seen.append(temporary)
        temporary.write_bytes(b"new")

    replace_file(tmp_path / "結果.xlsx", write)
    assert (seen[0].parent, seen[0].suffix) == (tmp_path, ".xlsx")
    assert seen[0].name != "結果.xlsx"


def test_a_reader_that_has_the_old_file_open_keeps_reading_it(tmp_path: Path) -> None:
    if os.name == "nt":
        pytest.skip("Windows refuses to replace a file that is open")
    target = tmp_path / "a.txt"
    target.write_bytes(b"old")
    with target.open("rb") as reader:
        write_atomically(target, b"new one")
        assert reader.read() == b"old"
    assert target.read_bytes() == b"new one"


@pytest.mark.skipif(os.name == "nt", reason="Windows has other rights")
def test_a_private_file_is_its_owners_alone(tmp_path: Path) -> None:
    before = os.umask(0o022)
    try:
        write_atomically(tmp_path / "key", b"secret", private=True)
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "key").stat().st_mode) == 0o600


def test_what_a_dead_writer_left_is_cleared_and_a_living_ones_is_not(tmp_path: Path) -> None:
    old, young = tmp_path / ".banken-0000.xlsx", tmp_path / ".banken-1111.xlsx"
    for leftover in (old, young):
        leftover.write_bytes(b"half")
    os.utime(old, (0, 0))
    write_atomically(tmp_path / "book.xlsx", b"whole")
    assert sorted(path.name for path in tmp_path.iterdir()) == [young.name, "book.xlsx"]


def test_temporary_files_go_with_the_work_and_those_of_the_dead_with_the_next(tmp_path: Path) -> None:
    before = tempfile.gettempdir()
    with private_temp() as folder:
        (folder / "left.txt").write_text("a name", encoding="utf-8")
        inner = subprocess.run(
            [sys.executable, "-c", "import tempfile; print(tempfile.mkdtemp())"],
            capture_output=True,
            text=True,
            check=True,
        )
        assert Path(inner.stdout.strip()).parent == folder
        assert tempfile.gettempdir() == str(folder)
    assert not folder.exists()
    assert tempfile.gettempdir() == before
    dead = subprocess.run(
        [
            sys.executable,
            "-c",
            "import os\nfrom robots.files import private_temp\n"
            "with private_temp() as folder:\n print(folder, flush=True)\n os._exit(9)",
        ],
        capture_output=True,
        text=True,
        check=False,
    )
    left = Path(dead.stdout.strip())
    assert left.is_dir()
    with private_temp() as ours:
        assert not left.exists() and ours.is_dir()
