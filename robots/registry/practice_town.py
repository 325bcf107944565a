"""What the practice town's own key may approve: scenarios that can touch the practice town and nothing else.

That key is public.  What it signs runs without any ceremony (demo, learn, gallery), so it must not be able to do harm:
only in a register of the practice town, only sites of this very machine, only the practice town's credential, only
folders of the scenario's own and below var/out, and only mail to addresses that are reserved for examples.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator
from pathlib import PurePosixPath, PureWindowsPath
from urllib.parse import urlsplit

from practice import PRACTICE_CREDENTIAL, PRACTICE_TOWN
from robots.scenario.model import Uses

_EXAMPLES = ("example.com", "example.net", "example.org", "example.jp", "example", "test", "invalid", "localhost")
"""Domains that nobody may hold: RFC 2606 and RFC 6761; example.jp is JPRS's (予約ドメイン名)."""
_RESULTS = ("var", "out")


def beyond_practice(organization: str, uses: Uses) -> list[str]:
    """What a scenario may touch that is not the practice town, in words; nothing where it is a practice scenario."""
    return list(_beyond(organization, uses))


def _beyond(organization: str, uses: Uses) -> Iterator[str]:
    if organization != PRACTICE_TOWN:
        yield f"台帳の団体名が{PRACTICE_TOWN}ではない"
    for name, address in uses.sites.items():
        if not is_loopback(address):
            yield f"サイト「{name}」"
    for credential in uses.credentials:
        if credential != PRACTICE_CREDENTIAL:
            yield f"資格情報「{credential}」"
    for name, place in uses.folders.items():
        if not _is_own(place):
            yield f"フォルダ「{name}」"
    for domain in uses.mail:
        if not any(f".{domain.lower()}".endswith(f".{one}") for one in _EXAMPLES):
            yield f"メールの宛先「{domain}」"


def _is_own(place: str) -> bool:
    path = PurePosixPath(place.replace("\\", "/"))
    if path.is_absolute() or PureWindowsPath(place).drive or ".." in path.parts:
        return False
    return path.parts[:1] != ("var",) or path.parts[:2] == _RESULTS


def is_loopback(address: str) -> bool:
    """Whether a URL stands on this very machine."""
    host = urlsplit(address).hostname or ""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
