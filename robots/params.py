"""How a step kind (and a scenario file) declares what it takes: pydantic models with Japanese key names.

A parameter may be given as a plain text, or as an expression that has a value only while running.  While a
file is checked, an expression stands in the model as a ``Deferred``; before the step runs, every ``Deferred``
of its parameters is resolved and the model is validated once more, so a step's code sees typed values only.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from functools import cache
from typing import Annotated, Any, ClassVar, Self, cast, get_args

import habachen
from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    GetCoreSchemaHandler,
    ValidatorFunctionWrapHandler,
    WrapValidator,
    model_validator,
)
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

from robots.errors import BusinessError
from robots.values import Row, text_of


class Deferred(ABC):
    """A value that is known only while running: ``${...}``, or text with ``${...}`` inside."""

    source: str
    """As the author wrote it."""
    names: frozenset[str]
    """The top-level names that it looks up, canonical (item, inputs, 申請 ...)."""
    attributes: frozenset[tuple[str, str]]
    """(name, attribute) pairs such as ("item", "受付番号"), for checks before anything runs."""

    @abstractmethod
    def evaluate(self, names: Mapping[str, object]) -> object:
        """The value, given the names.

        Raises: BusinessError (the data), ScenarioFault (the author's file).
        """


def param(ja: str, doc: str, *, default: Any = ..., factory: Any = None, secret: bool = False) -> Any:
    """Declares one parameter: its Japanese key and one Japanese sentence for the reference."""
    extra: dict[str, Any] = {"ja": ja, "secret": secret}
    if factory is not None:
        return Field(default_factory=factory, description=doc, json_schema_extra=extra)
    return Field(default, description=doc, json_schema_extra=extra)


class Params(BaseModel):
    """Base of every declared mapping: unknown keys are refused, Japanese keys are read as the English ones.

    ``bare`` names the parameter that a bare value (not a mapping) stands for, if any: ``browser.open: URL``.
    """

    # Built at the first use: no command needs all of the hundred.  (pydantic holds a lock while it builds one.)
    model_config = ConfigDict(extra="forbid", frozen=True, arbitrary_types_allowed=True, defer_build=True)
    bare: ClassVar[str | None] = None
    free: ClassVar[str | None] = None
    """The parameter that takes the whole mapping as it is, where the keys are the author's own (labels of a screen)."""

    @classmethod
    @cache
    def ja_names(cls) -> Mapping[str, str]:
        """Japanese key → English key (the name in the file, without a trailing underscore)."""
        found: dict[str, str] = {}
        for name, field in cls.model_fields.items():
            extra = field.json_schema_extra
            if isinstance(extra, dict) and extra.get("ja"):
                found[str(extra["ja"])] = name.rstrip("_")
        return found

    @classmethod
    @cache
    def _fields(cls) -> Mapping[str, str]:
        """Japanese or English key → the field's name."""
        names = {name.rstrip("_"): name for name in cls.model_fields}
        return names | {key: names[english] for key, english in cls.ja_names().items()}

    @model_validator(mode="before")
    @classmethod
    def _canonical(cls, raw: object) -> object:
        if not isinstance(raw, Mapping):
            if cls.bare is None or isinstance(raw, cls):
                return raw
            return {cls.bare: raw}
        mapping = cast("Mapping[str, object]", raw)
        if cls.free is not None:
            wrapped = set(mapping) == {cls.free} and isinstance(mapping[cls.free], Mapping)
            return mapping if wrapped else {cls.free: mapping}
        fields = cls._fields()
        result: dict[str, object] = {}
        for key, value in mapping.items():
            name = fields.get(key, key)
            if name in result:
                raise PydanticCustomError("twice", "{key} が二度書かれています（英語名と日本語名）", {"key": key})
            result[name] = value
        return result

    def with_values(self, **changes: object) -> Self:
        """A copy with some parameters replaced."""
        return self.model_copy(update=changes)


def _pass_deferred(value: object, handler: ValidatorFunctionWrapHandler) -> object:
    return value if isinstance(value, Deferred) else handler(value)


_open = WrapValidator(_pass_deferred)


def _as_text(value: object) -> object:
    if isinstance(value, str):
        return value
    try:
        return text_of(value)
    except BusinessError as error:
        raise PydanticCustomError("text", "{what}", {"what": str(error)}) from None


def _as_number(value: object) -> object:
    if isinstance(value, bool) or value is None:
        raise PydanticCustomError("number", "数値が必要です")
    if isinstance(value, int | Decimal):
        return value
    text = habachen.zen_to_han(str(value)).strip().replace(",", "")
    try:
        number = Decimal(text)
    except InvalidOperation:
        raise PydanticCustomError("number", "数値が必要ですが「{value}」でした", {"value": str(value)}) from None
    if not number.is_finite():
        raise PydanticCustomError("number", "数値が必要ですが「{value}」でした", {"value": str(value)})
    return int(number) if number == number.to_integral() else number


def _as_whole(value: object) -> object:
    number = _as_number(value)
    if not isinstance(number, int):
        raise PydanticCustomError("whole", "整数が必要ですが「{value}」でした", {"value": str(value)})
    return number


FLAGS: Mapping[str, bool] = {
    "true": True,
    "false": False,
    "はい": True,
    "いいえ": False,
    "yes": True,
    "no": False,
    "する": True,
    "しない": False,
}


def _as_flag(value: object) -> object:
    if isinstance(value, bool):
        return value
    flag = FLAGS.get(str(value).strip().lower())
    if flag is None:
        raise PydanticCustomError(
            "flag", "はい か いいえ（true か false）が必要ですが「{value}」でした", {"value": str(value)}
        )
    return flag


def _as_day(value: object) -> object:
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, date):
        return value
    raise PydanticCustomError(
        "day", "日付が必要です。${日付(…)} で日付にしてください（「{value}」でした）", {"value": str(value)}
    )


