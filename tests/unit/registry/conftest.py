from __future__ import annotations

from pathlib import Path

import pytest

from robots.settings import Home
from tests.unit.registry.registry_help import make_town


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return make_town(tmp_path)
