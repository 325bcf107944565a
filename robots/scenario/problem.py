"""Problems of an author's file: values that are collected and printed by one reporter."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import TypedDict

from robots.position import Position


class ProblemDict(TypedDict):
    """A Problem as plain data for JSON; line and column count from 1."""

    path: str
    line: int
    column: int
    what: str
    guess: str | None
    mend: str


@dataclass(frozen=True, slots=True)
class Problem:
    """One mistake in an author's file: where it is, what it is, what was probably meant, how to mend it."""

    path: str
    line: int
    column: int
    what: str
    mend: str
    guess: str | None = None

    def __str__(self) -> str:
        guess = f"（もしかして: {self.guess}）" if self.guess else ""
        what = self.what.removesuffix("。")
        return f"{self.path}:{self.line}:{self.column}: {what}{guess} — {self.mend}"

    def to_dict(self) -> ProblemDict:
        return {
            "path": self.path,
            "line": self.line,
            "column": self.column,
            "what": self.what,
            "guess": self.guess,
            "mend": self.mend,
        }


@dataclass(frozen=True, slots=True)
class Problems:
    """All that is wrong with a scenario, in the order of the file; never empty."""

    all: tuple[Problem, ...]

    def __iter__(self) -> Iterator[Problem]:
        return iter(self.all)

    def __len__(self) -> int:
        return len(self.all)

    def __str__(self) -> str:
        return "\n".join(str(problem) for problem in self.all)

    def under(self, folder: str) -> Problems:
        """The same with the scenario's folder before each path (for a report over many scenarios)."""
        return Problems(tuple(replace(one, path=f"{folder}/{one.path}") for one in self.all))

    def to_dict(self) -> list[ProblemDict]:
        return [problem.to_dict() for problem in self.all]


class Findings:
    """Collects problems while one file is checked."""

    def __init__(self) -> None:
        self._found: dict[Problem, None] = {}

    def add(self, at: Position, what: str, mend: str, guess: str | None = None) -> None:
        """Notes one problem; the same problem is noted once."""
        self._found[Problem(at.path, at.line, at.column, what, mend, guess)] = None

    def __len__(self) -> int:
        return len(self._found)

    def problems(self) -> Problems:
        """Everything noted, by place."""
        return sorted_problems(self._found)


def sorted_problems(problems: Iterable[Problem]) -> Problems:
    """Problems by file, line and column."""
    return Problems(tuple(sorted(problems, key=lambda one: (one.path, one.line, one.column, one.what))))
