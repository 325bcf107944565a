"""A town on a server."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from robots.settings import open_home
from tests.flow_town import HEAD, FlowTown
from tests.postgres.pool_town import opened
from tests.postgres.server import Postgres


@pytest.fixture(scope="module", autouse=True)
def workers_loop(no_browser: None) -> None:
    """A worker of the pool runs its loop in this thread."""


@pytest.fixture
def pooled(tmp_path: Path, postgres: Postgres) -> Iterator[FlowTown]:
    root = tmp_path / "city"
    root.mkdir()
    (root / "registry.yaml").write_text(HEAD, encoding="utf-8")
    (root / "banken.toml").write_text("settle_seconds = 0.1\n", encoding="utf-8")
    with opened(open_home(root, {}), postgres.database()) as (home, ledger):
        for head in home.audit_heads:
            head.parent.mkdir(parents=True, exist_ok=True)
        yield FlowTown(home, ledger, home.audit_heads)
