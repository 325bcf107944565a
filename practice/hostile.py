"""A page that tries every way out of the sites that a robot may touch, to see that none leads anywhere.

``/practice/hostile?img=http://127.0.0.1:4001&fetch=…`` tries the ways that it is given an address for, each of them to
that address.  It needs no sign-in and does nothing by itself; what it reaches for is up to who opens it.
"""

from __future__ import annotations

import json
from urllib.parse import urlsplit

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

PATH = "/practice/hostile"

TAGS = {
    "img": '<img src="{to}/i.png">',
    "input_image": '<input type="image" src="{to}/i.png" alt="">',
    "svg": '<svg><image href="{to}/i.svg"/></svg>',
    "script": '<script src="{to}/s.js" async></script>',
    "module": '<script type="module" src="{to}/m.js"></script>',
    "css_link": '<link rel="stylesheet" href="{to}/c.css">',
    "css_import": '<style>@import url("{to}/i.css");</style>',
    "css_url": '<style>#far {{ background: url("{to}/b.png") }}</style><p id="far">far</p>',
    "font": '<style>@font-face {{ font-family: far; src: url("{to}/f.woff2") }} #type {{ font-family: far }}</style><p id="type">A</p>',
    "icon": '<link rel="icon" href="{to}/favicon.ico">',
    "manifest": '<link rel="manifest" href="{to}/m.json">',
    "prefetch": '<link rel="prefetch" href="{to}/p">',
    "preload": '<link rel="preload" as="script" href="{to}/p.js">',
    "modulepreload": '<link rel="modulepreload" href="{to}/p.js">',
    "preconnect": '<link rel="preconnect" href="{to}">',
    "dns_prefetch": '<link rel="dns-prefetch" href="{to}">',
    "speculation": '<script type="speculationrules">{{"prerender": [{{"urls": ["{to}/r"]}}], "prefetch": [{{"urls": ["{to}/f"]}}]}}</script>',
    "frame": '<iframe src="{to}/f"></iframe>',
    "object": '<object data="{to}/o.html" type="text/html"></object>',
    "embed": '<embed src="{to}/e.html" type="text/html">',
    "video": '<video src="{to}/v.mp4" preload="auto" muted autoplay></video>',
    "poster": '<video poster="{to}/v.png"></video>',
    "audio": '<audio src="{to}/a.mp3" preload="auto"></audio>',
    "track": '<video src="/x.mp4" crossorigin="anonymous"><track default src="{to}/t.vtt"></video>',
    "redirect_img": '<img src="{path}/away?to={to}/r.png">',
    "redirect_frame": '<iframe src="{path}/away?to={to}/r"></iframe>',
    "refresh": '<iframe srcdoc=\'<meta http-equiv="refresh" content="0;url={to}/m">\'></iframe>',
    "form_post": '<iframe name="sink"></iframe><form method="post" action="{to}/p" target="sink" id="send"><input name="a" value="1"></form>'
    "<script>document.getElementById('send').submit()</script>",
}
"""What the page says in HTML."""

