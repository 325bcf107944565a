"""Keeps the browser on the allowed sites.

The browser itself does the refusing, so it costs nothing and there is no request that it misses: every address that
is not on an allowed site goes to a proxy that does not exist, redirects, frames, web sockets, downloads and
workers too (a route of Playwright sees no redirect, and switches the cache off).  Other host names are not even looked up.
What it refused it tells afterwards; of many at once, in workers and sockets above all, it forgets one in a thousand.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from loguru import logger

from robots.drivers.browser import Site, site_of
from robots.errors import NotDeclared, SystemFailure

# Pages of the browser itself (an error page, the viewer of PDF files), and what a page has made by itself.
_OWN = ("about:", "blob:", "chrome", "edge:")
_SOCKET = {"http": "ws", "https": "wss"}
_WEB = {socket: web for web, socket in _SOCKET.items()}

_TOLD = re.compile(r"(?:Not allowed to load local resource:|Failed to establish a connection to) (\S+?):? *(?:net::|$)")


def _host(site: Site) -> str:
    return f"[{site.host}]" if ":" in site.host else site.host


def refusing_flags(sites: Iterable[Site]) -> list[str]:
    """Command-line flags that keep a Chromium on the sites."""
    ordered = sorted(sites)
    passed = [
        f"{scheme}://{_host(site)}:{site.port}" for site in ordered for scheme in (site.scheme, _SOCKET[site.scheme])
    ]
    known = [f"EXCLUDE {host}" for host in sorted({_host(site) for site in ordered})]
    return [
        "--proxy-server=http://refused.invalid:1",
        # Without <-loopback> this machine's own addresses would never ask the proxy.
        "--proxy-bypass-list=" + ";".join(["<-loopback>", *passed]),
        "--host-resolver-rules=" + " , ".join(["MAP * ~NOTFOUND", *known]),
        # Calls between browsers (WebRTC) ask no proxy; Edge, Chrome and Chromium take one name, the headless shell the other.
        "--webrtc-ip-handling-policy=disable_non_proxied_udp",
        "--force-webrtc-ip-handling-policy=disable_non_proxied_udp",
    ]


class Gatekeeper:
    """Knows the allowed sites and what was refused."""

    def __init__(self, sites: Iterable[Site]) -> None:
        self.sites = frozenset(sites)
        self._refused: dict[str, None] = {}
        self._blocked: str | None = None

    def allows(self, address: str) -> bool:
        """Whether the address is on an allowed site; the browser's own empty pages are harmless."""
        return site_of(_as_web(address)) in self.sites or address in ("", "about:blank", "about:srcdoc")

    def check_target(self, address: str) -> None:
        """Raises: NotDeclared where a scenario asks for an address that it may not touch."""
        if site_of(address) not in self.sites:
            raise NotDeclared(
                f"{address} は、このシナリオが使ってよいサイトではありません。",
                mend=_advice(address),
                kind="site",
                thing=_named(address),
            )

    def noticed(self, address: str, *, navigation: bool) -> None:
        """Remembers a request that failed, if it failed because it was refused."""
        if address.startswith((*_OWN, "data:")) or self.allows(address):
            return
        self._remember(address)
        if navigation:
            self._blocked = address

    def told(self, console: str) -> None:
        """Remembers what the browser stops before it becomes a request, and tells the page's console alone."""
        if found := _TOLD.match(console):
            self.noticed(found[1], navigation=False)

    def check_page(self, addresses: Iterable[str]) -> None:
        """Raises: SystemFailure where a page or frame was led to (or stands on) a site that is not allowed."""
        for address in addresses:
            if not address.startswith(_OWN) and not self.allows(address):
                self._remember(address)
                self._blocked = address
        blocked, self._blocked = self._blocked, None
        if blocked:
            raise SystemFailure(
                f"許されていないサイト {blocked} へ移ろうとしたため、止めました。", mend=_advice(blocked)
            )

    def _remember(self, address: str) -> None:
        site = _named(address)
        if site not in self._refused:
            self._refused[site] = None
            logger.warning("許されていないサイトへの通信を止めました: {}（{}）", site, _advice(address))

    @property
    def refused(self) -> tuple[str, ...]:
        """The sites that were refused so far, each once: never a whole address, which may tell of a person."""
        return tuple(self._refused)


def _as_web(address: str) -> str:
    """A web socket's address as that of the site which it belongs to."""
    scheme, colon, rest = address.partition(":")
    return f"{_WEB.get(scheme, scheme)}{colon}{rest}"


def _named(address: str) -> str:
    """The site of an address as it stands in `uses`, or the kind of address that it is (file:)."""
    site = site_of(_as_web(address))
    if site is None:
        return f"{address.partition(':')[0][:20]}:"
    port = "" if (site.scheme, site.port) in (("http", 80), ("https", 443)) else f":{site.port}"
    return f"{site.scheme}://{_host(site)}{port}"


def _advice(address: str) -> str:
    if site_of(_as_web(address)) is None:
        return "http: か https: で始まるアドレスだけを使えます。"
    return f"必要なサイトなら、利用: の サイト: に「名前: {_named(address)}」の行を足し、承認を受けてください。"
