"""The gate: what is not registered, approved and unchanged does not run.

The folder is read once into memory; what is hashed is what is read, and what is read is what runs.  An approval counts
where a key that this machine trusts has signed it, for these bytes, and nothing newer or a withdrawal is remembered.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Protocol

from robots.ledger.known import Known
from robots.registry.calls import Callee, Links, links_of
from robots.registry.digest import changed_parts, digest_of, parts_of, read_folder
from robots.registry.load import Loaded
from robots.registry.model import Approval, Entry, Register
from robots.registry.practice_town import beyond_practice, is_loopback
from robots.registry.signature import trusted_keys, whose
from robots.scenario.guess import nearest
from robots.scenario.model import Scenario, Uses
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
    approval: Approval | None
    """The approval that it runs under; None for the rehearsal of what has none that counts."""

    def approvals(self) -> dict[str, Approval]:
        """The approvals that it runs under by id, its own and those of what it calls; none for a draft's rehearsal."""
        if self.approval is None:
            return {}
        called = {id: one.entry.approval for id, one in self.callees.items() if one.entry.approval is not None}
        return {self.id: self.approval, **called}


class Memory(Protocol):
    """What outlasts registry.yaml: ApprovalMemory of the ledger, or Remembered (robots/ledger/approvals.py)."""

    # What is remembered of a scenario's approvals.
    def known(self, scenario: str) -> Known: ...


@dataclass(frozen=True, slots=True)
class Refused:
    """Why it does not run, and what to do."""

    what: str
    mend: str
    guess: str | None = None
    tampered: bool = False
    """Whether there is an approval, and it does not stand for what is there."""

    def __str__(self) -> str:
        guess = f"（もしかして: {self.guess}）" if self.guess else ""
        return f"{self.what}{guess} — {self.mend}"


