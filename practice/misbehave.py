"""Carries the set faults out on the requests that they hit, and makes a page slow now and then."""

from __future__ import annotations

import asyncio

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import HTMLResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from practice.faults import Fault, Faults
from practice.sessions import Sessions, session_of
from practice.transport import cut_connection

UNTOUCHED = ("/static/", "/_practice/")
DIALOG = '<script>alert("予期しないお知らせ")</script>'
LATE = "practice.late"
_BROKEN_PAGE = (
    '<!doctype html><html lang="ja"><meta charset="utf-8"><title>システムエラー</title>'
    "<h1>システムエラー</h1><p>処理を続けられません。しばらくしてから、もう一度操作してください。</p></html>"
)


class SlowMiddleware:
    """Every seventh page takes two seconds; the count makes it the same in every run."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._count = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and not scope["path"].startswith(UNTOUCHED):
            self._count += 1
            if self._count % 7 == 0:
                await asyncio.sleep(2.0)
        await self._app(scope, receive, send)


class FaultMiddleware:
    """Stands before everything else, so that a fault can also keep a request from being handled at all."""

    def __init__(self, app: ASGIApp, faults: Faults, sessions: Sessions) -> None:
        self._app = app
        self._faults = faults
        self._sessions = sessions

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"].startswith(UNTOUCHED):
            return await self._app(scope, receive, send)
        where = (scope["method"], scope["path"])
        for fault in self._faults.take(*where, "delay"):
            await asyncio.sleep(fault.seconds)
        if self._faults.take(*where, "drop"):
            return await cut_connection(scope)
        if self._faults.take(*where, "error500"):
            return await HTMLResponse(_BROKEN_PAGE, status_code=500)(scope, receive, send)
        if self._faults.take(*where, "session_timeout"):
            self._sessions.end(session_of(scope))
        scope[LATE] = sum(fault.seconds for fault in self._faults.take(*where, "late_save"))
        answer = Answer()
        await self._app(scope, receive, answer.keep)
        if self._faults.take(*where, "drop_after"):
            return await cut_connection(scope)
        if answer.is_page:
            answer.change(self._faults.take(*where, "dialog", "changed_label"))
        await answer.give(send)
        return None


class Answer:
    """An answer held back until the faults have had their way with it."""

    def __init__(self) -> None:
        self._start: Message = {}
        self._body = b""

    async def keep(self, message: Message) -> None:
        """Takes the place of `send`."""
        if message["type"] == "http.response.start":
            self._start = message
        elif message["type"] == "http.response.body":
            self._body += message.get("body", b"")

    @property
    def is_page(self) -> bool:
        """Whether it is HTML, and so has something that a person would see."""
        return Headers(raw=self._start["headers"]).get("content-type", "").startswith("text/html")

    def change(self, faults: list[Fault]) -> None:
        """Puts a dialog into the page, or other words."""
        page = self._body.decode()
        for fault in faults:
            page = page.replace(fault.old, fault.new) if fault.kind == "changed_label" else page + DIALOG
        self._body = page.encode()
        headers = MutableHeaders(raw=list(self._start["headers"]))
        headers["content-length"] = str(len(self._body))
        self._start = {**self._start, "headers": headers.raw}

    async def give(self, send: Send) -> None:
        """Sends it at last."""
        await send(self._start)
        await send({"type": "http.response.body", "body": self._body})
