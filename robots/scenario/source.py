"""scenario.yaml as plain data: mappings, lists and text, with the place of everything in a side table.

Every scalar is text: 011002 stays 011002, no stays no.  What YAML offers beyond that (anchors, tags, several
documents ...) is refused, because an author who meets it has mistyped.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, cast

from robots.position import Position
from robots.scenario.decode import decoded
from robots.scenario.problem import Findings
from robots.scenario.quick import quick_read

Path = tuple[str | int, ...]
"""Where a value stands: ("each", 3, "commit", "do", 0)."""
Data = dict[str, "Data"] | list["Data"] | str

MAX_DEPTH = 30

_ODD_BREAK = ("目に見えない改行文字があります。", "この行の文字を消して、手で打ち直してください。")
_REFUSED = {
    "\t": ("タブ文字が使われています。", "Tab キーではなく半角の空白で字下げしてください。"),
    "\x85": _ODD_BREAK,
    "\u2028": _ODD_BREAK,
    "\u2029": _ODD_BREAK,
}
_ESCAPES = {"x": 4, "u": 6, "U": 10}


@dataclass(frozen=True, slots=True)
class Bounds:
    """How large a file may be, and what its reader is told where it is larger or empty."""

    size: int
    """Bytes."""
    nodes: int
    too_large: str
    empty: str


SCENARIO = Bounds(
    256 * 1024,
    5_000,
    "データはシナリオではなく Excel や CSV に置いてください。",
    "名称: と 各件: などを書いてください。",
)


@dataclass(frozen=True, slots=True)
class Source:
    """A file that was read: its data, and the place of each value and each key by path."""

    path: str
    data: Data
    _text: str
    _values: dict[Path, tuple[int, int, int, int]]
    _keys: dict[Path, tuple[int, int]]

    def at(self, path: Path) -> Position:
        """The place of the value at ``path``, or of the nearest value around it."""
        while path and path not in self._values:
            path = path[:-1]
        line, column, _, _ = self._values[path]
        return Position(self.path, line + 1, column + 1)

    def below(self, path: Path, keys: Iterable[str]) -> Path:
        """The path of whichever of ``keys`` is written below ``path``, or ``path`` itself."""
        return next(((*path, key) for key in keys if (*path, key) in self._keys), path)

    def data_at(self, path: Path) -> Data:
        """The data at ``path``."""
        found: Any = self.data
        for key in path:
            found = found[key]
        return cast("Data", found)

    def key(self, path: Path) -> Position:
        """The place of the key that holds the value at ``path`` (a list's element: of the element)."""
        if path in self._keys:
            line, column = self._keys[path]
            return Position(self.path, line + 1, column + 1)
        return self.at(path)

    def inside(self, path: Path, value: str, offset: int) -> Position:
        """The place of the character ``value[offset]`` of the text at ``path``, however it was quoted."""
        line, column, start, end = self._values[path]
        raw = self._text[start:end]
        at = _aligned(raw, value, offset)
        before = raw[:at]
        if "\n" in before:
            return Position(self.path, line + 1 + before.count("\n"), at - before.rfind("\n"))
        return Position(self.path, line + 1, column + 1 + at)


def _aligned(raw: str, value: str, offset: int) -> int:
    """The index in the text as written (``raw``) of ``value[offset]``: quotes, escapes and folding skipped."""
    place = 1 if raw[:1] in ("'", '"') else 0
    if raw[place : len(raw) - place] == value:  # as it is, which most texts are
        return place + min(offset, len(value))
    for index, character in enumerate(value):
        if raw[:1] == '"' and raw[place : place + 1] == "\\":
            length = _ESCAPES.get(raw[place + 1 : place + 2], 2)
        else:
            length = 1
            found = raw.find(character, place)
            if found >= 0 and (found - place <= 2 or not raw[place:found].strip(" \r\n|>+-0123456789")):
                place = found
        if index >= offset:
            break
        place += length
    return min(place, len(raw))


def read_source(path: str, content: bytes, findings: Findings, bounds: Bounds) -> Source | None:
    """Reads one YAML file.

    path: its name in messages; bounds: how large it may be.  Everything wrong is noted in ``findings``; None where it cannot be read at all.
    """
    text = decoded(path, content, findings, bounds.size, bounds.too_large)
    if text is None:
        return None
    before = len(findings)
    refused = {sign: words for sign, words in _REFUSED.items() if sign in text}
    for index, line in enumerate(text.split("\n") if refused else ()):
        for sign, (what, mend) in refused.items():
            if sign in line:
                findings.add(Position(path, index + 1, line.index(sign) + 1), what, mend)
    if len(findings) > before:
        return None
    read = quick_read(text, nodes=bounds.nodes, depth=MAX_DEPTH)
    if read is None:
        from robots.scenario.careful import Limits, careful_read  # the slow parser, for what is odd alone

        limits = Limits(bounds.nodes, MAX_DEPTH, bounds.too_large, bounds.empty)
        read = careful_read(path, text, findings, limits)
    return None if read is None else Source(path, read.data, text, read.values, read.keys)
