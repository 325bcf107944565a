"""Check digits: whether a number can be one of its kind.

Sources: my_number 平成26年総務省令第85号第5条; corporate_number 平成26年財務省令第70号第2条; mod11 weights 2 to 7, remainders
0 and 1 give 0; mod10 the GS1 weights 3 and 1.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping


def _my_number(digits: list[int]) -> bool:
    if len(digits) != 12:
        return False
    rest = (
        sum(digit * (place + 1 if place <= 6 else place - 5) for place, digit in enumerate(reversed(digits[:-1]), 1))
        % 11
    )
    return digits[-1] == (0 if rest <= 1 else 11 - rest)


def _corporate_number(digits: list[int]) -> bool:
    if len(digits) != 13:
        return False
    total = sum(digit * (1 if place % 2 else 2) for place, digit in enumerate(reversed(digits[1:]), 1))
    return digits[0] == 9 - total % 9


def _mod11(digits: list[int]) -> bool:
    rest = sum(digit * (2 + place % 6) for place, digit in enumerate(reversed(digits[:-1]))) % 11
    return len(digits) > 1 and digits[-1] == (0 if rest <= 1 else 11 - rest)


def _mod10(digits: list[int]) -> bool:
    total = sum(digit * (1 if place % 2 else 3) for place, digit in enumerate(reversed(digits[:-1])))
    return len(digits) > 1 and digits[-1] == (10 - total % 10) % 10


_RULES: Mapping[str, Callable[[list[int]], bool]] = {
    "my_number": _my_number,
    "corporate_number": _corporate_number,
    "mod11": _mod11,
    "mod10": _mod10,
}


RULES = tuple(_RULES)


def check_digit_holds(text: str, rule: str) -> bool:
    """Whether text is nothing but ASCII digits and its check digit is right.  rule: one of RULES, else KeyError."""
    return text.isascii() and text.isdigit() and _RULES[rule]([int(sign) for sign in text])
