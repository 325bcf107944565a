"""Who is signed in to the web pages: one row a session, known by a random token of which only the hash is kept."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa

from robots.clock import now, stamp
from robots.ledger.store import Ledger
from robots.ledger.tables import accounts, sessions

IDLE = timedelta(minutes=10)
LONGEST = timedelta(hours=12)
_GRAIN = timedelta(seconds=30)
"""A session that is in use is written again after this long, not at every page."""
_TOKEN_BYTES = 32


@dataclass(frozen=True, slots=True)
class Session:
    """Somebody who is signed in."""

    person: str
    must_change: bool


class Sessions:
    """The sessions of one town."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger

    def begin(self, person: str, *, instead: str | None = None) -> str:
        """A new session; the token is for the browser alone.  instead: the one that the browser had, which ends."""
        token, moment = secrets.token_urlsafe(_TOKEN_BYTES), now()
        with self._ledger.writing() as connection:
            if instead is not None:
                connection.execute(sessions.delete().where(sessions.c.token == _hashed(instead)))
            connection.execute(sessions.delete().where(sessions.c.seen_at <= stamp(moment - IDLE)))
            connection.execute(
                sessions.insert().values(
                    token=_hashed(token), person=person, began_at=stamp(moment), seen_at=stamp(moment)
                )
            )
        return token

    def find(self, token: str, *, used: bool) -> Session | None:
        """Whose session it is, while it lasts.  used: a person did something; what the page asks by itself is no use."""
        moment, key = now(), _hashed(token)
        with self._ledger.reading() as connection:
            row = connection.execute(
                sa.select(sessions, accounts.c.must_change)
                .join(accounts, accounts.c.person == sessions.c.person)
                .where(sessions.c.token == key, accounts.c.disabled.is_(False))
            ).first()
        if row is None or not _lasts(row.began_at, LONGEST, moment) or not _lasts(row.seen_at, IDLE, moment):
            return None
        if used and not _lasts(row.seen_at, _GRAIN, moment):
            with self._ledger.writing() as connection:
                connection.execute(sessions.update().where(sessions.c.token == key).values(seen_at=stamp(moment)))
        return Session(row.person, row.must_change)

    def end(self, token: str) -> None:
        """Signs out."""
        with self._ledger.writing() as connection:
            connection.execute(sessions.delete().where(sessions.c.token == _hashed(token)))

    def end_all_of(self, person: str) -> None:
        """Signs a person out everywhere."""
        with self._ledger.writing() as connection:
            connection.execute(sessions.delete().where(sessions.c.person == person))


def _lasts(since: str, limit: timedelta, moment: datetime) -> bool:
    """A session from the future (the clock was put back) lasts no longer either."""
    return timedelta() <= moment - datetime.fromisoformat(since) + timedelta(seconds=1) < limit


def _hashed(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
