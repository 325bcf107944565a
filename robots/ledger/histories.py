"""What the ledger tells of each scenario's past: when it last went well, where it ran, and under which approvals."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

import sqlalchemy as sa

from robots.ledger.store import Ledger
from robots.ledger.tables import approvals, runs


@dataclass(frozen=True, slots=True)
class Ran:
    """Real runs of one scenario, with one digest, on one machine."""

    scenario: str
    digest: str
    machine: str
    run: str
    """The latest of them."""
    day: date
    """When that began, in JST."""


@dataclass(frozen=True, slots=True)
class History:
    """The past of all scenarios."""

    successes: Mapping[str, date] = field(default_factory=dict)
    """The day (JST) on which the latest real run that went to its end began."""
    ran: tuple[Ran, ...] = ()
    approved: Mapping[str, frozenset[str]] = field(default_factory=dict)
    """The digests of every approval that is remembered."""
    remembers_since: date | None = None
    """The day of the first approval that is remembered; of runs before it nothing can be said."""


def history(ledger: Ledger) -> History:
    """Reads the past of all scenarios.  Raises: SystemFailure where the ledger can't be read."""
    real = sa.select(
        runs.c.scenario, runs.c.digest, runs.c.machine, sa.func.max(runs.c.id), sa.func.max(runs.c.started_at)
    )
    ended = sa.select(runs.c.scenario, sa.func.max(runs.c.started_at)).where(~runs.c.rehearsal, runs.c.state == "ended")
    digests: dict[str, set[str]] = {}
    with ledger.reading() as connection:
        successes = {id: _day(at) for id, at in connection.execute(ended.group_by(runs.c.scenario))}
        rows = connection.execute(
            real.where(~runs.c.rehearsal)
            .group_by(runs.c.scenario, runs.c.digest, runs.c.machine)
            .order_by(runs.c.scenario, sa.func.max(runs.c.started_at))
        ).all()
        for id, digest in connection.execute(sa.select(approvals.c.scenario, approvals.c.digest)):
            digests.setdefault(id, set()).add(digest)
        first = connection.execute(sa.select(sa.func.min(approvals.c.at))).scalar()
    return History(
        successes,
        tuple(Ran(id, digest, machine, run, _day(at)) for id, digest, machine, run, at in rows),
        {id: frozenset(some) for id, some in digests.items()},
        None if first is None else _day(first),
    )


def _day(moment: str) -> date:
    return date.fromisoformat(moment[:10])  # the ledger's times are JST
