"""Adding a draft to registry.yaml: every other character of the file stays as it is."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Literal

from yaml import MappingNode

from robots.errors import BusinessError
from robots.registry.edit import compose, end_of
from robots.registry.load import read_register
from robots.scenario.problem import Problems


@dataclass(frozen=True, slots=True)
class Draft:
    """A scenario's entry before anybody has approved it."""

    name: str
    owner: str
    deputy: str
    stop: str
    data: Literal["none", "personal", "my_number"]
    minutes: str
    """Minutes an item took by hand."""
    measured: date
    nightly: bool
    """Whether it is to run by itself on every open day."""


def with_draft(content: bytes, scenario: str, entry: Draft) -> bytes | Problems:
    """The register's bytes with the entry under its id; Problems where an entry so made would not be right.

    Raises: BusinessError where the id is taken, or the file is written in a way that can't be added to.
    """
    text = content.decode("utf-8")
    newline = "\r\n" if "\r\n" in text else "\n"
    made = _inserted(text, scenario, entry, newline).encode()
    after = read_register(made)
    if isinstance(after, Problems):
        return after
    before = read_register(content)
    if not isinstance(before, Problems) and before.raw_entries != _without(after.raw_entries, scenario):
        raise RuntimeError(f"adding {scenario} would change another entry")
    return made


def _without(entries: Mapping[str, Mapping[str, object]], scenario: str) -> dict[str, Mapping[str, object]]:
    return {key: value for key, value in entries.items() if key != scenario}


def _inserted(text: str, scenario: str, entry: Draft, newline: str) -> str:
    root = compose(text.removeprefix("\ufeff"))
    shift = len(text) - len(text.removeprefix("\ufeff"))
    pairs = {key.value: value for key, value in root.value} if isinstance(root, MappingNode) else {}
    scenarios = pairs.get("scenarios")
    if scenarios is None:
        apart = "" if text.endswith("\n") or not text else newline
        return f"{text}{apart}{newline}scenarios:{newline}{_lines(scenario, entry, '  ', newline)}"
    if scenario in [key.value for key, _ in scenarios.value]:
        raise BusinessError(f"「{scenario}」はもう台帳にあります。", mend="ほかの番号にしてください。")
    if not scenarios.value:  # scenarios: {}
        start, end = scenarios.start_mark.index + shift, scenarios.end_mark.index + shift
        after = text.find("\n", end) + 1 or len(text)
        apart = "" if text[:after].endswith("\n") else newline
        rest = (text[:start].rstrip(" ") + text[end:after]) + apart
        return rest + _lines(scenario, entry, "  ", newline) + text[after:]
    if scenarios.flow_style:
        raise BusinessError(
            "台帳の scenarios が { } で書かれているので、書き加えられません。",
            mend="一つの項目を一行ずつに分けて書き直してください。",
        )
    first, (_, last) = scenarios.value[0][0], scenarios.value[-1]
    indent = " " * first.start_mark.column
    end = end_of(last) + shift
    after = end if text[:end].endswith("\n") else text.find("\n", end) + 1 or len(text)
    apart = "" if text[:after].endswith("\n") else newline
    return text[:after] + apart + _lines(scenario, entry, indent, newline) + text[after:]


def _lines(scenario: str, entry: Draft, indent: str, newline: str) -> str:
    lines = [
        f"{scenario}:",
        f"  name: {_quoted(entry.name)}",
        f"  owner: {_quoted(entry.owner)}",
        f"  deputy: {_quoted(entry.deputy)}",
        '  runs_on: ["*"]                        # どの端末で動かしてよいか。* はどれでも',
        f"  stop: {_quoted(entry.stop)}",
        f"  data: {entry.data}",
        "  built_by: in_house",
    ]
    if entry.nightly:
        lines.append('  schedule: {on: every open day, at: "19:00"}')
    lines += [
        "  baseline:                             # 手でしていたときの時間。測ったら直す",
        f"    minutes_per_item: {_number(entry.minutes)}",
        f"    measured: {entry.measured}",
        "    how: 担当者の見積り",
    ]
    return "".join(f"{indent}{line}{newline}" for line in lines)


def _number(text: str) -> str:
    return text if re.fullmatch(r"\d+(\.\d+)?", text) else json.dumps(text, ensure_ascii=False)


def _quoted(text: str) -> str:
    return text if text.isalnum() and not text.isdecimal() else json.dumps(text, ensure_ascii=False)
