"""Hostile and broken files, a small share of bench.hostile: refused at a line, nothing evaluated, nothing touched outside."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from bench.hostile import Worker, run
from bench.hostile_cases import Case, broken_files, expressions, names
from tests.conftest import ROOT

COSTS = ("slow", "large")
"""What hangs on the machine is measured by the bench."""


@pytest.fixture
def worker(tmp_path: Path) -> Iterator[Worker]:
    started = Worker(tmp_path)
    yield started
    started.end()


@pytest.mark.parametrize(
    "cases", [broken_files(ROOT, 200), expressions(500), names(300)], ids=["files", "texts", "names"]
)
def test_every_answer_is_a_plain_one(worker: Worker, cases: Iterator[Case]) -> None:
    found = run(cases, worker)
    faults = found["faults"]
    assert isinstance(faults, dict)
    assert not {name: count for name, count in faults.items() if count and name not in COSTS}, found["first"]
