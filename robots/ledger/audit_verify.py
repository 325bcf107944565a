"""Checking the audit log: the chain is computed again, and its records are compared with the heads outside.

What is found: an edited record, removed ones, a tail that was cut, a chain that was written anew from some record on
(with all hashes right again), records that were put in beside Banken, and a head file that is gone.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from robots.clock import shown
from robots.ledger.audit import COLUMNS, NOTHING, hash_of
from robots.ledger.heads import BEGUN, head_lines
from robots.ledger.store import Ledger
from robots.ledger.tables import audit, audit_tip

_AT_ONCE = 10_000


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong with the log: its kind, the records that it concerns (first and last), in Japanese."""

    kind: str
    """edited, broken, removed, cut, rewritten, added, head."""
    first: int
    last: int
    what: str

    def __str__(self) -> str:
        return self.what


@dataclass(frozen=True, slots=True)
class Verdict:
    """What verifying came to.  notes: what a person may want to know, though nothing is wrong."""

    records: int
    findings: tuple[Finding, ...]
    notes: tuple[str, ...]


def verify_audit(
    ledger: Ledger,
    heads: Sequence[Path],
    machine: str,
    *,
    alone: bool,
    progress: Callable[[int], None] = lambda _: None,
) -> Verdict:
    """Recomputes the chain and compares it with every head file.

    alone: all records are written on this machine (a SQLite ledger), so that its heads must know each of them;
    otherwise those that other machines wrote stand in their heads.  Raises: SystemFailure where the ledger can't be read.
    """
    with ledger.reading() as connection:
        tip = connection.execute(sa.select(audit_tip)).first()
        last = connection.execute(sa.select(sa.func.max(audit.c.number))).scalar() or 0
        kept = [_Head.read(file, expected=last > 0) for file in heads]
        chain = _Chain(kept, machine, alone)
        ordered = connection.execution_options(yield_per=_AT_ONCE).execute(sa.select(audit).order_by(audit.c.number))
        for number, row in enumerate(ordered, 1):
            chain.see(row)
            if number % _AT_ONCE == 0:
                progress(number)
    chain.end(tip.number if tip is not None else 0, tip.hash if tip is not None else NOTHING)
    notes = [note for head in kept for note in head.notes]
    if not heads:
        notes.append("控え（audit_heads）がないため、記録全体の書き直しは見つけられません。")
    return Verdict(chain.count, tuple(chain.findings), (*notes, *chain.notes))


@dataclass(slots=True)
class _Head:
    """What one head file says: the hash of each record that was kept, and of those whose keeping is not known."""

    file: Path
    kept: dict[int, bytes] = field(default_factory=dict)
    begun: dict[int, set[bytes]] = field(default_factory=dict)
    last: int = 0
    twice: list[int] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    gone: bool = False

    @classmethod
    def read(cls, file: Path, *, expected: bool) -> _Head:
        head = cls(file)
        try:
            for number, line in enumerate(head_lines(file), 1):
                if line is None:
                    head.notes.append(f"控え {file} の {number} 行目を読めません（書いている途中で止まった跡です）。")
                    continue
                digest = bytes.fromhex(line.hash)
                if line.word == BEGUN:
                    head.begun.setdefault(line.number, set()).add(digest)
                else:
                    if head.kept.get(line.number, digest) != digest:
                        head.twice.append(line.number)
                    head.kept.setdefault(line.number, digest)
                    head.begun.pop(line.number, None)
        except OSError:
            head.kept.clear()
            head.begun.clear()
        head.gone = expected and not head.kept and not head.begun
        head.last = max(head.kept, default=0)
        return head

    def end(self) -> int:
        """The last record that this file has heard of."""
        return max(self.last, max(self.begun, default=0))

    def differs(self, number: int, digest: bytes) -> bool:
        known = self.kept.get(number)
        if known is not None:
            return known != digest
        maybe = self.begun.get(number)
        return maybe is not None and digest not in maybe


