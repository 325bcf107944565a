"""A clerk without a browser."""

from __future__ import annotations

import re
from collections.abc import Mapping

import httpx

from practice import PRACTICE_PASSWORD, PRACTICE_USER
from practice.server import RunningTown


class Clerk:
    """Sends forms as a browser would, without one."""

    def __init__(self, town: RunningTown) -> None:
        self.http = httpx.Client(base_url=town.url, follow_redirects=True, timeout=30)

    def sign_in(self, user: str = PRACTICE_USER, password: str = PRACTICE_PASSWORD) -> str:
        return self.send("/login", {"user": user, "password": password})

    def see(self, path: str) -> str:
        return self.http.get(path).text

    def send(self, path: str, fields: Mapping[str, str | list[str]], *, to: str = "") -> str:
        """Opens a form's page, and posts the fields with the page's token."""
        return self.http.post(to or path, data={**fields, "token": self.token(path)}).text

    def token(self, path: str) -> str:
        tokens: list[str] = re.findall(r'name="token" value="([^"]+)"', self.see(path))
        return tokens[-1]


def era_fields(name: str, era: str, year: int, month: int, day: int) -> dict[str, str]:
    """The four boxes of an era date; `era` is the option's value, 5 for 令和."""
    return {f"{name}_era": era, f"{name}_year": str(year), f"{name}_month": str(month), f"{name}_day": str(day)}
