"""What a screen offers by name: labels, buttons, columns, options — never what anybody has entered."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

ABSENT = frozenset({"missing", "too_few", "no_scope", "no_table", "no_option"})
"""The problems of ``Browser.look`` that mean: it is not there."""


@dataclass(frozen=True, slots=True)
class Thing:
    """One thing by name.

    role: field, button, link, heading, table, column, frame, fact (a caption of something to read) or text.
    inside: the title of the part of the screen that it stands in.  data: it stands in the rows of a listing.
    """

    role: str
    name: str
    inside: str = ""
    options: tuple[str, ...] = ()
    data: bool = False


@dataclass(frozen=True, slots=True)
class Outline:
    """A screen (or the frame that calls are narrowed to).  path: of its address, without site and query."""

    path: str
    things: tuple[Thing, ...]


def outline_of(found: Mapping[str, Any]) -> Outline:
    """The page script's answer."""
    things = (
        Thing(one["role"], one["name"], one["inside"], tuple(one["options"]), one["data"]) for one in found["things"]
    )
    return Outline(str(found["path"]), tuple(dict.fromkeys(things)))
