"""A word list over a grid: which of the listed words the cells most probably hold."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from ocr.ask import Guess
from ocr.grid import Cells, GridParams
from ocr.reading import FieldReading

_FLOOR = 1e-4
"""What a sign gets that the engine did not rank: no cell may rule a word out for good."""


_STRANGER = 2e-4
"""How probable a name that is not on the list is against any one that is, before anything is read: of a list that holds
nearly all names that come, one in twenty is missing, and there are some hundred times as many names to choose from."""


@dataclass(frozen=True, slots=True)
class Picked:
    """The word, and the cells it was picked from."""

    word: str
    cells: Cells
    confidence: float
    doubt: str

    def reading(self, params: GridParams) -> FieldReading:
        """The field's reading: certain by the list, or a person's."""
        state = "unsure" if self.doubt else "read"
        settled = Cells(
            self.cells.signs,
            self.confidence,
            state,  # type: ignore[arg-type]
            self.cells.why if self.doubt else (),
            self.cells.reader,
        )
        return settled.reading(params, self.word, self.doubt)


def pick_word(found: Cells, guesses: Sequence[Guess], words: Sequence[str], promise: float) -> Picked:
    """The listed word with the greatest likelihood over the cells (naive Bayes over each cell's ranking).

    Its confidence is its share of the likelihood of all listed words and of what was read as it stands, which may be a
    name that is not on the list.  The word is proposed to a person, not taken, where more than a quarter of its cells
    go against what was read, or one does that was read for certain: one cell does not defeat the list, nor the list it.
    """
    signs = [sign or " " for sign in found.signs]
    raw = "　".join("".join(signs).split())
    odds = [{(text or " "): max(chance, _FLOOR) for text, chance in guess.ranked} for guess in guesses]
    for place, guess in enumerate(guesses):
        odds[place].setdefault(guess.text or " ", max(guess.confidence, _FLOOR))
    scored = sorted(((_score(word, odds), word) for word in words if len(word) <= len(odds)), reverse=True)
    if not scored:
        return Picked(raw, found, found.confidence, "一覧にない書き方です")
    best, word = scored[0]
    stranger = sum(math.log(max(chances.values())) for chances in odds) + math.log(_STRANGER)
    share = 1 / sum(math.exp(min(max(score - best, -700), 700)) for score in (stranger, *(one for one, _ in scored)))
    laid = word.replace("　", " ").ljust(len(signs))
    against = sum(one != other for one, other in zip(laid, signs, strict=True))
    if stranger > best or against > len(word) / 2:
        return Picked(raw, found, found.confidence, f"一覧にない名前かもしれません（近いもの: {word}）")
    firm = [
        number
        for number, (guess, one, other) in enumerate(zip(guesses, laid, signs, strict=True), 1)
        if one != other and guess.state in ("read", "blank") and guess.confidence >= 1 - promise
    ]
    if firm or against > max(1, len(word) // 4):
        where = f"{firm[0]} ます目" if firm else f"{against} 字"
        return Picked(word, found, found.confidence, f"読めた「{raw}」は一覧の「{word}」と {where}が違います")
    if share < 1 - promise:
        others = "」か「".join(one for _, one in scored[:2])
        return Picked(word, found, share, f"「{others}」か決められません")
    return Picked(word, found, share, "")


def _score(word: str, odds: Sequence[dict[str, float]]) -> float:
    laid = word.replace("　", " ").ljust(len(odds))
    return sum(math.log(chances.get(sign, _FLOOR)) for sign, chances in zip(laid, odds, strict=True))
