"""A definition as the designer's page holds it (a list of items with boxes and texts), and back."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import isfinite
from typing import Any

import ocr
from robots.scenario.problem import Findings
from robots.scenario.source import Bounds, read_source
from robots.web.pages._forms_words import FORM, IDENTIFY

Item = dict[str, Any]
"""{"kind", "name", "page", "values": {parameter: text or bool}, "parts": [{"name", "at": [left, top, width, height] mm}]}"""
_COLUMNS = Bounds(20_000, 500, "列を減らしてください。", "「品目: text」のように、1 行に 1 列を書いてください。")
_MOST = 500
_PLACED = ("kind", "page", "at", "options")
_WHOLE = re.compile(r"\d{1,6}")
_NUMBER = re.compile(r"\d{1,6}(\.\d{1,6})?")


class Unsound(Exception):
    """What was sent is no list of items at all: it does not come from our page."""


@dataclass(frozen=True, slots=True)
class At:
    """A problem at an item of the page.  param: its parameter, "" for the item."""

    item: int
    param: str
    what: str
    mend: str


def items_of(data: Mapping[str, Any]) -> list[Item]:
    """A sound definition → the page's items: the form itself, what tells it from others, and its fields in order."""
    paper = data.get("paper", {})
    values = {name: str(data[name]) for name in ("form", "version", "register", "promise") if name in data}
    items: list[Item] = [
        {
            "kind": FORM,
            "name": "",
            "page": 1,
            "values": {**values, **{k: str(v) for k, v in paper.items()}},
            "parts": [],
        }
    ]
    known = data.get("identify")
    if known:
        words = {name: str(known[name]) for name in ("text", "qr") if known.get(name)}
        items.append(_item(IDENTIFY, "", known, words))
    for name, params in data["fields"].items():
        told = {key: _shown(key, value) for key, value in params.items() if key not in _PLACED}
        items.append(_item(params["kind"], name, params, told))
    return items


def _item(kind: str, name: str, params: Mapping[str, Any], values: Mapping[str, str | bool]) -> Item:
    at = params.get("at", ())
    places = {"": at} if at and not isinstance(at[0], list | tuple) else {str(n): one for n, one in enumerate(at, 1)}
    boxes = params.get("options", places)
    return {
        "kind": kind,
        "name": name,
        "page": int(params.get("page", 1)),
        "values": dict(values),
        "parts": [{"name": part, "at": [float(one) for one in box]} for part, box in boxes.items()],
    }


def _shown(name: str, value: Any) -> str | bool:
    if name in ("twice", "short"):
        return str(value).lower() == "true"
    if name == "columns":
        return "\n".join(f"{column}: {_flow(one)}" for column, one in value.items())
    if isinstance(value, Mapping):
        return ", ".join(str(one) for one in value.values())
    return ", ".join(str(one) for one in value) if isinstance(value, list | tuple) else str(value)


def _flow(value: Any) -> str:
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{name}: {_flow(one)}" for name, one in value.items()) + "}"
    if isinstance(value, list | tuple):
        return f"[{', '.join(_flow(one) for one in value)}]"
    text = str(value)
    return text if re.fullmatch(r"[\w.]+", text) else json.dumps(text, ensure_ascii=False)


def definition_of(items: Sequence[Item]) -> tuple[dict[str, Any], list[At]]:
    """The page's items → the keys of the definition that it edits, and what is wrong with them as a list."""
    problems: list[At] = []
    form = items[0]["values"]
    data: dict[str, Any] = {
        "form": str(form.get("form", "")).strip(),
        "version": _plain(str(form.get("version", ""))) or None,
        "paper": {name: form[name] for name in ("size", "orientation") if form.get(name)} or None,
        "register": form.get("register") or None,
        "promise": _plain(str(form.get("promise", ""))) or None,
        "identify": None,
        "fields": {},
    }
    names = Counter(item["name"].strip() for item in items[1:] if item["kind"] != IDENTIFY)
    for number, item in enumerate(items[1:], 1):
        params, wrong = _params(item)
        problems += [At(number, *one) for one in wrong]
        name = item["name"].strip()
        if item["kind"] == IDENTIFY:
            if data["identify"] is not None:
                problems.append(At(number, "", "「見分け」が 2 つあります", "1 つにしてください"))
            data["identify"] = params
        elif not name or names[name] > 1:
            what = f"「{name}」という名前の欄が 2 つあります" if name else "名前が空です"
            problems.append(At(number, "name", what, "ほかの欄と違う名前を付けてください"))
        else:
            data["fields"][name] = {"kind": item["kind"], **params}
    return data, problems


