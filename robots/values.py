"""The values that flow through a scenario, and how each of them reads as text.

A value is text (str), a whole number (int), a number (Decimal, never float), a date (datetime.date), a time
stamp (datetime.datetime), a yes/no (bool), nothing (None), a list, or a mapping.  A row of a table is a Row.
What was read from paper and is not certain is Unsure: no expression, screen or book takes it.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Literal

from robots.errors import BusinessError, ScenarioFault, Unconfirmed

Value = object
Number = int | Decimal

_NUMBER = re.compile(r"[+-]?(?:\d{1,3}(?:,\d{3})+|0|[1-9]\d*)(?:\.\d+)?", re.ASCII)


class Row(dict[str, Value]):
    """One row of a table by column name, with ``origin``: where a person finds it (book, sheet, row).

    ``source`` is what it was read from, for ever the same: of a paper the SHA-256 of its file and the page
    (3f2a…#1); empty for a row of a book.
    """

    __slots__ = ("origin", "source")

    def __init__(
        self,
        values: Mapping[str, Value] | Iterable[tuple[str, Value]] = (),
        *,
        origin: str = "",
        source: str = "",
    ) -> None:
        super().__init__(values)
        self.origin = origin
        self.source = source


@dataclass(frozen=True, slots=True)
class Unsure:
    """A value read from paper that a person has yet to look at; whoever takes it as a value gets Unconfirmed."""

    form: str
    """The form's definition: forms/shugaku-enjo.yaml."""
    field: str
    """児童氏名カナ; 単価表[1].数量 in a table; "" for a whole page that could not be read."""
    proposed: str
    """What the reader thinks it is, as text (a date 2018-04-05, several choices joined by 、); "" for blank."""
    kind: Literal["text", "date", "choices"]
    """What becomes of the confirmed text."""
    why: tuple[str, ...]
    """Japanese."""
    confidence: float
    place: str
    """Where it stands on the paper: 1ページ目 左から 30 mm・上から 70 mm."""
    picture: str
    """The file with the picture of the place; "" where there is none."""
    twice: bool = False
    """Two people enter it, neither seeing what the other did."""

    def refuse(self) -> Unconfirmed:
        """What is raised where it was about to be used."""
        what = f"「{self.field}」はまだ人が確認していません" if self.field else "このページは読み取れていません"
        return Unconfirmed(
            f"{what}（{'、'.join(self.why)}）。",
            mend="banken review で確認すると、次の実行で使えます。行を選ぶ条件は、絞り込みではなく対象の「条件」に書いてください。",
        )


def paper_value(kind: Literal["text", "date", "choices"], text: str) -> Value:
    """What was read from paper, as a scenario's value: blank is "" (of choices: an empty list)."""
    if kind == "choices":
        return text.split("、") if text else []
    return date.fromisoformat(text) if kind == "date" and text else text


def number_in(value: Value) -> Number | None:
    """The number that a value is or reads as (full width and thousands separators allowed), or None.

    A code with a leading zero (011002) is no number.
    """
    if isinstance(value, bool):
        return None
    if isinstance(value, int | Decimal):
        return value
    if not isinstance(value, str) or len(value) > 200:
        return None
    text = unicodedata.normalize("NFKC", value).strip()
    if not _NUMBER.fullmatch(text):
        return None
    return whole_if_so(Decimal(text.replace(",", "")))


def whole_if_so(number: Decimal) -> Number:
    """3.0 → 3; a fraction stays."""
    return int(number) if number == number.to_integral_value() else number


def number_from_cell(value: float) -> int | Decimal:
    """A spreadsheet's float as an exact number: 3.0 → 3, 0.1 → Decimal('0.1')."""
    return int(value) if value.is_integer() and abs(value) < 1e15 else Decimal(repr(value))


def text_of(value: Value) -> str:
    """How a value reads when it is put into text, a field on screen or a message.

    None is empty; a date is 2026-04-01; a number has no thousands separator and no trailing zeros of a
    fraction; yes/no is はい/いいえ.  A list or a mapping has no text: BusinessError; an Unsure value: Unconfirmed.
    """
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "はい" if value else "いいえ"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, Decimal):
        text = format(value, "f")
        return text.rstrip("0").rstrip(".") if "." in text else text
    if isinstance(value, datetime):
        return (
            value.strftime("%Y-%m-%d %H:%M:%S")
            if (value.hour or value.minute or value.second)
            else value.strftime("%Y-%m-%d")
        )
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Unsure):
        raise value.refuse()
    raise BusinessError(
        f"{'一覧' if isinstance(value, list | tuple) else '値のまとまり'}を文字として使おうとしました。",
        mend="一覧のうちのどの値を使うかを ${…} の中で指定してください（例: ${行.氏名}）。",
    )


def texts_in(value: Value) -> Iterator[str]:
    """The texts of a value and of all that it holds; what nobody has looked at yet has none."""
    if isinstance(value, Mapping | list | tuple):
        for one in value.values() if isinstance(value, Mapping) else value:
            yield from texts_in(one)
    elif not isinstance(value, Unsure):
        yield text_of(value)


def to_json(value: Value) -> Value:
    """A value as JSON can hold it without loss (dates and exact numbers are tagged); the twin of from_json."""
    if isinstance(value, datetime):
        return {"$time": value.isoformat()}
    if isinstance(value, date):
        return {"$date": value.isoformat()}
    if isinstance(value, Decimal):
        return {"$number": str(value)}
    if isinstance(value, Mapping):
        plain = {str(key): to_json(part) for key, part in value.items()}
        return {"$map": plain} if len(plain) == 1 and next(iter(plain)).startswith("$") else plain
    if isinstance(value, list | tuple):
        return [to_json(part) for part in value]
    return value


def from_json(value: Value) -> Value:
    """The twin of to_json."""
    if isinstance(value, dict):
        if len(value) == 1:
            ((tag, part),) = value.items()
            if tag == "$time":
                return datetime.fromisoformat(part)
            if tag == "$date":
                return date.fromisoformat(part)
            if tag == "$number":
                return Decimal(part)
            if tag == "$map":  # a mapping of the author's whose only name looks like a tag
                return {key: from_json(inner) for key, inner in part.items()}
        return {key: from_json(part) for key, part in value.items()}
    if isinstance(value, list):
        return [from_json(part) for part in value]
    return value


def truth_of(value: Value) -> bool:
    """A condition's value as yes or no; anything but a bool is a fault of the scenario, never a guess."""
    if isinstance(value, bool):
        return value
    shown = f"「{text_of(value)[:40]}」" if not isinstance(value, list | tuple | Mapping) else "値のまとまり"
    raise ScenarioFault(
        f"条件が はい・いいえ になりません（{shown} になりました）。",
        mend="${対象.区分 == '新規'} や ${対象.備考 != ''} のように、比べる式にしてください。",
    )
