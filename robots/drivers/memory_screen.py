"""What the browser without a browser shows now, and what is found there."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from robots.drivers.browser import Expectation, Locator
from robots.drivers.browser_pages import (
    COVERED,
    MemoryAction,
    MemoryField,
    MemoryPage,
    found,
    label_key,
    outlined,
)
from robots.drivers.browser_problems import failure


class MemoryScreen:
    """A page, its address, and what stands in its fields.  What is looked for and not there once is a SystemFailure."""

    def __init__(self) -> None:
        self.address = "about:blank"
        self.page = MemoryPage("")
        # By the identity of the field: two parts of a page may hold fields that look alike.
        self.values: dict[int, str] = {}
        self.secrets: set[str] = set()
        self.signed_in = False

    def show(self, address: str, page: MemoryPage) -> None:
        """Another page, its fields as they come."""
        self.address, self.page = address, page
        self.values = {id(field): field.value for field in page.fields}

    def absence(self, want: Mapping[str, Any]) -> str:
        if want["purpose"] == "text":
            return "" if found("\n".join(self.page.all_texts()), want["text"]) != "none" else "missing"
        if want["purpose"] in ("scope", "frame"):
            kind = want.get("kind", "frame")
            titles = [title for known, title, _ in self.page.parts if known == kind]
            return "" if any(label_key(one) == label_key(want["text"]) for one in titles) else "no_scope"
        named = [value for name, value in want["locator"].items() if name != "nth"]
        names = {thing.name for thing in outlined("", self.page, texts=want["purpose"] in ("read", "any")).things}
        there = not named or any(label_key(one) == label_key(named[0]) for one in names)
        return "" if there else "no_table" if want["purpose"] == "table" else "missing"

    def field(self, locator: Locator) -> MemoryField:
        name = locator.called or locator.label or ""
        hits = [field for field in self.page.fields if label_key(field.label) == label_key(name)]
        if locator.nth is not None and len(hits) >= locator.nth:
            return hits[locator.nth - 1]
        return (
            hits[0] if len(hits) == 1 else self._fail(f"項目「{name}」", hits, [one.label for one in self.page.fields])
        )

    def _fail(self, what: str, hits: list[Any], names: list[str]) -> Any:
        if hits:
            matches = [{"kind": "入力欄", "name": what, "near": "", "inside": ""} for _ in hits]
            raise failure(what, {"problem": "ambiguous", "count": len(hits), "matches": matches})
        raise failure(what, {"problem": "missing", "names": names, "login": self.signed_in and self.page.login})

    def require(self, locator: Locator, kinds: tuple[str, ...], problem: str) -> None:
        if self.field(locator).kind not in kinds:
            raise failure(str(locator), {"problem": problem})

    def actions(self, locator: Locator) -> list[MemoryAction]:
        name, kind = locator.called or locator.button or locator.link or locator.text or "", None
        kind = "button" if locator.button else "link" if locator.link else None
        return [
            one
            for one in self.page.actions
            if label_key(one.name) == label_key(name) and kind in (None, one.kind) and one.kind != "key"
        ]

    def action(self, locator: Locator) -> MemoryAction:
        hits = self.actions(locator)
        if len(hits) == 1:
            return hits[0]
        missing: MemoryAction = self._fail(
            str(locator), hits, [one.name for one in self.page.actions if one.kind != "key"]
        )
        return missing

    def unlike(self, want: Expectation) -> dict[str, Any] | None:
        if want.text is not None or want.absent is not None:
            how = found("\n".join(self.page.all_texts()), want.text or want.absent or "")
            met = how == "whole" if want.text is not None else how == "none"
            return None if met else {"problem": "not_met", "partly": want.text is not None and how == "part"}
        if want.url is not None:
            return None if want.url in self.address else {"problem": "not_met", "got": self.address}
        if want.field is not None:
            got = self.values[id(self.field(want.field))]
            return None if got == want.value else {"problem": "not_met", "got": got, "hidden": got in self.secrets}
        count = len(self.actions(want.find)) if want.find else 0
        met = count > 0 if want.count is None else count == want.count
        return None if met else {"problem": "not_met", "count": count}

    def shown(self, field: MemoryField) -> str:
        return COVERED if field.kind == "password" else self.values.get(id(field), "")
