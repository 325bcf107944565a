"""Every rule of the language broken once: the problem is found at its line, in words that say what to do."""

from __future__ import annotations

from pathlib import Path

import pytest

from robots.scenario.problem import Problems
from robots.scenario.validate import read_scenario

INVALID = Path(__file__).parents[2] / "scenarios" / "invalid"


@pytest.mark.parametrize("folder", sorted(INVALID.iterdir()), ids=lambda folder: folder.name)
def test_it_is_refused_at_the_right_line(folder: Path) -> None:
    line, word = (folder / "expect.txt").read_text(encoding="utf-8").splitlines()
    problems = read_scenario({"scenario.yaml": (folder / "scenario.yaml").read_bytes()}, f"test/{folder.name}")
    assert isinstance(problems, Problems), "it was accepted"
    assert any(one.line == int(line) and word in str(one) for one in problems), f"wanted {line}: {word}\n{problems}"
    for one in problems:
        assert one.line >= 1 and one.column >= 1
        assert not one.what.isascii() and one.mend.endswith(("。", "）", "。）"))
