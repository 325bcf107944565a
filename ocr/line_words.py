"""A word list over a line: which listed word was written, where it is certain that it was one of them."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from rapidfuzz import process
from rapidfuzz.distance import Levenshtein

from ocr.ask import Guess
from ocr.characters import fold, without_variants

_FIRM = 0.98
"""A reader this sure of every character, or two that agree, are not talked out of it by a list."""
_MARGIN = 2
_SHAPES = str.maketrans("二八口力工夕卜へべぺ一-三千才厶", "ニハロカエタトヘベペーーミチオム")
"""Kanji, hiragana and hyphens that are drawn as a katakana is: what tells them apart is the word they stand in."""
_WAVE = "～"


@dataclass(frozen=True, slots=True)
class Readings:
    """What the engines made of a line."""

    text: str
    score: float
    """The first reader's, for its least certain character."""
    agree: bool
    ranked: tuple[str, ...]
    second: str


def by_words(readings: Readings, words: Sequence[str], confidence: float, reader: str) -> Guess:
    """The listed word that was read; unsure where it is none of them, or where several are as near.

    confidence: how often a line that reads as a listed word is that word.  Variant characters count as the same, and
    the list says which of them it is, if it has only one.
    """
    listed = _by_key(tuple(words))
    same = listed.get(_key(readings.text), ())
    if len(same) == 1:
        return Guess(same[0], confidence, "read", (), reader, ((same[0], confidence),))
    if same:
        return _one_of(same, confidence, reader)
    near = _near(readings.text, listed)
    if not near:
        return _doubtful(readings.text, 0.0, "一覧が空です", reader, ())
    best, distance, _ = near[0]
    word = listed[best][0]
    if distance > _reach(best):
        return _doubtful(readings.text, confidence / 2, f"一覧にありません（近いもの: {word}）", reader, (word,))
    if readings.agree or readings.score >= _FIRM:
        return _doubtful(readings.text, confidence / 2, f"一覧の「{word}」と違います", reader, (word,))
    margin = near[1][1] - distance if len(near) > 1 else _MARGIN
    thought_of = best in {_key(text) for text in (*readings.ranked, readings.second)}
    if margin < (1 if thought_of else _MARGIN):
        return _one_of(tuple(listed[one][0] for one, _, _ in near), confidence, reader)
    if len(listed[best]) > 1:
        return _one_of(listed[best], confidence, reader)
    return Guess(word, confidence, "read", (), reader, ((word, confidence), (readings.text, 1 - confidence)))


def listed_as(text: str, words: Sequence[str]) -> bool:
    """Whether the text is one of the words as it was read."""
    return _key(text) in _by_key(tuple(words))


def names_same(text: str, second: str, words: Sequence[str]) -> bool:
    """Whether the second reading, too, can only be the listed word that the first one is."""
    if not second or not listed_as(text, words):
        return False
    listed = _by_key(tuple(words))
    near = _near(second, listed)
    alone = len(near) == 1 or near[0][1] < near[1][1]
    return alone and near[0][0] == _key(text) and near[0][1] <= _reach(near[0][0])


def same_line(text: str, second: str) -> bool:
    """Whether two readings are one: in width, spaces, variants and signs of one shape readers may differ.

    Tesseract has no wave: it leaves it out, or takes it for some other sign.
    """
    parts = _key(text).split(_WAVE)
    if len(parts) == 1 or not any(parts):
        return _key(text) == _key(second)
    return re.fullmatch(".?".join(map(re.escape, parts)), _key(second)) is not None


def _near(text: str, listed: Mapping[str, tuple[str, ...]]) -> list[tuple[str, int, int]]:
    """The two nearest keys, each with its distance."""
    return process.extract(_key(text), list(listed), scorer=Levenshtein.distance, limit=2)


def _reach(key: str) -> int:
    """How many characters a reader may have wrong in a listed word."""
    return max(1, len(key) // 4)


@cache
def _by_key(words: tuple[str, ...]) -> dict[str, tuple[str, ...]]:
    found: defaultdict[str, list[str]] = defaultdict(list)
    for word in words:
        found[_key(word)].append(word)
    return {key: tuple(same) for key, same in found.items()}


def _key(text: str) -> str:
    return "".join(without_variants(fold(text)).split()).translate(_SHAPES)


def _one_of(words: Sequence[str], confidence: float, reader: str) -> Guess:
    named = "か".join(f"「{one}」" for one in words)
    return _doubtful(words[0], confidence / len(words), f"{named}かを確かめてください", reader, words[1:])


def _doubtful(text: str, confidence: float, why: str, reader: str, others: Sequence[str]) -> Guess:
    ranked = dict.fromkeys((text, *others), confidence)
    return Guess(text, confidence, "unsure", (why,), reader, tuple((one, confidence / len(ranked)) for one in ranked))
