"""Hiding what must not be shown: secrets, twelve-digit numbers (個人番号), and personal values in evidence."""

from __future__ import annotations

import re
from collections.abc import Iterable

HIDDEN = "●●●"
# Half- or full-width digits with at most one separator between them; \d alone would miss nothing but would
# also let a longer run of digits through as two, so the neighbours are checked too.
_DIGIT = "[0-9０-９]"
_TWELVE = re.compile(rf"(?<!{_DIGIT})(?:{_DIGIT}[ 　\-－‐−ー]?){{11}}{_DIGIT}(?!{_DIGIT})")


def mask_text(text: str, secrets: Iterable[str] = ()) -> str:
    """The text with every secret and every run of twelve digits replaced."""
    for secret in sorted({secret for secret in secrets if secret}, key=len, reverse=True):
        text = text.replace(secret, HIDDEN)
    return _TWELVE.sub(HIDDEN, text)


def mask_value(text: str) -> str:
    """A personal value for evidence: its first character and its length, enough to find it again in the source."""
    return text if len(text) <= 1 else f"{text[0]}{'●' * min(len(text) - 1, 12)}（{len(text)}文字）"
