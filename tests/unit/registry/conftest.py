from __future__ import annotations

from pathlib import Path

import pytest
from registry_help import make_town

from robots.settings import Home


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return make_town(tmp_path)
