"""Functions of one number."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal

from robots.errors import BusinessError
from robots.scenario.function import Function
from robots.scenario.operations import EXACT, bounded, number_of, shown
from robots.values import Value, whole_if_so

_MOST_DIGITS = 30


def _round(value: Value, digits: Value = 0) -> Value:
    number, places = bounded(number_of(value, "四捨五入")), number_of(digits, "四捨五入の桁")
    if not isinstance(places, int) or abs(places) > _MOST_DIGITS:
        raise BusinessError(
            f"四捨五入の桁 {shown(digits)} が使えません。", mend=f"{_MOST_DIGITS} 以内の整数にしてください。"
        )
    return whole_if_so(Decimal(number).quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP, EXACT))


def _yen(value: Value) -> Value:
    number = bounded(number_of(value, "円表記"))
    if not isinstance(number, int):
        raise BusinessError(
            f"{shown(value)} には円未満の端数があります。", mend="${円表記(四捨五入(値))} のように整数にしてください。"
        )
    return f"{number:,}円"


FUNCTIONS = (
    Function(
        "round",
        "四捨五入",
        ("数値", "桁"),
        1,
        _round,
        "四捨五入します。桁は小数点以下の桁数で、負なら十の位・百の位で丸めます。",
        "四捨五入(2.5)",
        "3",
    ),
    Function("yen", "円表記", ("数値",), 1, _yen, "桁区切りと円を付けます。", "円表記('1234567')", "1,234,567円"),
)
