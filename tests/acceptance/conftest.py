"""What the tests of the commands around an editor share."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.conftest import JUTOGAI, ROOT


@pytest.fixture
def desk(tmp_path: Path) -> Path:
    """A town's files, with two small scenarios and a register with comments."""
    for name in ("kaikei/seikyu-shiharai", JUTOGAI):
        place = tmp_path / "scenarios" / name / "scenario.yaml"
        place.parent.mkdir(parents=True)
        place.write_bytes((ROOT / "scenarios" / name / "scenario.yaml").read_bytes())
    (tmp_path / "registry.yaml").write_bytes((ROOT / "registry.yaml").read_bytes())
    return tmp_path
