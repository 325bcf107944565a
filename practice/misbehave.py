"""Carries the set faults out on the requests that they hit, and makes a page slow now and then."""

from __future__ import annotations

import asyncio
import json

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import HTMLResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from practice.faults import Fault, FaultKind, Faults
from practice.sessions import Sessions, session_of
from practice.transport import cut_connection

UNTOUCHED = ("/static/", "/_practice/")
DIALOG = '<script>alert("予期しないお知らせ")</script>'
LATE = "practice.late"
_MOVE = """<script>(() => {
  const button = [...document.querySelectorAll("button")].find((one) => one.innerText.trim() === OLD);
  if (!button) return;
  if (button.form) { button.form.id ||= "moved-form"; button.setAttribute("form", button.form.id); }
  const section = document.createElement("section"), title = document.createElement("h2");
  title.textContent = NEW;
  section.setAttribute("aria-label", NEW);
  section.append(title, button);
  (document.querySelector("main") || document.body).prepend(section);
})()</script>"""
_INSERT = """<script>
for (const table of document.querySelectorAll("table")) {
  const place = [...(table.rows[0]?.cells || [])].findIndex((cell) => cell.innerText.trim() === OLD);
  for (const [number, row] of place < 0 ? [] : [...table.rows].entries()) {
    const cell = document.createElement(number ? "td" : "th");
    cell.textContent = number ? "－" : NEW;
    row.insertBefore(cell, row.cells[place]);
  }
}</script>"""
_CHANGES: dict[FaultKind, str] = {"moved_button": _MOVE, "new_column": _INSERT}
_BROKEN_PAGE = (
    '<!doctype html><html lang="ja"><meta charset="utf-8"><title>システムエラー</title>'
    "<h1>システムエラー</h1><p>処理を続けられません。しばらくしてから、もう一度操作してください。</p></html>"
)


def _changed(page: str, fault: Fault) -> str:
    if fault.kind == "changed_label":
        return page.replace(fault.old, fault.new)
    script = _CHANGES.get(fault.kind)
    return page + (
        DIALOG if script is None else script.replace("OLD", _text(fault.old)).replace("NEW", _text(fault.new))
    )


def _text(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


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
            answer.change(self._faults.take(*where, "dialog", "changed_label", *_CHANGES))
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
            page = _changed(page, fault)
        self._body = page.encode()
        headers = MutableHeaders(raw=list(self._start["headers"]))
        headers["content-length"] = str(len(self._body))
        self._start = {**self._start, "headers": headers.raw}

    async def give(self, send: Send) -> None:
        """Sends it at last."""
        await send(self._start)
        await send({"type": "http.response.body", "body": self._body})
