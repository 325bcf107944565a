"""Mails in the ledger: a mail can't be taken back, so each key of a scenario is sent at most once, in any run.

The intent is on disk before the mail leaves and the outcome after it has: a crash in between leaves ``sending``, and
nobody can tell whether the mail arrived.  That is told once (the state becomes ``unknown``), and it is never sent again.
"""

from __future__ import annotations

import sqlalchemy as sa

from robots.clock import now, stamp
from robots.ledger.seal import sealer_of
from robots.ledger.store import Ledger
from robots.ledger.tables import mails


def begin_mail(ledger: Ledger, *, scenario: str, key: str, run: str, digest: str) -> tuple[str, bool]:
    """Puts the intent on disk where the key is new.

    Gives the state that was found ("" for a new key) and whether it was found with this digest.

    A ``sending`` that was found becomes ``unknown``.  Raises: SystemFailure where the ledger can't be written.
    """
    here = (mails.c.scenario == scenario) & (mails.c.key_mark == key)
    with ledger.writing() as connection:
        found = connection.execute(sa.select(mails.c.state, mails.c.digest).where(here)).first()
        if found is None:
            told = {"scenario": scenario, "key": key, "key_mark": key, "run": run, "digest": digest, "state": "sending"}
            connection.execute(mails.insert().values(at=stamp(now()), **told))
            return "", True
        if found.state == "sending":
            connection.execute(mails.update().where(here).values(state="unknown"))
        return found.state, found.digest == sealer_of(connection.dialect).mark(digest)


def end_mail(ledger: Ledger, *, scenario: str, key: str, state: str) -> None:
    """The outcome: ``sent``, ``unknown``, or "" where it surely was not sent and may be tried again."""
    here = (mails.c.scenario == scenario) & (mails.c.key_mark == key)
    with ledger.writing() as connection:
        if state:
            connection.execute(mails.update().where(here).values(state=state, at=stamp(now())))
        else:
            connection.execute(mails.delete().where(here))
