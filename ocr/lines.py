"""Lines of text: one engine reads, another looks a second time, and what they agree on counts for more."""

from __future__ import annotations

import json
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from importlib.resources import files

from rapidfuzz.distance import Levenshtein

from ocr.addresses import known_place
from ocr.all_engines import LINE_ENGINES, engine_named
from ocr.ask import Guess
from ocr.characters import fold, variant_doubts, without_variants
from ocr.clean import LINE_MARGIN_MM, LINE_PX_PER_MM
from ocr.engine import Cut, Engine, EngineMissing
from ocr.line_words import Readings, by_words, names_same
from ocr.reading import State

__all__ = ["LINE_MARGIN_MM", "LINE_PX_PER_MM", "Scales", "read_lines"]

_BLANK_SURE = 0.9999
_LIKELY = 0.99
_MOST_NAMED = 40


def read_lines(cuts: Sequence[Cut], engines: Sequence[str] = LINE_ENGINES) -> list[Guess]:
    """What is written in each cut.  engines: the names of one or two, the one to be believed first.

    An engine that is not installed is left out: with one reader alone the confidence is lower.  A variant character
    (高, 髙) is ``unsure`` unless the cut's words or the post office's place names settle it; the confidence speaks of
    the rest of the line.  Raises EngineMissing where none of the engines is installed.
    """
    readers = _present(engines)
    if not cuts:
        return []
    scales = _scales()
    first = readers[0].read(cuts)
    second = [replace(one, text="", state="unreadable") for one in first]
    asked = [place for place, (cut, one) in enumerate(zip(cuts, first, strict=True)) if _open(cut, one, scales)]
    for reader in readers[1:]:
        for place, guess in zip(asked, reader.read([cuts[place] for place in asked]), strict=True):
            second[place] = guess
    return [_joined(cut, one, other, scales) for cut, one, other in zip(cuts, first, second, strict=True)]


def _open(cut: Cut, first: Guess, scales: Scales) -> bool:
    """Whether a second reader could still decide: what the first doubts, and what is empty, stays so whatever it says."""
    if not first.text:
        return False
    best = max(scales.confidence(first.reader, first.confidence), scales.confidence("agree", first.confidence))
    return bool(cut.words) or (not first.why and best >= _LIKELY)


def _present(engines: Sequence[str]) -> list[Engine]:
    found, missing = [], []
    for name in engines[:2]:
        try:
            found.append(engine_named(name))
        except EngineMissing as error:
            missing.append(str(error))
    if not found:
        raise EngineMissing(
            "".join(missing) or "文字行を読むエンジンが 1 つも選ばれていません。設定の engines を見てください。"
        )
    return found


@dataclass(frozen=True, slots=True)
class Scales:
    """How often a line was right, by who read it and by the first reader's own score, as it was measured."""

    steps: Mapping[str, tuple[tuple[float, float], ...]]
    """agree, differ, <engine> alone, words → (from this score on, share right), scores rising from 0."""

    def confidence(self, how: str, score: float) -> float:
        """The share of lines that were right among those of that score."""
        steps = self.steps[how]
        return steps[bisect_right(steps, score, key=lambda step: step[0]) - 1][1]


@cache
def _scales() -> Scales:
    data = json.loads((files("ocr") / "models" / "lines.json").read_text(encoding="utf-8"))
    return Scales({how: tuple((score, right) for score, right in steps) for how, steps in data["scales"].items()})


def _joined(cut: Cut, first: Guess, second: Guess, scales: Scales) -> Guess:
    """Two readings of one line → one, with what speaks against it."""
    if first.state == "blank":
        return replace(first, confidence=_BLANK_SURE)
    if first.state == "unreadable":
        return first
    second_read = second.state in ("read", "unsure") and bool(second.text)
    agree = second_read and _plain(first.text) == _plain(second.text)
    # What speaks for a reading never makes it less sure, however few lines it was measured on.
    alone = scales.confidence(first.reader, first.confidence)
    confidence = alone
    if second_read:
        together = scales.confidence("agree" if agree else "differ", first.confidence)
        confidence = max(alone, together) if agree else min(alone, together)
    reader = f"{first.reader}+{second.reader}" if second_read else first.reader
    if cut.words:
        readings = Readings(first.text, first.confidence, agree, tuple(text for text, _ in first.ranked), second.text)
        listed = max(alone, scales.confidence("words", first.confidence))
        if agree or names_same(first.text, second.text, cut.words):
            return by_words(readings, cut.words, listed, reader)
        differ = (_difference(first.text, second.text),) if second_read else ()
        found = by_words(readings, cut.words, min(listed, confidence) if second_read else listed, reader)
        return replace(found, state="unsure" if first.why else found.state, why=(*found.why, *first.why, *differ))
    why = first.why
    if second_read and not agree:
        why = (*why, _difference(first.text, second.text))
    doubts = variant_doubts(first.text, range(_settled(first.text)), cut.allowed)
    # Against a reader that is sure of every character the other, which errs ten times as often, proves little: then the
    # lower confidence decides, by what the field promises.
    doubtful = bool(first.why or doubts) or confidence < _LIKELY
    state: State = "unsure" if doubtful else "read"
    return Guess(first.text, confidence, state, (*why, *doubts), reader, _ranked(first, second, confidence))


def _plain(text: str) -> str:
    return "".join(without_variants(fold(text)).split())


def _settled(text: str) -> int:
    """How many characters at the beginning are place names; only a text with a number in it is an address."""
    return known_place(text) if any(character.isdigit() for character in text) else 0


def _difference(ours: str, theirs: str) -> str:
    """What a person must look at where two readers differ: the places, not the whole line, where they are few."""
    ours, theirs = "".join(ours.split()), "".join(theirs.split())
    edits = [one for one in Levenshtein.opcodes(ours, theirs) if one.tag != "equal"]
    if len(edits) > 3:
        return f"2 つの読み取りが違います（「{ours[:_MOST_NAMED]}」と「{theirs[:_MOST_NAMED]}」）"
    places = (
        f"「{ours[one.src_start : one.src_end] or 'なし'}」と「{theirs[one.dest_start : one.dest_end] or 'なし'}」"
        for one in edits
    )
    return f"2 つの読み取りが違います（{'、'.join(places)}）"


def _ranked(first: Guess, second: Guess, confidence: float) -> tuple[tuple[str, float], ...]:
    """The reading with its confidence; what is left is shared among what else it could be."""
    others = {text: chance for text, chance in first.ranked if text != first.text}
    if second.text and second.text != first.text:
        others[second.text] = max(others.get(second.text, 0.0), 0.5 * sum(others.values()), 1e-6)
    whole = sum(others.values()) or 1.0
    rest = sorted(
        ((text, (1 - confidence) * chance / whole) for text, chance in others.items()), key=lambda one: -one[1]
    )
    return ((first.text, confidence), *rest)
