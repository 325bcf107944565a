"""One handwritten character a cell: our own small network over the ink that is left when paper and print are taken away."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ocr.ask import DIGITS, KATAKANA, Guess
from ocr.beside import beside
from ocr.engine import Cut
from ocr.engines.doubts import crowded, maybe_lost, maybe_voiced, why_doubted
from ocr.engines.ink import MARGIN_MM, PX_PER_MM, Inks, find_into, no_ink, of_one_size
from ocr.engines.networks import Model, Scores, load_model, together
from ocr.engines.nobodys import Bare, loses_strokes, nobodys, pale_ink
from ocr.engines.small_kana import SmallKana
from ocr.reading import State

_RANKED = 8
_DOUBTFUL = {"digits": 0.995, "kana": 0.9, "alnum": 0.9, "blank": 0.9}
"""Below this the engine itself says that it can't tell; by group, since a digit taken by chance is right more often."""
_LEAST_DIGIT = 0.4
"""Of the room for a digit: what is smaller is no digit that anybody writes into a cell, but a speck or a torn line."""
_TALLEST = 1.3
"""Of the cell's width: a digit is not written taller than this, however tall the cell."""
_OVER = 0.12  # the share of the ink beyond the box from which a character is over the edge
_NEVER = -1e4
_AT_ONCE = 100  # cells: fewer cost more each, more leave the second core waiting for the last
_EMPTY = 0.9999  # the confidence of a cell in which no ink was found


class _Scored(NamedTuple):
    """What the networks say of some written cells; arrays over them."""

    at: NDArray[np.int_]
    """Which cuts they are."""
    scores: Scores
    """cells × classes."""
    again: NDArray[np.bool_]
    """Whether a second network has looked too."""


class _Seen(NamedTuple):
    """What the network makes of one cell: characters that may stand there, and scores."""

    ranked: tuple[tuple[str, float], ...]
    best: float
    struck: float
    other: float
    blank: float
    sure: float
    """The confidence that it is the best of the characters."""
    nothing: float
    """The confidence that it is nothing."""

    @property
    def none(self) -> bool:
        """Whether it looks least like a character."""
        return max(self.struck, self.other, self.blank) > self.best


class _Among(NamedTuple):
    """Scores of cells that allow the same characters; arrays over the cells."""

    scores: Scores
    """cells × the characters allowed."""
    order: NDArray[np.int_]
    """cells × characters, the best first."""
    best: Scores
    odds: Scores
    """The best against all others, of which some are no character (natural logarithm)."""


