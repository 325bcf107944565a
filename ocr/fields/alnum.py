"""英数字: Latin capitals, digits and signs in a grid or a plain box."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence

from ocr.ask import DIGITS, LATIN, Answer
from ocr.field import FieldKind, Rules
from ocr.grid import GridParams, gap_in, grid_asks, grid_boxes, join
from ocr.reading import FieldReading


class AlnumParams(GridParams):
    allowed: str = DIGITS + LATIN + "-"
    """The signs that may stand there."""


def _read(params: AlnumParams, answers: Sequence[Answer], rules: Rules) -> FieldReading:
    found = join(answers, rules.promise)
    value = "".join(found.signs)
    if found.state == "read" and gap_in(found.signs):
        return found.reading(params, value, "途中のますが空いています")
    return found.reading(params, value)


def _typed(params: AlnumParams, text: str) -> str:
    plain = unicodedata.normalize("NFKC", text).upper().replace(" ", "")
    wrong = sorted(set(plain) - set(params.allowed))
    if wrong:
        raise ValueError(f"「{''.join(wrong)}」はこの欄に書けません")
    if params.cells is not None and len(plain) > sum(params.counts):
        raise ValueError(f"{sum(params.counts)} 文字までで書いてください（{len(plain)} 文字でした）")
    return plain


FIELD = FieldKind(
    name="alnum",
    ja="英数字",
    summary="ますに 1 字ずつ書いた英大文字と数字。",
    params=AlnumParams,
    asks=lambda params, rules: grid_asks(params, params.allowed),
    read=_read,
    typed=_typed,
    boxes=grid_boxes,
    example="記号番号: {kind: alnum, at: [30, 90, 60, 8], cells: 10}",
)