def pass_gate(
    home: Home, loaded: Loaded, scenario: str, *, today: date, rehearsal: bool, memory: Memory
) -> Approved | Refused | Problems:
    """Lets an approved scenario through; a draft only for a rehearsal that reaches nothing but this machine.

    It only looks: what a run must leave behind (audit log, memory) is the door's (door.py).
    Raises: SystemFailure where the folder, the trusted keys or the memory can't be read.
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
    judge = _Judge(
        loaded.register, trusted_keys(home, loaded.register.organization), memory, home.settings.machine, today
    )
    uses = model.uses if isinstance(model, Scenario) else None
    digest = digest_of(scenario, files, raw, links.digests)
    refusal = judge.fault(entry, scenario, digest, parts_of(files, raw, links.digests), uses)
    refusal = refusal or judge.fault_of_calls(links)
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
    approval = entry.approval if refusal is None else None
    return Approved(scenario, folder, files, digest, model, entry, loaded.register, links.callees, local, approval)


@dataclass(frozen=True, slots=True)
class _Judge:
    """Says what stands against an entry's approval, the plainest reason first."""

    register: Register
    keys: Mapping[str, Sequence[str]]
    memory: Memory
    machine: str
    today: date

    def fault_of_calls(self, links: Links) -> Refused | None:
        """What is called runs only as it was approved itself."""
        for one in links.callees.values():
            parts = parts_of(one.files, one.raw_entry, one.calls)
            refusal = self.fault(one.entry, one.id, one.digest, parts, one.scenario.uses)
            if refusal is not None:
                return Refused(f"呼び出すシナリオが実行できません。{refusal.what}", refusal.mend)
        return None

    def fault(
        self, entry: Entry, scenario: str, digest: str, parts: Mapping[str, str], uses: Uses | None
    ) -> Refused | None:
        approval = entry.approval
        ask = f"内容を確かめ、承認者に banken approve {scenario} を頼んでください。"
        withdrawn = withdrawal_of(entry, scenario)
        if withdrawn is not None:
            return Refused(withdrawn, f"理由を確かめて直し、{ask}")
        if approval is None:
            return Refused(f"シナリオ「{scenario}」はまだ承認されていません{_asked(entry)}。", ask)
        if digest != approval.digest:
            return Refused(
                f"シナリオ「{scenario}」は承認のあとで変わりました（{_changes(approval, parts)}）{_asked(entry)}。",
                f"元に戻すか、{ask}",
                tampered=True,
            )
        false = (
            self._fault_of_signature(approval, scenario, uses)
            or self._fault_of_person(entry, approval, scenario)
            or self._fault_of_memory(approval, scenario)
        )
        if false is not None:
            return replace(false, tampered=True)
        return self._fault_of_time_and_place(entry, approval, scenario)

    def _fault_of_signature(self, approval: Approval, scenario: str, uses: Uses | None) -> Refused | None:
        signed = whose(self.register.organization, scenario, approval, self.keys)
        again = f"承認者に、自分の鍵で banken approve {scenario} を行うよう頼んでください。"
        if signed == "none":
            return Refused(f"シナリオ「{scenario}」の承認に署名がありません。", again)
        if signed == "unknown":
            return Refused(
                f"シナリオ「{scenario}」を承認した「{approval.by}」の鍵を、この端末は信頼していません。",
                "承認者が確かなら、この端末の管理者が、信頼する鍵のファイル（trusted_keys）にその人の行を加えてください。",
            )
        if signed == "forged":
            return Refused(f"シナリオ「{scenario}」の承認の署名が、「{approval.by}」の鍵と合いません。", again)
        if signed == "practice" and uses is not None:
            beyond = beyond_practice(self.register.organization, uses)
            if beyond:
                return Refused(
                    f"シナリオ「{scenario}」は練習市の鍵で承認されていますが、練習市の外に関わります（{'、'.join(beyond)}）。",
                    again,
                )
        return None

    def _fault_of_person(self, entry: Entry, approval: Approval, scenario: str) -> Refused | None:
        if approval.by not in (entry.owner, entry.deputy):
            return None
        role = "所有者" if approval.by == entry.owner else "副担当"
        return Refused(
            f"シナリオ「{scenario}」を承認した「{approval.by}」は、その{role}です（作った人と承認する人は別の人です）。",
            f"ほかの承認者に banken approve {scenario} を頼んでください。",
        )

    def _fault_of_memory(self, approval: Approval, scenario: str) -> Refused | None:
        known, number = self.memory.known(scenario), int(approval.number)
        again = f"いまの内容でよければ、承認者に banken approve {scenario} を頼んでください。"
        if number <= known.withdrawn:
            return Refused(f"シナリオ「{scenario}」の承認（{number} 番）は取り消されています（{known.why}）。", again)
        if number < known.number:
            return Refused(
                f"シナリオ「{scenario}」は、前の承認（{number} 番）に戻されています。新しい承認（{known.number} 番）があります。",
                f"台帳とフォルダを新しい内容に戻してください。{again}",
            )
        if number == known.number and approval.signature != known.signature:
            return Refused(
                f"シナリオ「{scenario}」の承認（{number} 番）が、先に記録された {number} 番の承認と違います。", again
            )
        return None

    def _fault_of_time_and_place(self, entry: Entry, approval: Approval, scenario: str) -> Refused | None:
        if self.today > approval.until:
            return Refused(
                f"シナリオ「{scenario}」の承認は {approval.until} で切れました。",
                f"内容を確かめ、承認者に banken approve {scenario} を頼んでください。",
            )
        if entry.reviewed_by is not None and self.today > entry.reviewed_by:
            return Refused(
                f"シナリオ「{scenario}」は {entry.reviewed_by} までに見直すことになっています。",
                "見直して台帳の reviewed_by を改め、承認を受けてください。",
            )
        if "*" not in entry.runs_on and self.machine not in entry.runs_on:
            return Refused(
                f"シナリオ「{scenario}」は、この端末（{self.machine}）で動かすことになっていません。",
                f"台帳の runs_on は {'、'.join(entry.runs_on)} です。その端末で実行するか、台帳を改めて承認を受けてください。",
            )
        return None


def withdrawal_of(entry: Entry, scenario: str) -> str | None:
    """What a withdrawal that stands in the entry says; None where there is none."""
    for decision, what in ((entry.retired, "の承認は取り消されています"), (entry.suspended, "は一時停止されています")):
        if decision is not None:
            return f"シナリオ「{scenario}」{what}（{decision.on} {decision.by}: {decision.why}）。"
    return None


def _asked(entry: Entry) -> str:
    if entry.request is not None:
        return f"（{entry.request.by} が {entry.request.on} に承認を求めています）"
    if entry.rejected is not None:
        return f"（{entry.rejected.by} が {entry.rejected.on} に差し戻しました: {entry.rejected.why}）"
    return ""


def _changes(approval: Approval, parts: Mapping[str, str]) -> str:
    changes = changed_parts(approval.parts, parts) if approval.parts else []
    return "、".join(changes) or "承認の記録（approval）と内容が合いません。ほかの番号の承認か、書き換えられた記録です"
