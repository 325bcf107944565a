"""Accounts of the web pages: who may sign in, with which password (kept as Argon2id), and how often it went wrong.

Roles stand in registry.yaml alone; an account says only that this person may prove who they are.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from threading import BoundedSemaphore

import sqlalchemy as sa
from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from robots.clock import now, stamp
from robots.errors import BusinessError
from robots.ledger.audit import AuditLog
from robots.ledger.store import Ledger
from robots.ledger.tables import accounts, sessions, sign_in_failures

SHORTEST, LONGEST = 12, 200
"""Characters of a password (ASVS 5.0, 6.2.1 asks for eight at least and no upper bound below 64)."""
_DISTINCT = 5
FREE_OF_ACCOUNT, FREE_OF_ADDRESS = 5, 30
"""Failures that cost no waiting; an office may share one address."""
_FIRST_WAIT = timedelta(seconds=30)
_LONGEST_WAIT = timedelta(minutes=15)
_FORGOTTEN = timedelta(hours=1)
"""Failures that are further apart than this don't add up."""
_AT_ONCE = 2
"""Hashes that are made at the same time: each takes 64 MB."""


@dataclass(frozen=True, slots=True)
class Account:
    """One person's account."""

    person: str
    disabled: bool
    must_change: bool
    """The password was given by somebody else, and is to be changed before anything else."""


class Accounts:
    """The accounts of one town.  Changes are in the audit log, in the same transaction."""

    def __init__(self, ledger: Ledger, audit: AuditLog) -> None:
        self._ledger = ledger
        self._audit = audit
        self._hasher = PasswordHasher()
        self._turn = BoundedSemaphore(_AT_ONCE)
        self._nobody = ""

    def all(self) -> list[Account]:
        """Every account, by person."""
        with self._ledger.reading() as connection:
            rows = connection.execute(sa.select(accounts).order_by(accounts.c.person))
            return [Account(row.person, row.disabled, row.must_change) for row in rows]

    def put(self, person: str, password: str, *, by: str, must_change: bool) -> None:
        """Makes the account, or gives it a new password; it is enabled, and whoever is signed in as it no longer is.

        Raises: BusinessError where the password is too weak.
        """
        check_password(person, password)
        with self._turn:
            hashed = self._hasher.hash(password)
        values = {"password": hashed, "must_change": must_change, "disabled": False, "changed_at": stamp(now())}
        with self._ledger.writing() as connection:
            known = connection.execute(sa.select(accounts.c.person).where(accounts.c.person == person)).first()
            if known is None:
                connection.execute(accounts.insert().values(person=person, **values))
            else:
                connection.execute(accounts.update().where(accounts.c.person == person).values(**values))
            connection.execute(sessions.delete().where(sessions.c.person == person))
            connection.execute(sign_in_failures.delete().where(sign_in_failures.c.key == _of_person(person)))
            action = "account_added" if known is None else "password_changed"
            self._audit.record_in(connection, action, who=by, subject=person)

    def disable(self, person: str, *, by: str) -> None:
        """Nobody can sign in as this person, and whoever is signed in no longer is.  Raises: BusinessError: no account."""
        with self._ledger.writing() as connection:
            changed = connection.execute(
                accounts.update().where(accounts.c.person == person).values(disabled=True, changed_at=stamp(now()))
            )
            if changed.rowcount == 0:
                raise BusinessError(
                    f"「{person}」のアカウントはありません。", mend="banken serve account list で確かめてください。"
                )
            connection.execute(sessions.delete().where(sessions.c.person == person))
            self._audit.record_in(connection, "account_disabled", who=by, subject=person)

    def waits_until(self, person: str, address: str) -> datetime | None:
        """Takes one attempt to sign in; where too many went wrong before, until when the next must wait.

        It counts as failed until ``succeeded`` says otherwise, so that attempts at the same moment don't slip through.
        """
        moment = now()
        old = stamp(moment - _FORGOTTEN)
        with self._ledger.writing() as connection:
            connection.execute(sign_in_failures.delete().where(sign_in_failures.c.at < old))
            for key in (_of_person(person), _of_address(address)):
                row = connection.execute(sa.select(sign_in_failures).where(sign_in_failures.c.key == key)).first()
                if row is not None and row.until > stamp(moment):
                    return datetime.fromisoformat(row.until)
            _count(connection, _of_person(person), FREE_OF_ACCOUNT, moment)
            _count(connection, _of_address(address), FREE_OF_ADDRESS, moment)
        return None

    def verify(self, person: str, password: str) -> Account | None:
        """The account, where this is its password and it is enabled; takes as long where there is none."""
        with self._ledger.reading() as connection:
            row = connection.execute(sa.select(accounts).where(accounts.c.person == person)).first()
        with self._turn:
            if not self._nobody:
                self._nobody = self._hasher.hash("nobody's password")
            try:
                self._hasher.verify(self._nobody if row is None else row.password, password[:LONGEST])
            except (VerificationError, InvalidHashError):
                return None
        return None if row is None or row.disabled else Account(person, False, row.must_change)

    def succeeded(self, person: str, address: str) -> None:
        """That attempt went well: the person's count begins anew, and the address has one less."""
        failures = sign_in_failures
        with self._ledger.writing() as connection:
            connection.execute(failures.delete().where(failures.c.key == _of_person(person)))
            connection.execute(
                failures.update()
                .where(failures.c.key == _of_address(address), failures.c.failed > 0)
                .values(failed=failures.c.failed - 1, until="")
            )


def check_password(person: str, password: str) -> None:
    """Raises: BusinessError where a password is too weak."""
    if not SHORTEST <= len(password) <= LONGEST:
        raise BusinessError(
            f"パスワードは {SHORTEST} 文字以上、{LONGEST} 文字以下にしてください。",
            mend="覚えやすい言葉をいくつかつなげた、長いものがおすすめです。",
        )
    if len(set(password)) < _DISTINCT or person.lower() in password.lower():
        raise BusinessError(
            "このパスワードは推測されやすいので使えません。",
            mend="同じ文字のくり返しや、職員番号を含むものを避けてください。",
        )


def _count(connection: sa.Connection, key: str, free: int, moment: datetime) -> None:
    failures = sign_in_failures
    row = connection.execute(sa.select(failures).where(failures.c.key == key)).first()
    count = row.failed + 1 if row is not None else 1
    over = count - free
    wait = min(_FIRST_WAIT * 2 ** min(over, 10), _LONGEST_WAIT) if over >= 0 else timedelta()
    values = {"failed": count, "at": stamp(moment), "until": stamp(moment + wait) if over >= 0 else ""}
    if row is None:
        connection.execute(failures.insert().values(key=key, **values))
    else:
        connection.execute(failures.update().where(failures.c.key == key).values(**values))


def _of_person(person: str) -> str:
    return _key("person", person)


def _of_address(address: str) -> str:
    return _key("address", address)


def _key(kind: str, text: str) -> str:
    """A hash: what was typed as a number may have been a password."""
    return f"{kind} {hashlib.sha256(text.encode()).hexdigest()}"
