"""Hostile and broken files: what Banken answers to them, how fast, and in how much memory.

    python -m bench.hostile [--files 10000] [--expressions 500] [--names 300] [--small] [--json]

A child process reads each case as ``check``, ``fmt`` and a run would; the parent ends it where it does not answer.  Counted are
tracebacks (anything but a Problem or one of Banken's own errors), expressions that gave a value, files touched outside the
folders that a scenario may touch, answers over a second of processor time or over 256 MB, and answers without the right line.
All are to be 0.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain
from multiprocessing.connection import Connection
from pathlib import Path

import psutil

from bench.hostile_cases import Case, broken_files, expressions, names
from bench.hostile_judge import Answer, judge, prepare_town

ROOT = Path(__file__).resolve().parent.parent
SECONDS, MEGABYTES, PATIENCE = 1.0, 256, 60.0
FAULTS = ("traceback", "evaluated", "outside", "slow", "large", "no line", "wrong line", "no answer")


@dataclass(frozen=True, slots=True)
class Timed:
    """An answer with what it cost: processor seconds, and the process's resident megabytes after it."""

    answer: Answer
    seconds: float
    megabytes: float


def work(pipe: Connection, folder: str) -> None:
    """The child: answers case after case."""
    town, process = prepare_town(Path(folder)), psutil.Process()
    while (case := pipe.recv()) is not None:
        began = time.process_time()
        answer = judge(case, town)
        pipe.send(Timed(answer, time.process_time() - began, _peak(process) / 2**20))


def _peak(process: psutil.Process) -> int:
    """The most memory that the process has ever held, where the system tells; else what it holds now."""
    status = Path("/proc/self/status")
    if status.exists():
        line = next(line for line in status.read_text(encoding="utf-8").splitlines() if line.startswith("VmHWM"))
        return int(line.split()[1]) * 1024
    memory = process.memory_info()
    return int(getattr(memory, "peak_wset", memory.rss))


class Worker:
    """One child process, begun anew where it hangs or dies."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._spawn = multiprocessing.get_context("spawn")
        self._begin()

    def _begin(self) -> None:
        self._pipe, theirs = self._spawn.Pipe()
        self._process = self._spawn.Process(target=work, args=(theirs, str(self._folder)), daemon=True)
        self._process.start()
        theirs.close()

    def ask(self, case: Case) -> Timed | None:
        """The answer; None where none came in time."""
        try:
            self._pipe.send(case)
            if self._pipe.poll(PATIENCE):
                timed: Timed = self._pipe.recv()
                return timed
        except (EOFError, OSError):
            pass
        self.end()
        self._begin()
        return None

    def end(self) -> None:
        """Ends the child."""
        self._process.kill()
        self._process.join()


def faults_of(case: Case, timed: Timed | None) -> Iterator[str]:
    """Which of FAULTS this answer has."""
    if timed is None:
        yield "no answer"
        return
    yield from timed.answer.faults
    if timed.seconds > SECONDS:
        yield "slow"
    if timed.megabytes > MEGABYTES:
        yield "large"


def run(cases: Iterator[Case], worker: Worker) -> dict[str, object]:
    """All cases: counts by kind, by outcome and by fault, the costliest, and the first of each fault."""
    kinds, outcomes, faults = Counter[str](), Counter[str](), Counter[str]()
    worst: dict[str, float] = {}
    first: dict[str, list[str]] = {}
    for case in cases:
        timed = worker.ask(case)
        kinds[case.kind] += 1
        for fault in faults_of(case, timed):
            faults[fault] += 1
            told = f"{case.kind} {case.door} {case.path} {case.how}: {timed.answer.said if timed else ''}"
            first.setdefault(fault, []).append(told[:400])
        if timed:
            outcomes[f"{case.kind} {timed.answer.outcome}"] += 1
            for cost, value in ((f"{case.kind} seconds", timed.seconds), ("megabytes", timed.megabytes)):
                worst[cost] = max(worst.get(cost, 0.0), value)
    return {
        "cases": dict(kinds),
        "outcomes": dict(sorted(outcomes.items())),
        "faults": {fault: faults[fault] for fault in FAULTS},
        "worst": {name: round(value, 3) for name, value in worst.items()},
        "first": {fault: told[:8] for fault, told in first.items()},
    }


def main() -> None:
    parser = argparse.ArgumentParser(description="壊れたファイルと悪意のある式・名前に、どう答えるかを調べます。")
    parser.add_argument("--files", type=int, default=10_000, help="壊したファイルの数")
    parser.add_argument("--expressions", type=int, default=500, help="式の数")
    parser.add_argument("--names", type=int, default=300, help="ファイル名の数")
    parser.add_argument("--small", action="store_true", help="動くことを確かめるだけ")
    parser.add_argument("--json", action="store_true", help="結果を JSON で出す")
    given = parser.parse_args()
    files, texts, leads = (100, 50, 60) if given.small else (given.files, given.expressions, given.names)
    with tempfile.TemporaryDirectory() as folder:
        worker = Worker(Path(folder))
        try:
            result = run(chain(broken_files(ROOT, files), expressions(texts), names(leads)), worker)
        finally:
            worker.end()
    if given.json:
        print(json.dumps(result, ensure_ascii=False, indent=1))
        return
    print(f"調べた数: {result['cases']}")
    print(f"答え: {result['outcomes']}")
    print(f"いけないこと（どれも 0 のはず）: {result['faults']}")
    print(f"最大（秒は CPU 時間、256 MB と 1 秒まで）: {result['worst']}")
    first = result["first"]
    for fault, told in first.items() if isinstance(first, dict) else ():
        print(fault, *told, sep="\n  ")


if __name__ == "__main__":
    main()
