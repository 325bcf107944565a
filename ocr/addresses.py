"""Places of Japan as the post office lists them: whether an address agrees with a postal code."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import cache
from typing import Literal

from japan.postal import Place, places_of, prefectures_and_cities
from ocr.characters import fold, without_variants

_DISTRICT = re.compile(r"^.+郡(?=.+[町村]$)")
_LONGEST_CITY = 12
_NUMERALS = str.maketrans("一二三四五六七八九", "123456789")
_SAME = str.maketrans({"ヶ": "ケ", "ヵ": "カ", "之": "の", "ノ": "の", "乃": "の", "ッ": "ツ", "つ": "ツ", "っ": "ツ"})


@dataclass(frozen=True, slots=True)
class Agreement:
    """What a postal code says of an address."""

    verdict: Literal["agrees", "differs", "unknown_code"]
    covered: int
    """How many characters at the address's beginning are the post office's own words."""
    expected: str
    """The post office's address of that code."""


def compare_address(postal_code: str, address: str) -> Agreement:
    """Whether an address begins with the place of a postal code (7 digits): the prefecture may be left out, the city not.

    The town is asked for where the code has one; ケ and ヶ, 大字 and 字, and 一丁目 and 1丁目 are the same.
    """
    places = places_of(postal_code)
    if not places:
        return Agreement("unknown_code", 0, "")
    best = max(_covered(address, one) for one in places)
    expected = "、".join(str(one) for one in places)
    return Agreement("agrees" if best else "differs", best, expected)


def known_place(address: str) -> int:
    """How many characters at an address's beginning are a prefecture, a city or both, spelt as the post office does."""
    start = _prefecture(address)
    return start + _city(address[start:])


def misspelt_place(address: str) -> bool:
    """Whether a prefecture is followed by what is no city, town or village, however spelt: one of them may be misread."""
    plain = _plain(address)
    start = _prefecture(plain)
    rest = plain[start:]
    return bool(start and rest) and not any(rest[:size] in _plain_cities() for size in range(2, _LONGEST_CITY + 1))


@cache
def _plain_cities() -> frozenset[str]:
    return frozenset(map(_plain, _names()[1]))


def _prefecture(address: str) -> int:
    return next((len(one) for one in _names()[0] if address.startswith(one)), 0)


def _city(rest: str) -> int:
    cities = _names()[1]
    return max((size for size in range(2, min(_LONGEST_CITY, len(rest)) + 1) if rest[:size] in cities), default=0)


@cache
def _names() -> tuple[frozenset[str], frozenset[str]]:
    prefectures, cities = (frozenset(names) for names in zip(*prefectures_and_cities(), strict=True))
    return prefectures, cities | {_DISTRICT.sub("", one) for one in cities}


def _covered(address: str, at: Place) -> int:
    """How many characters of the address are that place; 0 where it begins otherwise."""
    # People leave out the district of a town, and Kyoto's streets stand before its towns.
    cities = dict.fromkeys((at.city, _DISTRICT.sub("", at.city)))
    towns = ("",) if at.city.startswith("京都市") else (at.town,)
    for place in (start + middle + end for start in (at.prefecture, "") for middle in cities for end in towns):
        length = _length_of(address, place)
        if length:
            return length
    return 0


def _length_of(address: str, place: str) -> int:
    """How many characters of the address make up the place, both compared in their plain form."""
    wanted = _plain(place)
    for length in range(1, len(address) + 1):
        plain = _plain(address[:length])
        if plain == wanted:
            return length
        if not wanted.startswith(plain) and len(plain) >= len(wanted):
            return 0
    return 0


def _plain(text: str) -> str:
    text = unicodedata.normalize("NFKC", without_variants(fold(text)).translate(_SAME))
    text = re.sub(r"[一二三四五六七八九](?=丁目|条)", lambda found: found.group().translate(_NUMERALS), text)
    return re.sub(r"\s|大字|字(?=.)", "", text)
