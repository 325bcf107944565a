"""Why a person should look at a cell in which the network is sure of itself, or at one in which it saw nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from ocr.ask import Guess
from ocr.engines.ink import Inks

VOICELESS = "カキクケコサシスセソタチツテトハヒフヘホウ"
"""What may have lost its 濁点 where something at the upper right was taken for a neighbour's."""
_CROWDED = 0.06  # of a cell's inside: what neighbours leave in an empty one is less


def maybe_voiced(guess: Guess) -> Guess:
    """ハ or バ: what was taken for the neighbour's stroke may be 濁点."""
    if guess.text not in VOICELESS:
        return guess
    return replace(guess, state="unsure", why=(*guess.why, "右上の点が濁点なのか、となりの文字なのか見分けられません"))


def crowded(guesses: Sequence[Guess], inks: Inks) -> list[Guess]:
    """A character written larger than its cell leaves as little in it as its neighbours do."""
    full = inks.inside > _CROWDED * inks.room
    return [
        replace(one, confidence=0.0, state="unsure", why=("枠より大きな字か、となりの字か見分けられません",))
        if crowded and one.state == "blank"
        else one
        for one, crowded in zip(guesses, full.tolist(), strict=True)
    ]


def maybe_lost(guess: Guess) -> Guess:
    """Nothing was found, on a page that has lost most of other characters."""
    if guess.state != "blank":
        return guess
    return replace(
        guess, confidence=0.0, state="unsure", why=("うすい字が消えた紙です。書かれているか確かめてください",)
    )


def why_doubted(doubtful: bool, ranked: tuple[tuple[str, float], ...], other: bool, over: bool) -> tuple[str, ...]:
    """Of a character that was read: ``doubtful`` by its confidence, with others that it may be; not of one shape; over the edge."""
    why = []
    if over:
        why.append("文字が枠からはみ出しています")
    if other:
        why.append("1 つの文字として読めません")
    elif doubtful and len(ranked) > 1 and ranked[1][1] > 0.02:
        why.append(f"読み方が「{ranked[0][0]}」と「{ranked[1][0]}」で迷います")
    elif doubtful:
        why.append("文字がはっきりしません")
    return tuple(why)
