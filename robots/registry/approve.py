"""Approving a scenario: what changed since the last approval, and the entry's new approval, comments kept."""

from __future__ import annotations

import io
from dataclasses import dataclass
from datetime import date
from typing import Any

from ruamel.yaml import YAML

from robots.errors import BusinessError
from robots.files import write_atomically
from robots.registry.digest import changed_parts, digest_of, parts_of, read_folder
from robots.registry.load import Loaded
from robots.registry.model import Entry
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
    parts = parts_of(files, raw)
    before = entry.approval.parts if entry.approval is not None else {}
    return Request(scenario, entry.name, digest_of(scenario, files, raw), parts, changed_parts(before, parts))


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
    yaml = YAML()
    yaml.preserve_quotes = True
    yaml.width = 4096
    document: Any = yaml.load(home.register.read_text(encoding="utf-8"))
    document["scenarios"][request.scenario]["approval"] = {
        "digest": request.digest,
        "by": by,
        "on": on,
        "until": until,
        "parts": request.parts,
    }
    text = io.StringIO()
    yaml.dump(document, text)
    write_atomically(home.register, text.getvalue().encode())


def _entry(loaded: Loaded, scenario: str) -> Entry:
    entry = loaded.register.scenarios.get(scenario)
    if entry is None:
        raise BusinessError(
            f"シナリオ「{scenario}」は台帳（registry.yaml）にありません。",
            mend="先に台帳の scenarios に加えてください。",
        )
    return entry
