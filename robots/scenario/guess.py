"""Did you mean: the known name that a misspelt one is nearest to."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable

from rapidfuzz import fuzz, process

_NEAR_ENOUGH = 60.0


def _folded(name: str) -> str:
    return unicodedata.normalize("NFKC", name).casefold().replace(" ", "").replace("_", "")


def nearest(word: str, names: Iterable[str]) -> str | None:
    """The name most like ``word`` (width, case and spaces aside), or None where nothing is near."""
    found = process.extractOne(word, list(names), scorer=fuzz.ratio, processor=_folded, score_cutoff=_NEAR_ENOUGH)
    return str(found[0]) if found else None
