"""The reading processes of a pile, watched from outside: a worker that dies, hangs or grows is replaced."""

from __future__ import annotations

import multiprocessing
import sys
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from multiprocessing.connection import wait
from multiprocessing.context import SpawnProcess

import psutil

from ocr.limits import Limits
from ocr.pile.worker import DONE, READY, FormSource, Job, Reader, Told, work
from ocr.reading import RefusalCode, Refused

if sys.platform == "win32":
    from multiprocessing.connection import PipeConnection as Connection
else:
    from multiprocessing.connection import Connection

_LOOK_SECONDS = 0.25
_START_SECONDS = 300.0
_FAILED_STARTS = 3
_WHY: Mapping[RefusalCode, str] = {
    "damaged": "読み取りの途中でプロセスが落ちました。ファイルが壊れているようです。読み取り直してください。",
    "too_large": "読み取りに使うメモリが多すぎます。300 dpi で読み取り直してください。",
    "too_long": "読み取りが時間内に終わりません。300 dpi で読み取り直してください。",
}


class WorkersFailed(Exception):
    """No worker can be started; the message is Japanese."""


@dataclass(slots=True, eq=False)
class _Worker:
    process: SpawnProcess
    line: Connection
    since: float
    """When it was last heard of, or given work."""
    ready: bool = False
    job: Job | None = None
    told: int = 0


class Crew:
    """Up to ``size`` processes that read jobs."""

    def __init__(self, size: int, source: FormSource, reader: Reader, limits: Limits) -> None:
        self._size, self._source, self._reader, self._limits = size, source, reader, limits
        self._workers: list[_Worker] = []
        self._failed_starts = 0

    @property
    def idle(self) -> int:
        """How many jobs could begin at once."""
        return self._size - sum(worker.job is not None for worker in self._workers)

    def give(self, job: Job) -> None:
        """Begins a job; only while one is ``idle``."""
        free = next((worker for worker in self._workers if worker.job is None), None) or self._hire()
        free.job, free.told, free.since = job, 0, time.monotonic()
        if free.ready:
            _send(free)

    def answers(self) -> Iterator[tuple[int, int, Told]]:
        """What came in, waiting a moment for it: the file's number, the copy (from 0), and what is told of it.

        A copy that ended its worker is told as Refused; the rest of its job goes on in a new one.
        """
        for worker in self._heard():
            yield from self._listen(worker)
        for worker in list(self._workers):
            code = self._over(worker)
            if code is not None:
                yield from self._lost(worker, code)

    def close(self) -> None:
        """Ends all processes at once."""
        for worker in self._workers:
            _end(worker)
        self._workers.clear()

    def _heard(self) -> list[_Worker]:
        lines = wait([worker.line for worker in self._workers if worker.job is not None], _LOOK_SECONDS)
        return [worker for worker in self._workers if worker.line in lines]

    def _listen(self, worker: _Worker) -> Iterator[tuple[int, int, Told]]:
        try:
            told = worker.line.recv()
        except (EOFError, OSError):
            yield from self._lost(worker, "damaged")
            return
        worker.since = time.monotonic()
        if told == READY:
            worker.ready, self._failed_starts = True, 0
            _send(worker)
        elif told == DONE:
            worker.job = None
        elif worker.job is not None:
            copy = worker.job.first + worker.told
            worker.told += 1
            yield worker.job.file, copy, told

    def _hire(self) -> _Worker:
        spawn = multiprocessing.get_context("spawn")
        ours, theirs = spawn.Pipe()
        process = spawn.Process(target=work, args=(theirs, self._source, self._reader, self._limits), daemon=True)
        process.start()
        theirs.close()  # so that its death closes the line
        worker = _Worker(process, ours, time.monotonic())
        self._workers.append(worker)
        return worker

    def _over(self, worker: _Worker) -> RefusalCode | None:
        """Which bound it breaks."""
        if worker.job is None:
            return None
        if time.monotonic() - worker.since > (self._limits.seconds if worker.ready else _START_SECONDS):
            return "too_long"
        return "too_large" if worker.ready and _memory(worker) > self._limits.memory_bytes else None

    def _lost(self, worker: _Worker, code: RefusalCode) -> Iterator[tuple[int, int, Told]]:
        _end(worker)
        self._workers.remove(worker)
        job = worker.job
        if job is None:
            return
        if not worker.ready:
            self._failed_starts += 1
            if self._failed_starts >= _FAILED_STARTS:
                raise WorkersFailed("読み取りのプロセスを始められません。メモリの空きと帳票の定義を確かめてください。")
            self.give(job)
            return
        if worker.told < max(1, job.copies):
            yield job.file, job.first + worker.told, Refused(job.path.name, code, _WHY[code])
        left = job.copies - worker.told - 1
        if left > 0:
            self.give(replace(job, first=job.first + worker.told + 1, copies=left))


def _send(worker: _Worker) -> None:
    try:
        worker.line.send(worker.job)
    except OSError:
        return  # it died just now: its closed line is heard next


def _family(worker: _Worker) -> list[psutil.Process]:
    try:
        process = psutil.Process(worker.process.pid)
        return [process, *process.children(recursive=True)]
    except psutil.Error:
        return []


def _memory(worker: _Worker) -> int:
    total = 0
    for process in _family(worker):
        try:
            total += process.memory_info().rss
        except psutil.Error:
            continue
    return total


def _end(worker: _Worker) -> None:
    """The process and what it started (an engine's own program), then its line."""
    for process in reversed(_family(worker)):
        try:
            process.kill()
        except psutil.Error:
            continue
    worker.process.join()
    worker.line.close()
