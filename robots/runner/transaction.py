"""The commit of one item: the intent on disk, then the entry, then the outcome; and asking whether it is there."""

from __future__ import annotations

import time
from collections.abc import Sequence
from enum import Enum

from robots.errors import BankenError, NotMet, ScenarioFault
from robots.ledger.items import Outcome, intend_commit, settle_item
from robots.ledger.store import Ledger
from robots.runner.session import Session
from robots.step import Control, Step

_PAUSE = 0.5


class Verdict(Enum):
    """The three answers of ``already_done``."""

    THERE = "there"
    NOT_THERE = "not there"
    UNKNOWN = "unknown"


class CommitUnknown(Control):
    """The commit was begun and did not end well: whether the entry arrived has to be found out."""

    def __init__(self, error: BankenError) -> None:
        super().__init__(error.what)
        self.error = error


class CommitReached(Control):
    """A rehearsal has come to the commit; what would be entered is known, and nothing is entered."""


class Transaction:
    """Carries the commit of one item of a run out (``Session.transaction``)."""

    def __init__(self, ledger: Ledger, run: str, hand: int, item: int, session: Session) -> None:
        self._ledger = ledger
        self._run = run
        self._hand = hand
        self._item = item
        self._session = session
        self.committed = False

    def __call__(self, do: Sequence[Step], already_done: Sequence[Step]) -> None:
        """Raises: SystemFailure where the intent can't be put on disk (nothing was entered), CommitUnknown."""
        del already_done  # asked later, by recover.py: an answer counts only after the settle time
        intend_commit(self._ledger, self._run, self._item, dict(self._session.saved), self._hand)
        self._session.strict = True
        try:
            self._session.run_steps(do)
            self._session.check_screen()
        except BankenError as error:
            raise CommitUnknown(error) from error
        except Control as control:  # the checker allows none there; what was entered by then is not known
            raise CommitUnknown(_left_early()) from control
        finally:
            self._session.strict = False
        self.committed = True
        if self._more_follows():
            outcome = Outcome("done", result=dict(self._session.saved))
            settle_item(self._ledger, self._run, self._item, outcome, self._hand)

    def _more_follows(self) -> bool:
        """Whether steps come after the commit: then its outcome must be on disk before they run."""
        return self._session.scenario.each[-1].kind.name != "commit"


def _left_early() -> ScenarioFault:
    return ScenarioFault(
        "「確定する」の途中で、対象を終える手順が行われました。", mend="その手順を「確定する」より前へ移してください。"
    )


def rehearsed(do: Sequence[Step], already_done: Sequence[Step]) -> None:
    """A rehearsal's transaction: no commit step is carried out, and the item ends here."""
    raise CommitReached


def is_there(session: Session, already_done: Sequence[Step], *, until: float, settle: float) -> Verdict:
    """Asks ``already_done``, again and again until ``until`` (time.monotonic) has passed.

    "Not there" and "can't tell" count only from then on: a core system may save late.  settle: the settle time
    of the settings, in seconds, which also bounds a single expectation.
    """
    if not already_done:
        return Verdict.UNKNOWN
    session.expect_timeout, session.strict = max(settle, 1.0), True
    try:
        while True:
            try:
                session.run_steps(already_done)
                return Verdict.THERE
            except NotMet:
                verdict = Verdict.NOT_THERE
            except (BankenError, Control):
                verdict = Verdict.UNKNOWN
            if time.monotonic() >= until:
                return verdict
            time.sleep(min(_PAUSE, max(0.0, until - time.monotonic())))
    finally:
        session.expect_timeout, session.strict = None, False