class CellsEngine:
    """The engine ``cells``; loading it once is worth it."""

    name = "cells"
    px_per_mm = PX_PER_MM
    margin_mm = MARGIN_MM

    def __init__(self, model: Model | None = None) -> None:
        self._model = model or load_model()
        self._classes = self._model.first.classes
        self._index = {one: number for number, one in enumerate(self._classes)}
        self._again = {
            group: [self._index[one] for one in look.network.classes] for group, look in self._model.looks.items()
        }
        self._small = SmallKana(self._classes)

    def read(self, cuts: Sequence[Cut]) -> list[Guess]:
        return self.begin(cuts)()

    def begin(self, cuts: Sequence[Cut], bare: Bare = lambda: ()) -> Callable[[], list[Guess]]:
        """Begins to read: the network runs beside whatever is done before the guesses are asked for; what it has not begun
        with by then is shared with the one who asks.  ``bare`` gives pieces of the same page where nobody writes: where cells
        hold specks, they tell noise from what is left of a character."""
        inks = no_ink(len(cuts))
        found = [beside(self._found, inks, cuts, numbers) for numbers in of_one_size(cuts)]
        parts = [part for one in reversed(found) for part in one()]
        return lambda: self._guesses(cuts, inks, [part() for part in reversed(parts)], bare)

    def _found(self, inks: Inks, cuts: Sequence[Cut], numbers: Sequence[int]) -> list[Callable[[], _Scored]]:
        """Finds the ink of these cells; gives what scores those in which something is written, so many at once."""
        written = find_into(inks, cuts, numbers)
        some = [written[start : start + _AT_ONCE] for start in range(0, len(written), _AT_ONCE)]
        return [beside(self._scored, at, inks.pictures[at], [cuts[row].allowed for row in at.tolist()]) for at in some]

    def _scored(self, at: NDArray[np.int_], pictures: NDArray[np.uint8], allowed: Sequence[str]) -> _Scored:
        scores = self._model.first.scores(pictures).astype(np.float64)
        return _Scored(at, scores, self._look_again(scores, _alike(allowed), pictures))

    def _guesses(
        self,
        cuts: Sequence[Cut],
        inks: Inks,
        scored: Sequence[_Scored],
        bare: Bare,
    ) -> list[Guess]:
        empty = Guess("", _EMPTY, "blank", (), self.name)
        faint = Guess("", 0.0, "unsure", ("かすれた跡があります。書かれているか確かめてください",), self.name)
        pale, noise = pale_ink(inks), nobodys(inks, bare)
        guesses = [faint if trace else empty for trace in (inks.traces & ~noise).tolist()]
        if not scored:
            return crowded(guesses, inks)
        at = np.concatenate([one.at for one in scored])
        order = np.argsort(at)
        written = at[order]
        scores = np.concatenate([one.scores for one in scored])[order]
        again = np.concatenate([one.again for one in scored])[order]
        fields = [(cuts[row].inner, cuts[row].allowed) for row in written.tolist()]
        self._small.weigh(scores, written.tolist(), fields, inks.size[written])
        over = over_the_edge(inks)
        for allowed, places in _alike([allowed for _, allowed in fields]).items():
            group, rows = _group(allowed), written[places]
            specks = _specks(cuts, inks, rows, group) | noise[rows]
            marked = (
                over[rows],
                inks.like_print[rows],
                specks,
                pale[rows],
                inks.amount[rows] == 0,
                noise[rows],
                inks.shed[rows],
            )
            seen = self._look(scores[places], again[places], allowed, group)
            for row, one, *marks, flecks, shed in zip(
                rows.tolist(), seen, *(of.tolist() for of in marked), strict=True
            ):
                found = self._guess(one, group, *marks)
                # Where the page's flecks explain the ink, the network must not see a character in it all the same.
                guesses[row] = empty if flecks and one.none else maybe_voiced(found) if shed else found
        guesses = crowded(guesses, inks)
        return [maybe_lost(one) for one in guesses] if loses_strokes(inks, noise) else guesses

    def _look_again(
        self, scores: Scores, groups: Mapping[str, list[int]], pictures: NDArray[np.uint8]
    ) -> NDArray[np.bool_]:
        """Puts into the scores what both networks say of the cells of which the first is not sure; which they are."""
        again = np.zeros(len(scores), np.bool_)
        for allowed, places in groups.items():
            look, names = self._model.looks.get(_group(allowed)), self._names(allowed)
            if look is None or not names:
                continue
            doubted = np.array(places)[self._among(scores[places], names).odds < look.certain]
            if doubted.size:
                columns = self._again[_group(allowed)]
                second = look.network.scores(pictures[doubted]).astype(np.float64)
                first = scores[doubted]
                # What the second does not know stays against the others as the first has it.
                first -= np.logaddexp.reduce(first[:, columns], axis=1, keepdims=True)
                first[:, columns] = together(first[:, columns], second, look.network.classes)
                scores[doubted], again[doubted] = first, True
        return again

    def _names(self, allowed: str) -> list[str]:
        return [one for one in self._classes if len(one) == 1 and (not allowed or one in allowed)]

    def _look(self, scores: Scores, again: NDArray[np.bool_], allowed: str, group: str) -> list[_Seen]:
        """The characters that may stand there, best first, against each other and against what is no character."""
        names = self._names(allowed)
        if not names:
            return [_Seen((), _NEVER, 0.0, 0.0, 0.0, 0.0, 0.0)] * len(scores)
        among = self._among(scores, names)
        sure = self._confidence(among.odds, group)
        if again.any():
            sure[again] = self._confidence(among.odds[again], f"{group} again")
        struck, other, blank = self._rejecting(scores)
        nothing = self._confidence(blank - np.logaddexp.reduce([among.best, struck, other]), "blank")
        numbers = np.column_stack([among.best, struck, other, blank, sure, nothing]).tolist()
        warm = among.scores / self._model.temperature
        shares = np.exp(warm - np.logaddexp.reduce(warm, axis=1, keepdims=True))
        order = among.order[:, :_RANKED]
        first = np.array(names)[order].tolist()
        ranked = np.take_along_axis(shares, order, axis=1).tolist()
        return [
            _Seen(tuple(zip(some, share, strict=True)), *those)
            for some, share, those in zip(first, ranked, numbers, strict=True)
        ]

    def _among(self, scores: Scores, names: list[str]) -> _Among:
        among = scores[:, [self._index[one] for one in names]]
        order = np.argsort(-among, axis=1)
        rows = np.arange(len(scores))
        best, rest = among[rows, order[:, 0]], among.copy()
        rest[rows, order[:, 0]] = _NEVER
        rivals = np.logaddexp.reduce(np.column_stack([rest, *self._rejecting(scores)]), axis=1)
        return _Among(among, order, best, best - rivals)

    def _rejecting(self, scores: Scores) -> list[Scores]:
        return [scores[:, self._index[one]] for one in ("struck", "other", "blank")]

    def _guess(self, seen: _Seen, group: str, over: bool, line: bool, speck: bool, pale: bool, rim: bool) -> Guess:
        if not seen.ranked:
            return Guess("", 0.0, "unreadable", ("この欄に書ける文字を知りません",), self.name)
        text = seen.ranked[0][0]
        if seen.blank > max(seen.best, seen.struck, seen.other):
            if rim and not speck and not pale:
                return Guess(text, 0.0, "unsure", ("となりの枠との境目に書かれています",), self.name, seen.ranked)
            if seen.nothing >= _DOUBTFUL["blank"]:
                # Nothing lies well within the cell, too: it is a neighbour's, or what the scan shows of a rule beside its place.
                return Guess("", _EMPTY if rim else seen.nothing, "blank", (), self.name)
            return Guess(text, 0.0, "unsure", ("汚れなのか文字なのか見分けられません",), self.name, seen.ranked)
        if seen.struck > max(seen.best, seen.other):
            return Guess("", 0.0, "unsure", ("線で消されています",), self.name, seen.ranked)
        if speck:
            return Guess(text, 0.0, "unsure", ("小さな汚れなのか文字なのか見分けられません",), self.name, seen.ranked)
        if line:
            return Guess(text, 0.0, "unsure", ("枠線なのか文字なのか見分けられません",), self.name, seen.ranked)
        if pale:
            why = "ほかの文字よりずっと薄く、裏の文字が透けているのかもしれません"
            return Guess(text, 0.0, "unsure", (why,), self.name, seen.ranked)
        doubtful, other = seen.sure < _DOUBTFUL[group], seen.other > seen.best
        state: State = "unsure" if other or over or doubtful else "read"
        return Guess(text, seen.sure, state, why_doubted(doubtful, seen.ranked, other, over), self.name, seen.ranked)

    def _confidence(self, odds: Scores, group: str) -> Scores:
        return np.interp(odds, *self._model.tables[group])


def over_the_edge(inks: Inks) -> NDArray[np.bool_]:
    return inks.over > _OVER


def _alike(allowed: Sequence[str]) -> dict[str, list[int]]:
    """The places of the cells that allow the same characters."""
    groups: dict[str, list[int]] = {}
    for place, one in enumerate(allowed):
        groups.setdefault(one, []).append(place)
    return groups


def _specks(cuts: Sequence[Cut], inks: Inks, rows: NDArray[np.int_], group: str) -> NDArray[np.bool_]:
    """Which of these cells, if they hold digits, have ink too small for one."""
    if group != "digits":
        return np.zeros(len(rows), np.bool_)
    some = [cuts[row] for row in rows.tolist()]
    room = [min(one.inner[3], _TALLEST * one.inner[2]) * PX_PER_MM / one.px_per_mm for one in some]
    return np.asarray(inks.extent[rows] < _LEAST_DIGIT * np.array(room))


def _group(allowed: str) -> str:
    """Which calibration holds for a cell."""
    if allowed and all(one in DIGITS for one in allowed):
        return "digits"
    return "kana" if allowed and all(one in KATAKANA + "・" for one in allowed) else "alnum"
