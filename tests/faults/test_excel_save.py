"""A process killed while it saves a book: the book opens afterwards, and holds whole rows, each once."""

from __future__ import annotations

import random
import subprocess
import sys
import time
from pathlib import Path

from robots.drivers.openpyxl_workbook import OpenpyxlWorkbooks

TIMES = 12
ROOT = Path(__file__).parent.parent.parent
_WRITER = """
import sys
from pathlib import Path
from robots.drivers.openpyxl_workbook import OpenpyxlWorkbooks
books, path = OpenpyxlWorkbooks(), Path(sys.argv[1])
print("ready", flush=True)
for start in range(int(sys.argv[2]), 1_000_000, 20):
    rows = [{"番号": str(number), "氏名": f"氏名{number}"} for number in range(start, start + 20)]
    books.append_rows(path, "結果", rows, key="番号")
"""


def test_a_killed_save_never_leaves_an_unreadable_book(tmp_path: Path) -> None:
    path = tmp_path / "結果.xlsx"
    books = OpenpyxlWorkbooks()
    books.append_rows(path, "結果", [{"番号": "0", "氏名": "氏名0"}])
    moment = random.Random(2026)
    saved = 1
    for _ in range(TIMES):
        writer = subprocess.Popen(
            [sys.executable, "-c", _WRITER, str(path), str(saved)], cwd=ROOT, stdout=subprocess.PIPE
        )
        assert writer.stdout is not None
        assert writer.stdout.readline() == b"ready\n"
        time.sleep(moment.uniform(0.0, 0.15))
        writer.kill()
        writer.wait()
        numbers = [int(str(row["番号"])) for row in books.read_table(path)]
        assert numbers == list(range(len(numbers)))
        assert len(numbers) >= saved
        assert (len(numbers) - 1) % 20 == 0
        saved = len(numbers)
    assert saved > 1
