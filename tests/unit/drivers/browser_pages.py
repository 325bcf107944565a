"""A loopback server of single pages, for tests of the real browser."""

from __future__ import annotations

import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

Answer = tuple[int, dict[str, str], str]


class Pages:
    """pages[path] is the body of a page, or a function that gives status, headers and text; requests lists what came."""

    def __init__(self) -> None:
        self.pages: dict[str, str | Callable[[], Answer]] = {}
        self.requests: list[str] = []
        outer = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                outer.requests.append(f"{self.command} {self.path}")
                page = outer.pages.get(self.path.split("?", 1)[0], lambda: (404, {}, "no such page"))
                status, headers, text = page() if callable(page) else (200, {}, page)
                self.send_response(status)
                self.send_header("Content-Type", "text/html; charset=utf-8")
                body = ("" if headers else '<!doctype html><meta charset="utf-8">') + text
                self.send_header("Content-Length", str(len(body.encode())))
                for name, value in headers.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(body.encode())

            def do_POST(self) -> None:
                """Takes what comes and breaks the connection without an answer."""
                self.rfile.read(int(self.headers["Content-Length"]))
                outer.requests.append(f"{self.command} {self.path}")
                self.close_connection = True

            def log_message(self, *_: object) -> None:
                """Silent."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()
