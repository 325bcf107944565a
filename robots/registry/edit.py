"""Editing an entry of registry.yaml by commands: every other character of the file stays as it is, comments too."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import date
from decimal import Decimal
from typing import Any, Literal

from filelock import FileLock, Timeout
from yaml import CSafeLoader, Node, ScalarNode
from yaml import compose as compose_yaml

from robots.errors import BusinessError, SystemFailure
from robots.files import write_atomically
from robots.registry.model import Approval, Asked, Decision, Estimated, Origin, Retirement
from robots.settings import Home

_PATIENCE = 30.0
_BOM = "\ufeff"
Told = Approval | Asked | Decision | Estimated | Origin | str | date
"""What a command writes under a key of an entry."""
Section = Literal["scenarios", "people"]
_Edit = tuple[int, int, str]
"""Characters from, to, and what comes in their place."""


def edit_entry(
    home: Home, scenario: str, changes: Mapping[str, Told | None], *, section: Section = "scenarios"
) -> None:
    """Puts these keys of a scenario's (or a person's) entry to these values; None takes a key out.

    One editor at a time (of those that go this way).  Raises: SystemFailure where the register can't be written;
    BusinessError where the entry is not there (any more).
    """
    with _alone(home):
        text = home.register.read_bytes().decode("utf-8")  # bytes: its line ends stay as they are
        made = edited(text, scenario, changes, section).encode()
        try:
            write_atomically(home.register, made)
        except OSError as error:
            raise SystemFailure(
                f"台帳（registry.yaml）に書けません（{error.strerror or error}）。",
                mend="ほかのソフトが開いていないか、書く権限があるかを確かめてください。",
            ) from error


@contextmanager
def _alone(home: Home) -> Iterator[None]:
    folder = home.var / "locks"
    folder.mkdir(parents=True, exist_ok=True)
    try:
        with FileLock(folder / "registry.lock", timeout=_PATIENCE):
            yield
    except Timeout as error:
        raise SystemFailure(
            "台帳（registry.yaml）を、ほかのコマンドが書き換えています。", mend="少し待って、もう一度実行してください。"
        ) from error


def edited(text: str, scenario: str, changes: Mapping[str, Told | None], section: Section = "scenarios") -> str:
    """The register's text with the entry so changed.  Raises: BusinessError where the entry is not there."""
    if text.startswith(_BOM):
        return _BOM + edited(text.removeprefix(_BOM), scenario, changes, section)
    entry = _value(_value(compose(text), section), scenario)
    if entry is None:
        what = "シナリオ" if section == "scenarios" else "職員"
        raise BusinessError(
            f"{what}「{scenario}」は台帳（registry.yaml）にありません。",
            mend=f"台帳の {section} を確かめてください。",
        )
    newline = "\r\n" if "\r\n" in text else "\n"
    column = entry.value[0][0].start_mark.column
    further = f"{newline}{' ' * (column + 2)}"
    present = {key.value: (key, value) for key, value in entry.value}
    edits: list[_Edit] = []
    added: list[str] = []
    for name, told in changes.items():
        written = None if told is None else f"{name}: {_written(told, further)}"
        if name in present and written is not None:
            key, value = present[name]
            edits.append((key.start_mark.index, end_of(value), written))
        elif name in present:
            edits.append(_removal(text, entry, name))
        elif written is not None:
            added.append(written)
    if added:
        edits.append(_addition(text, entry, added, column, newline))
    for start, end, put in sorted(edits, reverse=True):
        text = text[:start] + put + text[end:]
    return text


def _addition(text: str, entry: Any, added: list[str], column: int, newline: str) -> _Edit:
    end = end_of(entry.value[-1][1])
    if entry.flow_style:
        return end, end, "".join(f", {one}" for one in added)
    lines = "".join(f"{' ' * column}{one}{newline}" for one in added)
    if text[:end].endswith("\n"):  # a block of text (|) ends with its line
        return end, end, lines
    after = text.find("\n", end) + 1  # behind a comment on the entry's last line
    return (after, after, lines) if after else (len(text), len(text), newline + lines)


def _removal(text: str, entry: Any, name: str) -> _Edit:
    place = next(number for number, (key, _) in enumerate(entry.value) if key.value == name)
    key, value = entry.value[place]
    start, end = key.start_mark.index, end_of(value)
    if entry.flow_style:
        if place:
            return end_of(entry.value[place - 1][1]), end, ""
        return start, entry.value[1][0].start_mark.index, ""
    if text[:end].endswith("\n"):
        return text.rfind("\n", 0, start) + 1, end, ""
    after = text.find("\n", end) + 1
    return text.rfind("\n", 0, start) + 1, after or len(text), ""


def _written(told: Told, further: str) -> str:
    """In [ ] and { } form, which may stand in an entry of either form; ``further`` begins each further line."""
    if isinstance(told, Approval):
        parts = ",".join(f"{further}{_quoted(part)}: {_quoted(digest)}" for part, digest in told.parts.items())
        return _flow(told, ("digest", "by", "on", "until", "number", "signature"), f", parts: {{{parts}}}")
    if isinstance(told, str | date):
        return _quoted(told)
    if isinstance(told, Asked):
        return _flow(told, ("by", "on", "digest"))
    if isinstance(told, Estimated | Origin):
        return _flow(told, tuple(type(told).model_fields))
    return _flow(told, ("by", "on", "why", *(("number",) if isinstance(told, Retirement) else ())))


def _flow(told: Approval | Asked | Decision | Estimated | Origin, names: tuple[str, ...], rest: str = "") -> str:
    return f"{{{', '.join(f'{name}: {_quoted(getattr(told, name))}' for name in names)}{rest}}}"


def _quoted(value: object) -> str:
    return str(value) if isinstance(value, date | int | Decimal) else json.dumps(value, ensure_ascii=False)


def _value(mapping: Any, name: str) -> Any:
    return next((value for key, value in mapping.value if key.value == name), None) if mapping is not None else None


def compose(text: str) -> Node | None:
    """The nodes of the register's text with the place of each; libyaml's, because a register may hold ten thousand."""
    return compose_yaml(text, Loader=CSafeLoader)


def end_of(node: Any) -> int:
    """Where a value ends; YAML lets a block end only where the next thing begins, comments and all."""
    if isinstance(node, ScalarNode) or node.flow_style:
        return int(node.end_mark.index)
    last = node.value[-1]
    return end_of(last[1] if isinstance(last, tuple) else last)
