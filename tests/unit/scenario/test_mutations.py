"""Seeded mistakes in good scenarios: each is found at its line (or the line where YAML must see it), never a traceback."""

from __future__ import annotations

import random
from collections.abc import Collection

import pytest

from bench.mutations import MUTATIONS, ODD
from robots.scenario.model import Scenario
from robots.scenario.problem import Problems
from robots.scenario.validate import read_scenario
from tests.unit.scenario.test_valid_scenarios import VALID, folder_bytes


@pytest.mark.parametrize("mutation", sorted(MUTATIONS))
def test_a_mistake_is_found_where_it_was_made(mutation: str) -> None:
    for seed in range(25):
        text, wanted, problems = mutated(mutation, random.Random(f"{mutation} {seed}"))
        assert isinstance(problems, Problems), f"accepted (seed {seed}):\n{text}"
        assert any(one.line in wanted for one in problems), f"seed {seed}: wanted {wanted}\n{problems}\n{text}"


def mutated(mutation: str, dice: random.Random) -> tuple[str, Collection[int], Scenario | Problems]:
    """A good scenario with this mistake somewhere: its text, the lines at which it may be found, and what was found."""
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
    return text, wanted, read_scenario({**files, "scenario.yaml": text.encode()}, "test/mutation")


def test_a_file_cut_anywhere_never_gives_a_traceback() -> None:
    content = (VALID / "whole-japanese" / "scenario.yaml").read_bytes()
    for seed in range(60):
        dice = random.Random(f"cut {seed}")
        start = dice.randrange(len(content))
        end = dice.randrange(start, len(content))
        for broken in (
            content[:start],
            content[start:],
            content[:start] + content[end:],
            content[:start] + b"\xff" + content[end:],
        ):
            read = read_scenario({"scenario.yaml": broken}, "test/cut")
            assert isinstance(read, Scenario | Problems), seed


def test_odd_characters_anywhere_never_give_a_traceback() -> None:
    for seed in range(60):
        dice = random.Random(f"odd {seed}")
        text = (VALID / "whole-japanese" / "scenario.yaml").read_text(encoding="utf-8")
        for _ in range(5):
            at = dice.randrange(len(text))
            text = text[:at] + dice.choice(ODD) + text[at:]
        assert isinstance(read_scenario({"scenario.yaml": text.encode()}, "test/odd"), Scenario | Problems), seed
