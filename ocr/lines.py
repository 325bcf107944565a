"""Lines of text: one engine reads, another looks a second time, and what they agree on counts for more."""

from __future__ import annotations

import json
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from importlib.resources import files

from rapidfuzz.distance import Levenshtein

from ocr.addresses import known_place, misspelt_place
from ocr.all_engines import LINE_ENGINES, engine_named
from ocr.ask import Guess
from ocr.characters import variant_doubts
from ocr.clean import LINE_MARGIN_MM, LINE_PX_PER_MM
from ocr.engine import Cut, Engine, EngineMissing
from ocr.line_words import Readings, by_words, listed_as, names_same, same_line
from ocr.reading import State

__all__ = ["LINE_MARGIN_MM", "LINE_PX_PER_MM", "Scales", "misspelt", "read_lines"]

_BLANK_SURE = 0.9999
_LIKELY = 0.99
_MOST_NAMED = 40
_NO_SUCH_CITY = "都道府県の次が、市区町村の名前として一覧にありません"


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
    second: list[Guess | None] = [None] * len(cuts)
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
    """agree, differ, lost, <engine> alone, words → (from this score on, share right), scores rising from 0."""

    def confidence(self, how: str, score: float) -> float:
        """The share of lines that were right among those of that score."""
        steps = self.steps[how]
        return steps[bisect_right(steps, score, key=lambda step: step[0]) - 1][1]

    def how(self, first: Guess, second: Guess | None) -> str:
        """What a second reading says of the first: agree, differ, or lost; the first reader's name where there is none.

        A reader that at its own score is more often wrong than right does not contradict: it could not make the line out.
        """
        if second is None:
            return first.reader
        if second.text and same_line(first.text, second.text):
            return "agree"
        claims = second.text and self.confidence(second.reader, second.confidence) >= 0.5
        return "differ" if claims else "lost"


@cache
def _scales() -> Scales:
    data = json.loads((files("ocr") / "models" / "lines.json").read_text(encoding="utf-8"))
    return Scales({how: tuple((score, right) for score, right in steps) for how, steps in data["scales"].items()})


def _joined(cut: Cut, first: Guess, second: Guess | None, scales: Scales) -> Guess:
    """Two readings of one line → one, with what speaks against it."""
    if first.state == "blank":
        return replace(first, confidence=_BLANK_SURE)
    if first.state == "unreadable":
        return first
    how = scales.how(first, second)
    # What speaks for a reading never makes it less sure, nor what speaks against it surer, on however few lines it was measured.
    confidence = alone = scales.confidence(first.reader, first.confidence)
    if second:
        together = scales.confidence(how, first.confidence)
        confidence = max(alone, together) if how == "agree" else min(alone, together)
    reader = f"{first.reader}+{second.reader}" if second else first.reader
    other = second.text if second else ""
    differ = (_difference(first.text, other),) if other and how != "agree" else ()
    if cut.words:
        readings = Readings(
            first.text, first.confidence, how == "agree", tuple(text for text, _ in first.ranked), other
        )
        listed = max(alone, scales.confidence("words", first.confidence))
        if how == "agree" or names_same(first.text, other, cut.words):
            return by_words(readings, cut.words, listed, reader)
        if how == "differ" or (second and not listed_as(first.text, cut.words)):
            listed = min(listed, confidence)
        found = by_words(readings, cut.words, listed, reader)
        return replace(found, state="unsure" if first.why else found.state, why=(*found.why, *first.why, *differ))
    doubts = (*variant_doubts(first.text, range(_settled(first.text)), cut.allowed), *misspelt(first.text))
    # Against a reader that is sure of every character the other, which errs ten times as often, proves little: then the
    # lower confidence decides, by what the field promises.
    doubtful = bool(first.why or doubts) or confidence < _LIKELY
    state: State = "unsure" if doubtful else "read"
    why = (*first.why, *differ, *doubts)
    return Guess(first.text, confidence, state, why, reader, _ranked(first, other, confidence))


def _settled(text: str) -> int:
    """How many characters at the beginning are place names; a text with a number in it may be an address."""
    return known_place(text) if _is_address(text) else 0


def misspelt(text: str) -> tuple[str, ...]:
    """What speaks against an address that names a prefecture and then no place in Japan."""
    return (_NO_SUCH_CITY,) if _is_address(text) and misspelt_place(text) else ()


def _is_address(text: str) -> bool:
    return any(character.isdigit() for character in text)


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


def _ranked(first: Guess, second: str, confidence: float) -> tuple[tuple[str, float], ...]:
    """The reading with its confidence; what is left is shared among what else it could be."""
    others = {text: chance for text, chance in first.ranked if text != first.text}
    if second and second != first.text:
        others[second] = max(others.get(second, 0.0), 0.5 * sum(others.values()), 1e-6)
    whole = sum(others.values()) or 1.0
    rest = sorted(
        ((text, (1 - confidence) * chance / whole) for text, chance in others.items()), key=lambda one: -one[1]
    )
    return ((first.text, confidence), *rest)
