"""The quick reader says what the careful one says, or leaves the file to it."""

from __future__ import annotations

import random
import re
from pathlib import Path

import pytest

from robots.scenario.problem import Findings
from robots.scenario.quick import quick_read
from robots.scenario.source import MAX_DEPTH, SCENARIO, read_source

ROOT = Path(__file__).parents[3]
TEXTS = [
    path.read_text(encoding="utf-8", errors="ignore")
    for folder in ("scenarios", "tests/scenarios/valid", "tests/scenarios/invalid")
    for path in sorted((ROOT / folder).rglob("*.yaml"))
    if path.stat().st_size < 20_000
]
PIECES = [
    *"ab:-?{}[],'\"|>#&*!%@` \n\\/　あ：0~<=.",
    "\n  ",
    "- ",
    "? ",
    "\\u0041",
    "\n--- ",
    "\n...\n",
    "<<: ",
    ": \n",
]
ODD = re.compile("[\t\r\x85\u2028\u2029\ufeff]")


def spoiled(dice: random.Random) -> str:
    text = dice.choice(TEXTS)
    if dice.random() < 0.4:
        text = "\n".join(text.splitlines()[: dice.randrange(1, 25)]) + dice.choice(["", "\n"])
    for _ in range(dice.randrange(4)):
        at = dice.randrange(len(text) + 1)
        text = text[:at] + (
            dice.choice(PIECES) + text[at:] if dice.random() < 0.6 else text[at + dice.randrange(1, 4) :]
        )
    return text


def careful(text: str, monkeypatch: pytest.MonkeyPatch) -> tuple[object, object, object] | None:
    """What the careful reader alone makes of it; None where it finds anything wrong."""
    findings = Findings()
    with monkeypatch.context() as patch:
        patch.setattr("robots.scenario.source.quick_read", lambda *_, **__: None)
        source = read_source("x", text.encode(), findings, SCENARIO)
    return None if source is None or len(findings) else (source.data, source._values, source._keys)


def test_what_the_quick_reader_reads_the_careful_one_reads_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    dice, read = random.Random(20261122), 0
    for _ in range(250):
        text = spoiled(dice)
        if ODD.search(text):
            continue
        quick = quick_read(text, nodes=SCENARIO.nodes, depth=MAX_DEPTH)
        if quick is not None:
            read += 1
            same = (quick.data, quick.values, quick.keys) == careful(text, monkeypatch)
            assert same, text[:500]
    assert read > 60


@pytest.mark.parametrize(
    "text",
    [
        "a: &x 1\nb: *x\n",
        "a: !!str 1\n",
        "a: 1\na: 2\n",
        "a: 1\n---\nb: 1\n",
        "%YAML 1.1\n---\na: 1\n",
        "? [a]\n: 1\n",
        "a: b\n c\n",
        "a: [1, ]\nb: {c: , d: 1}\n",
        "　a: 1\n",
        "a: @b\n",
        'a: "\\ud800"\n',
        "",
        "# 何もない\n",
        "a:\n  " + "- " * 40 + "x\n",
        "a: [" + "1, " * 60 + "1]\n",
    ],
)
def test_whatever_is_odd_is_left_to_the_careful_reader(text: str) -> None:
    assert quick_read(text, nodes=50, depth=MAX_DEPTH) is None
