"""A run's watch with a guard before it: what was withdrawn is stopped before its next item, as a person would stop it."""

from __future__ import annotations

from robots.errors import SystemFailure
from robots.ledger.items import Item, Outcome
from robots.registry.standing import Standing
from robots.runner.order import Watch


class Guard:
    """The same watch; ``why`` tells why the run had to end, once it had to."""

    def __init__(self, watch: Watch, standing: Standing) -> None:
        self._watch = watch
        self._standing = standing
        self.why: str | None = None

    def reading(self, done: int, total: int) -> None:
        self._watch.reading(done, total)

    def begun(self, run: str, total: int) -> None:
        self._watch.begun(run, total)

    def item(self, item: Item, outcome: Outcome) -> None:
        self._watch.item(item, outcome)

    def stop_wanted(self) -> bool:
        """Asked between items; where the ledger can't tell whether the approval stands, it does not."""
        if self.why is None:
            try:
                self.why = self._standing.withdrawn()
            except SystemFailure as failure:
                self.why = f"承認がいまも有効かを確かめられません（{failure.what}）。"
        return self.why is not None or self._watch.stop_wanted()
