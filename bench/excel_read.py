"""Reading the table of a large book, against python-calamine's own reading of the same book in the same run.

    python -m bench.excel_read [--rows 100000] [--cols 20] [--rounds 5] [--json]

Ours: ``read_table`` (headings, notes told apart, error cells, exact numbers, each row with its origin).  The peer:
``load_workbook`` and ``to_python``, a list of lists of floats and text.  Each reading is a process of its own, in turn,
so that neither meets the other's memory; reach: 1.3 times the seconds, 1.5 times the peak memory, linear in the rows.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
import time
from datetime import datetime, timedelta
from pathlib import Path

import python_calamine
import xlsxwriter  # type: ignore[import-untyped]

from robots.drivers.openpyxl_workbook import OpenpyxlWorkbooks

REACH_SECONDS, REACH_MEMORY = 1.3, 1.5
LINEAR = (1, 10, 100)
_BLANK_EVERY = 7


def make_book(path: Path, rows: int, columns: int) -> None:
    """A ledger as an office keeps it: codes, names, addresses, amounts, days, and blanks here and there."""
    book = xlsxwriter.Workbook(path)
    sheet = book.add_worksheet("受付")
    day = book.add_format({"num_format": "yyyy/mm/dd"})
    sheet.write_row(0, 0, [f"列{column}" for column in range(columns)])
    start = datetime(2020, 4, 1)  # noqa: DTZ001 (a cell's day has no zone)
    for row in range(1, rows + 1):
        for column in range(columns):
            kind = column % 5
            if kind == 0:
                sheet.write_string(row, column, f"R8-{row:06}-{column}")
            elif kind == 1:
                sheet.write_string(row, column, f"練習市中央{row % 90}丁目{column}番")
            elif kind == 2:
                sheet.write_number(row, column, row * 37 % 999_983)
            elif kind == 3:
                sheet.write_datetime(row, column, start + timedelta(days=row * 13 % 2000), day)
            elif row % _BLANK_EVERY:
                sheet.write_string(row, column, f"氏名{row * 31 % 20_011}")
    book.close()


def read_ours(path: Path) -> int:
    """Rows read by our driver."""
    return len(OpenpyxlWorkbooks().read_table(path))


def read_peer(path: Path) -> int:
    """Rows read by python-calamine."""
    return len(python_calamine.load_workbook(path).get_sheet_by_index(0).to_python()) - 1


READERS = {"ours": read_ours, "peer": read_peer}


def measure(reader: str, path: Path) -> tuple[float, float, int]:
    """Seconds, peak memory in MB (0 where the system does not tell it) and rows, of one reading in this process."""
    began = time.perf_counter()
    rows = READERS[reader](path)
    took = time.perf_counter() - began
    return took, _peak_megabytes(), rows


def _peak_megabytes() -> float:
    status = Path("/proc/self/status")
    if not status.exists():
        return 0.0
    for line in status.read_text(encoding="utf-8").splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) / 1024
    return 0.0


def in_child(reader: str, path: Path) -> tuple[float, float, int]:
    """``measure`` in a process of its own."""
    done = subprocess.run(
        [sys.executable, "-m", "bench.excel_read", "--child", reader, "--book", str(path)],
        capture_output=True,
        check=True,
        encoding="utf-8",
        cwd=Path(__file__).parent.parent,
    )
    seconds, megabytes, rows = json.loads(done.stdout)
    return seconds, megabytes, rows


def compare(path: Path, rounds: int, rows: int) -> dict[str, float]:
    """Both readers in turn: medians, and the median of the rounds' ratios."""
    taken: dict[str, list[tuple[float, float]]] = {"ours": [], "peer": []}
    for number in range(rounds):
        for reader in ("ours", "peer") if number % 2 else ("peer", "ours"):
            seconds, megabytes, read = in_child(reader, path)
            if read != rows:
                raise SystemExit(f"{reader} read {read} rows of {rows}")
            taken[reader].append((seconds, megabytes))
    pairs = list(zip(taken["ours"], taken["peer"], strict=True))
    return {
        "rows": rows,
        "ours_seconds": statistics.median(ours[0] for ours, _ in pairs),
        "peer_seconds": statistics.median(peer[0] for _, peer in pairs),
        "seconds_ratio": statistics.median(ours[0] / peer[0] for ours, peer in pairs),
        "ours_megabytes": statistics.median(ours[1] for ours, _ in pairs),
        "peer_megabytes": statistics.median(peer[1] for _, peer in pairs),
        "memory_ratio": statistics.median(ours[1] / (peer[1] or 1) for ours, peer in pairs),
    }


def report(rows: int, columns: int, rounds: int) -> dict[str, object]:
    """The whole measurement: the large book, and the same at 1, 10 and 100 times a small size."""
    with tempfile.TemporaryDirectory() as folder:
        large = Path(folder) / "large.xlsx"
        make_book(large, rows, columns)
        compared = compare(large, rounds, rows)
        steps: list[dict[str, float]] = []
        base = max(10, rows // 100)
        for times in LINEAR:
            book = Path(folder) / f"x{times}.xlsx"
            make_book(book, base * times, columns)
            seconds = statistics.median(in_child("ours", book)[0] for _ in range(3))
            steps.append(
                {"times": times, "rows": base * times, "seconds": seconds, "ms_a_row": seconds * 1000 / (base * times)}
            )
    return {
        "bench": "excel_read",
        "columns": columns,
        "rounds": rounds,
        **compared,
        "reach": {"seconds_ratio": REACH_SECONDS, "memory_ratio": REACH_MEMORY},
        "linear": steps,
    }


def main() -> None:
    """Prints the measurement; it never fails on a time."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--cols", type=int, default=20)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--child", choices=sorted(READERS), help=argparse.SUPPRESS)
    parser.add_argument("--book", type=Path, help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.child:
        print(json.dumps(measure(asked.child, asked.book)))
        return
    found = report(asked.rows, asked.cols, asked.rounds)
    if asked.json:
        print(json.dumps(found, ensure_ascii=False))
        return
    print(f"{found['rows']} rows × {asked.cols} columns, {asked.rounds} rounds")
    print(
        f"seconds: ours {found['ours_seconds']:.2f}, calamine {found['peer_seconds']:.2f}, "
        f"ratio {found['seconds_ratio']:.2f} (reach {REACH_SECONDS})"
    )
    print(
        f"peak MB: ours {found['ours_megabytes']:.0f}, calamine {found['peer_megabytes']:.0f}, "
        f"ratio {found['memory_ratio']:.2f} (reach {REACH_MEMORY})"
    )
    for step in found["linear"]:  # type: ignore[attr-defined]
        print(f"  ×{step['times']}: {step['rows']} rows, {step['seconds']:.3f} s, {step['ms_a_row']:.4f} ms a row")


if __name__ == "__main__":
    main()
