"""Carrying a hand-over plan out: registry.yaml is edited with its comments kept, orphans are suspended, and each of it
stands in the audit log first."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from robots.ledger.approvals import ApprovalMemory
from robots.ledger.audit import AuditLog
from robots.ledger.store import Ledger
from robots.registry.approve import last_number
from robots.registry.decisions import Decisions
from robots.registry.edit import edit_entry
from robots.registry.handover import Handover
from robots.registry.load import Loaded
from robots.registry.roster import Move, who_goes
from robots.settings import Home

WHY = "異動で所有者も副担当もいなくなり、後任が決まらないまま期限を過ぎた"


class HandingOver:
    """Carries plans out for one person (``by``), who must be an approver where something is to be suspended.

    Raises, every method: NotAllowed, BusinessError, SystemFailure as Decisions do; what was done until then stays done.
    """

    def __init__(self, home: Home, ledger: Ledger, audit: AuditLog, *, by: str, user: str) -> None:
        self._home = home
        self._ledger = ledger
        self._audit = audit
        self._by = by
        self._user = user

    def apply(self, loaded: Loaded, plans: Sequence[Handover], moves: Sequence[Move], today: date) -> list[str]:
        """Does what is due by today; what was done, in words."""
        done = []
        for one in plans:
            if one.action == "deputy_steps_in" and one.day <= today:
                done.append(self._hand_over(one))
            elif one.action == "orphaned" and one.until is not None and one.until < today:
                done += self._suspend(loaded, one, today)
        for person, move in who_goes(loaded.register, moves).items():
            if move.day <= today and not move.away and loaded.register.people[person].left != move.day:
                self._record("settings", person, {"left": str(move.day)})
                edit_entry(self._home, person, {"left": move.day}, section="people")
                done.append(f"{person} {loaded.register.people[person].name}: 離れた日を {move.day} としました。")
        return done

    def _hand_over(self, one: Handover) -> str:
        self._record("handed_over", one.scenario, {"owner": one.owner, "deputy": one.deputy})
        edit_entry(self._home, one.scenario, {"owner": one.owner, "deputy": one.deputy})
        return f"{one.scenario}「{one.name}」: 所有者を {one.owner} にしました。新しい承認を受けるまで動きません。"

    def _suspend(self, loaded: Loaded, one: Handover, today: date) -> list[str]:
        entry = loaded.register.scenarios[one.scenario]
        known = ApprovalMemory(self._ledger).known(one.scenario)
        if entry.suspended is not None or max(last_number(entry), known.number) == 0:
            return []  # it does not run as it is
        decisions = Decisions(self._home, self._ledger, self._audit, self._user)
        decisions.withdraw(loaded, one.scenario, "suspended", by=self._by, on=today, why=WHY)
        return [f"{one.scenario}「{one.name}」: 担当する人がいないので、一時停止にしました。"]

    def _record(self, action: str, subject: str, detail: dict[str, object]) -> None:
        self._audit.record(action, who=self._by, subject=subject, detail={**detail, "user": self._user})
