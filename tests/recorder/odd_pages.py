"""Pages that the practice town does not have: small, on two ports of this machine."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

PAGES = {
    "/upload": """<title>添付</title><h1>添付の画面</h1><form action="/sent"><label>件名 <input name=a></label>
        <label>添付ファイル <input type=file name=f></label><button type=button onclick="location='/sent'">提出</button></form>""",
    "/sent": "<title>済み</title><h1>受付</h1><p>受け付けました</p><a href=/upload>戻る</a>",
    "/secret": """<title>設定</title><form><label>氏名 <input name=n></label><label>新しい暗証番号 <input type=password id=p></label>
        <label>役職 <input></label><label>内線 <input></label>
        <button type=button onclick="p.type='text'">見せる</button></form>""",
    "/enter": """<title>検索</title><form action="/sent"><label>検索語 <input name=q></label></form>""",
    "/prompt": """<title>確認</title><button onclick="document.body.append(prompt('理由を入れてください') + 'ました')">却下</button>""",
    "/outer": """<title>外</title><h1>外</h1><iframe name=naka title="内側の画面" src="{other}/inner"></iframe>""",
    "/inner": """<title>中</title><label>番号 <input></label><button>保存</button>""",
    "/calendar": """<title>表</title><table><tr><th>氏名<th>操作</tr><tr><td>見本　太郎<td><button>選択</button></tr>
        <tr><td>見本　花子<td><button>選択</button></tr></table><div style="cursor:pointer">詳しく</div>
        <button style="color:red"></button>""",
}


class Handler(BaseHTTPRequestHandler):
    other = ""

    def do_GET(self) -> None:
        text = PAGES.get(urlsplit(self.path).path, "").replace("{other}", type(self).other)
        self.send_response(200)
        self.send_header("content-type", "text/html; charset=utf-8")
        self.end_headers()
        self.wfile.write(f"<!doctype html><html lang=ja><meta charset=utf-8>{text}".encode())

    def log_message(self, format: str, *args: object) -> None:
        """Says nothing."""


@contextmanager
def odd_pages() -> Iterator[str]:
    """The address of the pages; what is framed comes from another origin."""
    servers = [ThreadingHTTPServer(("127.0.0.1", 0), Handler) for _ in range(2)]
    Handler.other = f"http://localhost:{servers[1].server_port}"
    for server in servers:
        threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{servers[0].server_port}"
    finally:
        for server in servers:
            server.shutdown()
            server.server_close()
