"""What one run leaves in the audit log: that it began, how it ended, and each thing that it was refused, once."""

from __future__ import annotations

from collections.abc import Callable

import sqlalchemy as sa

from robots.ledger.audit import AuditLog
from robots.ledger.store import Ledger, once_durable

Refusal = tuple[str, str, str]
"""The scenario that wanted it, its kind (site, folder, credential, mail, form, call), and what it was."""


class Account:
    """The account of one process at a run.  who: on whose word it runs; run: the one that it comes to (else it begins one)."""

    def __init__(self, ledger: Ledger, audit: AuditLog, who: str, run: str = "") -> None:
        self._ledger = ledger
        self._audit = audit
        self._who = who
        self._run = run
        self._known: set[Refusal] = set()
        self._owed: list[Refusal] = []

    def begun(self, scenario: str, *, rehearsal: bool, digest: str = "") -> Callable[[sa.Connection, str], None]:
        """For the transaction that begins the run (or takes it up again)."""

        def told(connection: sa.Connection, run: str) -> None:
            self._run = run
            detail = {"run": run, "rehearsal": rehearsal, "digest": digest}
            self._audit.record_in(connection, "run_begun", who=self._who, subject=scenario, detail=detail)

        return told

    def ended(self, scenario: str, state: str) -> Callable[[sa.Connection], None]:
        """For the transaction that ends the run: what is still owed goes with it."""

        def told(connection: sa.Connection) -> None:
            self._tell_in(connection)
            detail = {"run": self._run, "state": state}
            self._audit.record_in(connection, "run_ended", who=self._who, subject=scenario, detail=detail)

        return told

    def refused(self, scenario: str, kind: str, what: str) -> None:
        """Something that the scenario's `uses` does not name was refused."""
        refusal = (scenario, kind, what)
        if refusal not in self._known:
            self._known.add(refusal)
            self._owed.append(refusal)

    def tell(self) -> None:
        """Puts what was refused so far into the audit log.  Raises: SystemFailure; then no item may be begun."""
        if self._owed:
            with self._ledger.writing() as connection:
                self._tell_in(connection)

    def _tell_in(self, connection: sa.Connection) -> None:
        for scenario, kind, what in self._owed:
            detail = {"run": self._run, "kind": kind, "what": what}
            self._audit.record_in(connection, "refused", who=self._who, subject=scenario, detail=detail)
        once_durable(connection, self._owed.clear)
