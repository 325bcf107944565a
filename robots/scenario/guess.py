"""Did you mean: the known names that a misspelt one is nearest to."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable

from rapidfuzz import fuzz, process

_NEAR_ENOUGH = 60.0
_NEAR_ENOUGH_SHORT = 50.0
_TIE = 3.0


def _folded(name: str) -> str:
    return unicodedata.normalize("NFKC", name).casefold().replace(" ", "").replace("_", "")


def nearest(word: str, names: Iterable[str]) -> str | None:
    """The name most like ``word`` (width, case and spaces aside); up to three where they are equally like it."""
    cutoff = _NEAR_ENOUGH_SHORT if len(word) <= 3 else _NEAR_ENOUGH
    found = process.extract(
        word[:100], sorted(set(names)), scorer=fuzz.ratio, processor=_folded, score_cutoff=cutoff, limit=3
    )
    best = [str(name) for name, score, _ in found if score >= found[0][1] - _TIE]
    return "、".join(best) or None
