"""How values are added, compared and looked up in ${...}.

Numbers are int or Decimal, never float.  Text that reads as a number (full width and thousands separators
allowed) counts as one; a code with a leading zero (011002) does not.  A blank cell equals empty text.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from decimal import ROUND_FLOOR, Context, Decimal, DecimalException

from robots.eras import read_date
from robots.errors import BusinessError, ScenarioFault
from robots.scenario.guess import nearest
from robots.values import Number, Unsure, Value, number_in, text_of, whole_if_so

LARGEST = Decimal(10) ** 100
MAX_TEXT = 100_000
MAX_ELEMENTS = 10_000
EXACT = Context(prec=120)
_FRACTION = Context(prec=34)
_DIGITS = re.compile(r"\d+", re.ASCII)
_FLAGS = {"はい": True, "いいえ": False, "true": True, "false": False}


def shown(value: Value) -> str:
    """A value as it stands in a message, shortened."""
    if isinstance(value, list | tuple):
        return f"{len(value)} 件の一覧"
    if isinstance(value, Mapping):
        return f"{len(value)} 項目のまとまり"
    text = text_of(value)
    if not text:
        return "（空欄）"
    return f"「{text[:40]}…」" if len(text) > 40 else f"「{text}」"


def number_of(value: Value, use: str = "計算") -> Number:
    """The number that a value is or reads as.  BusinessError where it is none; ``use`` says what wanted it."""
    number = number_in(value)
    if number is None:
        raise BusinessError(
            f"{shown(value)} は数値ではないので、{use}に使えません。",
            mend="値を確かめてください。空欄があり得るときは ${既定値(値, 0)} と書きます。",
        )
    return number


def bounded(number: Number) -> Number:
    """The number itself, unless it is beyond 10^100."""
    if not -LARGEST <= number <= LARGEST:
        raise BusinessError("計算の結果が大きすぎます（10 の 100 乗まで）。", mend="計算に使う値を確かめてください。")
    return number


def add(left: Value, right: Value) -> Value:
    """left + right: numbers; a date and a number of days."""
    if isinstance(left, date) and not isinstance(right, date):
        return moved(left, right, 1)
    if isinstance(right, date) and not isinstance(left, date):
        return moved(right, left, 1)
    if number_in(left) is None or number_in(right) is None:
        raise BusinessError(
            f"{shown(left)} と {shown(right)} は足せません（数値ではありません）。",
            mend="文字をつなげるときは ${a}${b} のように並べて書きます。",
        )
    return _exactly("+", number_of(left), number_of(right))


def subtract(left: Value, right: Value) -> Value:
    """left - right: numbers; two dates (days between); a date and a number of days."""
    if isinstance(left, date) and isinstance(right, date):
        return (_day(left) - _day(right)).days
    if isinstance(left, date):
        return moved(left, right, -1)
    return _exactly("-", number_of(left), number_of(right))


def moved(day: date, days: Value, sign: int) -> date:
    """The day so many days away."""
    count = number_of(days, "日数")
    if not isinstance(count, int):
        raise BusinessError(f"日数 {shown(days)} が整数ではありません。", mend="日数は整数で書いてください。")
    try:
        return _day(day) + timedelta(days=sign * count)
    except OverflowError:
        raise BusinessError("日付の計算の結果が範囲を超えました。", mend="日数を確かめてください。") from None


def multiply(left: Value, right: Value) -> Value:
    """left * right."""
    return _exactly("*", number_of(left, "掛け算"), number_of(right, "掛け算"))


def _exactly(sign: str, left: Number, right: Number) -> Number:
    bounded(left)
    bounded(right)
    if isinstance(left, int) and isinstance(right, int):
        return bounded(left + right if sign == "+" else left - right if sign == "-" else left * right)
    one, two = Decimal(left), Decimal(right)
    made = EXACT.add(one, two) if sign == "+" else EXACT.subtract(one, two) if sign == "-" else EXACT.multiply(one, two)
    return bounded(whole_if_so(made))


def divide(left: Value, right: Value) -> Value:
    """left / right, exact where it can be, else to 34 places."""
    one, two = _divisible(left, right)
    if isinstance(one, int) and isinstance(two, int) and one % two == 0:
        return one // two
    return bounded(whole_if_so(_FRACTION.divide(Decimal(one), Decimal(two))))


def divide_whole(left: Value, right: Value) -> Value:
    """left // right: the largest whole number not above the quotient."""
    one, two = _divisible(left, right)
    if isinstance(one, int) and isinstance(two, int):
        return one // two
    return int(EXACT.divide(Decimal(one), Decimal(two)).to_integral_value(ROUND_FLOOR))


def remainder(left: Value, right: Value) -> Value:
    """left % right: what divide_whole leaves."""
    quotient = divide_whole(left, right)
    return subtract(left, multiply(quotient, right))


def _divisible(left: Value, right: Value) -> tuple[Number, Number]:
    one, two = bounded(number_of(left, "割り算")), bounded(number_of(right, "割り算"))
    if two == 0:
        raise BusinessError("0 で割ろうとしました。", mend="割る値が 0 でないことを確かめてください。")
    return one, two


