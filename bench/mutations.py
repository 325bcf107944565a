"""Mistakes as people and machines make them in good YAML: each knows the lines at which it may be named."""

from __future__ import annotations

import random
import re
from collections.abc import Callable

Lines = list[str]
Mutation = Callable[[Lines, int, random.Random], set[int]]
"""Changes the lines in place; the lines (from 1) that may be named, or an empty set where it cannot be applied."""

_KEY = re.compile(r"^( *(?:- )?)([^\s:#\"'{\[]+):(?= |$)")


def _misspell(lines: Lines, at: int, dice: random.Random) -> set[int]:
    found = _KEY.match(lines[at])
    if not found or _free(lines, at):
        return set()
    lines[at] = f"{found[1]}{found[2]}ぬぬぬ:{lines[at][found.end() :]}"
    return {at + 1}


def _drop_colon(lines: Lines, at: int, dice: random.Random) -> set[int]:
    found = _KEY.match(lines[at])
    if not found:
        return set()
    lines[at] = found[1] + found[2] + lines[at][found.end() :]
    return {at + 1, at + 2}


def _full_width_colon(lines: Lines, at: int, dice: random.Random) -> set[int]:
    found = _KEY.match(lines[at])
    if not found:
        return set()
    lines[at] = found[1] + found[2] + "：" + lines[at][found.end() :].strip()
    return {at + 1, at + 2}


def _duplicate(lines: Lines, at: int, dice: random.Random) -> set[int]:
    found = _KEY.match(lines[at])
    if not found or "- " in found[1] or lines[at].rstrip().endswith((":", "|", ">-", "{", "[", ",")):
        return set()
    lines.insert(at + 1, lines[at])
    return {at + 2}


def _tab(lines: Lines, at: int, dice: random.Random) -> set[int]:
    place = dice.randrange(len(lines[at]) + 1)
    lines[at] = lines[at][:place] + "\t" + lines[at][place:]
    return {at + 1}


def _control(lines: Lines, at: int, dice: random.Random) -> set[int]:
    place = dice.randrange(len(lines[at]) + 1)
    lines[at] = lines[at][:place] + dice.choice("\x00\x07\x1b\x7f") + lines[at][place:]
    return {at + 1}


def _anchor(lines: Lines, at: int, dice: random.Random) -> set[int]:
    found = _KEY.match(lines[at])
    if not found:
        return set()
    lines[at] = lines[at][: found.end()] + dice.choice([" &x", " !!str"]) + lines[at][found.end() :]
    return {at + 1}


def _open_quote(lines: Lines, at: int, dice: random.Random) -> set[int]:
    found = _KEY.match(lines[at])
    rest = lines[at][found.end() :].strip() if found else ""
    if not found or not rest or rest[0] in "\"'|>[{" or '"' in "".join(lines[at + 1 :]):
        return set()
    lines[at] = lines[at][: found.end()] + ' "' + rest
    return {at + 1}


def _close(lines: Lines, at: int, dice: random.Random) -> set[int]:
    found = _KEY.match(lines[at])
    rest = lines[at][found.end() :].strip() if found else ""
    if not rest or rest[0] not in "[{" or rest[-1] not in "]}":
        return set()
    lines[at] = lines[at].rstrip()[:-1]
    return {at + 1, at + 2}


def _break_expression(lines: Lines, at: int, dice: random.Random) -> set[int]:
    if "${" not in lines[at] or "$${" in lines[at]:
        return set()
    lines[at] = lines[at].replace("${", dice.choice(["${(", "${== ", "${1 2 ", "${x.", "${; "]), 1)
    return {at + 1}


def _unknown_name(lines: Lines, at: int, dice: random.Random) -> set[int]:
    if "${" not in lines[at] or "$${" in lines[at]:
        return set()
    lines[at] = lines[at].replace("${", "${存在しない名前 + ", 1)
    return {at + 1}


def _second_document(lines: Lines, at: int, dice: random.Random) -> set[int]:
    if not any(line.split("#")[0].strip() for line in lines[:at]) or _in_block_scalar(lines, at):
        return set()
    lines.insert(at, "---")
    return {at + 1}


def _free(lines: Lines, at: int) -> bool:
    """Whether the keys of this line are the author's own words (inputs, labels, names)."""
    depth = len(lines[at]) - len(lines[at].lstrip())
    for line in reversed(lines[:at]):
        if line.strip() and len(line) - len(line.lstrip()) < depth:
            return bool(re.search(r"(入力値|inputs|一括入力する|browser\.fill_form):\s*$", line))
    return False


def _in_block_scalar(lines: Lines, at: int) -> bool:
    depth = len(lines[at]) - len(lines[at].lstrip())
    for line in reversed(lines[:at]):
        if line.strip() and len(line) - len(line.lstrip()) < depth:
            return bool(re.search(r": [|>]-?$", line))
    return False


MUTATIONS: dict[str, Mutation] = {
    "misspell": _misspell,
    "drop-colon": _drop_colon,
    "full-width-colon": _full_width_colon,
    "duplicate": _duplicate,
    "tab": _tab,
    "control": _control,
    "anchor": _anchor,
    "open-quote": _open_quote,
    "close": _close,
    "break-expression": _break_expression,
    "unknown-name": _unknown_name,
    "second-document": _second_document,
}
ODD = [
    "{",
    "}",
    "[",
    "]",
    ":",
    "#",
    "&a",
    "*a",
    "!",
    "|",
    ">",
    "'",
    '"',
    "%",
    "@",
    "`",
    "?",
    "${",
    "$",
    "\\",
    ",",
    "𠮟",
]
ODD += [": ", "- ", "\r", "\n", "\u2028", "\u3000", "\ufeff", "\u0301", "\u202e", "---\n", "...\n"]
