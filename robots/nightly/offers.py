"""What the night offers to the pool's workers: the run of a firing, or a further hand for one that goes."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Sequence
from dataclasses import dataclass

import sqlalchemy as sa

from robots.ledger.hands import HandWanted
from robots.nightly.starts import machines_of
from robots.registry.model import Register

_IDLE = 0
"""The urgency of what is begun only where nothing else waits."""
_LONGEST = 40  # bytes of a queue's name: with the engine's prefix it names a channel of 63


@dataclass(frozen=True, slots=True)
class Offer:
    """A run that is to be begun, of this firing.

    queue: who may take it; urgency: the higher, the sooner; hand: it is a further hand, of this number, for a run that goes.
    """

    scenario: str
    firing: int
    queue: str
    urgency: int
    hand: int | None = None

    @property
    def lock(self) -> str:
        """Of those with the same one, one waits at a time."""
        return f"firing-{self.firing}" if self.hand is None else f"hand-{self.firing}-{self.hand}"


def queue_of(machines: Sequence[str]) -> str:
    """The queue of what any of these machines may run (``*``: every machine)."""
    if "*" in machines:
        return "any"
    name = "+".join(sorted(set(machines)))
    short = len(name.encode()) <= _LONGEST
    return name if short else hashlib.sha256(name.encode()).hexdigest()[:_LONGEST]


def runs_of(rows: Sequence[sa.RowMapping], register: Register) -> list[Offer]:
    """Offers of firings; the register's priority 1 is the most urgent."""
    return [
        Offer(
            row["scenario"],
            row["id"],
            queue_of(machines_of(register.scenarios[row["scenario"]], row)),
            10 - row["priority"],
        )
        for row in rows
    ]


def hands_of(wanted: Sequence[HandWanted], register: Register, taken: Collection[str]) -> list[Offer]:
    """Offers of further hands.  taken: the locks of those that were offered before and wait, or work."""
    offers: list[Offer] = []
    for one in wanted:
        entry = register.scenarios[one.scenario]
        share = entry.schedule.share if entry.schedule is not None else None
        queue = queue_of(entry.runs_on)
        every = [Offer(one.scenario, one.firing, queue, _IDLE, hand) for hand in range(1, share or 1)]
        offers += [offer for offer in every if offer.lock not in taken][: one.count]
    return offers
