"""The words of the designer's side panel: the kinds come from their own values, their parameters get Japanese names here."""

from __future__ import annotations

from collections.abc import Mapping
from types import UnionType
from typing import Literal, Union, get_args, get_origin

import ocr
from ocr.field import FieldParams
from ocr.form import PAPERS, Definition

FORM, IDENTIFY = "form", "identify"
"""The two things of a definition that the designer shows beside its fields."""
WORDS: Mapping[str, tuple[str, str]] = {
    "form": ("帳票の名前", ""),
    "version": ("版", "紙を変えたら、1 つ増やします"),
    "size": ("用紙", ""),
    "orientation": ("向き", ""),
    "register": ("位置合わせ", ""),
    "promise": ("誤りの約束", "先へ進めたもののうち許す誤りの割合。0.001 は千に一つ。空なら帳票全体の約束"),
    "text": ("印刷された言葉", "この場所にこの言葉があれば、この帳票と分かります"),
    "qr": ("QR コードの始まり", "言葉の代わりに、QR コードで見分けるとき"),
    "label": ("紙に刷る言葉", "banken form draw で欄の横に刷る言葉。空なら欄の名前"),
    "twice": ("二人で入力する", "人が確認するとき、二人が別々に入力します"),
    "cells": ("ますの数", "8 や 3, 4（組ごと）。日付は年, 月, 日の順。空なら、ますのない枠"),
    "check": ("検査数字", ""),
    "short": ("桁が足りなくてもよい", ""),
    "allowed": ("書ける文字", "空なら、どの文字でも"),
    "words": ("言葉の一覧", "forms フォルダの、1 行に 1 語のファイルの名前（names.txt）"),
    "era": ("元号", "元号の欄の名前か、印刷された元号（令和）。空なら西暦"),
    "agrees_with": ("郵便番号の欄", "住所と照らし合わせる欄の名前"),
    "pick": ("選べる数", ""),
    "rows": ("行の数", ""),
    "columns": ("列", "1 行に 1 列。「品目: text」「数量: {kind: digits, cells: 3, width: 20}」のように"),
}
_CHOICES: Mapping[str, str] = {
    "one": "1 つだけ",
    "any": "いくつでも",
    "auto": "自動",
    "markers": "四隅の目印",
    "features": "印刷の特徴",
    "none": "しない",
    "portrait": "縦",
    "landscape": "横",
    "my_number": "個人番号",
    "corporate_number": "法人番号",
}
_OTHER_FIELD = ("era", "agrees_with")
_PLACES = ("kind", "page", "at", "options")


def kinds() -> list[dict[str, object]]:
    """What the panel needs of each kind: name, words, how its boxes are written, and its parameters."""
    form = [
        _param("form", str, ""),
        _param("version", int, "1"),
        _param("size", Literal[tuple(PAPERS)], "A4"),
        _param("orientation", Literal["portrait", "landscape"], "portrait"),
        _param("register", Definition.model_fields["register_"].annotation, "auto"),
        _param("promise", float, "0.001"),
    ]
    identify = [_param("text", str, ""), _param("qr", str, "")]
    return [
        _kind(FORM, "帳票の全体", "帳票の名前、用紙、位置合わせ。", "none", form),
        _kind(IDENTIFY, "見分け", "どこに何と印刷されていれば、この帳票か。", "one", identify),
        *(_kind(one.name, one.ja, one.summary, *_shape(one.params.model_fields)) for one in ocr.field_kinds().values()),
    ]


def _kind(name: str, ja: str, summary: str, boxes: str, params: list[dict[str, object]]) -> dict[str, object]:
    return {"name": name, "ja": ja, "summary": summary, "boxes": boxes, "params": params}


def _shape(fields: Mapping[str, object]) -> tuple[str, list[dict[str, object]]]:
    """boxes: "options" (named ones), "many" (one or several) or "one"."""
    places = getattr(fields.get("at"), "annotation", None)
    boxes = "options" if places is None else "many" if _is_union(places) else "one"
    params = []
    for name, field in sorted(fields.items(), key=lambda one: one[0] in FieldParams.model_fields):  # its own first
        if name not in _PLACES:
            default = getattr(field, "default", None)
            told = default if isinstance(default, str) else ""
            params.append(_param(name, getattr(field, "annotation", None), told))
    return boxes, params


def _param(name: str, annotation: object, default: str) -> dict[str, object]:
    ja, hint = WORDS.get(name, (name, ""))
    shape, choices = "text", []
    for one in get_args(annotation) if _is_union(annotation) else (annotation,):
        if get_origin(one) is Literal:
            shape = "choice"
            empty = [] if default else [["", "なし"]]
            choices = empty + [[str(value), _CHOICES.get(str(value), str(value))] for value in get_args(one)]
    if annotation is bool:
        shape = "tick"
    elif name == "columns":
        shape = "lines"
    elif name in _OTHER_FIELD:
        shape = "field"
    return {
        "name": name,
        "ja": ja,
        "hint": hint,
        "shape": shape,
        "choices": choices,
        "default": default,
        "common": name in FieldParams.model_fields,
    }


def _is_union(annotation: object) -> bool:
    return get_origin(annotation) in (Union, UnionType)
