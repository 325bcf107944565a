"""The door of every run: the gate, and what passing or not passing it leaves behind (memory, audit log)."""

from __future__ import annotations

from datetime import date

import sqlalchemy as sa

from robots.errors import SystemFailure
from robots.ledger.approvals import ApprovalMemory, Seen, withdraw_in
from robots.ledger.audit import AuditLog
from robots.ledger.store import Ledger
from robots.registry.gate import Approved, Refused, pass_gate
from robots.registry.load import Loaded
from robots.registry.model import Approval, Entry
from robots.scenario.problem import Problems
from robots.settings import Home


def admit(
    home: Home,
    loaded: Loaded,
    scenario: str,
    *,
    today: date,
    rehearsal: bool,
    ledger: Ledger,
    audit: AuditLog,
    who: str,
) -> Approved | Refused | Problems:
    """``pass_gate`` for a run: a refusal is recorded in the audit log, an approval that counts is remembered.

    A refusal that can't be recorded is a refusal all the same, and says so.
    Raises: SystemFailure where the folder, the trusted keys or the ledger can't be read, or an approval not remembered.
    """
    memory = ApprovalMemory(ledger)
    answer = pass_gate(home, loaded, scenario, today=today, rehearsal=rehearsal, memory=memory)
    if isinstance(answer, Refused):
        return _recorded(answer, loaded, scenario, memory=memory, ledger=ledger, audit=audit, who=who)
    if isinstance(answer, Approved):
        for id, approval in answer.approvals().items():
            memory.see(id, seen(approval))
    return answer


def seen(approval: Approval) -> Seen:
    """An approval as the ledger remembers it."""
    return Seen(int(approval.number), approval.signature, approval.digest, approval.by)


def _recorded(
    refused: Refused,
    loaded: Loaded,
    scenario: str,
    *,
    memory: ApprovalMemory,
    ledger: Ledger,
    audit: AuditLog,
    who: str,
) -> Refused:
    entry = loaded.register.scenarios.get(scenario)
    try:
        with ledger.writing() as connection:
            if entry is not None:
                _note_written_withdrawal(connection, entry, scenario, memory)
            audit.record_in(connection, "refused", who=who, subject=scenario, detail={"why": refused.what})
    except SystemFailure as failure:
        return Refused(
            f"{refused.what}監査記録には書けませんでした（{failure.what}）。",
            f"{refused.mend}{failure.mend}",
            refused.guess,
        )
    return refused


def _note_written_withdrawal(connection: sa.Connection, entry: Entry, scenario: str, memory: ApprovalMemory) -> None:
    """A withdrawal that a person wrote into the register by hand is remembered too: taking it out again is no approval."""
    decision = entry.retired or entry.suspended
    number = int(entry.approval.number) if entry.approval is not None else 0
    if decision is not None and number > memory.known(scenario).withdrawn:
        state = "retired" if entry.retired is not None else "suspended"
        withdraw_in(connection, scenario, number, state=state, person=decision.by, why=decision.why)
