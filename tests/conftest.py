"""What acceptance and fault tests share: a town of our own with the gallery, approved, against a practice town."""

from __future__ import annotations

import io
import json
import os
import shutil
import socket
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import chdir, redirect_stderr, redirect_stdout
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from unittest.mock import patch

import pytest
from openpyxl import Workbook

from practice.books.jutogai import reports
from practice.server import RunningTown, start_town
from robots.__main__ import main
from robots.ledger.store import open_ledger
from robots.registry.approve import approve, request_of
from robots.registry.load import load_register
from robots.settings import Home, open_home
from tests.empty_ledger import lay_ledger
from tests.one_browser import Kept, one_browser
from tests.postgres.server import Postgres, running_postgres

ROOT = Path(__file__).parent.parent
JUTOGAI = "shimin/jutogai-jusho"


_ENVIRON = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "BANKEN_"))}
_ENVIRON |= {"PYTHONUTF8": "1", "PYTHONPATH": str(ROOT)}


LONG = ("postgres", "acceptance", "faults", "recorder", "web", "forms", "contracts")
"""The folders whose files take longest: those that wait most come first, then the longest."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Long files come first: handed out file by file, none of them is begun when the others are through."""
    items.sort(key=lambda item: next((n for n, folder in enumerate(LONG) if folder in item.path.parts), len(LONG)))


@dataclass(frozen=True)
class Done:
    """How a command ended."""

    code: int
    out: str
    err: str

    def json(self) -> object:
        return json.loads(self.out)


@dataclass(frozen=True)
class CityHall:
    """A town folder of its own, the practice town that it enters into, and the command line."""

    home: Home
    town: RunningTown

    def banken(self, *arguments: str, **environ: str) -> Done:
        """``banken ...`` in this town's folder (see ``banken_here``), with these variables of the environment."""
        with patch.dict(os.environ, environ):
            return banken_here(self.home.root, *arguments)

    def approve(self, *scenarios: str) -> None:
        """Approves scenarios as they stand."""
        for scenario in scenarios:
            accept(self.home, scenario)

    def edit(self, scenario: str, change: Callable[[str], str], file: str = "scenario.yaml") -> None:
        """Changes a file of a scenario, keeping its line ends."""
        path = self.home.scenarios / scenario / file
        before = path.read_text(encoding="utf-8")
        after = change(before)
        assert after != before, "the change must change something"
        path.write_text(after, encoding="utf-8")

    def arrived(self, system: str) -> Counter[str]:
        """How often each key has arrived in a system of the town."""
        return Counter(str(entry["key"]) for entry in self.town.entries(system))


def banken_here(root: Path, *arguments: str, typed: str = "") -> Done:
    """``banken ...`` in a folder, in this very process, in whose one browser (``kept_browser``) a run begins at once.

    Commands as processes of their own: tests/commands.py, test_demo.py, test_nights.py, test_town_faults.py.
    """
    before = sys.argv, sys.stdin
    said, warned = io.StringIO(), io.StringIO()
    code: object = 0
    try:
        sys.argv, sys.stdin = ["banken", *arguments], io.StringIO(typed)
        with chdir(root), redirect_stdout(said), redirect_stderr(warned):
            main()
    except SystemExit as ended:
        code = ended.code
    finally:
        sys.argv, sys.stdin = before
    assert "Traceback" not in warned.getvalue(), warned.getvalue()
    assert "不具合" not in said.getvalue() + warned.getvalue(), said.getvalue() + warned.getvalue()
    return Done(int(code) if isinstance(code, int) else 0, said.getvalue(), warned.getvalue())


