"""What was recorded: acts of a person in their order, and the screens that came of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

Kind = Literal["open", "login", "fill", "click", "press", "answer", "upload", "download"]
FieldKind = Literal["text", "date", "select", "radio", "checks", "tick", "file"]
Given = str | bool | tuple[str, ...]
"""What stands in a field: its text, whether it is ticked, or the chosen options (of a file field: the names)."""
Scopes = tuple[tuple[str, str], ...]
"""What an act is narrowed to, from the outside in: (("popup", "受付結果"), ("section", "自宅"))."""


@dataclass(frozen=True, slots=True)
class Place:
    """How a thing on the screen is found again."""

    scopes: Scopes
    kind: str
    """called, button, link, text, placeholder or test_id (see Locator)."""
    name: str
    nth: int | None = None
    rows: tuple[str, ...] = ()
    """Texts by which the row of the table that it stands in could be told from the others."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One field and what stands in it."""

    place: Place
    kind: FieldKind
    given: Given
    codes: tuple[str, ...] = ()
    """The values behind the chosen options."""
    options: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    """Everything that the field may be called."""
    typed: str = ""
    """A text as it was typed, before the page put it into its own form."""


@dataclass(frozen=True, slots=True)
class Act:
    """One thing that the person did.

    text: the address of open, the key of press, what a dialog said, the name of a downloaded file.
    """

    kind: Kind
    place: Place | None = None
    entry: Entry | None = None
    text: str = ""
    ok: bool = True
    reply: str | None = None
    button: bool = False
    """Whether it was a button (and no link) that was pressed."""


@dataclass(frozen=True, slots=True)
class Seen:
    """A screen that was shown after so many acts."""

    after: int
    scopes: Scopes
    url: str
    heading: str
    """A text that only this kind of screen shows, once; "" where there is none."""
    messages: tuple[str, ...]
    cells: tuple[str, ...]
    alerts: bool


@dataclass(slots=True)
class Recording:
    """Everything of one sitting.  ``rest``: by form (its scopes and first field) the fields that it has."""

    acts: list[Act] = field(default_factory=list)
    seen: list[Seen] = field(default_factory=list)
    rest: list[tuple[Entry, ...]] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)

    def warn(self, text: str) -> None:
        if text not in self.warnings:
            self.warnings.append(text)


def place_of(event: Mapping[str, object], outer: Scopes) -> Place:
    """The place that the page's script tells, within a window and its frames."""
    raw = event["place"]
    assert isinstance(raw, Mapping)
    locator = raw["locator"]
    kind = next(name for name in ("called", "button", "link", "text", "placeholder", "test_id") if name in locator)
    inner = tuple((str(one), str(text)) for one, text in raw["scopes"])
    return Place((*outer, *inner), kind, str(locator[kind]), locator.get("nth"), texts(raw.get("rows")))


def entry_of(raw: Mapping[str, object], outer: Scopes) -> Entry:
    """The field that the page's script tells."""
    value = raw["value"]
    given = texts(value) if isinstance(value, list) else value if isinstance(value, bool) else str(value)
    kind: FieldKind = raw["kind"]  # type: ignore[assignment]
    return Entry(
        place_of(raw, outer), kind, given, texts(raw.get("codes")), texts(raw.get("options")), texts(raw.get("names")),
        str(raw.get("typed", "")),
    )  # fmt: skip


def texts(raw: object) -> tuple[str, ...]:
    return tuple(str(one) for one in raw) if isinstance(raw, Sequence) and not isinstance(raw, str) else ()
