"""What the ledger remembers of approvals, so that nothing that was withdrawn or replaced ever counts again.

registry.yaml and the scenarios' folders can be put back to what they were; this can't.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

import sqlalchemy as sa

from robots.clock import now, stamp
from robots.ledger.known import Known, Remembered
from robots.ledger.store import Ledger
from robots.ledger.tables import approvals, withdrawals

_VOIDS = sa.select(withdrawals.c.scenario, withdrawals.c.number, withdrawals.c.why)


@dataclass(frozen=True, slots=True)
class Seen:
    """One approval as it stands in the register."""

    number: int
    signature: str
    digest: str
    person: str


class ApprovalMemory:
    """The memory of one ledger.  Raises: SystemFailure where it can't be read or written."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger

    def known(self, scenario: str) -> Known:
        """What is remembered of a scenario."""
        return self._known([scenario]).get(scenario, Known())

    def all_known(self) -> Remembered:
        """What is remembered of every scenario, read at once."""
        return Remembered(self._known(None))

    def withdrawn(self, numbers: Mapping[str, int]) -> str | None:
        """Why one of these approvals (scenario → number) is void by now; None where none is.

        One look-up: a run asks it before each of its items.
        """
        with self._ledger.reading() as connection:
            found = connection.execute(_VOIDS.where(withdrawals.c.scenario.in_(list(numbers)))).all()
        return next((row.why for row in found if numbers[row.scenario] <= row.number), None)

    def see(self, scenario: str, approval: Seen) -> None:
        """Remembers an approval, where it is newer than any before."""
        if approval.number <= self.known(scenario).number:
            return
        with self._ledger.writing() as connection:
            see_in(connection, scenario, approval)

    def _known(self, scenarios: Iterable[str] | None) -> dict[str, Known]:
        wanted = None if scenarios is None else list(scenarios)
        query = sa.select(approvals.c.scenario, approvals.c.number, approvals.c.signature).order_by(approvals.c.number)
        voids = _VOIDS.order_by(withdrawals.c.id)
        if wanted is not None:
            query, voids = (
                query.where(approvals.c.scenario.in_(wanted)),
                voids.where(withdrawals.c.scenario.in_(wanted)),
            )
        found: dict[str, Known] = {}
        with self._ledger.reading() as connection:
            for scenario, number, signature in connection.execute(query):
                found[scenario] = Known(number, signature)
            for scenario, number, why in connection.execute(voids):
                before = found.get(scenario, Known())
                found[scenario] = replace(before, withdrawn=max(number, before.withdrawn), why=why)
        return found


def see_in(connection: sa.Connection, scenario: str, approval: Seen) -> None:
    """Remembers an approval inside a transaction; of two with one number the first is kept."""
    here = (approvals.c.scenario == scenario) & (approvals.c.number == approval.number)
    if connection.execute(sa.select(approvals.c.id).where(here)).first() is None:
        connection.execute(
            approvals.insert().values(
                scenario=scenario,
                number=approval.number,
                signature=approval.signature,
                digest=approval.digest,
                person=approval.person,
                at=stamp(now()),
            )
        )


def withdraw_in(connection: sa.Connection, scenario: str, number: int, *, state: str, person: str, why: str) -> None:
    """Makes every approval up to ``number`` void for ever, inside a transaction.  state: suspended or retired."""
    connection.execute(
        withdrawals.insert().values(
            scenario=scenario, number=number, state=state, person=person, why=why, at=stamp(now())
        )
    )
