"""The first half of ``fmt``: what is changed within a line.  Quotes that nobody needs go, spaces inside become even."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise

from ruamel.yaml import YAML
from ruamel.yaml.events import (
    Event,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
)

Tokens = list[tuple[Event, bool]]
"""What is written out, each with whether it stands within [ ] or { }."""

_LEADING = frozenset("-?:,[]{}#&*!|>'\"%@`=~<")
_TYPED = re.compile(r"[-+.0-9][-+.0-9_,:eExXoOa-fA-FTZ ]*|true|false|yes|no|on|off|null|y|n|~", re.IGNORECASE)
"""What other readers of YAML (an editor among them) take for something else than text."""
_DOUBTFUL = frozenset("[]'\"#")
"""Signs that mean something elsewhere in YAML: an author who put quotes around them keeps them."""
_GAPS = {":": ": ", ",": ", ", "": ""}


def events_of(text: str) -> list[Event]:
    """The events of a sound file."""
    return list(YAML(typ="safe", pure=True).parse(text))


def tidied(text: str) -> str:
    """The text with even spaces and without needless quotes; every line stays on its line.

    A comment that stood well apart from its value (in a column with others) keeps its column.
    """
    made, tokens = list(text), _tokens(text)
    changes = sorted([*_quotes(text, tokens), *_gaps(text, tokens)])
    for start, end, new in reversed(changes):
        made[start:end] = [new, *[""] * (end - start - 1)] if end > start else []
    grown: dict[int, int] = {}
    for start, end, new in changes:
        line = text.count("\n", 0, start)
        grown[line] = grown.get(line, 0) + len(new) - (end - start)
    return _with_comments_in_place(dict(_comments(text, tokens)), "".join(made), grown)


def _with_comments_in_place(comments: dict[int, int], after: str, grown: dict[int, int]) -> str:
    lines = after.split("\n")
    for line, more in grown.items():
        column = comments.get(line)
        if column is None:
            continue
        value, comment = lines[line][: column + more], lines[line][column + more :]
        gap = len(value) - len(value.rstrip(" "))
        if gap > 2:  # in a column with others, not merely behind its value
            lines[line] = value.rstrip(" ") + " " * max(1, gap - more) + comment
    return "\n".join(lines)


def _tokens(text: str) -> Tokens:
    found: list[tuple[Event, bool]] = []
    depth = 0
    for event in events_of(text):
        flow = bool(getattr(event, "flow_style", False))
        if isinstance(event, ScalarEvent):
            found.append((event, depth > 0))
        elif isinstance(event, MappingStartEvent | SequenceStartEvent) and flow:
            depth += 1
            found.append((event, True))
        elif isinstance(event, MappingEndEvent | SequenceEndEvent) and depth:
            depth -= 1
            found.append((event, True))
    return found


def _comments(text: str, tokens: Tokens) -> Iterator[tuple[int, int]]:
    """Line and column of each comment that stands behind something."""
    at = 0
    for event, _ in [*tokens, (None, False)]:
        end = len(text) if event is None else event.start_mark.index
        for found in re.finditer(r"(?<=[ \n])#[^\n]*", text[at:end]):
            start = at + found.start()
            first = text.rfind("\n", 0, start) + 1
            if text[first:start].strip(" "):
                yield text.count("\n", 0, start), start - first
        at = end if event is None else max(at, event.end_mark.index)


def _quotes(text: str, tokens: Tokens) -> Iterator[tuple[int, int, str]]:
    for event, flow in tokens:
        if isinstance(event, ScalarEvent) and event.style in ("'", '"'):
            start, end = event.start_mark.index, event.end_mark.index
            if "\n" not in text[start:end] and can_be_plain(str(event.value), flow=flow):
                yield start, end, str(event.value)


def can_be_plain(value: str, *, flow: bool) -> bool:
    """Whether a text needs no quotes, neither for Banken nor for an editor."""
    if not value or value != value.strip() or value[0] in _LEADING or not value.isprintable():
        return False
    if ": " in value or _DOUBTFUL & set(value) or value.endswith(":") or _TYPED.fullmatch(value):
        return False
    return not (flow and any(sign in value for sign in ",:[]{}"))


def _gaps(text: str, tokens: Tokens) -> Iterator[tuple[int, int, str]]:
    """Between two things on one line: one space after : and , and none inside brackets."""
    for (left, _), (right, _) in pairwise(tokens):
        start, end = left.end_mark.index, right.start_mark.index
        gap = text[start:end]
        sign = gap.strip(" ")
        if "\n" in gap or sign not in _GAPS or _is_block(left) or _is_empty(left) or _is_empty(right):
            continue
        closing = isinstance(right, MappingEndEvent | SequenceEndEvent)
        wanted = _GAPS[sign].rstrip(" ") if closing else _GAPS[sign]
        if gap != wanted:
            yield start, end, wanted


def _is_block(event: Event) -> bool:
    return isinstance(event, ScalarEvent) and event.style in ("|", ">")


def _is_empty(event: Event) -> bool:
    return isinstance(event, ScalarEvent) and event.start_mark.index == event.end_mark.index
