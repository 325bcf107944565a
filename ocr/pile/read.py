"""Reading a pile of scanned files: all cores, bounded time and memory a copy, in order, stopped and continued at will."""

from __future__ import annotations

import os
from collections.abc import Callable, Generator, Sequence
from pathlib import Path

from ocr.limits import USUAL, Limits
from ocr.pile.crew import Crew
from ocr.pile.queue import PileQueue, PileReading, Progress
from ocr.pile.store import Store
from ocr.pile.worker import FormSource, Reader
from ocr.read import read_form

_AHEAD = 12  # copies a worker that may be read before their turn comes


def read_pile(
    files: Sequence[Path],
    source: FormSource,
    *,
    workers: int | None = None,
    store: Store | None = None,
    on_progress: Callable[[Progress], None] = lambda _: None,
    reader: Reader = read_form,
    limits: Limits = USUAL,
) -> Generator[PileReading, None, None]:
    """Every copy of the form in these files, in the files' order, each read in one of ``workers`` processes.

    A file with k × n pages holds k copies of a form of n pages.  A copy that takes too long, too much memory or its
    process down is Refused, and the others go on.  With ``store`` each result is kept there (JSON and PNG) and found
    again in the next call with the same file and form.  Closing the iterator ends the processes at once.  Raises
    WorkersFailed where no process can be started.
    """
    size = workers or os.cpu_count() or 1
    crew = Crew(size, source, reader, limits)
    queue = PileQueue(files, source.digest, store, _AHEAD * size)
    try:
        while not queue.finished:
            while crew.idle and (job := queue.next_job()) is not None:
                crew.give(job)
            if crew.idle < size:
                for number, copy, told in crew.answers():
                    queue.take(number, copy, told)
            on_progress(queue.progress())
            yield from queue.ready()
    finally:
        crew.close()
