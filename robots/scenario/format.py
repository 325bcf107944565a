"""``banken fmt``: scenario.yaml in one even style, its comments and its meaning as they were.

The style: two spaces a level, keys of the file in the order of the language, one space after ``:`` and ``,``, quotes
only where YAML (or an editor) needs them, at most one empty line in a row.  Lines are never folded or joined, the
kind of line end stays, and only what the style is about is touched, so no comment can be lost.
"""

from __future__ import annotations

from ruamel.yaml.events import DocumentEndEvent, DocumentStartEvent

from robots.scenario.decode import decoded
from robots.scenario.edits import BOM
from robots.scenario.format_layout import keeps_line_ends, laid_out
from robots.scenario.format_quotes import events_of, tidied
from robots.scenario.model import ScenarioFile
from robots.scenario.problem import Findings, Problems
from robots.scenario.shape import parameters
from robots.scenario.source import SCENARIO, Data, Source, read_source


def formatted(path: str, content: bytes) -> bytes | Problems:
    """The file in the style; Problems where it can't be read as YAML.

    path: its name in messages.  What the file says is compared before and after: RuntimeError (a bug of ours) if it differs.
    """
    findings = Findings()
    before = read_source(path, content, findings, SCENARIO)
    if before is None or len(findings):
        return findings.problems()
    text = decoded(path, content, findings, SCENARIO.size, SCENARIO.too_large) or ""
    made = _in_order(laid_out(tidied(text)), before)
    newline = "\r\n" if content.count(b"\r\n") * 2 > text.count("\n") else "\n"
    bom = BOM if content.startswith(BOM.encode()) else ""
    result = (bom + made.replace("\n", newline)).encode()
    after = read_source(path, result, findings, SCENARIO)
    if after is None or len(findings) or not _same(before.data, after.data):
        raise RuntimeError(f"formatting {path} would change what it says: {findings.problems()}")
    return result


def _same(before: Data, after: Data) -> bool:
    """Whether two files say the same; only the order of the top's keys may differ."""
    if isinstance(before, dict) and isinstance(after, dict):
        return {key: repr(one) for key, one in before.items()} == {key: repr(one) for key, one in after.items()}
    return repr(before) == repr(after)


def _in_order(text: str, source: Source) -> str:
    """The keys of the file, each with the comment above it, in the order of the language."""
    events = events_of(text)
    marked = any(isinstance(one, DocumentStartEvent | DocumentEndEvent) and one.explicit for one in events)
    if (
        marked
        or not text.endswith("\n")
        or keeps_line_ends(text, events)
        or not isinstance(source.data, dict)
        or getattr(events[2], "flow_style", False)
    ):
        return text
    known = parameters(ScenarioFile)
    order = {one.english: number for number, one in enumerate(dict.fromkeys(known.values()))}
    keys = list(source.data)
    ranks = [order[known[key].english] if key in known else len(order) for key in keys]
    if ranks == sorted(ranks):
        return text
    return _joined(text, source, keys, ranks)


def _joined(text: str, source: Source, keys: list[str], ranks: list[int]) -> str:
    lines = text.rstrip("\n").split("\n")
    again = read_source(source.path, text.encode(), Findings(), SCENARIO)
    if again is None:
        raise RuntimeError(f"{source.path} can't be read after it was laid out")
    starts = []
    for key in keys:
        start = again.key((key,)).line - 1
        while start > 0 and lines[start - 1].startswith("#"):
            start -= 1
        starts.append(start)
    parts = [lines[start:end] for start, end in zip(starts, [*starts[1:], len(lines)], strict=True)]
    bare = ["\n".join(part).rstrip("\n") for part in parts]
    sorted_parts = [bare[number] for number in sorted(range(len(bare)), key=lambda one: (ranks[one], one))]
    made = "".join(lines[: starts[0]] and ["\n".join(lines[: starts[0]]), "\n"])
    for number, part in enumerate(sorted_parts):
        apart = number > 0 and ("\n" in part or "\n" in sorted_parts[number - 1])
        made += ("\n" if apart else "") + part + "\n"
    return made
