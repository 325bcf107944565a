"""The second half of ``fmt``: how far each line is indented.  Only the spaces at a line's beginning change.

Two spaces a level, ``- `` included: what stands below a key stands two further in, and so does what stands behind a
dash.  Lines that go on inside brackets, quotes or a block of text move with the line on which they began.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from ruamel.yaml.events import (
    Event,
    MappingEndEvent,
    MappingStartEvent,
    NodeEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
)

from robots.scenario.format_quotes import events_of

_STEP = 2
_DASHES = re.compile(r"(?:- +(?=\S))+")
_KEEPS = re.compile(r"[|>][0-9-]*\+")


@dataclass(slots=True)
class _Block:
    """A mapping or list that is written line by line."""

    start: int
    old: int
    new: int
    is_list: bool
    end: int = 0
    before_value: bool = False
    """In a mapping: the next node is a value."""


@dataclass(slots=True)
class _Layout:
    """What becomes of each line; lines count from 0."""

    text: str
    lines: list[str]
    indent: dict[int, int] = field(default_factory=dict)
    """The new column of the first thing on a line."""
    dashed: set[int] = field(default_factory=set)
    moved: dict[int, int] = field(default_factory=dict)
    """Lines that go on from one above, and by how much they move."""
    kept: set[int] = field(default_factory=set)
    """Lines whose spaces at the end, or emptiness, belong to a text."""
    blocks: list[_Block] = field(default_factory=list)


def keeps_line_ends(text: str, events: Iterable[Event]) -> bool:
    """Whether a block of text (|+) holds the empty lines that follow it."""
    return any(isinstance(one, ScalarEvent) and one.style in ("|", ">") and _keeps(text, one) for one in events)


def laid_out(text: str) -> str:
    """The text indented evenly, without spaces at line ends, and with at most one empty line in a row."""
    layout, events = _Layout(text, text.split("\n")), events_of(text)
    _walk(layout, events)
    made: list[str] = []
    for number, line in enumerate(layout.lines):
        if number in layout.kept:
            made.append(_shifted(line, layout.moved.get(number, 0)))
            continue
        placed = _placed(layout, number, line).rstrip(" ")
        if placed or (made and made[-1] != "") or number - 1 in layout.kept:
            made.append(placed)
    whole = "\n".join(made)
    ends_within = layout.lines[-1] != "" and len(layout.lines) - 1 in layout.kept
    if ends_within or (keeps_line_ends(text, events) and text.endswith("\n")):
        return whole  # a line end more would belong to the last text
    return whole.rstrip("\n") + "\n"


def _placed(layout: _Layout, number: int, line: str) -> str:
    bare = line.lstrip(" ")
    if number in layout.moved:
        return _shifted(line, layout.moved[number])
    if number in layout.indent:
        if number in layout.dashed:
            bare = _DASHES.sub(lambda found: re.sub(" +", " ", found[0]), bare, count=1)
        return " " * layout.indent[number] + bare
    return " " * _comment_column(layout, number, len(line) - len(bare)) + bare if bare else ""


def _shifted(line: str, by: int) -> str:
    if by >= 0:
        return " " * by + line if line else line
    return line[min(-by, len(line) - len(line.lstrip(" "))) :]


def _comment_column(layout: _Layout, number: int, old: int) -> int:
    """A comment goes with the next line where it stood level with it, else with the block that it stood level with."""
    following = next((one for one in range(number + 1, len(layout.lines)) if one in layout.indent), None)
    if following is not None:
        line = layout.lines[following]
        if len(line) - len(line.lstrip(" ")) == old:
            return layout.indent[following]
    at = sum(len(line) + 1 for line in layout.lines[:number])
    level = [one.new for one in layout.blocks if one.old == old and one.start < at <= one.end]
    if level:
        return level[-1]
    return layout.indent[following] if following is not None else old


def _walk(layout: _Layout, events: Iterable[Event]) -> None:
    open_blocks: list[_Block] = []
    flow = 0
    flow_start: Event | None = None
    for event in events:
        if isinstance(event, MappingEndEvent | SequenceEndEvent):
            if flow:
                flow -= 1
                if not flow and flow_start is not None:
                    _carry(layout, flow_start, event, open_blocks)
            else:
                open_blocks.pop().end = event.end_mark.index
        elif isinstance(event, NodeEvent) and not flow:
            new = _place(layout, event, open_blocks)
            if isinstance(event, MappingStartEvent | SequenceStartEvent):
                if event.flow_style:
                    flow, flow_start = 1, event
                else:
                    is_list = isinstance(event, SequenceStartEvent)
                    open_blocks.append(_Block(event.start_mark.index, event.start_mark.column, new, is_list))
                    layout.blocks.append(open_blocks[-1])
            else:
                _carry(layout, event, event, open_blocks)
        elif isinstance(event, MappingStartEvent | SequenceStartEvent):
            flow += 1


def _place(layout: _Layout, event: Event, open_blocks: list[_Block]) -> int:
    """Notes where a node stands; its new column."""
    if not open_blocks:
        return 0
    block = open_blocks[-1]
    line, column = event.start_mark.line, event.start_mark.column
    is_key = not block.is_list and not block.before_value
    if not block.is_list:
        block.before_value = is_key
    new = block.new if is_key else block.new + _STEP
    if block.is_list:
        _place_dash(layout, block, line)
    written = event.start_mark.index < event.end_mark.index or not isinstance(event, ScalarEvent)
    if written and not layout.lines[line][:column].strip(" "):
        layout.indent.setdefault(line, new)
    return new


def _place_dash(layout: _Layout, block: _Block, line: int) -> None:
    """Finds the dash of a list's element at or above its line."""
    line = min(line, len(layout.lines) - 1)
    while line >= 0:
        before, dash = layout.lines[line][: block.old], layout.lines[line][block.old : block.old + 2]
        if dash in ("-", "- ") and not before.strip(" -") and line not in layout.kept:
            layout.dashed.add(line)
            if not before.strip(" "):
                layout.indent.setdefault(line, block.new)
            return
        line -= 1


def _carry(layout: _Layout, first: Event, last: Event, open_blocks: list[_Block]) -> None:
    """The lines on which a value goes on move as far as the block around it."""
    by = open_blocks[-1].new - open_blocks[-1].old if open_blocks else 0
    start, end = first.start_mark.line, last.end_mark.line
    is_text = isinstance(first, ScalarEvent)
    is_block = isinstance(first, ScalarEvent) and first.style in ("|", ">")
    if isinstance(first, ScalarEvent) and is_block:
        end -= last.end_mark.column == 0
        if not _keeps(layout.text, first):
            while end > start and (end >= len(layout.lines) or not layout.lines[end]):
                end -= 1
    for line in range(start + 1, min(end, len(layout.lines) - 1) + 1):
        layout.moved[line] = by
        if is_text:
            layout.kept.add(line)
    if is_text and not is_block and end > start:
        layout.kept.add(end)


def _keeps(text: str, event: ScalarEvent) -> bool:
    return _KEEPS.match(text, event.start_mark.index) is not None
