"""What of a pile is to be read next, and what is ready: results come in the files' order, few are held at a time."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from ocr.pile.store import Kept, Store
from ocr.pile.worker import Counted, Job, Told
from ocr.reading import FormReading, Refused

_CHUNK = 4  # copies a job: few enough for all cores to end together, many enough to open a file seldom
_PASSING = ("damaged", "too_large", "too_long")  # may be the machine's fault, and are soon found again: not kept


@dataclass(frozen=True, slots=True)
class PileReading:
    """One copy of the form in a pile."""

    file: Path
    copy: int
    """Within its file, from 0."""
    reading: FormReading | Refused


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a pile is."""

    files: int
    """In the pile."""
    opened: int
    """Files whose number of copies is known."""
    copies: int
    """In the opened files."""
    done: int
    """Copies read, refused, or found in the store."""


@dataclass(slots=True)
class _File:
    """One file while its copies come in."""

    number: int
    path: Path
    kept: Kept | None
    copies: int | None = None
    given: int = 0
    """Copies that were given to a worker, or found in the store."""
    yielded: int = 0
    results: dict[int, FormReading | Refused] = field(default_factory=dict)


class PileQueue:
    """The files that are open now: begun, and not all of their copies taken away."""

    def __init__(self, files: Sequence[Path], form_digest: str, store: Store | None, ahead: int) -> None:
        self._files, self._digest, self._store, self._ahead = files, form_digest, store, ahead
        self._open: deque[_File] = deque()
        self._begun = self._opened = self._copies = self._done = 0

    @property
    def finished(self) -> bool:
        return self._begun == len(self._files) and not self._open

    def progress(self) -> Progress:
        return Progress(len(self._files), self._opened, self._copies, self._done)

    def next_job(self) -> Job | None:
        """What a worker can begin; None while enough is on its way, or nothing is left."""
        while True:
            one = next((one for one in self._open if self._may_go_on(one)), None)
            if one is not None:
                job = self._chunk(one)
            elif self._begun < len(self._files) and self._room() > 0:
                job = self._begin()
            else:
                return None
            if job is not None:
                return job

    def take(self, number: int, copy: int, told: Told) -> None:
        """An answer of a worker."""
        one = next(one for one in self._open if one.number == number)
        if isinstance(told, Counted):
            if one.kept is not None:
                one.kept.keep_copies(told.copies)
            self._counted(one, told.copies)
            return
        if one.copies is None:  # it could not even be counted
            self._counted(one, 1)
            one.given = 1
        elif one.kept is not None and not (isinstance(told, Refused) and told.code in _PASSING):
            one.kept.keep_reading(copy, told)
        one.results[copy] = told
        self._done += 1

    def ready(self) -> Iterator[PileReading]:
        """What can be handed out now, in order."""
        while self._open:
            first = self._open[0]
            while first.yielded in first.results:
                first.yielded += 1
                yield PileReading(first.path, first.yielded - 1, first.results.pop(first.yielded - 1))
            if first.yielded != first.copies:
                return
            self._open.popleft()

    def _may_go_on(self, one: _File) -> bool:
        """Whether copies of it may be given; the first file always goes on, since all others wait for it."""
        if one.copies is None or one.given == one.copies:
            return False
        return self._room() > 0 or (one is self._open[0] and one.given == one.yielded)

    def _room(self) -> int:
        return self._ahead - sum(1 if one.copies is None else one.given - one.yielded for one in self._open)

    def _begin(self) -> Job | None:
        """Opens the next file: a job to count its copies, unless that is known."""
        one = _File(self._begun, self._files[self._begun], None)
        self._begun += 1
        self._open.append(one)
        try:
            if self._store is not None:
                one.kept = Kept.of(self._store, one.path, self._digest)
        except OSError:
            self.take(
                one.number, 0, Refused(one.path.name, "damaged", "ファイルを開けません。場所を確かめてください。")
            )
            return None
        known = one.kept.copies() if one.kept is not None else None
        if known is None:
            return Job(one.number, one.path)
        self._counted(one, known)
        return None

    def _counted(self, one: _File, copies: int) -> None:
        one.copies = copies
        self._opened += 1
        self._copies += copies

    def _chunk(self, one: _File) -> Job | None:
        """The next copies of a file that are not in the store; None where the next one is, which is taken from there."""
        first, copies = one.given, one.copies or 0
        kept = one.kept.reading(first) if one.kept is not None else None
        if kept is not None:
            one.results[first] = kept
            one.given += 1
            self._done += 1
            return None
        most = min(_CHUNK, copies - first, max(1, self._room()))
        one.given += 1
        while one.given - first < most and not (one.kept is not None and one.kept.has(one.given)):
            one.given += 1
        return Job(one.number, one.path, first, one.given - first)
