"""What all requests share: the town, its ledger and audit log, its register as it is now, and who is signed in."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from operator import attrgetter
from threading import Lock

from jinja2 import Environment

from robots.clock import today
from robots.errors import SystemFailure
from robots.ledger.accounts import Accounts
from robots.ledger.audit import AuditLog
from robots.ledger.sessions import Sessions
from robots.ledger.store import Ledger
from robots.registry.index import open_index
from robots.registry.load import Loaded
from robots.registry.model import Person
from robots.scenario.problem import Problems
from robots.settings import Home
from robots.web.kept_forms import KeptForms
from robots.web.listing import Row, rows_of
from robots.web.look import Look
from robots.wiring import records

_Stamp = tuple[int, int, int]


class RegisterView:
    """registry.yaml, read again whenever its file has changed."""

    def __init__(self, home: Home) -> None:
        self._home = home
        self._lock = Lock()
        self._stamp: _Stamp | None = None
        self._loaded: Loaded | None = None
        self._sorted: dict[tuple[str, bool], list[Row]] = {}
        self._sorted_of: tuple[Loaded, date] | None = None

    def rows(self, loaded: Loaded, column: str = "id", *, descending: bool = False) -> list[Row]:
        """The entries of this register as rows to search, as of today, in the order of a column; unknown ones last."""
        with self._lock:
            if self._sorted_of is None or self._sorted_of[0] is not loaded or self._sorted_of[1] != today():
                self._sorted_of = (loaded, today())
                self._sorted = {("id", False): rows_of(loaded, today())}
            if (column, descending) not in self._sorted:
                rows, key = self._sorted["id", False], attrgetter(column)
                known = sorted((row for row in rows if key(row) is not None), key=key, reverse=descending)
                self._sorted[column, descending] = [*known, *(row for row in rows if key(row) is None)]
            return self._sorted[column, descending]

    @property
    def now(self) -> Loaded:
        """The register as its file is now.  Raises: SystemFailure where it can't be read or has problems."""
        with self._lock:
            stamp = self._stamp_now()
            if self._loaded is None or stamp != self._stamp:
                self._loaded, self._stamp = self._read(), stamp
            return self._loaded

    def _stamp_now(self) -> _Stamp:
        try:
            state = self._home.register.stat()
        except OSError as error:
            raise _unreadable(str(error.strerror)) from error
        return state.st_mtime_ns, state.st_size, state.st_ino

    def _read(self) -> Loaded:
        self._loaded = None
        try:
            with open_index(self._home) as index:
                loaded = index.register(self._home.register.read_bytes())
        except OSError as error:
            raise _unreadable(str(error.strerror)) from error
        if isinstance(loaded, Problems):
            raise _unreadable(f"{len(loaded)} か所に誤りがあります")
        # Ten thousand entries are a million objects, and going through them would hold up every reader for half a second.
        gc.collect()
        gc.freeze()
        return loaded


def _unreadable(why: str) -> SystemFailure:
    return SystemFailure(
        f"台帳（registry.yaml）を読めません（{why}）。",
        mend="推進室の担当が banken check で誤りの場所を確かめ、直してください。直るまで、この画面は使えません。",
    )


@dataclass(frozen=True)
class Hall:
    """What all requests of one town share.  secure: it is reached by TLS."""

    home: Home
    ledger: Ledger
    audit: AuditLog
    templates: Environment
    register: RegisterView
    accounts: Accounts
    sessions: Sessions
    look: Look
    secure: bool
    forms: KeptForms = field(default_factory=KeptForms)
    titles: list[tuple[str, str, frozenset[str]]] = field(default_factory=list)
    """The navigation: path, title, and the roles that see it."""

    def person(self, id: str) -> Person | None:
        """A person of the register who has not left.  Raises: SystemFailure where the register can't be read."""
        known = self.register.now.register.people.get(id)
        return None if known is None or (known.left is not None and known.left <= today()) else known


@contextmanager
def open_hall(home: Home, templates: Environment, *, secure: bool) -> Iterator[Hall]:
    """The hall of a town; closed at the end.  Raises: SystemFailure where the ledger can't be opened."""
    with records(home) as (ledger, audit):
        register = RegisterView(home)
        look = Look(home, ledger)
        try:
            accounts, sessions = Accounts(ledger, audit), Sessions(ledger)
            yield Hall(home, ledger, audit, templates, register, accounts, sessions, look, secure)
        finally:
            look.close()