@pytest.fixture(scope="session", autouse=True)
def settings_of_the_user(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Keeps what Banken writes into the user's own settings folder (heads of the audit log, keys) out of the real one."""
    os.environ["XDG_CONFIG_HOME"] = _ENVIRON["XDG_CONFIG_HOME"] = str(tmp_path_factory.mktemp("config"))
    # Keys of throw-away ledgers have no place in the operating system's keyring.
    os.environ["PYTHON_KEYRING_BACKEND"] = _ENVIRON["PYTHON_KEYRING_BACKEND"] = "keyring.backends.fail.Keyring"


@pytest.fixture(scope="session", autouse=True)
def kept_browser(settings_of_the_user: None) -> Iterator[Kept]:
    """What this worker's tests do in this process, they do in one browser."""
    with one_browser() as kept:
        yield kept


@pytest.fixture(scope="module")
def no_browser(kept_browser: Kept) -> None:
    """For a module that runs an asyncio loop in this thread."""
    kept_browser.end()


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """A PostgreSQL server."""
    with running_postgres() as server:
        yield server


@pytest.fixture(scope="session")
def served(postgres: Postgres, settings_of_the_user: None) -> str:
    """The URL of a ledger on it, made once; whoever writes in it leaves it empty (``emptied``)."""
    made = postgres.database()
    open_ledger(made).close()
    return made


@pytest.fixture(scope="session")
def port() -> int:
    """Where this worker's practice towns stand, one after the other."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture
def town(tmp_path: Path, port: int) -> Iterator[RunningTown]:
    with start_town(tmp_path / "town.sqlite", port=port) as running:
        yield running


@pytest.fixture(scope="session")
def gallery(tmp_path_factory: pytest.TempPathFactory, settings_of_the_user: None, port: int) -> Path:
    """The gallery, its sites pointed at this worker's towns and approved so, with a new ledger; tests work in copies of it."""
    root = approved_gallery(tmp_path_factory.mktemp("gallery") / "city", port)
    lay_ledger(root / "var" / "ledger.sqlite")
    return root


def approved_gallery(root: Path, port: int) -> Path:
    """Puts the gallery into a new folder, its sites pointed at the towns of this port, and approves it so."""
    shutil.copytree(ROOT / "scenarios", root / "scenarios")
    shutil.copyfile(ROOT / "registry.yaml", root / "registry.yaml")
    (root / "banken.toml").write_text("settle_seconds = 1.0\nretry_wait = 0.2\nstep_timeout = 8\n", encoding="utf-8")
    home = open_home(root, {})
    scenarios = sorted(root.rglob("scenario.yaml"))
    for path in scenarios:
        text = path.read_text(encoding="utf-8").replace("http://127.0.0.1:8710", f"http://127.0.0.1:{port}")
        path.write_text(text, encoding="utf-8")
    for path in scenarios:
        accept(home, path.parent.relative_to(home.scenarios).as_posix())
    return root


def accept(home: Home, scenario: str) -> None:
    """Approves a scenario as it stands."""
    loaded = load_register(home)
    request = request_of(home, loaded, scenario)  # type: ignore[arg-type]
    approve(home, loaded, request, by="d0001", on=date(2026, 4, 1), until=date(2099, 3, 31))  # type: ignore[arg-type]


@pytest.fixture
def city(tmp_path: Path, town: RunningTown, gallery: Path) -> CityHall:
    """A fresh copy of the approved gallery."""
    root = tmp_path / "city"
    shutil.copytree(gallery, root)
    return CityHall(open_home(root, {}), town)


def small_book(city: CityHall, count: int) -> list[str]:
    """Puts a plain book of ``count`` good reports in place of the sample's sixty; returns their keys."""
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    rows = [
        {
            "受付番号": report.number,
            "届出日": report.reported.isoformat(),
            "異動日": report.moved.isoformat(),
            "異動事由": "転居",
            "届出区分": "本人",
            "宛名番号": report.person.number,
            "氏名カナ": report.person.kana,
            "生年月日": report.person.born.isoformat(),
            "郵便番号": report.postal_code,
            "住所": report.address,
            "方書": report.building,
            "本人確認": "○",
            "備考": "",
        }
        for report in reports()[:count]
    ]
    sheet.append(list(rows[0]))
    for row in rows:
        sheet.append(list(row.values()))
    book.save(city.home.scenarios / JUTOGAI / "sample" / "住登外者異動届.xlsx")
    return [row["受付番号"] for row in rows]