def power(base: Value, exponent: Value) -> Value:
    """base ** exponent; whole exponents, results up to 10^100."""
    one, two = bounded(number_of(base, "べき乗")), number_of(exponent, "べき乗")
    if not isinstance(two, int):
        raise BusinessError("べき乗の指数は整数にしてください。", mend="** の右の値を確かめてください。")
    if one == 0 and two < 0:
        raise BusinessError("0 で割ろうとしました。", mend="0 の負のべき乗は計算できません。")
    size = abs(Decimal(one))
    if size > 1 and abs(two) * math.log10(size) > 101:
        bounded(int(LARGEST) + 1)
    try:
        if isinstance(one, int) and two >= 0:
            return bounded(one**two)
        return bounded(whole_if_so(_FRACTION.power(Decimal(one), two)))
    except DecimalException:
        raise BusinessError("べき乗を計算できません。", mend="** の左右の値を確かめてください。") from None


def negative(value: Value) -> Value:
    """-value."""
    return -bounded(number_of(value))


def equal(left: Value, right: Value) -> bool:
    """Whether two values are the same to a reader: 1 and "1,000" by number, dates by day, blank and "" alike."""
    left, right = ("" if left is None else left), ("" if right is None else right)
    if isinstance(left, bool) or isinstance(right, bool):
        return _flag(left) is _flag(right)
    if isinstance(left, str) and isinstance(right, str):
        return left == right
    if isinstance(left, date) or isinstance(right, date):
        return _same_day(left, right)
    if isinstance(left, int | Decimal) or isinstance(right, int | Decimal):
        one, two = number_in(left), number_in(right)
        return one is not None and two is not None and one == two
    if isinstance(left, list | tuple) and isinstance(right, list | tuple):
        return len(left) == len(right) and all(map(equal, left, right))
    return left == right


def _flag(value: Value) -> Value:
    return _FLAGS.get(value.strip().lower(), value) if isinstance(value, str) else value


def _same_day(left: Value, right: Value) -> bool:
    if "" in (left, right) or not isinstance(left, str | date) or not isinstance(right, str | date):
        return False
    if isinstance(left, datetime) and isinstance(right, datetime):
        return left == right
    return read_date(left) == read_date(right)


def order(left: Value, right: Value) -> int:
    """-1, 0 or 1: numbers, dates, or codes of the same length.  BusinessError where no order is known."""
    one, two = number_in(left), number_in(right)
    if one is not None and two is not None:
        return (one > two) - (one < two)
    if isinstance(left, datetime) and isinstance(right, datetime):
        return (left > right) - (left < right)
    if isinstance(left, date) or isinstance(right, date):
        return _day_order(left, right)
    if isinstance(left, str) and isinstance(right, str):
        if len(left) == len(right) and _DIGITS.fullmatch(left) and _DIGITS.fullmatch(right):
            return (left > right) - (left < right)
        if left and right:
            return _day_order(left, right)
    raise _no_order(left, right)


def _day_order(left: Value, right: Value) -> int:
    if not isinstance(left, str | date) or not isinstance(right, str | date) or "" in (left, right):
        raise _no_order(left, right)
    one, two = read_date(left), read_date(right)
    return (one > two) - (one < two)


def _no_order(left: Value, right: Value) -> BusinessError:
    return BusinessError(
        f"{shown(left)} と {shown(right)} は大小を比べられません。",
        mend="数値どうし、日付どうしで比べてください。空欄があり得るときは ${既定値(…)} を使います。",
    )


def contains(element: Value, whole: Value) -> bool:
    """element in whole: part of a text, element of a list, key of a mapping."""
    if isinstance(whole, str):
        return text_of(element) in whole
    if isinstance(whole, list | tuple):
        return any(equal(element, one) for one in whole)
    if isinstance(whole, Mapping):
        return element in whole
    raise ScenarioFault(f"{shown(whole)} に in は使えません。", mend="in の右には一覧か文字を書いてください。")


def attribute(value: Value, name: str, source: str) -> Value:
    """value.name; ScenarioFault with the names there are, Unconfirmed for what no person has looked at yet."""
    if not isinstance(value, Mapping):
        kind = "一覧" if isinstance(value, list | tuple) else shown(value)
        raise ScenarioFault(
            f"「{source}」の「{name}」を取り出せません（{kind} には項目がありません）。",
            mend="「.」の前の名前を確かめてください。",
        )
    if name in value:
        return _sure(value[name])
    there = [str(key) for key in value]
    listed = "、".join(there[:40]) + ("…" if len(there) > 40 else "")
    raise ScenarioFault(
        f"「{source}」に「{name}」という列（項目）はありません。",
        mend=f"あるのは {listed} です。名前をそろえてください。" if there else "中身が空です。",
        guess=nearest(name, there),
    )


def element(value: Value, index: Value, source: str) -> Value:
    """value[index]: a column by its name, or an element of a list from 0 (-1: the last)."""
    if isinstance(value, Mapping):
        return attribute(value, text_of(index), source)
    place = number_in(index)
    if not isinstance(value, list | tuple) or not isinstance(place, int):
        raise ScenarioFault(
            f"「{source}」の [{shown(index)}] を取り出せません。", mend="一覧の番号か、列の名前を書いてください。"
        )
    if not -len(value) <= place < len(value):
        raise BusinessError(
            f"「{source}」は {len(value)} 件なので、{place} 番目はありません。",
            mend="番号は 0 から数えます。件数を確かめてください。",
        )
    return _sure(value[place])


def _sure(value: Value) -> Value:
    if isinstance(value, Unsure):
        raise value.refuse()
    return value


def _day(value: date) -> date:
    return value.date() if isinstance(value, datetime) else value
