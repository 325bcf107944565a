"""Where a small kana may stand: what Japanese spelling says of ャ, ッ and ァ between two other letters."""

from __future__ import annotations

from functools import cache

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
