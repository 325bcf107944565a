"""Keeps the browser on the allowed sites.

The browser itself does the refusing, so it costs nothing and there is no request that it misses: every address that
is not on an allowed site goes to a proxy that does not exist, redirects, frames, web sockets, downloads and
workers too (a route of Playwright sees no redirect, and switches the cache off).  Other host names are not even looked up.
"""

from __future__ import annotations

from collections.abc import Iterable

from loguru import logger

from robots.drivers.browser import Site, site_of
from robots.errors import ScenarioFault, SystemFailure

# Pages of the browser itself (an error page, the viewer of PDF files), and what a page has made by itself.
_OWN = ("about:", "blob:", "chrome", "edge:")
_SOCKET = {"http": "ws", "https": "wss"}


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
        "--force-webrtc-ip-handling-policy=disable_non_proxied_udp",
    ]


class Gatekeeper:
    """Knows the allowed sites and what was refused."""

    def __init__(self, sites: Iterable[Site]) -> None:
        self.sites = frozenset(sites)
        self._refused: list[str] = []
        self._blocked: str | None = None

    def allows(self, address: str) -> bool:
        """Whether the address is on an allowed site; the browser's own empty pages are harmless."""
        return site_of(address) in self.sites or address in ("", "about:blank", "about:srcdoc")

    def check_target(self, address: str) -> None:
        """Raises: ScenarioFault where a scenario asks for an address that it may not touch."""
        if site_of(address) not in self.sites:
            raise ScenarioFault(f"{address} は、このシナリオが使ってよいサイトではありません。", mend=_advice(address))

    def noticed(self, address: str, *, navigation: bool) -> None:
        """Remembers a request that failed, if it failed because it was refused."""
        if address.startswith((*_OWN, "data:")) or self.allows(address):
            return
        if address not in self._refused:
            self._refused.append(address)
            logger.warning("許されていないサイトへの通信を止めました: {}（{}）", address, _advice(address))
        if navigation:
            self._blocked = address

    def check_page(self, addresses: Iterable[str]) -> None:
        """Raises: SystemFailure where a page or frame was led to (or stands on) a site that is not allowed."""
        for address in addresses:
            if not address.startswith(_OWN) and not self.allows(address):
                self._blocked = address
        blocked, self._blocked = self._blocked, None
        if blocked:
            raise SystemFailure(
                f"許されていないサイト {blocked} へ移ろうとしたため、止めました。", mend=_advice(blocked)
            )

    @property
    def refused(self) -> tuple[str, ...]:
        """The addresses that were refused so far, each once."""
        return tuple(self._refused)


def _advice(address: str) -> str:
    site = site_of(address)
    if site is None:
        return "http: か https: で始まるアドレスだけを使えます。"
    port = "" if (site.scheme, site.port) in (("http", 80), ("https", 443)) else f":{site.port}"
    return f"必要なサイトなら、利用: の サイト: に「名前: {site.scheme}://{_host(site)}{port}」の行を足し、承認を受けてください。"
