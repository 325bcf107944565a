from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.unit.nightly.care_town import Watched, watched_town
from tests.unit.nightly.night_town import Town, open_town


@pytest.fixture
def watched(tmp_path: Path) -> Iterator[Watched]:
    with watched_town(tmp_path / "city") as town:
        yield town


@pytest.fixture
def town(tmp_path: Path) -> Iterator[Town]:
    home, ledger = open_town(tmp_path, parallel=4)
    yield Town(home, ledger)
    ledger.close()
