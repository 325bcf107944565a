"""What an exercise is, and what its checks look at: the result of the person's scenario, never its text."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from openpyxl import load_workbook

from robots.runner.report import Report

DEPARTMENT = "renshu"
LEVELS = {1: "はじめの一歩", 2: "くり返し・分岐・変数・エラー・部品", 3: "自分の仕事"}

Lines = Sequence[Mapping[str, str]]
"""The rows of a sheet: column → text."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of one run (or rehearsal) of the person's scenario."""

    report: Report
    planned: list[dict[str, str]]
    """Of a rehearsal: the rows of 登録予定.xlsx."""
    items: list[Mapping[str, str]]
    """Of a run: key, origin, state and reason of each item."""
    entries: Callable[[str], list[Mapping[str, object]]]
    """What arrived in a system of the practice town: key, kind, values …"""
    folder: Path
    """Where the run's books lie, in some folder below."""
    truth: Lines = ()
    """What stands on each paper of the exercise, by field; 元データ is its file."""

    def book(self, name: str, sheet: str) -> list[dict[str, str]] | None:
        """The rows of a book that the scenario wrote, under its headings in row 1; None where there is no such sheet."""
        found = sorted(self.folder.rglob(name))
        return _rows(found[0], sheet) if found else None


Check = Callable[[Outcome], list[str]]
"""What is still missing, in words that don't give the answer; nothing where all is right."""


@dataclass(frozen=True, slots=True)
class Exercise:
    """One exercise.  Its text and its starting files are those of materials/ under its number."""

    number: int
    level: int
    title: str
    name: str
    """Of the scenario folder."""
    rehearsed: Check
    """Looks at a rehearsal, which needs no approval."""
    entered: Check | None = None
    """Looks at a real run, once the rehearsal is right and the scenario approved; None: the rehearsal is all."""
    tables: Mapping[str, Lines] = field(default_factory=dict)
    """The sample's sheets by file name (.csv or .xlsx)."""
    papers: tuple[str, ...] = ()
    """The gallery's scanned papers that it reads."""
    part: str = ""
    """The folder name of a ready scenario that comes with it, to be called."""
    commits: bool = False
    """Whether its items are entered for good."""
    lost_answer: str = ""
    """A request of the practice town (method and path) whose answer is lost once in the real run."""

    @property
    def scenario(self) -> str:
        return f"{DEPARTMENT}/{self.name}"

    @property
    def scenarios(self) -> tuple[str, ...]:
        """All that it lays out, what is called first."""
        return (*((f"{DEPARTMENT}/{self.part}",) if self.part else ()), self.scenario)


def planned_of(report: Report) -> list[dict[str, str]]:
    """The rows of a rehearsal's book; a rehearsal without items leaves none."""
    return (_rows(report.planned, "登録予定") or []) if report.planned is not None and report.planned.exists() else []


def _rows(place: Path, sheet: str) -> list[dict[str, str]] | None:
    book = load_workbook(place, read_only=True, data_only=True)
    try:
        if sheet not in book.sheetnames:
            return None
        lines = [
            ["" if cell is None else str(cell) for cell in line] for line in book[sheet].iter_rows(values_only=True)
        ]
    finally:
        book.close()
    return [dict(zip(lines[0], line, strict=False)) for line in lines[1:] if any(line)] if lines else []
