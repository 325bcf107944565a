"""What a page is made of: its routes with who may use them, and what a handler gets (Context).

A page is one file of robots/web/pages/ that exports ``PAGE``, and its templates.  A handler is a plain function from a
Context to a response; it runs in a thread of its own and may wait for the ledger or a file.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from starlette.datastructures import QueryParams
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from robots.errors import BusinessError
from robots.ledger.audit import AuditLog
from robots.ledger.store import Ledger
from robots.registry.load import Loaded
from robots.registry.model import Register
from robots.settings import Home
from robots.web.hall import Hall

Role = Literal["viewer", "author", "checker", "approver", "admin", "signed_in", "public"]
"""The roles of registry.yaml, and two that everybody who has signed in, or simply everybody, has."""
PUBLIC: frozenset[Role] = frozenset({"public"})
SIGNED_IN: frozenset[Role] = frozenset({"signed_in"})
EVERY_ROLE: frozenset[Role] = frozenset({"viewer", "author", "checker", "approver", "admin"})
FORM_BYTES = 256 * 1024
FLASH_COOKIE = "banken_told"
_FLASH_LONGEST = 800
Tone = Literal["success", "warning", "error", "info"]


class NotFound(Exception):
    """There is no such thing (or this person is not to know of it): a page says so, 404."""


class Forbidden(Exception):
    """This person may not: a page says so, 403.  what: why, in one sentence."""

    def __init__(self, what: str = "この操作をする権限がありません。") -> None:
        super().__init__(what)
        self.what = what


@dataclass(frozen=True, slots=True)
class SignedIn:
    """The person who is signed in, as registry.yaml has them at this very request."""

    id: str
    name: str
    department: str
    roles: frozenset[str]

    def has(self, *roles: Role) -> bool:
        """Whether the person has one of these roles."""
        return not self.roles.isdisjoint(roles)


@dataclass(frozen=True, slots=True)
class Upload:
    """A file that was sent with a form.  name: as the browser told it; never a path to write to."""

    name: str
    data: bytes = field(repr=False)


@dataclass(frozen=True)
class Context:
    """What a handler knows: the request, the town, and who asks."""

    request: Request
    hall: Hall
    route: Route
    who: SignedIn | None
    csrf: str
    """For every form: ``{{ parts.csrf(csrf) }}``; scripts send it as the header X-CSRF-Token."""
    now: datetime
    loaded: Loaded | None
    form: Mapping[str, str] = field(default_factory=dict)
    """The fields of a form that was posted; of one that came several times, the last (see ``lists``)."""
    lists: Mapping[str, list[str]] = field(default_factory=dict)
    files: Mapping[str, Upload] = field(default_factory=dict)

    @property
    def home(self) -> Home:
        return self.hall.home

    @property
    def ledger(self) -> Ledger:
        return self.hall.ledger

    @property
    def audit(self) -> AuditLog:
        return self.hall.audit

    @property
    def register(self) -> Register:
        """registry.yaml as it is now."""
        return self.read.register

    @property
    def read(self) -> Loaded:
        """The same with its raw entries."""
        assert self.loaded is not None, "a public page has no register"
        return self.loaded

    @property
    def person(self) -> SignedIn:
        """Who is signed in; every route that is not public has one."""
        assert self.who is not None, "a public page has no person"
        return self.who

    @property
    def query(self) -> QueryParams:
        return self.request.query_params

    @property
    def path(self) -> Mapping[str, str]:
        """The parameters of the route's path."""
        return self.request.path_params

    @property
    def scenario(self) -> str:
        """The scenario of a path with {department} and {name}.  Raises: NotFound where the register has none."""
        scenario = f"{self.path['department']}/{self.path['name']}"
        if scenario not in self.register.scenarios:
            raise NotFound
        return scenario

    def field(self, name: str, ja: str) -> str:
        """A field of the form that must not be empty.  Raises: BusinessError."""
        text = self.form.get(name, "").strip()
        if not text:
            raise BusinessError(f"「{ja}」が空です。", mend=f"「{ja}」を入れてください。")
        return text


Handler = Callable[[Context], Response]


@dataclass(frozen=True)
class Route:
    """One address of a page.

    path: as Starlette writes it (/runs/{run}); a scenario is /scenarios/{department}/{name}.  roles: who may; none is an
    error at start.  examples: values of the path's parameters, with which tests ask for it.
    limit: bytes that a POST may send.  quiet: asked for by the page itself, so it doesn't keep a session alive.
    """

    path: str
    handler: Handler
    roles: frozenset[Role]
    method: Literal["GET", "POST"] = "GET"
    examples: Mapping[str, str] = field(default_factory=dict)
    limit: int = FORM_BYTES
    quiet: bool = False


@dataclass(frozen=True)
class Page:
    """One page.  name: its file's; title: in the navigation; order: its place there, None: not in it."""

    name: str
    title: str
    routes: tuple[Route, ...]
    order: int | None = None

    @property
    def path(self) -> str:
        """Where the navigation leads: its first route."""
        return self.routes[0].path

    @property
    def roles(self) -> frozenset[Role]:
        """Who may open it."""
        return self.routes[0].roles


def allowed(roles: frozenset[Role], who: SignedIn | None) -> bool:
    """Whether somebody may use a route of these roles."""
    if "public" in roles:
        return True
    return who is not None and ("signed_in" in roles or not who.roles.isdisjoint(roles))


def see_other(path: str, *, told: str = "", tone: Tone = "success") -> Response:
    """After a change: the browser asks for this page, which shows what was told."""
    answer = RedirectResponse(path, status_code=303)
    if told:
        text = json.dumps([tone, told[:_FLASH_LONGEST]], ensure_ascii=False)
        value = base64.urlsafe_b64encode(text.encode()).decode()
        answer.set_cookie(FLASH_COOKIE, value, max_age=60, httponly=True, samesite="strict")
    return answer


def told_in(request: Request) -> tuple[str, str] | None:
    """What the page before wanted told: tone and text."""
    try:
        tone, text = json.loads(base64.urlsafe_b64decode(request.cookies.get(FLASH_COOKIE, "")))
    except ValueError:
        return None
    return (str(tone), str(text)) if tone in ("success", "warning", "error", "info") else None
