"""Sign-in, sessions that time out, and the hidden token that every form must send back."""

from __future__ import annotations

import hashlib
import hmac
import secrets
import threading
import time
from dataclasses import dataclass, field

from starlette.datastructures import Headers
from starlette.requests import cookie_parser
from starlette.responses import RedirectResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from practice import PRACTICE_PASSWORD, PRACTICE_USER

COOKIE = "town_session"
OPEN_PATHS = ("/login", "/static/", "/_practice/", "/practice/")


@dataclass
class Sessions:
    """Who is signed in. A session ends after `idle_seconds` without a request. Safe to use from any thread."""

    idle_seconds: float
    _seen: dict[str, float] = field(default_factory=dict)
    _key: bytes = field(default_factory=lambda: secrets.token_bytes(32))
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def sign_in(self, user: str, password: str) -> str | None:
        """A new session's name, or None where user or password is wrong."""
        right = hmac.compare_digest(user.encode(), PRACTICE_USER.encode())
        if not (hmac.compare_digest(password.encode(), PRACTICE_PASSWORD.encode()) and right):
            return None
        session = secrets.token_urlsafe(24)
        with self._lock:
            self._seen[session] = time.monotonic()
        return session

    def touch(self, session: str) -> bool:
        """Whether the session lives; a living one lives on."""
        now = time.monotonic()
        with self._lock:
            alive = now - self._seen.get(session, float("-inf")) <= self.idle_seconds
            if alive:
                self._seen[session] = now
            else:
                self._seen.pop(session, None)
        return alive

    def end(self, session: str) -> None:
        """Ends a session; an unknown one is no error."""
        with self._lock:
            self._seen.pop(session, None)

    def new_token(self, session: str) -> str:
        """A token for one rendering of a form: no two pages carry the same."""
        nonce = secrets.token_urlsafe(9)
        return f"{nonce}.{self._sign(session, nonce)}"

    def token_holds(self, session: str, token: str) -> bool:
        """Whether a form came from a page of this session."""
        nonce, _, signature = token.partition(".")
        return hmac.compare_digest(signature.encode(), self._sign(session, nonce).encode())

    def _sign(self, session: str, nonce: str) -> str:
        return hmac.new(self._key, f"{session}:{nonce}".encode(), hashlib.sha256).hexdigest()[:32]


def session_of(scope: Scope) -> str:
    """The session's name that a request carries; empty where it carries none."""
    return cookie_parser(Headers(scope=scope).get("cookie", "")).get(COOKIE, "")


class SignInMiddleware:
    """Sends whoever is not signed in to /login, which says why."""

    def __init__(self, app: ASGIApp, sessions: Sessions) -> None:
        self._app = app
        self._sessions = sessions

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"].startswith(OPEN_PATHS):
            return await self._app(scope, receive, send)
        session = session_of(scope)
        if session and self._sessions.touch(session):
            return await self._app(scope, receive, send)
        reason = "timeout" if session else "first"
        await RedirectResponse(f"/login?reason={reason}", status_code=303)(scope, receive, send)
        return None
