"""What a run did, for the command line and for other programs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from robots.ledger.runs import get_run, run_counts, run_failures
from robots.ledger.store import Ledger
from robots.ledger.tallies import run_tally
from robots.savings.figures import hours_of, in_hours

COUNTED = ("done", "rejected", "failed", "skipped", "waiting", "in_doubt")
"""The states that a run reports; committing (a run stopped there) counts as in doubt."""


@dataclass(frozen=True, slots=True)
class Report:
    """The outcome of one run; ``as_json`` has the published keys."""

    run: str
    scenario: str
    state: str
    items: dict[str, int]
    seconds: float
    gross: float
    net: float
    evidence: str
    message: str
    planned: Path | None = None
    """The rehearsal's book."""
    system_failure: bool = False
    """Whether the run failed for the world's reasons (not the author's or the data's)."""

    @property
    def exit_code(self) -> int:
        if self.state == "failed":
            return 4 if self.system_failure else 1
        left = sum(self.items[state] for state in ("rejected", "failed", "waiting", "in_doubt"))
        return 1 if left or self.state == "stopped" else 0

    def as_json(self) -> dict[str, object]:
        return {
            "run": self.run,
            "scenario": self.scenario,
            "state": self.state,
            "items": self.items,
            "seconds": round(self.seconds, 3),
            "hours": {"gross": self.gross, "net": self.net},
            "evidence": self.evidence,
            "message": self.message,
        }


def report_of(ledger: Ledger, run: str, *, seconds: float, evidence: str) -> Report:
    """A finished run as the ledger knows it."""
    row = get_run(ledger, run)
    if row is None:
        raise LookupError(run)
    hours = hours_of([run_tally(ledger, run)])
    counts = run_counts(ledger, [run])[run]
    return Report(
        run=run,
        scenario=row["scenario"],
        state=row["state"],
        items=shown_counts(counts),
        seconds=seconds,
        gross=in_hours(hours.before),
        net=in_hours(hours.saved),
        evidence=evidence if any(step["evidence"] for step in run_failures(ledger, run)) else "",
        message=row["message"],
    )


def shown_counts(counts: Mapping[str, int]) -> dict[str, int]:
    """Counts by the published states."""
    shown = {state: counts.get(state, 0) for state in COUNTED}
    shown["in_doubt"] += counts.get("committing", 0)
    return shown
