"""How well marks are read, on sheets made by seeds that nothing was tuned on, and how long a page takes.

    python -m bench.marks [--json] [--sheets 80] [--first 1000]

Reach: of the marks accepted at 0.999 at most 0.1 % wrong; 40 marks at 200 dpi in 10 ms.
"""

from __future__ import annotations

import argparse
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

import cv2

from bench.marks_made import make_sheet
from bench.marks_paper import Scan
from bench.told import tell
from ocr.ask import Mark
from ocr.marks.read import begin_marks


@dataclass(frozen=True, slots=True)
class One:
    """One option: what was made, and what was read."""

    seed: int
    shape: str
    group: int
    option: int
    truth: str
    how: str
    mark: Mark


def options(first: int, sheets: int, scan: Scan | None = None) -> Iterator[One]:
    """Every option of so many sheets."""
    for seed in range(first, first + sheets):
        sheet, groups, truths = make_sheet(seed, scan)
        for number, (group, truth, marks) in enumerate(zip(groups, truths, begin_marks(sheet, groups)(), strict=True)):
            for option, ((state, how), mark) in enumerate(zip(truth, marks, strict=True)):
                yield One(seed, group.shape, number, option, state, how, mark)


def summary(ones: list[One]) -> dict[str, object]:
    """Counts by kind, and what would have been accepted wrongly at each confidence."""
    wrong_at = {}
    for least in (0.9, 0.99, 0.999, 0.9999):
        accepted = [one for one in ones if one.mark.confidence >= least and one.mark.state != "unclear"]
        wrong = [one for one in accepted if one.mark.state != one.truth]
        wrong_at[str(least)] = {"accepted": len(accepted), "wrong": len(wrong)}
    seen = Counter((one.shape, one.truth, one.how, one.mark.state) for one in ones)
    return {
        "options": len(ones),
        "accepted_at": wrong_at,
        "read": {" ".join(key): count for key, count in sorted(seen.items())},
    }


def milliseconds(rounds: int = 9) -> tuple[int, float]:
    """Options of a page at 200 dpi, some 40, and the best time of reading them."""
    sheet, groups, _ = make_sheet(7, Scan(dpi=200, misfit_mm=0.2))
    groups = groups[:9] + groups[-2:]
    times = []
    for _ in range(rounds):
        start = time.perf_counter()
        begin_marks(sheet, groups)()
        times.append(time.perf_counter() - start)
    return sum(len(group.boxes) for group in groups), min(times) * 1000


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--sheets", type=int, default=80)
    parser.add_argument("--first", type=int, default=1000)
    given = parser.parse_args()
    cv2.setNumThreads(1)
    told = summary(list(options(given.first, given.sheets)))
    count, took = milliseconds()
    told |= {"marks": count, "ms": round(took, 2)}
    tell(told, as_json=given.json)


if __name__ == "__main__":
    main()
