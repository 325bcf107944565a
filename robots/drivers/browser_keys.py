"""The keys that a scenario may press, by the names that people give them."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping

_MODIFIERS: Mapping[str, str] = {"ctrl": "Control", "control": "Control", "shift": "Shift", "alt": "Alt"}
_NAMED: Mapping[str, str] = {
    "enter": "Enter", "エンター": "Enter", "tab": "Tab", "タブ": "Tab", "esc": "Escape", "escape": "Escape",
    "space": "Space", "スペース": "Space", "空白": "Space", "backspace": "Backspace", "delete": "Delete", "削除": "Delete",
    "insert": "Insert", "home": "Home", "end": "End", "pageup": "PageUp", "pagedown": "PageDown",
    "上": "ArrowUp", "下": "ArrowDown", "左": "ArrowLeft", "右": "ArrowRight",
    "↑": "ArrowUp", "↓": "ArrowDown", "←": "ArrowLeft", "→": "ArrowRight",
    **{f"f{number}": f"F{number}" for number in range(1, 13)},
}  # fmt: skip
KNOWN = "Enter、Tab、Esc、スペース、Backspace、Delete、Home、End、PageUp、PageDown、↑ ↓ ← →、F1〜F12、英数字一文字。Ctrl+S や Shift+Tab のようにも書けます"


def key_named(text: str) -> str:
    """The key as the browser knows it: Enter, F5, Control+s.  ValueError (Japanese) where there is no such key."""
    folded = "".join(unicodedata.normalize("NFKC", text).split())
    *modifiers, last = folded.split("+") if folded else [""]
    held = [_MODIFIERS.get(one.lower(), "") for one in modifiers]
    key = _NAMED.get(last.lower(), last.lower() if len(last) == 1 and last.isascii() and last.isalnum() else "")
    if not key or not all(held) or len(set(held)) != len(held):
        raise ValueError(f"「{text}」というキーはありません。使えるのは {KNOWN}")
    return "+".join([*held, key])
