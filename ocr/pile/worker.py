"""One reading process: it may die of a bad file, and only that file is lost."""

from __future__ import annotations

import hashlib
import json
import signal
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from multiprocessing.connection import Connection
from pathlib import Path

import cv2

from ocr.form import Form, load_form
from ocr.limits import Limits
from ocr.page import Page
from ocr.pages import count_pages, read_pages
from ocr.reading import FormReading, Refused

Reader = Callable[[Sequence[Page], Form], FormReading | Refused]
"""``read_form``, or another function of a module: it is named to the worker processes."""


@dataclass(frozen=True, slots=True)
class FormSource:
    """A form as it goes to other processes: its definition as plain data, and the bytes of the files it names."""

    data: Mapping[str, object]
    files: Mapping[str, bytes]

    @property
    def digest(self) -> str:
        """Changes with anything that is read by: the key under which results are kept."""
        seal = hashlib.sha256(json.dumps(self.data, sort_keys=True, ensure_ascii=False, default=str).encode())
        for name in sorted(self.files):
            seal.update(name.encode() + b"\0" + hashlib.sha256(self.files[name]).digest())
        return seal.hexdigest()

    def load(self) -> Form:
        """The form; FormProblems as ``load_form``."""
        return load_form(self.data, self._file)

    def _file(self, name: str) -> bytes:
        if name not in self.files:
            raise FileNotFoundError(name)
        return self.files[name]


@dataclass(frozen=True, slots=True)
class Job:
    """Some copies of a form in a file, from copy ``first`` (from 0) on; ``copies`` 0 asks how many there are."""

    file: int
    """The caller's number of the file."""
    path: Path
    first: int = 0
    copies: int = 0


@dataclass(frozen=True, slots=True)
class Counted:
    """How many copies a file holds."""

    copies: int


Told = FormReading | Refused | Counted
READY, DONE = "ready", "done"


def work(line: Connection, source: FormSource, reader: Reader, limits: Limits) -> None:
    """Reads jobs from the line until it closes: each answer as it is there, then DONE."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the parent, which ends its workers
    cv2.setNumThreads(1)  # a process a core
    try:
        form = source.load()
        line.send(READY)
        while True:
            for told in _answers(line.recv(), form, reader, limits):
                line.send(told)
            line.send(DONE)
    except (EOFError, BrokenPipeError, ConnectionResetError):
        return  # the parent has gone


def _answers(job: Job, form: Form, reader: Reader, limits: Limits) -> Iterator[Told]:
    if job.copies == 0:
        yield _count(job.path, form, limits)
        return
    each = len(form.blanks)
    pages = read_pages(job.path, form.definition.paper.mm, first=job.first * each + 1, limits=limits)
    for copy in range(job.first, job.first + job.copies):
        some = list(islice(pages, each))
        bad = next((one for one in some if isinstance(one, Refused)), None)
        good = [one for one in some if isinstance(one, Page)]
        if bad is not None:
            yield replace(bad, source=f"{job.path.name}#{copy * each + 1}")
        elif len(good) < each:
            yield Refused(
                f"{job.path.name}#{copy * each + 1}", "damaged", "ページを開けません。読み取り直してください。"
            )
        else:
            yield reader(good, form)


def _count(path: Path, form: Form, limits: Limits) -> Counted | Refused:
    pages = count_pages(path, limits=limits)
    if isinstance(pages, Refused):
        return pages
    each = len(form.blanks)
    if pages % each:
        why = f"この帳票は {each} ページですが、ファイルは {pages} ページで、割り切れません。抜けや重なりを確かめてください。"
        return Refused(path.name, "damaged", why)
    return Counted(pages // each)