class _Chain:
    """Goes along the records, one after the other."""

    def __init__(self, heads: Sequence[_Head], machine: str, alone: bool) -> None:
        self._heads = heads
        self._machine = machine
        self._alone = alone
        self._number = 0
        self._hash = NOTHING
        self._differing: list[list[int]] = [[] for _ in heads]
        self._unknown: list[list[int]] = [[] for _ in heads]
        self._elsewhere: set[str] = set()
        self.count = 0
        self.findings: list[Finding] = []
        self.notes: list[str] = []

    def see(self, row: Any) -> None:
        number, previous, digest = row.number, row.previous, row.hash
        self.count += 1
        if number < 1:
            self._found("added", number, number, f"{_span(number, number)}は、番犬を通さずに足されています。")
            return
        if number != self._number + 1:
            self._found(
                "removed", self._number + 1, number - 1, f"{_span(self._number + 1, number - 1)}が消されています。"
            )
        elif previous != self._hash:
            what = f"{_span(number, number)}が、その前の記録とつながりません（前の記録が書き換えられたか、差し替えられています）。"
            self._found("broken", number, number, what)
        if hash_of(row[: len(COLUMNS)]) != digest:
            what = (
                f"{_span(number, number)}（{shown(row.at)} {row.action} {row.subject}）が、後から書き換えられています。"
            )
            self._found("edited", number, number, what)
        self._compare(row, number, digest)
        self._number, self._hash = number, digest

    def _compare(self, row: Any, number: int, digest: str) -> None:
        for place, head in enumerate(self._heads):
            if head.gone:
                continue
            if head.differs(number, _bytes(digest)):
                self._differing[place].append(number)
            elif number > head.end():
                if self._alone or row.machine == self._machine:
                    self._unknown[place].append(number)
                else:
                    self._elsewhere.add(row.machine)

    def end(self, tip: int, tip_hash: str) -> None:
        """Judges what only the whole can show.  tip: the last number, and its hash, that the ledger itself remembers."""
        for place, head in enumerate(self._heads):
            self._against(head, self._differing[place], self._unknown[place])
        if tip > self._number and not any(one.kind == "cut" for one in self.findings):
            what = f"{_span(self._number + 1, tip)}が、終わりから消されています。"
            self._found("cut", self._number + 1, tip, what)
        elif tip < self._number or (tip == self._number and tip_hash != self._hash):
            what = f"{_span(self._number, self._number)}が、台帳記録の覚えている終わりと違います。番犬を通さずに書かれています。"
            self._found("broken", self._number, self._number, what)
        for machine in sorted(self._elsewhere):
            self.notes.append(
                f"端末 {machine} の新しい記録は、その端末の控えと照らします。その端末でも確かめてください。"
            )

    def _against(self, head: _Head, differing: list[int], unknown: list[int]) -> None:
        """What one head file tells of the whole."""
        if head.gone:
            what = f"控え {head.file} がないか、読めません。消されたか、置き場所（設定 audit_heads）が違います。"
            self._found("head", 0, 0, what)
        for first, last in _spans(differing):
            what = f"{_span(first, last)}が、控え {head.file} と違います。記録が書き直されています。"
            self._found("rewritten", first, last, what)
        for first, last in _spans(set(head.twice).difference(differing)):
            what = f"控え {head.file} に、{_span(first, last)}が二通りあります。一度消して、書き直されています。"
            self._found("rewritten", first, last, what)
        if head.last > self._number:
            what = (
                f"{_span(self._number + 1, head.last)}が、終わりから消されています（控え {head.file} にはあります）。"
            )
            self._found("cut", self._number + 1, head.last, what)
        for first, last in _spans(unknown):
            what = f"{_span(first, last)}は、控え {head.file} にありません。番犬を通さずに足されたか、控えが切られています。"
            self._found("added", first, last, what)

    def _found(self, kind: str, first: int, last: int, what: str) -> None:
        self.findings.append(Finding(kind, first, last, what))


def _bytes(digest: str) -> bytes:
    try:
        return bytes.fromhex(digest)
    except ValueError:
        return digest.encode()


def _span(first: int, last: int) -> str:
    return f"記録 {first}" if first == last else f"記録 {first}〜{last}"


def _spans(numbers: Iterable[int]) -> Iterator[tuple[int, int]]:
    """Runs of neighbouring numbers as (first, last)."""
    first = last = None
    for number in sorted(set(numbers)):
        if last is not None and number == last + 1:
            last = number
            continue
        if first is not None and last is not None:
            yield first, last
        first = last = number
    if first is not None and last is not None:
        yield first, last
