"""Grids of character cells: where the cells are, and how their guesses become one text."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import prod
from typing import Annotated

from pydantic import Field, model_validator

from ocr.ask import Answer, Ask, CharacterAsk, Guess, LineAsk
from ocr.field import FieldParams, Place, around, box_of
from ocr.reading import Box, FieldReading, State

MOST_CELLS = 100
_TOUCHING = 0.05  # mm


class GridParams(FieldParams):
    """Character cells in a row, or (without ``cells``) a plain box to write in."""

    at: Place | tuple[Place, ...]
    """One box around all cells, or one a group."""
    cells: Annotated[int, Field(ge=1)] | tuple[int, ...] | None = None
    """How many cells, or how many in each group: 8, [3, 4]."""

    @model_validator(mode="after")
    def _fit(self) -> GridParams:
        check_groups(places_of(self.at), self.counts)
        return self

    @property
    def counts(self) -> tuple[int, ...]:
        """Cells a group; a plain box counts as one."""
        return (self.cells or 1,) if not isinstance(self.cells, tuple) else self.cells

    @property
    def boxes(self) -> tuple[Box, ...]:
        """The cells, or the plain box."""
        return cells_of(places_of(self.at), self.counts, self.page)


def places_of(at: Place | tuple[Place, ...]) -> tuple[Place, ...]:
    """One box or one a group, as boxes."""
    return at if isinstance(at[0], tuple) else (at,)


def cells_of(places: Sequence[Place], counts: Sequence[int], page: int) -> tuple[Box, ...]:
    """Each group's box divided evenly into its cells; one box for several groups is divided through all of them."""
    if len(places) == 1:
        counts = (sum(counts),)
    return tuple(
        Box(page - 1, left + width * number / count, top, width / count, height)
        for (left, top, width, height), count in zip(places, counts, strict=True)
        for number in range(count)
    )


def groups_of(boxes: Sequence[Box]) -> tuple[tuple[Box, ...], ...]:
    """Cells in the order of writing → the runs of cells that touch."""
    groups: list[list[Box]] = [[box] for box in boxes[:1]]
    for before, box in pairwise(boxes):
        near = abs(before.left + before.width - box.left) < _TOUCHING and abs(before.top - box.top) < _TOUCHING
        if near and before.page == box.page:
            groups[-1].append(box)
        else:
            groups.append([box])
    return tuple(tuple(group) for group in groups)


def check_groups(places: Sequence[Place], counts: Sequence[int]) -> None:
    """Raises ValueError, in Japanese, where boxes and groups of cells do not go together."""
    if not counts or any(count < 1 for count in counts) or sum(counts) > MOST_CELLS:
        raise ValueError(f"cells には 1 から {MOST_CELLS} までのますの数を書いてください")
    if len(places) not in (1, len(counts)):
        raise ValueError(
            f"at の枠が {len(places)} 個、cells の組が {len(counts)} 個です。枠は 1 個か、組と同じ数にしてください"
        )


def grid_asks(params: GridParams, allowed: str, words: tuple[str, ...] = ()) -> tuple[Ask, ...]:
    """One character a cell; one line for a plain box."""
    if params.cells is None:
        return (LineAsk(box_of(places_of(params.at)[0], params.page), allowed, words),)
    return tuple(CharacterAsk(box, allowed) for box in params.boxes)


def grid_boxes(params: GridParams) -> tuple[tuple[str, Box], ...]:
    """The cells, unnamed."""
    return tuple(("", box) for box in params.boxes)


@dataclass(frozen=True, slots=True)
class Cells:
    """What the cells of a grid came to."""

    signs: tuple[str, ...]
    """One a cell; "" where nothing is written."""
    confidence: float
    """That all of them are right."""
    state: State
    why: tuple[str, ...]
    reader: str

    def reading(self, params: GridParams, value: str, doubt: str = "", state: State = "unsure") -> FieldReading:
        """The field's reading; a doubt beyond the cells' own gives it that state."""
        why = (*self.why, doubt) if doubt else self.why
        return FieldReading(
            value=value,
            cells=self.signs,
            confidence=self.confidence,
            state=state if doubt else self.state,
            why=why,
            box=around(params.boxes),
            reader=self.reader,
        )


def join(answers: Sequence[Answer], promise: float) -> Cells:
    """Cell by cell: one that is not certain enough makes the whole field a person's."""
    guesses = guesses_of(answers)
    why = []
    state: State = "read" if any(guess.text for guess in guesses) else "blank"
    for number, guess in enumerate(guesses, 1):
        doubt = doubt_of(guess, promise)
        if doubt is not None:
            state = "unsure"
            why.append(f"{number} ます目: {doubt}" if len(guesses) > 1 else doubt)
    if all(guess.state == "unreadable" for guess in guesses):
        state = "unreadable"
    signs = tuple(guess.text for guess in guesses)
    return Cells(signs, prod(guess.confidence for guess in guesses), state, tuple(why), guesses[0].reader)


def guesses_of(answers: Sequence[Answer]) -> list[Guess]:
    """The answers to character, line, ink and code asks."""
    return [answer for answer in answers if isinstance(answer, Guess)]


def doubt_of(guess: Guess, promise: float) -> str | None:
    """Why a guess can't go on unseen; None where it can."""
    if guess.state in ("read", "blank") and guess.confidence >= 1 - promise:
        return None
    if guess.why:
        return "、".join(guess.why)
    others = [text or "空欄" for text, _ in guess.ranked[:2]]
    if len(others) > 1:
        return f"{'か'.join(f'「{one}」' for one in others)}か決められません"
    return "確かに読めたと言えません"


def gap_in(signs: Sequence[str]) -> bool:
    """Whether an empty cell stands between written ones."""
    written = [place for place, sign in enumerate(signs) if sign]
    return bool(written) and written[-1] - written[0] + 1 != len(written)
