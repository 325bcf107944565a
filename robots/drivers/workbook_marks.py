"""The marks of a template: ${氏名} is a value of the item, ${行.品名} a value of each row.  Pure; both drivers ask it."""

from __future__ import annotations

import re
from collections.abc import Mapping

from rapidfuzz import process

from robots.drivers.workbook_header import column_name
from robots.errors import BusinessError
from robots.values import Value, text_of

_MARK = re.compile(r"\$\{([^{}$]*)\}")
_OF_ROW = re.compile(r"(?:行|row)\s*[.．]\s*")


def has_marks(text: str) -> bool:
    """Whether a cell's text holds a mark."""
    return "${" in text and _MARK.search(text) is not None


def is_of_row(text: str) -> bool:
    """Whether a cell's text holds a mark for each row."""
    return any(_OF_ROW.match(name.strip()) for name in _MARK.findall(text))


def known_names(values: Mapping[str, Value]) -> dict[str, Value]:
    """The values by the names that marks call them."""
    return {column_name(name): value for name, value in values.items()}


def filled(text: str, values: Mapping[str, Value], row: Mapping[str, Value] | None, where: str) -> Value:
    """What stands in a cell once its marks are replaced: the value itself where the cell is one mark, else text.

    values, row: by ``known_names``.  Raises: BusinessError naming a mark without a value.
    """
    whole = _MARK.fullmatch(text.strip())
    if whole is not None:
        return _value(whole[1], values, row, where)
    return _MARK.sub(lambda match: text_of(_value(match[1], values, row, where)), text)


def _value(mark: str, values: Mapping[str, Value], row: Mapping[str, Value] | None, where: str) -> Value:
    name = mark.strip()
    of_row = _OF_ROW.match(name)
    if of_row is not None and row is None:
        raise BusinessError(
            f"{where} に ${{{mark}}} がありますが、差し込む行がありません。", mend="手順に「行」を書いてください。"
        )
    there = row if of_row is not None and row is not None else values
    wanted = column_name(name[of_row.end() :] if of_row is not None else name)
    if wanted not in there:
        near = process.extractOne(wanted, there.keys(), score_cutoff=50)
        raise BusinessError(
            f"{where} の ${{{mark}}} に入れる値がありません（ある値: {'、'.join(list(there)[:30]) or 'なし'}）。",
            mend="ひな形のしるしか、手順の「値」「行」の名前を直してください。",
            guess=near[0] if near else None,
        )
    return there[wanted]
