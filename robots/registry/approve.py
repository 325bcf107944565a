"""Approving a scenario: what changed since the last approval, and the entry's new approval, comments kept."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.nodes import ScalarNode

from robots.errors import BusinessError
from robots.files import write_atomically
from robots.registry.calls import links_of
from robots.registry.digest import changed_parts, digest_of, parts_of, read_folder
from robots.registry.load import Loaded
from robots.registry.model import Approval, Entry
from robots.scenario.problem import Problems
from robots.scenario.validate import read_scenario
from robots.settings import Home


@dataclass(frozen=True, slots=True)
class Request:
    """What an approver is asked to approve."""

    scenario: str
    name: str
    digest: str
    parts: dict[str, str]
    changes: list[str]
    """In words, against the last approval; everything is new at the first."""


def request_of(home: Home, loaded: Loaded, scenario: str) -> Request | Problems:
    """Reads a registered scenario and says what approving it would cover.

    Raises: BusinessError where it is not registered or has no folder.
    """
    entry = _entry(loaded, scenario)
    folder = home.scenarios / scenario
    if not folder.is_dir():
        raise BusinessError(f"scenarios/{scenario} がありません。", mend="シナリオのフォルダを置いてください。")
    files, raw = read_folder(folder), loaded.raw_entries[scenario]
    model = read_scenario(files, scenario)
    if isinstance(model, Problems):
        return model
    links = links_of(home, loaded, scenario, model)
    if links.problems is not None:
        return links.problems
    parts = parts_of(files, raw, links.digests)
    before = entry.approval.parts if entry.approval is not None else {}
    digest = digest_of(scenario, files, raw, links.digests)
    return Request(scenario, entry.name, digest, parts, changed_parts(before, parts))


def approve(home: Home, loaded: Loaded, request: Request, *, by: str, on: date, until: date) -> None:
    """Writes the approval into registry.yaml; everything else of the file stays as it is.

    Raises: BusinessError where ``by`` may not approve it (four eyes: not its owner nor its deputy).
    """
    entry, person = _entry(loaded, request.scenario), loaded.register.people.get(by)
    if person is None or "approver" not in person.roles:
        raise BusinessError(
            f"「{by}」は承認者ではありません。", mend="people で roles に approver を持つ人が承認してください。"
        )
    if by in (entry.owner, entry.deputy):
        raise BusinessError(
            f"「{by}」はこのシナリオの{'所有者' if by == entry.owner else '副担当'}なので承認できません。",
            mend="ほかの承認者に頼んでください（作った人と承認する人は別の人でなければなりません）。",
        )
    approval = Approval(digest=request.digest, by=by, on=on, until=until, parts=request.parts)
    text = home.register.read_bytes().decode("utf-8")  # bytes: its line ends stay as they are
    write_atomically(home.register, _with_approval(text, request.scenario, approval).encode())


def _with_approval(text: str, scenario: str, approval: Approval) -> str:
    """The register's text with the entry's approval replaced, or added at its end; no other character changes."""
    entry = _value(_value(YAML().compose(text), "scenarios"), scenario)
    newline = "\r\n" if "\r\n" in text else "\n"
    first, (_, last) = entry.value[0][0], entry.value[-1]
    column = first.start_mark.column
    written = _written(approval, f"{newline}{' ' * (column + 2)}")
    for key, value in entry.value:
        if key.value == "approval":
            return text[: key.start_mark.index] + written + text[end_of(value) :]
    end = end_of(last)
    if entry.flow_style:
        return f"{text[:end]}, {written}{text[end:]}"
    line = f"{' ' * column}{written}{newline}"
    if text[:end].endswith("\n"):  # a block of text (|) ends with its line
        return text[:end] + line + text[end:]
    after = text.find("\n", end) + 1  # behind a comment on the entry's last line
    return text[:after] + line + text[after:] if after else text + newline + line


def _written(approval: Approval, further: str) -> str:
    """In [ ] and { } form, which may stand in an entry of either form; ``further`` begins each further line."""
    quoted = partial(json.dumps, ensure_ascii=False)
    parts = ",".join(f"{further}{quoted(part)}: {quoted(digest)}" for part, digest in approval.parts.items())
    return (
        f"approval: {{digest: {quoted(approval.digest)}, by: {quoted(approval.by)}, "
        f"on: {approval.on}, until: {approval.until}, parts: {{{parts}}}}}"
    )


def _value(mapping: Any, name: str) -> Any:
    return next(value for key, value in mapping.value if key.value == name)


def end_of(node: Any) -> int:
    """Where a value ends; YAML lets a block end only where the next thing begins, comments and all."""
    if isinstance(node, ScalarNode) or node.flow_style:
        return int(node.end_mark.index)
    last = node.value[-1]
    return end_of(last[1] if isinstance(last, tuple) else last)


def _entry(loaded: Loaded, scenario: str) -> Entry:
    entry = loaded.register.scenarios.get(scenario)
    if entry is None:
        raise BusinessError(
            f"シナリオ「{scenario}」は台帳（registry.yaml）にありません。",
            mend="先に台帳の scenarios に加えてください。",
        )
    return entry
