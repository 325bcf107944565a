"""A process killed while it saves a book: the book opens afterwards, and holds whole rows, each once."""

from __future__ import annotations

import random
import time
from multiprocessing import Pipe
from multiprocessing.connection import Connection
from pathlib import Path

from robots.drivers.openpyxl_workbook import OpenpyxlWorkbooks
from tests.forks import forked

TIMES = 12


def write_on(path: Path, start: int, line: Connection) -> None:
    """Appends twenty rows after twenty rows until it is killed; says each time that it begins."""
    books = OpenpyxlWorkbooks()
    for number in range(start, 1_000_000, 20):
        rows = [{"番号": str(one), "氏名": f"氏名{one}"} for one in range(number, number + 20)]
        line.send_bytes(b"now")
        books.append_rows(path, "結果", rows, key="番号")


def test_a_killed_save_never_leaves_an_unreadable_book(tmp_path: Path) -> None:
    path = tmp_path / "結果.xlsx"
    books = OpenpyxlWorkbooks()
    books.append_rows(path, "結果", [{"番号": "0", "氏名": "氏名0"}])
    moment = random.Random(2026)
    saved = 1
    for _ in range(TIMES):
        here, there = Pipe()
        writer = forked(write_on, path, saved, there)
        writer.start()
        there.close()  # so that its death ends the wait
        here.recv_bytes()
        here.recv_bytes()
        began = time.monotonic()
        here.recv_bytes()
        # Somewhere within the next save: it takes as long as the one before, on any machine.
        time.sleep(moment.uniform(0.0, time.monotonic() - began))
        writer.kill()
        writer.join()
        numbers = [int(str(row["番号"])) for row in books.read_table(path)]
        assert numbers == list(range(len(numbers)))
        assert len(numbers) > saved
        assert (len(numbers) - 1) % 20 == 0
        saved = len(numbers)
