"""The practice town of the demo: the one that runs already, or one for the demo's time."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from practice.server import start_town
from robots.cli.common import Code, Stop, say
from robots.cli.practice import PORT
from robots.settings import Home


@contextmanager
def town(home: Home) -> Iterator[str]:
    """The practice town at its address; one that is running there already is used as it is."""
    url = f"http://127.0.0.1:{PORT}"
    if _is_town(url):
        yield url
        return
    home.var.mkdir(parents=True, exist_ok=True)
    try:
        running = start_town(home.var / "practice.sqlite", port=PORT)
    except OSError as error:
        say(f"練習市を始められません: {error}")
        raise Stop(Code.SYSTEM) from error
    with running:
        yield running.url


def _is_town(url: str) -> bool:
    try:
        with urllib.request.urlopen(f"{url}/_practice/health", timeout=2) as answer:
            return bool(json.load(answer).get("town"))
    except (urllib.error.URLError, OSError, ValueError):
        return False


def arrived(url: str, system: str) -> list[dict[str, Any]]:
    """Everything that arrived in a system of the town."""
    with urllib.request.urlopen(f"{url}/_practice/entries/{system}", timeout=20) as answer:
        return list(json.load(answer))
