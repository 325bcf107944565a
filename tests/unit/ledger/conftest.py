from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from robots.ledger.store import Ledger, open_ledger
from tests.postgres.server import emptied


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Where a ledger may be made; nothing is there yet.  Every test that asks for it is run on both databases."""
    if request.param == "sqlite":
        return f"sqlite:///{(tmp_path / 'var' / 'ledger.sqlite').as_posix()}"
    if "ledger" in request.fixturenames:
        return str(request.getfixturevalue("served"))
    return str(request.getfixturevalue("postgres").database())


@pytest.fixture(scope="session")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty ledger's file, made once: the migrations take longer than most tests."""
    file = tmp_path_factory.mktemp("ledger") / "ledger.sqlite"
    open_ledger(f"sqlite:///{file.as_posix()}").close()
    return file


@pytest.fixture
def ledger(url: str, migrated: Path, tmp_path: Path) -> Iterator[Ledger]:
    if url.startswith("sqlite"):
        (tmp_path / "var").mkdir()
        shutil.copyfile(migrated, tmp_path / "var" / "ledger.sqlite")
    opened = open_ledger(url)
    yield opened
    if not url.startswith("sqlite"):
        emptied(opened)
    opened.close()
