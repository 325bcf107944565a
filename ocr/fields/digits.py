"""数字: digits in a grid, or (without ``cells``) in a plain box."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from typing import Literal

from japan.check_digits import check_digit_holds
from ocr.ask import DIGITS, Answer
from ocr.field import FieldKind, Rules
from ocr.grid import GridParams, gap_in, grid_asks, grid_boxes, guesses_of, join
from ocr.reading import FieldReading

WRONG_CHECK = "検査数字が合いません"
_CAUGHT = 10
"""A check digit lets at most one misreading in ten pass (mod 10: a changed digit always shows; two or more, one in ten)."""


class DigitsParams(GridParams):
    check: Literal["mod10", "mod11", "my_number", "corporate_number"] | None = None
    short: bool = False
    """Whether cells at either end may be empty (an amount, a house number)."""


def _read(params: DigitsParams, answers: Sequence[Answer], rules: Rules) -> FieldReading:
    value = "".join(guess.text for guess in guesses_of(answers))
    checked = bool(params.check) and len(value) == sum(params.counts) and check_digit_holds(value, params.check or "")
    found = join(answers, min(rules.promise * _CAUGHT, 1.0) if checked else rules.promise)
    if not value or found.state == "unreadable":
        return found.reading(params, value)
    if not params.short and not all(found.signs):
        count = sum(map(bool, found.signs))
        return found.reading(params, value, f"{len(found.signs)} 桁のうち {count} 桁しか書かれていません")
    if gap_in(found.signs):
        return found.reading(params, value, "途中のますが空いています")
    if params.check and not check_digit_holds(value, params.check):
        return found.reading(params, value, WRONG_CHECK, "conflict")
    return found.reading(params, value)


def _typed(params: DigitsParams, text: str) -> str:
    plain = "".join(sign for sign in unicodedata.normalize("NFKC", text) if sign not in " -‐−ー〒,")
    if not plain:
        return ""
    if not (plain.isascii() and plain.isdigit()):
        raise ValueError("数字だけで書いてください")
    most = sum(params.counts)
    if params.cells is not None and (len(plain) > most or (len(plain) < most and not params.short)):
        raise ValueError(f"{most} 桁{'まで' if params.short else ''}で書いてください（{len(plain)} 桁でした）")
    if params.check and not check_digit_holds(plain, params.check):
        raise ValueError(f"{WRONG_CHECK}。番号を確かめてください")
    return plain


FIELD = FieldKind(
    name="digits",
    ja="数字",
    summary="ますに 1 字ずつ書いた数字。cells を書かなければ、ますのない枠に書いた数字。",
    params=DigitsParams,
    asks=lambda params, rules: grid_asks(params, DIGITS),
    read=_read,
    typed=_typed,
    boxes=grid_boxes,
    example="受付番号: {kind: digits, at: [140, 20, 56, 8], cells: 8, check: mod11}",
)
