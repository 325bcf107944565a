"""A form's fields: what the page shows of each, and what the counter accepts."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Literal

from starlette.datastructures import ImmutableMultiDict

from practice.era import ERAS, to_date

Kind = Literal["text", "textarea", "select", "radio", "check", "checks", "era_date", "date", "amount"]
Options = tuple[tuple[str, str], ...]
ERA_OPTIONS: Options = tuple((str(len(ERAS) - position), era[0]) for position, era in enumerate(ERAS))
"""(option value, name), the newest first: 令和 is 5."""
ERA_PARTS = ("era", "year", "month", "day")


@dataclass(frozen=True)
class Rule:
    """What a text must look like. `message` is read by the person who typed it."""

    pattern: str
    message: str


DIGITS = Rule(r"[0-9]+", "半角数字で入力してください")
KANA = Rule(r"[ァ-ヴー　・]+", "全角カタカナで入力してください")
BANK_KANA = Rule(r"[ｦ-ﾟA-Z0-9 ().\-]+", "半角カタカナで入力してください")
POSTAL_CODE = Rule(r"[0-9]{3}-?[0-9]{4}", "半角数字7桁（例 000-0101）で入力してください")


def digits(count: int) -> Rule:
    """Exactly that many half-width digits."""
    return Rule(rf"[0-9]{{{count}}}", f"半角数字{count}桁で入力してください")


def names(*options: str) -> Options:
    """Options that send their own text."""
    return tuple((option, option) for option in options)


@dataclass(frozen=True)
class Field:
    """One field. `name` is the HTML name; a select's options are (value, text); `caption` is the text beside a single
    checkbox; `size` is the width in characters."""

    name: str
    label: str
    kind: Kind = "text"
    required: bool = False
    options: Options = ()
    rule: Rule | None = None
    hint: str = ""
    caption: str = ""
    size: int = 30


@dataclass(frozen=True)
class Filled:
    """A form as it came: `raw` is what was typed by HTML name, `values` what it means by label (dates ISO 8601, amounts
    in yen, checks as booleans or lists), `errors` what is wrong by field name."""

    raw: Mapping[str, list[str]] = field(default_factory=dict)
    values: Mapping[str, object] = field(default_factory=dict)
    errors: Mapping[str, str] = field(default_factory=dict)

    def text(self, name: str) -> str:
        """What was typed into a field; empty where nothing was."""
        return self.raw.get(name, [""])[0]

    def chosen(self, name: str, option: str) -> bool:
        """Whether an option of a select, radio or checkbox was chosen."""
        return option in self.raw.get(name, [])

    def with_error(self, name: str, message: str) -> Filled:
        """The same with one error more."""
        return Filled(self.raw, self.values, {**self.errors, name: message})


def read_form(fields: Sequence[Field], form: ImmutableMultiDict[str, Any]) -> Filled:
    """Reads and judges a sent form. All errors are found, one a field."""
    raw = {key: [str(value) for value in form.getlist(key)] for key in form}
    values: dict[str, object] = {}
    errors: dict[str, str] = {}
    for item in fields:
        try:
            values[item.label] = _READERS[item.kind](item, raw)
        except ValueError as error:
            errors[item.name] = str(error)
            continue
        if item.required and values[item.label] in ("", [], False, None):
            errors[item.name] = _missing(item)
    return Filled(raw, values, errors)


def _missing(item: Field) -> str:
    chosen = item.kind in ("select", "radio", "checks", "check")
    return f"{item.label}を{'選択' if chosen else '入力'}してください"


def _first(item: Field, raw: Mapping[str, list[str]]) -> str:
    return raw.get(item.name, [""])[0].strip()


def _read_text(item: Field, raw: Mapping[str, list[str]]) -> object:
    text = _first(item, raw)
    if text and item.rule and not re.fullmatch(item.rule.pattern, text):
        raise ValueError(f"{item.label}は{item.rule.message}")
    return text


def _read_choice(item: Field, raw: Mapping[str, list[str]]) -> object:
    chosen = _first(item, raw)
    if not chosen:
        return ""
    for value, text in item.options:
        if value == chosen:
            return text
    raise ValueError(f"{item.label}の選択が正しくありません")


def _read_check(item: Field, raw: Mapping[str, list[str]]) -> object:
    return bool(_first(item, raw))


def _read_checks(item: Field, raw: Mapping[str, list[str]]) -> object:
    return [text for value, text in item.options if value in raw.get(item.name, [])]


def _read_amount(item: Field, raw: Mapping[str, list[str]]) -> object:
    text = _first(item, raw).replace(",", "")
    if not text:
        return None
    if not re.fullmatch(r"[0-9]{1,12}", text):
        raise ValueError(f"{item.label}は半角数字で入力してください")
    return int(text)


def _read_date(item: Field, raw: Mapping[str, list[str]]) -> object:
    text = _first(item, raw)
    try:
        return text and date.fromisoformat(text).isoformat()
    except ValueError:
        raise ValueError(f"{item.label}の日付が正しくありません") from None


def _read_era_date(item: Field, raw: Mapping[str, list[str]]) -> object:
    era, year, month, day = (raw.get(f"{item.name}_{part}", [""])[0].strip() for part in ERA_PARTS)
    # The era alone is how the page comes; it says nothing yet.
    if not (year or month or day):
        return ""
    if not (era and year and month and day):
        raise ValueError(f"{item.label}は元号・年・月・日をすべて入力してください")
    if not all(re.fullmatch(r"[0-9]{1,2}", part) for part in (year, month, day)):
        raise ValueError(f"{item.label}の年・月・日は半角数字で入力してください")
    try:
        return to_date(dict(ERA_OPTIONS)[era], int(year), int(month), int(day)).isoformat()
    except (ValueError, KeyError):
        raise ValueError(f"{item.label}に存在しない日付が入力されています") from None


_READERS: Mapping[Kind, Callable[[Field, Mapping[str, list[str]]], object]] = {
    "text": _read_text,
    "textarea": _read_text,
    "select": _read_choice,
    "radio": _read_choice,
    "check": _read_check,
    "checks": _read_checks,
    "amount": _read_amount,
    "date": _read_date,
    "era_date": _read_era_date,
}
