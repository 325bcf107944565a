"""What stands on a terminal, in a log and in evidence while a run goes: nothing secret, and nobody's personal values."""

from __future__ import annotations

from dataclasses import replace

from robots.ledger.items import Item, Outcome
from robots.mask import Mask
from robots.registry.gate import Approved
from robots.runner.keeper import personal_texts
from robots.runner.order import Watch
from robots.runner.session import Session
from robots.values import texts_in


class Discreet:
    """The Watch of a run for whoever looks on, at a terminal or in what a scheduler keeps of it.

    Names and other words of the item are hidden; what has a digit in it stays, for a wrong date can't be mended unseen.
    The ledger holds the reasons whole, and ``banken show`` reads them there.
    """

    def __init__(self, watch: Watch, mask: Mask) -> None:
        self._watch = watch
        self._mask = mask
        self.reading = watch.reading
        self.begun = watch.begun
        self.stop_wanted = watch.stop_wanted

    def item(self, item: Item, outcome: Outcome) -> None:
        values = [one for one in texts_in(item.values) if one != item.key and not any(map(str.isdigit, one))]
        told = replace(outcome, reason=self._mask.public(outcome.reason, values))
        self._watch.item(replace(item, key=self._mask.text(item.key)), told)


def begin_masking(mask: Mask, approved: Approved, session: Session) -> None:
    """From here on the mask knows whose values are nobody's business; a scenario without personal data has none.

    A value that the scenario's own files say (a choice of its form) is a word of the work, and the item's key names it.
    """
    words = [data.decode(errors="replace") for path, data in approved.files.items() if path.endswith(".yaml")]
    personal = approved.entry.data != "none"
    mask.begin_run(words, lambda: [one for one in personal_texts(session) if one != session.key] if personal else [])