def place_of(path: tuple[str | int, ...], items: Sequence[Item]) -> tuple[int, str]:
    """The item (and its parameter) that a path of the definition means; the form as a whole where it means none."""
    if path[:1] == ("identify",):
        wanted = next((n for n, item in enumerate(items) if item["kind"] == IDENTIFY), 0)
        return wanted, str(path[1]) if len(path) > 1 else ""
    if path[:1] == ("fields",) and len(path) > 1:
        wanted = next((n for n, item in enumerate(items) if n and item["name"].strip() == path[1]), 0)
        return wanted, str(path[2]) if len(path) > 2 else ""
    return 0, str(path[-1]) if path else ""


def _params(item: Item) -> tuple[dict[str, Any], list[tuple[str, str, str]]]:
    """What stands below a field's name, without its kind."""
    told = {key: one for key, value in item["values"].items() if (one := _told(key, value)) is not None}
    wrong = []
    if isinstance(told.get("columns"), str):
        wrong.append(("columns", "列の書き方が正しくありません", _COLUMNS.empty))
    cells = told.get("cells")
    if item["kind"] == "date" and isinstance(cells, list) and len(cells) == 3:
        told["cells"] = dict(zip(("年", "月", "日"), cells, strict=True))
    boxes = [[_number(one) for one in part["at"]] for part in item["parts"]]
    kind = ocr.field_kinds().get(item["kind"])
    if kind is not None and "options" in kind.params.model_fields:
        names = [part["name"].strip() for part in item["parts"]]
        if len(set(names)) < len(names):
            wrong.append(("options", "同じ名前の選択肢があります", "違う名前を付けてください"))
        placed: dict[str, Any] = {"options": dict(zip(names, boxes, strict=True))}
    else:
        placed = {"at": boxes[0] if len(boxes) == 1 else boxes}
    page = {"page": item["page"]} if item["page"] != 1 else {}
    return {**placed, **told, **page}, wrong


def _told(name: str, value: str | bool) -> Any:
    """A parameter as a definition writes it; None where it is left out."""
    if isinstance(value, bool):
        return value or None
    if not value.strip():
        return value if name == "label" and value else None
    if name == "columns":
        source = read_source("columns", value.encode(), Findings(), _COLUMNS)
        return source.data if source is not None and isinstance(source.data, dict) else value
    if name == "cells":
        counts = [_plain(one.strip()) for one in re.split("[,、，]", value) if one.strip()]
        return counts[0] if len(counts) == 1 else counts
    return _plain(value.strip()) if name in ("rows", "promise") else value


def _plain(text: str) -> int | float | str:
    if _WHOLE.fullmatch(text):
        return int(text)
    return float(text) if _NUMBER.fullmatch(text) else text


def _number(value: float) -> int | float:
    rounded = round(value, 1)
    return int(rounded) if rounded == int(rounded) else rounded


def read_items(text: str) -> list[Item]:
    """What the page sent.  Raises: Unsound."""
    try:
        items = json.loads(text)
        sound = isinstance(items, list) and 0 < len(items) <= _MOST and all(map(_is_item, items))
    except (ValueError, RecursionError, KeyError, TypeError):
        sound = False
    if not sound or items[0]["kind"] != FORM or any(one["kind"] == FORM for one in items[1:]):
        raise Unsound
    return list(items)


def _is_item(item: Any) -> bool:
    return (
        isinstance(item["kind"], str)
        and isinstance(item["name"], str)
        and isinstance(item["page"], int)
        and isinstance(item["values"], dict)
        and all(isinstance(value, str | bool) for value in item["values"].values())
        and isinstance(item["parts"], list)
        and all(_is_part(part) for part in item["parts"])
    )


def _is_part(part: Any) -> bool:
    at = part["at"]
    numbers = isinstance(at, list) and len(at) == 4 and all(isinstance(n, int | float) and isfinite(n) for n in at)
    return numbers and isinstance(part["name"], str)
