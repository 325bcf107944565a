"""What people decide of a scenario: asked for, approved, rejected, suspended, revoked.

Each decision is recorded in the audit log before it is made; where that can't be written, it is not made.  A withdrawal
is in the ledger first and in registry.yaml after, so that putting the register back brings nothing to life.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Literal

from robots.errors import BusinessError, SystemFailure
from robots.ledger.approvals import ApprovalMemory, see_in, withdraw_in
from robots.ledger.audit import AuditLog
from robots.ledger.store import Ledger
from robots.registry.approve import NotAllowed, Request, approve, check_approver, check_role, entry_of, last_number
from robots.registry.door import seen
from robots.registry.edit import Told, edit_entry
from robots.registry.load import Loaded
from robots.registry.model import Approval, Asked, Decision, Entry, Retirement
from robots.registry.signature import Signer
from robots.settings import Home

Withdrawal = Literal["suspended", "retired"]
_RECORDED: Mapping[Withdrawal, str] = {"suspended": "suspended", "retired": "revoked"}


class Decisions:
    """The decisions of one town.  Every method raises NotAllowed where the person may not (the try is recorded),
    BusinessError where it makes no sense, and SystemFailure where the audit log, the ledger or the register can't be written.

    user: who sits at the machine, beside the person that is named.
    """

    def __init__(self, home: Home, ledger: Ledger, audit: AuditLog, user: str) -> None:
        self._home = home
        self._ledger = ledger
        self._audit = audit
        self._user = user

    def request(self, loaded: Loaded, request: Request, *, by: str, on: date) -> None:
        """Somebody who knows the work asks for approval of these bytes."""
        entry = entry_of(loaded, request.scenario)
        person = loaded.register.people.get(by)
        if by not in (entry.owner, entry.deputy) and (person is None or "author" not in person.roles):
            raise self._refused(
                request.scenario,
                by,
                NotAllowed(
                    f"「{by}」は、このシナリオの承認を求められません。",
                    mend="所有者か副担当、または people で roles に author を持つ人が求めてください。",
                ),
            )
        self._record("requested", request.scenario, by, {"digest": request.digest})
        asked = Asked(by=by, on=on, digest=request.digest)
        edit_entry(self._home, request.scenario, {"request": asked, "rejected": None})

    def check_approver(self, loaded: Loaded, request: Request, *, by: str, keyed: bool) -> None:
        """Whether this person may approve these bytes (see approve.py)."""
        try:
            check_approver(loaded, request, by, keyed=keyed)
        except NotAllowed as error:
            raise self._refused(request.scenario, by, error) from error

    def approve(
        self, loaded: Loaded, request: Request, *, by: str, on: date, until: date, signer: Signer | None
    ) -> Approval:
        """An approver signs; the approval is remembered."""
        if until < on:
            raise BusinessError(f"承認の期限 {until} は過ぎています。", mend="--until に、先の日付を書いてください。")
        self.check_approver(loaded, request, by=by, keyed=signer is not None)
        known = ApprovalMemory(self._ledger).known(request.scenario)
        after = max(known.number, known.withdrawn)
        self._record("approved", request.scenario, by, {"digest": request.digest, "until": until.isoformat()})
        approval = approve(self._home, loaded, request, by=by, on=on, until=until, signer=signer, after=after)
        with self._ledger.writing() as connection:
            see_in(connection, request.scenario, seen(approval))
        return approval

    def reject(self, loaded: Loaded, scenario: str, *, by: str, on: date, why: str) -> None:
        """An approver sends a request back."""
        entry = entry_of(loaded, scenario)
        self._check_role(loaded, scenario, by)
        if entry.request is None:
            raise BusinessError(
                f"シナリオ「{scenario}」は承認を求められていません。",
                mend="承認したものを止めるときは --suspend か --revoke を使ってください。",
            )
        self._record("rejected", scenario, by, {"digest": entry.request.digest, "why": why})
        edit_entry(self._home, scenario, {"request": None, "rejected": Decision(by=by, on=on, why=why)})

    def withdraw(self, loaded: Loaded, scenario: str, state: Withdrawal, *, by: str, on: date, why: str) -> None:
        """Suspends, or revokes for good: an approver, the owner or the deputy may, and a run stops before its next item.

        What was withdrawn never counts again; a new approval is needed.
        """
        entry = entry_of(loaded, scenario)
        if by not in (entry.owner, entry.deputy):
            self._check_role(loaded, scenario, by)
        number = self._last(entry, scenario)
        if number == 0:
            raise BusinessError(
                f"シナリオ「{scenario}」は承認されていません。", mend="止めるものはありません。台帳を確かめてください。"
            )
        with self._ledger.writing() as connection:
            withdraw_in(connection, scenario, number, state=state, person=by, why=why)
            told = {"number": number, "why": why, "user": self._user}
            self._audit.record_in(connection, _RECORDED[state], who=by, subject=scenario, detail=told)
        changes: dict[str, Told | None] = {"suspended": Decision(by=by, on=on, why=why)}
        if state == "retired":
            retired = Retirement(by=by, on=on, why=why, number=number)
            changes = {"approval": None, "request": None, "suspended": None, "retired": retired}
        edit_entry(self._home, scenario, changes)

    def _last(self, entry: Entry, scenario: str) -> int:
        return max(last_number(entry), ApprovalMemory(self._ledger).known(scenario).number)

    def _check_role(self, loaded: Loaded, scenario: str, by: str) -> None:
        try:
            check_role(loaded, by)
        except NotAllowed as error:
            raise self._refused(scenario, by, error) from error

    def _refused(self, scenario: str, by: str, error: NotAllowed) -> NotAllowed:
        """The try is recorded; one that can't be is refused all the same."""
        try:
            self._record("refused", scenario, by, {"why": error.what})
        except SystemFailure as failure:
            return NotAllowed(f"{error.what}監査記録には書けませんでした（{failure.what}）。", mend=error.mend)
        return error

    def _record(self, action: str, scenario: str, by: str, detail: Mapping[str, object]) -> None:
        self._audit.record(action, who=by, subject=scenario, detail={**detail, "user": self._user})
