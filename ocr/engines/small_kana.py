"""ヤ or ャ: what the sizes in a field say, and what Japanese spelling says of ャ, ッ and ァ between two other letters."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

import numpy as np
from numpy.typing import NDArray

SMALL = dict(zip("ァィゥェォッャュョ", "アイウエオツヤユヨ", strict=True))
"""Small kana and the letter each is a small form of."""

_ENOUGH = 4  # written cells of a field from which their usual size is known
_SMALLER, _SPREAD = 0.75, 0.12  # small letters against large ones, and how much sizes vary (natural logarithm)
_BY_NATURE = {"イ": -0.07, "エ": -0.09, "オ": 0.05, "ツ": -0.05, "ヤ": 0.05, "ユ": -0.1, "ヨ": -0.11}
"""How much smaller than most a letter is as it is, where it has a small form (logarithm; the training's fonts on average)."""
_MISPLACED = 0.5
"""What a small kana loses (logarithm) where spelling has none: it tips the scales between two sizes, no clear letter."""

_AFTER = {
    "ャ": "キギシジチヂニヒビピミリ",
    "ュ": "キギシジチヂニヒビピミリテデフヴ",
    "ョ": "キギシジチヂニヒビピミリ",
    "ァ": "クグツフヴ",
    "ィ": "ウクツテデフヴ",
    "ゥ": "トド",
    "ェ": "イウクシジチツフヴ",
    "ォ": "ウクツフヴ",
}
"""Behind which letters each stands: 現代仮名遣い (内閣告示第一号, 1986) and both tables of 外来語の表記 (内閣告示第二号, 1991)."""

_BEFORE_DOUBLED = "カキクケコサシスセソタチツテトハヒフヘホガギグゲゴザジズゼゾダヂヅデドバビブベボパピプペポ"
"""Before which letters ッ stands (the same notices)."""


@cache
def misplaced(before: str, after: str) -> tuple[str, ...]:
    """The small kana that no spelling puts between these two; "" is the word's end or an empty cell."""
    found = [one for one, letters in _AFTER.items() if not before or before not in letters]
    doubled = bool(before) and before not in "ッンー" and bool(after) and after in _BEFORE_DOUBLED
    return tuple(found) if doubled else (*found, "ッ")


class SmallKana:
    """Adds to the scores of these classes what sizes and spelling say."""

    def __init__(self, classes: Sequence[str]) -> None:
        self._classes = classes
        self._index = {one: number for number, one in enumerate(classes)}
        # How sizes speak for a small letter: two normal curves over the logarithm of the size, _SMALLER apart.
        apart = np.log(_SMALLER)
        signs = np.array([(one in SMALL) - (one in SMALL.values()) for one in classes]) / 2
        middles = np.array([_BY_NATURE.get(SMALL.get(one, one), 0.0) for one in classes]) + apart / 2
        self._slopes = signs * apart / _SPREAD**2
        self._offsets = -self._slopes * middles

    def weigh(
        self,
        scores: NDArray[np.float64],
        written: Sequence[int],
        fields: Sequence[tuple[tuple[int, ...], str]],
        size: NDArray[np.float64],
    ) -> None:
        """Changes the scores (cells × classes, logarithms).

        Of each cell: its number, of which its neighbour's is one more or less; the box and the characters allowed, alike in
        the cells of one field; and how large it is written.
        """
        self._by_size(scores, fields, size)
        self._by_spelling(scores, written, [allowed for _, allowed in fields])

    def _by_size(
        self, scores: NDArray[np.float64], fields: Sequence[tuple[tuple[int, ...], str]], size: NDArray[np.float64]
    ) -> None:
        """Among the cells of one field, written by one hand, a small letter is smaller than the others."""
        start = 0
        while start < len(fields):
            end = start
            while end < len(fields) and fields[end] == fields[start]:
                end += 1
            if end - start >= _ENOUGH and any(one in SMALL for one in fields[start][1]):
                usual = np.percentile(size[start:end], 60)
                scores[start:end] += np.log(size[start:end] / usual)[:, None].clip(-0.6, 0.2) * self._slopes
                scores[start:end] += self._offsets
            start = end

    def _by_spelling(self, scores: NDArray[np.float64], written: Sequence[int], allowed: Sequence[str]) -> None:
        """Where size leaves it open: no ョ behind ア, and none where a word begins."""
        best: dict[int, str] = {}
        for those in set(allowed):
            if any(one in SMALL for one in those):
                places = [place for place, one in enumerate(allowed) if one == those]
                names = [one for one in self._classes if one in those and len(one) == 1]
                first = scores[np.ix_(places, [self._index[one] for one in names])].argmax(axis=1).tolist()
                best |= {written[place]: names[one] for place, one in zip(places, first, strict=True)}
        for place, row in enumerate(written):
            if row in best:
                for one in misplaced(best.get(row - 1, ""), best.get(row + 1, "")):
                    scores[place, self._index[one]] -= _MISPLACED
