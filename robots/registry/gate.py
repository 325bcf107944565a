"""The gate: what is not registered, approved and unchanged does not run.

The folder is read once into memory; what is hashed is what is read, and what is read is what runs.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from urllib.parse import urlsplit

from robots.registry.calls import Callee, Links, links_of
from robots.registry.digest import changed_parts, digest_of, parts_of, read_folder
from robots.registry.load import Loaded
from robots.registry.model import Entry, Register
from robots.scenario.guess import nearest
from robots.scenario.model import Scenario
from robots.scenario.problem import Problems
from robots.scenario.validate import read_scenario
from robots.settings import Home


@dataclass(frozen=True, slots=True)
class Approved:
    """What may run: the bytes that were hashed, the scenario that was read from them, and its entry."""

    id: str
    folder: Path
    files: Mapping[str, bytes]
    digest: str
    scenario: Scenario
    entry: Entry
    register: Register
    callees: Mapping[str, Callee]
    """The scenarios that it calls, and those that they call, by id; approved too."""
    practice_only: bool
    """Whether every site that it may reach is on this machine, as the practice town is."""


@dataclass(frozen=True, slots=True)
class Refused:
    """Why it does not run, and what to do."""

    what: str
    mend: str
    guess: str | None = None

    def __str__(self) -> str:
        guess = f"（もしかして: {self.guess}）" if self.guess else ""
        return f"{self.what}{guess} — {self.mend}"


def pass_gate(
    home: Home, loaded: Loaded, scenario: str, *, today: date, rehearsal: bool
) -> Approved | Refused | Problems:
    """Lets an approved scenario through; a draft only for a rehearsal that reaches nothing but this machine.

    Raises: SystemFailure where the folder can't be read.
    """
    folder = home.scenarios / scenario
    entry = loaded.register.scenarios.get(scenario)
    if entry is None:
        return Refused(
            f"シナリオ「{scenario}」は台帳（registry.yaml）に登録されていません。",
            "台帳に加えて承認を受けるまで実行できません。登録されている番号は banken registry list で見られます。",
            nearest(scenario, loaded.register.scenarios),
        )
    if not (folder / "scenario.yaml").is_file():
        return Refused(
            f"シナリオ「{scenario}」のフォルダに scenario.yaml がありません。",
            f"scenarios/{scenario}/scenario.yaml を置くか、台帳から外してください。",
        )
    files = read_folder(folder)
    raw = loaded.raw_entries[scenario]
    model = read_scenario(files, scenario)
    links = links_of(home, loaded, scenario, model) if isinstance(model, Scenario) else Links()
    digest = digest_of(scenario, files, raw, links.digests)
    machine = home.settings.machine
    refusal = _not_approved(entry, scenario, digest, parts_of(files, raw, links.digests), machine, today)
    refusal = refusal or _call_not_approved(links, machine, today)
    if refusal is not None and not rehearsal:
        return refusal
    if isinstance(model, Problems):
        return model
    if links.problems is not None:
        return links.problems
    local = all(is_loopback(address) for address in model.uses.sites.values())
    if refusal is not None and not local:
        return Refused(
            f"{refusal.what}承認前のリハーサルは、練習市のほかのサイトに触れません。",
            "承認を受けるか、利用（uses）のサイトを練習市のアドレスにして試してください。",
        )
    return Approved(scenario, folder, files, digest, model, entry, loaded.register, links.callees, local)


def _call_not_approved(links: Links, machine: str, today: date) -> Refused | None:
    """What is called runs only as it was approved itself."""
    for one in links.callees.values():
        parts = parts_of(one.files, one.raw_entry, one.calls)
        refusal = _not_approved(one.entry, one.id, one.digest, parts, machine, today)
        if refusal is not None:
            return Refused(f"呼び出すシナリオが実行できません。{refusal.what}", refusal.mend)
    return None


def _not_approved(
    entry: Entry, scenario: str, digest: str, parts: Mapping[str, str], machine: str, today: date
) -> Refused | None:
    approval = entry.approval
    ask = f"内容を確かめ、承認者に banken approve {scenario} を頼んでください。"
    if approval is None:
        return Refused(f"シナリオ「{scenario}」はまだ承認されていません。", ask)
    if digest != approval.digest:
        changes = changed_parts(approval.parts, parts) if approval.parts else []
        words = "、".join(changes) or "承認の記録（approval）と内容が合いません"
        return Refused(f"シナリオ「{scenario}」は承認のあとで変わりました（{words}）。", f"元に戻すか、{ask}")
    if today > approval.until:
        return Refused(f"シナリオ「{scenario}」の承認は {approval.until} で切れました。", ask)
    if entry.reviewed_by is not None and today > entry.reviewed_by:
        return Refused(
            f"シナリオ「{scenario}」は {entry.reviewed_by} までに見直すことになっています。",
            "見直して台帳の reviewed_by を改め、承認を受けてください。",
        )
    if "*" not in entry.runs_on and machine not in entry.runs_on:
        return Refused(
            f"シナリオ「{scenario}」は、この端末（{machine}）で動かすことになっていません。",
            f"台帳の runs_on は {'、'.join(entry.runs_on)} です。その端末で実行するか、台帳を改めて承認を受けてください。",
        )
    return None


def is_loopback(address: str) -> bool:
    """Whether a URL stands on this very machine."""
    host = urlsplit(address).hostname or ""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
