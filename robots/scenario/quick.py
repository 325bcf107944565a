"""The quick way through a YAML file that has nothing odd in it: libyaml's events, one look at each.

Ten times as fast as the careful reader, and it says nothing: whatever it would have to judge (an error, an alias, a tag,
a key twice, a bound overstepped), it leaves to the careful reader, which reads the file again and has the words for it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import yaml
from yaml.events import (
    AliasEvent,
    DocumentStartEvent,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
)

Path = tuple[str | int, ...]
_FULL_WIDTH_SPACE = "\u3000"


class _Odd(Exception):
    """Something that the careful reader must look at."""


@dataclass(slots=True)
class Quick:
    """What was read: plain data, and by path the place of each value (line, column, start, end) and of each key."""

    data: Any = None
    values: dict[Path, tuple[int, int, int, int]] = field(default_factory=dict)
    keys: dict[Path, tuple[int, int]] = field(default_factory=dict)


def quick_read(text: str, *, nodes: int, depth: int) -> Quick | None:
    """Reads a text of at most this many values and keys, nested at most so deep; None where anything is odd."""
    reading = _Reading(text, nodes, depth)
    try:
        for event in yaml.parse(text, Loader=yaml.CSafeLoader):
            reading.take(event)
    except (yaml.YAMLError, _Odd):
        return None
    quick = reading.quick
    return quick if quick.data else None


class _Reading:
    """Builds the data; ``open`` holds the mappings and lists that are being read, outermost first."""

    def __init__(self, text: str, nodes: int, depth: int) -> None:
        self.quick = Quick()
        self._text = text
        self._last = text.count("\n")
        self._left = nodes
        self._depth = depth
        self._documents = 0
        self._open: list[tuple[Any, Path]] = []
        self._flows = [True]
        """Whether each of them, and the file around them, is written in [ ] or { }."""
        self._key: str | None = None
        """The key of the innermost mapping whose value comes next."""
        self._empty: Path | None = None
        """A value that is not written at all: it stands where the next thing does, as the careful reader has it."""

    def take(self, event: Any) -> None:
        """Takes one Event in (typed loosely: marks are always there, though the library's stubs say perhaps)."""
        if self._empty is not None:
            mark = event.start_mark
            if mark.line > self._last:
                raise _Odd  # behind the end of a last line without a line end
            self.quick.values[self._empty] = (mark.line, mark.column, mark.index, mark.index)
            self._empty = None
        if isinstance(event, ScalarEvent):
            self._scalar(event)
        elif isinstance(event, MappingStartEvent | SequenceStartEvent):
            if event.anchor or event.tag is not None:
                raise _Odd
            made: Any = {} if isinstance(event, MappingStartEvent) else []
            self._open.append((made, self._put(event, made)))
            self._flows.append(bool(event.flow_style))
        elif isinstance(event, MappingEndEvent | SequenceEndEvent):
            self._open.pop()
            self._flows.pop()
        elif isinstance(event, AliasEvent):
            raise _Odd
        elif isinstance(event, DocumentStartEvent):
            self._documents += 1
            if self._documents > 1 or event.version or event.tags:
                raise _Odd

    def _scalar(self, event: Any) -> None:
        if event.anchor or event.tag is not None:
            raise _Odd
        mark, value = event.start_mark, event.value
        if self._open and self._key is None and isinstance(self._open[-1][0], dict):
            self._count()
            if value.startswith(_FULL_WIDTH_SPACE) or value.endswith(_FULL_WIDTH_SPACE) or value in self._open[-1][0]:
                raise _Odd
            self._key = value
            self.quick.keys[(*self._open[-1][1], value)] = (mark.line, mark.column)
            return
        if not event.style and mark.line != event.end_mark.line and "\n" in self._written(event).strip():
            raise _Odd
        path = self._put(event, value)
        if mark.index == event.end_mark.index:
            if self._flows[-1] or not isinstance(path[-1], str):
                raise _Odd  # nothing between the commas of { }, or behind the - of a list
            self._empty = path

    def _put(self, event: Any, value: Any) -> Path:
        """Puts a value where it belongs; its path."""
        self._count()
        path: Path = ()
        if not self._open:
            self.quick.data = value
        else:
            holder, above = self._open[-1]
            if isinstance(holder, list):
                path = (*above, len(holder))
                holder.append(value)
            elif self._key is None:
                raise _Odd  # a key that is no text
            else:
                path = (*above, self._key)
                holder[self._key], self._key = value, None
        if len(path) > self._depth:
            raise _Odd
        start = event.start_mark
        self.quick.values[path] = (start.line, start.column, start.index, event.end_mark.index)
        return path

    def _count(self) -> None:
        self._left -= 1
        if self._left < 0:
            raise _Odd

    def _written(self, event: Any) -> str:
        return self._text[event.start_mark.index : event.end_mark.index]