def _as_rows(value: object) -> object:
    if isinstance(value, list | tuple) and all(isinstance(row, Mapping) for row in value):
        return [row if isinstance(row, Row) else Row(row) for row in value]
    raise PydanticCustomError("rows", "表（行の一覧）が必要です")


def _as_list(value: object) -> object:
    if isinstance(value, list | tuple):
        return list(value)
    raise PydanticCustomError("list", "一覧が必要です")


def _as_seconds(value: object) -> object:
    text = str(value).strip().lower()
    units = {"ms": 0.001, "s": 1.0, "秒": 1.0, "m": 60.0, "分": 60.0, "h": 3600.0, "時間": 3600.0}
    for unit in sorted(units, key=len, reverse=True):
        if text.endswith(unit) and text.removesuffix(unit).strip().replace(".", "", 1).isdecimal():
            return float(text.removesuffix(unit)) * units[unit]
    raise PydanticCustomError(
        "seconds", "時間は 10s、2m、30秒、2分 のように書きます（「{value}」でした）", {"value": str(value)}
    )


Text = Annotated[str, BeforeValidator(_as_text), _open]
"""Text; a number, date or yes/no becomes text by values.text_of."""
Number = Annotated[int | Decimal, BeforeValidator(_as_number), _open]
Whole = Annotated[int, BeforeValidator(_as_whole), _open]
Flag = Annotated[bool, BeforeValidator(_as_flag), _open]
Day = Annotated[date, BeforeValidator(_as_day), _open]
Rows = Annotated[list[Row], BeforeValidator(_as_rows), _open]
Items = Annotated[list[Any], BeforeValidator(_as_list), _open]
Anything = Annotated[Any, _open]
"""Any value, as it is (a nested mapping or list may hold expressions too)."""
Seconds = Annotated[float, BeforeValidator(_as_seconds)]
"""A length of time in seconds, fixed in the file: 10s, 2m, 30秒, 2分."""


class Marker:
    """Marks a parameter whose meaning the checker must know."""

    def __init__(self, what: str) -> None:
        self.what = what


def _is_block(value: object) -> object:
    if isinstance(value, tuple):
        return value
    raise PydanticCustomError("block", "手順の一覧が必要です")


def _is_deferred(value: object) -> object:
    if isinstance(value, Deferred):
        return value
    raise PydanticCustomError("later", "${…} の式が必要です（「{value}」でした）", {"value": str(value)})


def _is_literal(value: object) -> object:
    if isinstance(value, str):
        return value
    raise PydanticCustomError("literal", "ここには式 ${…} を使えません。名前をそのまま書いてください")


class Words:
    """Reads one of some words in Japanese or English; the model holds the English one.  ``ja``: Japanese → English.

    For a parameter with a fixed choice: ``Annotated[Literal["none", "all"], Words({"なし": "none", "すべて": "all"})]``.
    """

    def __init__(self, ja: Mapping[str, str]) -> None:
        self.ja = ja

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_before_validator_function(self._read, handler(source))

    def _read(self, value: object) -> object:
        found = self.ja.get(str(value), value)
        if found in self.ja.values():
            return found
        known = "、".join(f"{english}／{ja}" for ja, english in self.ja.items())
        raise PydanticCustomError(
            "word", "「{value}」は使えません。使えるのは {known} です", {"value": str(value), "known": known}
        )


def words_of(model: type[BaseModel], field: str) -> Words | None:
    """The fixed words that a parameter takes, however its annotation holds them (alone, optional, in a list)."""

    def within(annotation: Any) -> Words | None:
        if isinstance(annotation, Words):
            return annotation
        return next((found for one in get_args(annotation) if (found := within(one)) is not None), None)

    info = model.model_fields[field]
    return next((found for one in (*info.metadata, info.annotation) if (found := within(one)) is not None), None)


BLOCK, LATER, NEW_NAME = Marker("block"), Marker("later"), Marker("new_name")
Block = Annotated[tuple[Any, ...], BeforeValidator(_is_block), BLOCK]
"""Steps inside a step: a tuple[robots.step.Step, ...] once the file is read; run with ``context.run_steps``."""
Later = Annotated[Any, BeforeValidator(_is_deferred), LATER]
"""An expression that the step evaluates itself, perhaps once a row: ``context.evaluate(params.that, 行=row)``."""
Literal_ = Annotated[str, BeforeValidator(_is_literal)]
NewName = Annotated[str, BeforeValidator(_is_literal), NEW_NAME]
"""A name that this parameter introduces for the step's own blocks and Later expressions."""
