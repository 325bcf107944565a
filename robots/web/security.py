"""What holds for every request and every answer, whatever the page: host, size, headers; and the cookies and tokens."""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Collection
from dataclasses import dataclass

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

_POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data: blob:",
        "connect-src 'self'",
        "font-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
)
HEADERS = {
    "Content-Security-Policy": _POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    # Not no-referrer: with that, browsers send "Origin: null" from our own forms.
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
}
_LOCAL = re.compile(r"/(?![/\\])[^\\\x00-\x1f]*")


class TooLarge(Exception):
    """More was sent than this route takes."""


@dataclass(frozen=True)
class GuardMiddleware:
    """Refuses a host that is not ours (DNS rebinding), and puts the security headers on every answer.

    hosts: names without port.
    """

    app: ASGIApp
    hosts: Collection[str]
    secure: bool

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return

        async def send_guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    headers.setdefault(name, value)
                fixed = scope["path"].startswith("/static/")  # asked for again, and answered "not modified"
                headers.setdefault("Cache-Control", "no-cache" if fixed else "no-store")
                if self.secure:
                    headers.setdefault("Strict-Transport-Security", "max-age=31536000")
            await send(message)

        if _host(Headers(scope=scope).get("host", "")) not in self.hosts:
            refused = PlainTextResponse(
                "この名前では開けません。設定 web_hosts にある名前で開いてください。", status_code=421
            )
            await refused(scope, receive, send_guarded)
            return
        await self.app(scope, receive, send_guarded)


def _host(text: str) -> str:
    return re.sub(r":\d*$", "", text).lower()


def bounded(receive: Receive, limit: int) -> Receive:
    """The same, raising TooLarge once more than this has come."""
    count = 0

    async def counted() -> Message:
        nonlocal count
        message = await receive()
        count += len(message.get("body", b""))
        if count > limit:
            raise TooLarge
        return message

    return counted


def own_origin(request: Request) -> bool:
    """Whether a change comes from one of our own pages: the browser says so by Origin, and by Sec-Fetch-Site where it can."""
    url = request.url
    site = request.headers.get("sec-fetch-site", "same-origin")
    return request.headers.get("origin") == f"{url.scheme}://{url.netloc}" and site == "same-origin"


def csrf_of(token: str) -> str:
    """The token that every form of a session sends back; it ends with the session."""
    return hmac.digest(token.encode(), b"banken csrf", hashlib.sha256).hex()


def same(one: str, other: str) -> bool:
    """Compares without telling by its time how much is alike."""
    return hmac.compare_digest(one.encode(), other.encode())


def cookie_name(secure: bool) -> str:
    """The session's cookie; with TLS a browser keeps others from setting it (__Host-)."""
    return "__Host-banken" if secure else "banken"


def give_cookie(answer: Response, token: str, secure: bool) -> None:
    """It lasts while the browser is open; the server ends it by its own clock."""
    answer.set_cookie(cookie_name(secure), token, httponly=True, samesite="strict", secure=secure)


def take_cookie(answer: Response, secure: bool) -> None:
    answer.delete_cookie(cookie_name(secure), httponly=True, samesite="strict", secure=secure)


def local_path(text: str) -> str:
    """A path of our own to go to; the front page where it is anything else."""
    return text if _LOCAL.fullmatch(text) else "/"
