"""The mended line of a scenario: a name that its screen has no more, replaced where it is written.  Never applied here."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from robots.drivers.browser import Expectation, Locator, Scope
from robots.position import Position
from robots.runner.named import Named
from robots.scenario.edits import Edit, edited, lines_of
from robots.scenario.format_quotes import can_be_plain
from robots.scenario.problem import Findings, Problems
from robots.scenario.source import SCENARIO, Path, Source, read_source
from robots.scenario.validate import read_scenario
from robots.settings import SCENARIO_NAME
from robots.step import Step

_JA = {**Locator.ja_names(), **Scope.ja_names(), **Expectation.ja_names()}
_WHOLE = re.compile(r"\$\{((?:(?!\$\{).)+)\}")


@dataclass(frozen=True, slots=True)
class Proposal:
    """One line as it stands and as it would be mended; line counts from 1."""

    line: int
    column: int
    old: str
    new: str

    def diff(self, path: str) -> str:
        """As a unified diff."""
        return f"--- {path}\n+++ {path}\n@@ -{self.line} +{self.line} @@\n-{self.old}\n+{self.new}"


class Mender:
    """Finds the places of names in one scenario's file.

    files: the scenario folder's bytes; id: department/name.
    """

    def __init__(self, files: Mapping[str, bytes], id: str) -> None:
        self._files = files
        self._id = id
        self._content = files[SCENARIO_NAME]
        self._lines = lines_of(self._content)
        source = read_source(SCENARIO_NAME, self._content, Findings(), SCENARIO)
        if source is None:
            raise RuntimeError("a scenario that was read can't be read again")
        self._source: Source = source
        self._paths = {source.key(path): path for path in _paths(source.data, ())}
        self._known = frozenset(self._paths.values())

    def place(self, step: Step, name: Named) -> Position:
        """Where a name is written, or the step where it is not found."""
        spot = self._spot(step, name)
        return step.position if spot is None else self._start(*spot)[0]

    def proposal(self, step: Step, name: Named, new: str) -> Proposal | None:
        """The line with the new name in place of the old one; None where no single line says it, or it would not be sound."""
        spot = self._spot(step, name)
        if spot is None:
            return None
        at, old = self._start(*spot)
        if not name.literal:
            new = _chosen(old, name.text, new)
        elif old != name.text:
            return None
        return self._replaced(at, old, new) if new else None

    def column(self, old: str, new: str) -> Iterator[tuple[Position, Proposal | None]]:
        """Every place where an expression uses a column that was read from a screen."""
        use = re.compile(
            rf"(?<![\w])(?!対象|item|入力値|inputs)([\w\]]+)(\.{re.escape(old)}(?!\w)|\[(['\"]){re.escape(old)}\3\])"
        )
        for number, line in enumerate(self._lines, 1):
            for found in use.finditer(line.split(" #")[0]):
                start = found.start(2) + found[2].index(old)
                at = Position(SCENARIO_NAME, number, start + 1)
                yield at, self._replaced(at, old, new) if new and (new.isidentifier() or found[3]) else None

    def _replaced(self, at: Position, old: str, new: str) -> Proposal | None:
        line, start = self._lines[at.line - 1], at.column - 1
        if not line.startswith(old, start):
            return None  # written with escapes, or over several lines
        quote = line[start - 1 : start]
        if quote in ("'", '"') and line[start + len(old) :].startswith(quote):
            written = new.replace("'", "''") if quote == "'" else new.replace("\\", "\\\\").replace('"', '\\"')
        else:
            inside = line[:start].count("{") > line[:start].count("}")
            plain = can_be_plain(new, flow=inside) or old in _expressions(line)
            written = new if plain else '"' + new.replace("\\", "\\\\").replace('"', '\\"') + '"'
        made = edited(self._content, [Edit(at.line, at.column, len(old), written)])
        if isinstance(read_scenario({**self._files, SCENARIO_NAME: made}, self._id), Problems):
            return None
        return Proposal(at.line, at.column, line, lines_of(made)[at.line - 1])

    def _spot(self, step: Step, name: Named) -> tuple[Path, bool] | None:
        """The path of what holds the name in the file, and whether it is a key there."""
        path = self._paths.get(step.position)
        if path is None:
            return None
        at = name.at
        if step.kind.params.free is not None and at and at[0] == step.kind.params.free:
            key = (*path, str(at[1]))
            return (key, name.kind != "option") if key in self._known else None
        for part in at:
            data = self._source.data_at(path)
            if isinstance(data, str):
                break
            if isinstance(data, list) and isinstance(part, int):
                path = (*path, part)
                continue
            keys = (
                [key for key in data if key == part or self._english(step, key) == part]
                if isinstance(data, dict)
                else []
            )
            if not keys:
                return None
            path = (*path, keys[0])
        return (path, False) if isinstance(self._source.data_at(path), str) else None

    def _english(self, step: Step, key: str) -> str:
        return step.kind.params.ja_names().get(key) or _JA.get(key, key)

    def _start(self, path: Path, is_key: bool) -> tuple[Position, str]:
        """The place of the first character (behind a quote), and the text that is written there."""
        if not is_key:
            text = str(self._source.data_at(path))
            return self._source.inside(path, text, 0), text
        at, text = self._source.key(path), str(path[-1])
        quoted = self._lines[at.line - 1][at.column - 1 : at.column] in ("'", '"')
        return Position(at.path, at.line, at.column + quoted), text


def _chosen(written: str, old: str, new: str) -> str:
    """An expression that gives the new option where it gave the old one; "" where the text is more than one expression."""
    whole = _WHOLE.fullmatch(written)
    if whole is None or "'" in old + new:
        return ""
    return f"${{'{new}' if {whole[1]} == '{old}' else {whole[1]}}}"


def _expressions(line: str) -> str:
    return " ".join(re.findall(r"\$\{[^}]*\}", line))


def _paths(data: object, path: Path) -> Iterator[Path]:
    if isinstance(data, dict):
        for key, value in data.items():
            yield (*path, key)
            yield from _paths(value, (*path, key))
    elif isinstance(data, list):
        for number, value in enumerate(data):
            yield from _paths(value, (*path, number))
