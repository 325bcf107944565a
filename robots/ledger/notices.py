"""Notices of the night: a row each, so that nothing is told twice over restarts and several machines."""

from __future__ import annotations

from datetime import date

import sqlalchemy as sa

from robots.clock import now, stamp
from robots.ledger.store import Ledger
from robots.ledger.tables import notices


def begin_notice(ledger: Ledger, kind: str, day: date) -> bool:
    """True where this notice is still to be sent, and is now ours to send."""
    try:
        with ledger.writing() as connection:
            values = {"kind": kind, "day": day.isoformat(), "state": "sending", "at": stamp(now())}
            connection.execute(notices.insert().values(**values))
    except sa.exc.IntegrityError:
        return False
    return True


def end_notice(ledger: Ledger, kind: str, day: date, state: str) -> None:
    """It was sent, or nobody knows (unknown); empty: it surely was not, and may be sent again."""
    mine = (notices.c.kind == kind) & (notices.c.day == day.isoformat())
    with ledger.writing() as connection:
        if state:
            connection.execute(notices.update().where(mine).values(state=state, at=stamp(now())))
        else:
            connection.execute(notices.delete().where(mine))


def noticed(ledger: Ledger, kind: str, day: date) -> bool:
    """Whether it was sent, or its sending begun."""
    query = sa.select(notices.c.kind).where(notices.c.kind == kind, notices.c.day == day.isoformat())
    with ledger.reading() as connection:
        return connection.execute(query).first() is not None
