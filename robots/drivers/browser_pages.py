"""Pages as plain data, for the browser without a browser, and what their labels, texts and fields mean."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from robots.drivers.browser_problems import failure
from robots.drivers.screen_outline import Outline, Thing

_MARKS = r"(?:[※*●:]|必須|任意|[\[(【〔<「](?:必須|任意)[\])】〕>」])+"
COVERED = "（秘密）"


@dataclass(frozen=True, slots=True)
class MemoryField:
    """kind: text, password, select, radio, checks (several of the options), check (yes or no), date, file, files.

    most: the greatest number of characters, 0 for any.
    """

    label: str
    kind: str = "text"
    options: tuple[str, ...] = ()
    value: str = ""
    most: int = 0


@dataclass(frozen=True, slots=True)
class MemoryAction:
    """A button, link or key (F5): where it leads, given what the fields hold.  confirm: what the browser asks before.

    file: the name and content of what comes instead of a page.
    """

    name: str
    to: str | Callable[[Mapping[str, str]], str] = ""
    kind: str = "button"
    confirm: str = ""
    file: tuple[str, bytes] | None = None


@dataclass(frozen=True, slots=True)
class MemoryTable:
    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class MemoryPage:
    """One page.  facts: label → text; parts: what within() narrows to, by kind and text; login: it is a login page."""

    title: str
    texts: tuple[str, ...] = ()
    facts: tuple[tuple[str, str], ...] = ()
    fields: tuple[MemoryField, ...] = ()
    actions: tuple[MemoryAction, ...] = ()
    tables: tuple[MemoryTable, ...] = ()
    parts: tuple[tuple[str, str, MemoryPage], ...] = ()
    login: bool = False
    alert: str = ""
    status: int = 200

    def all_texts(self) -> Iterator[str]:
        """Everything a person would see as text."""
        yield self.title
        yield from self.texts
        for label, text in self.facts:
            yield from (label, text)
        for table in self.tables:
            yield from (table.title, *table.columns, *(cell for row in table.rows for cell in row))
        for kind, title, part in self.parts:
            if kind not in ("frame", "popup"):  # those are pages of their own
                yield from ((title,) if kind in ("section", "row") else ())
                yield from part.all_texts()


def outlined(path: str, page: MemoryPage, *, texts: bool) -> Outline:
    """The page as Browser.outline gives it."""
    things = [
        Thing("heading", page.title),
        *(Thing("field", field.label, options=tuple(one for one in field.options if one)) for field in page.fields),
        *(Thing(one.kind, one.name) for one in page.actions if one.kind != "key"),
        *(Thing("fact", label) for label, _ in page.facts),
    ]
    for table in page.tables:
        things += [Thing("table", table.title), *(Thing("column", name, table.title) for name in table.columns)]
    for kind, title, part in page.parts:
        things.append(Thing("frame" if kind == "frame" else "heading", title))
        things += [] if kind in ("frame", "popup") else outlined("", part, texts=texts).things
    return Outline(path, (*things, *(Thing("text", one) for one in page.texts if texts)))


def label_key(text: str) -> str:
    """The key of a label: width, spaces and marks of required fields do not count."""
    bare = "".join(unicodedata.normalize("NFKC", text).split())
    return re.sub(f"^{_MARKS}|{_MARKS}$", "", bare) or bare


def found(text: str, part: str) -> str:
    """'whole': found as it is; 'part': only inside a longer number or code; 'none'."""
    edge = r"(?<![0-9A-Za-z])(?<![0-9A-Za-z][-.,/_])", r"(?![-.,/_]?[0-9A-Za-z])"
    before = edge[0] if part[:1].isascii() and part[:1].isalnum() else ""
    after = edge[1] if part[-1:].isascii() and part[-1:].isalnum() else ""
    if re.search(before + re.escape(part) + after, text):
        return "whole"
    return "part" if part in text else "none"


def fitting(field: MemoryField, what: str, want: Mapping[str, Any], secret: bool) -> str:
    """The text that the field shows once the value (see browser_values.wanted) is in it.  Raises: SystemFailure."""
    text, shown = str(want["text"]), COVERED if secret else str(want["text"])
    if field.kind in ("file", "files"):
        raise failure(what, {"problem": "file"})
    if field.kind in ("select", "radio", "checks"):
        chosen = want["list"] or [text]
        for option in chosen:
            if option not in field.options:
                raise failure(
                    what,
                    {"problem": "no_option", "wanted": COVERED if secret else option, "options": list(field.options)},
                )
        return "、".join(chosen)
    if field.kind == "check":
        if want["flag"] is None:
            raise failure(what, {"problem": "not_a_flag", "wanted": shown})
        return "はい" if want["flag"] else "いいえ"
    if field.kind == "date" and text:
        if not want["date"]:
            raise failure(what, {"problem": "not_a_date", "wanted": shown})
        return f"{want['era']}{want['era_year']}年{want['date'][1]}月{want['date'][2]}日"
    if field.most and len(text) > field.most:
        raise failure(what, {"problem": "too_long", "most": field.most, "length": len(text)})
    return text


PICTURE = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108000000003a7e9b550000000a49444154789c63f80f0001010100b5f7a0f6"
    "0000000049454e44ae426082"
)
"""A picture (PNG) of one dot: what the browser without a browser has to show."""
PAPER = b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj 2 0 obj<</Type/Pages/Kids[]/Count 0>>endobj\n%%EOF\n"
"""The same as PDF, without a page."""


def table_called(page: MemoryPage, name: str | None) -> MemoryTable:
    """The one table of that title (None: the only one).  Raises: SystemFailure."""
    hits = [one for one in page.tables if name is None or label_key(one.title) == label_key(name)]
    if len(hits) == 1:
        return hits[0]
    shown = hits or page.tables
    matches = [{"kind": "表", "name": one.title, "near": "、".join(one.columns), "inside": ""} for one in shown]
    raise failure(
        f"表「{name}」" if name else "表",
        {"problem": "ambiguous" if hits else "no_table", "count": len(hits), "matches": matches},
    )
