"""What the network tells apart, and which groups of characters a cell may allow."""

from __future__ import annotations

from ocr.ask import DIGITS, KATAKANA, LATIN, SYMBOLS

STRUCK, OTHER, BLANK = "struck", "other", "blank"
CLASSES: tuple[str, ...] = (*DIGITS, *KATAKANA, *LATIN, *SYMBOLS, STRUCK, OTHER, BLANK)
LOOKS: dict[str, tuple[str, ...]] = {
    "digits": (*DIGITS, STRUCK, OTHER, BLANK),
    "kana": (*KATAKANA, STRUCK, OTHER, BLANK),
}
"""What the networks that look a second time tell apart, by the group of their cells, in their order."""
INDEX = {name: number for number, name in enumerate(CLASSES)}

GROUPS = {"digits": DIGITS, "kana": KATAKANA, "alnum": DIGITS + LATIN + SYMBOLS}

ALIKE: tuple[str, ...] = ("0O", "1I/", "ー-", "ノ/", "・.,", "エI", "2Z", "ハ)(", "ロ0O", "クワ7", "ア7", "レL", "ト1")
"""Characters that a hand writes alike: one is never taught as the other's opposite unless a cell allows both."""
