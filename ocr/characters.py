"""The characters of Japanese offices: what may be answered, what means the same, what a person must tell apart."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection
from functools import cache

VARIANTS: tuple[str, ...] = (
    "高髙",
    "吉𠮷",
    "崎﨑",
    "浜濱濵",
    "辺邊邉",
    "斉斎齊齋",
    "柳栁",
    "徳德",
    "曽曾",
    "富冨",
    "藪薮籔",
    "恵惠",
    "頼賴",
    "瀬瀨",
    "薫薰",
    "凜凛",
    "真眞",
    "穂穗",
    "船舩",
    "増增",
    "横橫",
    "稲稻",
    "畑畠烟",
    "槙槇",
    "己巳已",
    "郎郞",
    "内內",
    "彦彥",
    "清淸",
    "緒緖",
    "昂昻",
    "昇曻",
    "歩步",
    "教敎",
    "鎮鎭",
    "翠翆",
    "宜冝",
    "熙煕",
)
"""Forms of one character that stand side by side in family registers and that the recogniser takes for one another, some
at full confidence (bench/lines.py --variants draws them).  Forms that it tells apart (沢澤, 島嶋, 国國) are not here, nor those that
cp932 has no place for (海 in its two forms): an office enters the usual one.

Beside these are the forms that cp932 holds as compatibility characters (都, 隆, 神 in their old shapes): the recogniser
knows none of them.  They come from Python's own Unicode tables.
"""
_COMPATIBILITY = range(0xF900, 0xFB00)


@cache
def variant_classes() -> dict[str, str]:
    """Every character that has variants → all forms of it, the usual one first."""
    groups = {group[0]: group for group in VARIANTS}
    for code in _COMPATIBILITY:
        variant, usual = chr(code), unicodedata.normalize("NFC", chr(code))
        if usual != variant and _in_cp932(variant):
            groups[usual] = groups.get(usual, usual) + variant
    return {character: group for group in groups.values() for character in group}


_HYPHENS = "-‐‑‒–—―−－ｰ"
_WAVES = "~〜～∼"
_WAVE = "～"
_DIGIT = "0-9"
_KATAKANA = "ァ-ヺヽヾー"
_VOICED = re.compile(r"[\u3041-\u30ff][\u3099\u309a]")
_BETWEEN_DIGITS = re.compile(rf"(?<=[{_DIGIT}])[ー一](?=[{_DIGIT}])")
_AFTER_KATAKANA = re.compile(rf"(?<=[{_KATAKANA}])[-一](?=[{_KATAKANA}]|$)")
_FOREIGN = re.compile(
    r"[\u0370-\u04ff\u2190-\u22ff\u2312\u2500-\u257f\u25a0-\u25ca\u25e6-\u266f\u301d-\u301f"
    r"\u3300-\u33ff\u2116\u2121\u2160-\u217f\u2460-\u2473\u3230-\u324f\u2030\u2032\u2033\u212b]"
)


def composed(text: str) -> str:
    """The same text with each voicing mark joined to its kana.

    Not NFC: that would turn every compatibility character (都 in its old shape) into the usual one.
    """
    return _VOICED.sub(lambda found: unicodedata.normalize("NFC", found.group()), text)


def fold(text: str) -> str:
    """The same text as an office compares it: full-width letters narrow, half-width kana wide, one hyphen, one wave, one space."""
    plain = []
    for character in composed(text):
        if character in _HYPHENS:
            plain.append("-")
        elif character in _WAVES:
            plain.append(_WAVE)
        elif "\uff01" <= character <= "\uff9f" or character.isspace():
            plain.append(unicodedata.normalize("NFKC", character))
        else:
            plain.append(character)
    return "".join(plain)


def in_context(text: str, allowed: frozenset[str]) -> str:
    """A bar between digits is a hyphen, one after katakana a long vowel: their shapes alone don't tell."""
    text = _BETWEEN_DIGITS.sub(lambda found: "-" if _may("-", allowed) else found.group(), text)
    return _AFTER_KATAKANA.sub(lambda found: "ー" if _may("ー", allowed) else found.group(), text)


def _may(character: str, allowed: frozenset[str]) -> bool:
    return not allowed or character in allowed


def office_character(character: str) -> bool:
    """Whether a Japanese office writes it in a line: cp932 without its Greek, Cyrillic, rules and pictures."""
    try:
        character.encode("cp932")
    except UnicodeEncodeError:
        return False
    return character.isprintable() and not _FOREIGN.match(character)


def beyond_cp932(text: str) -> str:
    """The characters of a text that cp932 can't hold (外字 to most core systems), each once."""
    return "".join(dict.fromkeys(character for character in text if not _in_cp932(character)))


def _in_cp932(character: str) -> bool:
    try:
        character.encode("cp932")
    except UnicodeEncodeError:
        return False
    return True


def variant_doubts(text: str, settled: Collection[int] = (), allowed: str = "") -> tuple[str, ...]:
    """What a person must look at: one sentence a variant class that the text holds outside the settled positions.

    Where only one form of a class is allowed, that form is no doubt.
    """
    found: dict[str, str] = {}
    for position, character in enumerate(text):
        group = variant_classes().get(character, "")
        others = [one for one in group if one != character and (not allowed or one in allowed)]
        if others and position not in settled:
            found.setdefault(group, "か".join(f"「{one}」" for one in (character, *others)) + "かを確かめてください")
    return tuple(found.values())


def without_variants(text: str) -> str:
    """The same text with the first form of every variant class."""
    return "".join(variant_classes().get(character, character)[0] for character in text)
