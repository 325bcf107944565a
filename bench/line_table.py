"""The table of ocr/models/lines.json: how often a line was right, by who read it and by the first reader's score."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from bench.line_scans import Scanned
from ocr.all_engines import LINE_ENGINES, engine_named
from ocr.ask import Guess
from ocr.characters import fold, without_variants
from ocr.line_words import listed_as, names_same
from ocr.lines import Scales, misspelt

_STEPS = (0.0, 0.3, 0.5, 0.7, 0.8, 0.9, 0.95, 0.98, 0.99, 0.995, 0.998, 0.999)


@dataclass(frozen=True, slots=True)
class Trial:
    """What stood in a line, and what each reader made of it."""

    text: str
    kind: str
    first: Guess
    second: Guess


def plain(text: str) -> str:
    """A text as it is compared: variant characters are a doubt of their own, and no blank counts."""
    return "".join(without_variants(fold(text)).split())


def tried(lines: Sequence[Scanned]) -> Iterator[Trial]:
    """Both readers over the lines."""
    cuts = [line.cut for line in lines]
    guesses = (engine_named(name).read(cuts) for name in LINE_ENGINES)
    for line, first, second in zip(lines, *guesses, strict=True):
        yield Trial(line.text, line.kind, first, second)


def table_of(trials: Sequence[Trial]) -> dict[str, Any]:
    """See ocr.lines.Scales."""
    scored = _alone(trials)
    scored |= _together(trials, Scales({LINE_ENGINES[1]: tuple(_rising(scored[LINE_ENGINES[1]]))}))
    return {
        "measured": f"{len(trials)} lines of bench/lines.py: names, addresses and remarks, printed and handwriting-like fonts, scans "
        "and fax; share right (variant characters and spaces aside) by the first reader's score: of n lines from a lower "
        "score up to this one the most that (right + 1/2) / (n + 1) comes to, and never more than at a higher score",
        "counts": {how: [len(one), sum(not right for _, right in one)] for how, one in scored.items()},
        "scales": {how: _rising(one) for how, one in scored.items()},
    }


Scored = dict[str, list[tuple[float, bool]]]
"""By how a line was read: the score, and whether it was right."""


def _alone(trials: Sequence[Trial]) -> Scored:
    scored: Scored = {name: [] for name in LINE_ENGINES}
    for one in trials:
        for guess in (one.first, one.second):
            if guess.text and not guess.why:
                scored[guess.reader].append((guess.confidence, plain(guess.text) == plain(one.text)))
    return scored


def _together(trials: Sequence[Trial], scales: Scales) -> Scored:
    scored: Scored = {how: [] for how in ("agree", "differ", "lost", "words")}
    listed = tuple(dict.fromkeys(one.text for one in trials if one.kind == "name"))
    for one in trials:
        first, second = one.first, one.second
        if not first.text or first.why or misspelt(first.text):
            continue  # a person's, whatever the score
        how, score = scales.how(first, second), (first.confidence, plain(first.text) == plain(one.text))
        scored[how].append(score)
        # Wrong where a name was misread into another one of the list, which is the list of all of them here.
        unopposed = how != "differ" or names_same(first.text, second.text, listed)
        if one.kind == "name" and unopposed and listed_as(first.text, listed):
            scored["words"].append(score)
    return scored


def _rising(scored: Sequence[tuple[float, bool]]) -> list[tuple[float, float]]:
    """(from this score on, share right), never falling with the score.

    A surer reading is no less often right: so the lines of lower scores may speak for it where its own are few, but never
    those of higher ones.
    """
    lines = [0] * len(_STEPS)
    good = [0] * len(_STEPS)
    for score, right in scored:
        place = max(number for number, start in enumerate(_STEPS) if score >= start)
        lines[place] += 1
        good[place] += right
    shares = [
        max((sum(good[low : high + 1]) + 0.5) / (sum(lines[low : high + 1]) + 1) for low in range(high + 1))
        for high in range(len(_STEPS))
    ]
    steps: list[tuple[float, float]] = []
    for place, start in enumerate(_STEPS):
        share = round(min(shares[place:]), 5)
        if not steps or share > steps[-1][1]:
            steps.append((start, share))
    return steps