SCRIPTS = {
    "fetch": 'fetch("{to}/f").catch(() => 0)',
    "no_cors": 'fetch("{to}/n", {{mode: "no-cors", method: "POST", body: "1", keepalive: true}}).catch(() => 0)',
    "redirect_fetch": 'fetch("{path}/away?to={to}/r").catch(() => 0)',
    "xhr": 'const x = new XMLHttpRequest(); x.open("POST", "{to}/x"); x.send("1")',
    "beacon": 'navigator.sendBeacon("{to}/b", "1")',
    "event_source": 'new EventSource("{to}/e")',
    "web_socket": 'new WebSocket("{to}/w".replace(/^http/, "ws"))',
    "import": 'import("{to}/i.js").catch(() => 0)',
    "worker": 'new Worker(URL.createObjectURL(new Blob(["fetch(\\"{to}/w\\").catch(() => 0)"])))',
    "worker_socket": 'new Worker(URL.createObjectURL(new Blob(["new WebSocket(\\"{to}/w\\".replace(/^http/, \\"ws\\"))"])))',
    "worker_import": 'new Worker(URL.createObjectURL(new Blob(["importScripts(\\"{to}/w.js\\")"])))',
    "shared_worker": 'new SharedWorker(URL.createObjectURL(new Blob(["fetch(\\"{to}/w\\").catch(() => 0)"])))',
    "service_worker": 'navigator.serviceWorker.register("{path}/worker.js?to={to}")',
    "ping": 'const a = document.createElement("a"); a.href = "#x"; a.ping = "{to}/p"; document.body.append(a); a.click()',
    "popup": 'window.open("{to}/p")',
    "blank_link": 'const a = document.createElement("a"); a.href = "{to}/b"; a.target = "_blank"; document.body.append(a); a.click()',
    "download": 'const a = document.createElement("a"); a.href = "{to}/d.zip"; a.download = "d.zip"; document.body.append(a); a.click()',
    "stun": 'const p = new RTCPeerConnection({{iceServers: [{{urls: "stun:" + new URL("{to}").host}}]}});'
    ' p.createDataChannel("x"); p.createOffer().then((o) => p.setLocalDescription(o))',
    "turn_tcp": "const p = new RTCPeerConnection({{iceServers: [{{urls: "
    '"turn:" + new URL("{to}").host + "?transport=tcp", username: "u", credential: "c"}}]}});'
    ' p.createDataChannel("x"); p.createOffer().then((o) => p.setLocalDescription(o))',
    "web_transport": 'new WebTransport("{to}/t".replace(/^http:/, "https:")).ready.catch(() => 0)',
    "file_frame": 'const f = document.createElement("iframe"); f.src = "file:///etc/hostname"; document.body.append(f)',
    "file_popup": 'window.open("file:///etc/hostname")',
    "scheme_popup": 'window.open("ftp://" + new URL("{to}").host + "/x")',
}
"""What the page does in JavaScript."""

HEADERS = {
    "csp_report": ("Content-Security-Policy-Report-Only", "style-src 'none'; report-uri {to}/c"),
    "preload_header": ("Link", "<{to}/h.css>; rel=preload; as=style"),
}
"""What the page says in its headers."""

LEAVING = {"location": 'location.href = "{to}/l"'}
"""What leads the window itself away."""

WAYS = (*TAGS, *SCRIPTS, *HEADERS, *LEAVING)


def routes() -> list[Route]:
    return [Route(PATH, page), Route(f"{PATH}/away", away), Route(f"{PATH}/worker.js", worker)]


async def page(request: Request) -> Response:
    """The page; a way that is not asked for is not tried."""
    given = {way: _here(to) for way, to in request.query_params.items() if way in WAYS}
    tags = "".join(TAGS[way].format(to=to, path=PATH) for way, to in given.items() if way in TAGS)
    tries = {**SCRIPTS, **LEAVING}
    scripts = "".join(
        f"<script>try {{ (() => {{ {tries[way].format(to=to, path=PATH)} }})() }} catch (error) {{ }}</script>"
        for way, to in given.items()
        if way in tries
    )
    answer = HTMLResponse(
        '<!doctype html><html lang="ja"><meta charset="utf-8"><title>外へ出ようとするページ</title>'
        f"<h1>外へ出ようとするページ</h1><label>メモ <input name=memo></label>{tags}{scripts}</html>"
    )
    for way, to in given.items():
        if way in HEADERS:
            name, value = HEADERS[way]
            answer.headers[name] = value.format(to=to)
    return answer


async def away(request: Request) -> Response:
    """A redirect to elsewhere."""
    return RedirectResponse(_here(request.query_params.get("to", "")), status_code=302)


async def worker(request: Request) -> Response:
    """A service worker that reaches out as soon as it is installed."""
    to = json.dumps(_here(request.query_params.get("to", "")) + "/s")
    return Response(f"fetch({to}, {{mode: 'no-cors'}}).catch(() => 0)", media_type="text/javascript")


def _here(address: str) -> str:
    """The address, which is of this machine.  Raises: HTTPException 404 for any other: this page harms nobody else."""
    parts = urlsplit(address)
    if parts.scheme != "http" or not (parts.hostname or "").startswith("127.") or set(address) & set("\"'<>\\ "):
        raise HTTPException(404)
    return address
