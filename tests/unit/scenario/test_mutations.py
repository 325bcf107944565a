"""Seeded mistakes in good scenarios: each is found at its line (or the line where YAML must see it), never a traceback."""

from __future__ import annotations

import random

import pytest

from bench.mutations import MUTATIONS, ODD
from robots.scenario.model import Scenario
from robots.scenario.problem import Problems
from robots.scenario.validate import read_scenario
from tests.unit.scenario.test_valid_scenarios import VALID, folder_bytes

SEEDS = range(25)


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("mutation", sorted(MUTATIONS))
def test_a_mistake_is_found_where_it_was_made(mutation: str, seed: int) -> None:
    dice = random.Random(f"{mutation} {seed}")
    names = sorted(path.name for path in VALID.iterdir() if path.name not in ("texts", "windows"))
    for _ in range(1000):
        files = folder_bytes(VALID / dice.choice(names))
        lines = files["scenario.yaml"].decode().split("\n")
        at = dice.randrange(len(lines))
        code = lines[at].split(" #")[0]
        if not code.strip():
            continue
        lines = [line.split(" #")[0].rstrip() for line in lines]
        wanted = MUTATIONS[mutation](lines, at, dice)
        if wanted:
            break
    else:
        pytest.fail("no line fits this mutation")
    text = "\n".join(lines)
    problems = read_scenario({**files, "scenario.yaml": text.encode()}, "test/mutation")
    assert isinstance(problems, Problems), f"accepted:\n{text}"
    assert any(one.line in wanted for one in problems), f"wanted {wanted}\n{problems}\n{text}"


@pytest.mark.parametrize("seed", range(60))
def test_a_file_cut_anywhere_never_gives_a_traceback(seed: int) -> None:
    dice = random.Random(f"cut {seed}")
    content = (VALID / "whole-japanese" / "scenario.yaml").read_bytes()
    start = dice.randrange(len(content))
    end = dice.randrange(start, len(content))
    for broken in (
        content[:start],
        content[start:],
        content[:start] + content[end:],
        content[:start] + b"\xff" + content[end:],
    ):
        assert isinstance(read_scenario({"scenario.yaml": broken}, "test/cut"), Scenario | Problems)


@pytest.mark.parametrize("seed", range(60))
def test_odd_characters_anywhere_never_give_a_traceback(seed: int) -> None:
    dice = random.Random(f"odd {seed}")
    text = (VALID / "whole-japanese" / "scenario.yaml").read_text(encoding="utf-8")
    for _ in range(5):
        at = dice.randrange(len(text))
        text = text[:at] + dice.choice(ODD) + text[at:]
    assert isinstance(read_scenario({"scenario.yaml": text.encode()}, "test/odd"), Scenario | Problems)
