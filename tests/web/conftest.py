"""What tests of the pages share: a town with somebody of each role, served by a real server, and signed-in clients."""

from __future__ import annotations

import shutil
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
import sqlalchemy as sa
import uvicorn
from argon2 import PasswordHasher
from playwright.sync_api import Browser, BrowserContext, Page

from robots.drivers.browser_find import find_browser
from robots.ledger.accounts import Accounts
from robots.ledger.tables import accounts
from robots.settings import Home, open_home
from robots.web.app import create_app
from robots.wiring import records
from tests.empty_ledger import lay_ledger
from tests.one_browser import Kept

ROOT = Path(__file__).parents[2]
PASSWORD = "neko ga niwa de nemuru"
PEOPLE = {
    "w-viewer": ("閲覧の人", "shimin", "viewer"),
    "w-author": ("作る人", "gakumu", "author"),
    "w-checker": ("確認の人", "gakumu", "checker"),
    "w-checker2": ("確認の人二", "gakumu", "checker"),
    "w-other": ("よその課の確認の人", "kaikei", "checker"),
    "w-approver": ("承認の人", "dx", "approver"),
    "w-admin": ("管理の人", "dx", "admin"),
    "w-nothing": ("役割のない人", "dx", ""),
}
ROLE_OF = {person: role for person, (_, _, role) in PEOPLE.items()}


@dataclass(frozen=True)
class Web:
    """A served town."""

    home: Home
    url: str

    def client(self, person: str | None = None) -> httpx.Client:
        """A client that follows no redirects and sends our own origin; signed in where a person is named."""
        headers = {"Origin": self.url}
        if person is None:
            return _client(self.url, headers)
        with _client(self.url, headers) as client:
            answer = client.post("/sign-in", data={"id": person, "password": PASSWORD})
            assert answer.status_code == 303, answer.text
            return _client(self.url, headers, client.cookies)

    def enter(self, page: Page, person: str) -> None:
        """Signs in in a browser."""
        page.goto(f"{self.url}/sign-in")
        page.get_by_label("職員番号").fill(person)
        page.get_by_label("パスワード", exact=False).fill(PASSWORD)
        page.get_by_role("button", name="サインイン").click()
        page.wait_for_url(lambda url: "/sign-in" not in url)


def _client(url: str, headers: dict[str, str], cookies: httpx.Cookies | None = None) -> httpx.Client:
    # verify: reading the certificates takes longer than a test; there is no TLS here.
    return httpx.Client(base_url=url, headers=headers, cookies=cookies, timeout=30, verify=False)


def csrf_in(text: str) -> str:
    """The token of a page."""
    return text.partition('name="csrf" content="')[2].partition('"')[0]


def make_town(root: Path) -> Home:
    """A copy of the gallery with the people of PEOPLE and their accounts."""
    shutil.copytree(ROOT / "scenarios", root / "scenarios")
    people = "".join(
        f"  {id}: {{name: {name}, department: {department}, roles: [{role}]}}\n"
        for id, (name, department, role) in PEOPLE.items()
    )
    register = (ROOT / "registry.yaml").read_text(encoding="utf-8")
    (root / "registry.yaml").write_text(register.replace("\npeople:\n", f"\npeople:\n{people}", 1), encoding="utf-8")
    home = open_home(root, {})
    lay_ledger(home.var / "ledger.sqlite")
    with records(home) as (ledger, audit):
        first, *others = PEOPLE
        Accounts(ledger, audit).put(first, PASSWORD, by="tests", must_change=False)
        # The same password for all, and a hash that is verified in no time: a real one takes as long as a whole test.
        quick = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(PASSWORD)
        with ledger.writing() as connection:
            connection.execute(accounts.update().values(password=quick))
            made = connection.execute(sa.select(accounts)).mappings().one()
            connection.execute(accounts.insert(), [{**made, "person": person} for person in others])
    return home


@contextmanager
def served(home: Home) -> Iterator[Web]:
    """Serves a town until the block ends."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    cert, key = (home.root / path if path else None for path in (home.settings.web_cert, home.settings.web_key))
    config = uvicorn.Config(
        create_app(home),
        host="127.0.0.1",
        port=port,
        log_level="warning",
        ws="none",
        ssl_certfile=cert,
        ssl_keyfile=key,
    )
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    url = f"{'https' if cert else 'http'}://127.0.0.1:{port}"
    with httpx.Client(transport=httpx.HTTPTransport(retries=20, verify=False)) as client:
        client.get(f"{url}/sign-in", timeout=30)
    try:
        yield Web(home, url)
    finally:
        server.should_exit = True
        thread.join(20)


@pytest.fixture(scope="module")
def web(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Web]:
    """A served town of this module's own."""
    with served(make_town(tmp_path_factory.mktemp("web") / "city")) as running:
        yield running


@pytest.fixture(scope="module")
def browser(kept_browser: Kept) -> Iterator[Browser]:
    """The browser of this machine; what a module's tests leave open in it is closed after them."""
    playwright = kept_browser.own()
    yield playwright.chromium.launch(executable_path=find_browser(False), args=["--no-sandbox"])
    playwright.stop()


@pytest.fixture(params=["light", "dark"])
def scheme(request: pytest.FixtureRequest) -> str:
    """Both looks of the pages."""
    return str(request.param)


def city_pc(browser: Browser, scheme: str = "light", scale: float = 1) -> BrowserContext:
    """A browser as on a city's PC: 1366×768, or the same at 200 % (scale=2)."""
    size = {"width": round(1366 / scale), "height": round(768 / scale)}
    return browser.new_context(
        viewport=size,  # type: ignore[arg-type]
        device_scale_factor=scale,
        color_scheme=scheme,  # type: ignore[arg-type]
        locale="ja-JP",
    )
