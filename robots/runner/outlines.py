"""The outlines of the screens that a scenario uses, kept after a good run: what is there by name, and nothing personal.

One small file a scenario (``var/outlines``): screens by the path of their address, in which whatever could be a number
or a name of somebody stands as ``*``.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import unquote

from robots.drivers.browser_pages import label_key
from robots.drivers.screen_outline import Outline, Thing
from robots.files import write_atomically

MOST_ITEMS = 3
"""Of so many items the screens are looked at: two tell what belongs to a screen from what belongs to an item."""
_MOST_THINGS = 400
_WORD = re.compile(r"[A-Za-z][A-Za-z_.\-]*")
_NUMBER = re.compile(r"[0-9０-９]{4,}")

Screens = Mapping[str, tuple[Thing, ...]]


@dataclass(frozen=True, slots=True)
class Kept:
    """What is kept of a scenario's screens: of which run, by whose digest, and the things by screen."""

    run: str
    digest: str
    screens: Screens


def screen_path(path: str) -> str:
    """The path of an address without what could be of a person: /jumin/persons/00104005/address → /jumin/persons/*/address."""
    return "/".join(one if not one or _WORD.fullmatch(one) else "*" for one in unquote(path).split("/"))


def place_of(var: Path, scenario: str) -> Path:
    """Where a scenario's outlines are kept."""
    return var / "outlines" / f"{scenario.replace('/', '__')}.json"


def read_kept(var: Path, scenario: str) -> Kept | None:
    """What is kept; None where nothing is, or nothing that can be read."""
    try:
        raw = json.loads(place_of(var, scenario).read_text(encoding="utf-8"))
        screens = {
            path: tuple(Thing(role, name, inside, tuple(options)) for role, name, inside, options in things)
            for path, things in raw["screens"].items()
        }
        return Kept(raw["run"], raw["digest"], screens)
    except (OSError, ValueError, KeyError, TypeError):
        return None


def keep(var: Path, scenario: str, kept: Kept) -> None:
    """Keeps the screens; those that were not seen this time stay where the scenario is still the same."""
    before = read_kept(var, scenario)
    known = before.screens if before is not None and before.digest == kept.digest else {}
    screens = {
        path: [[one.role, one.name, one.inside, list(one.options)] for one in things]
        for path, things in sorted({**known, **kept.screens}.items())
    }
    document = {"run": kept.run, "digest": kept.digest, "screens": screens}
    write_atomically(place_of(var, scenario), json.dumps(document, ensure_ascii=False).encode())


@dataclass(slots=True)
class Gathered:
    """Outlines as they are seen, item by item."""

    named: frozenset[str]
    """The label keys of what the scenario itself names on its screens: that is no secret, whatever it is."""
    _seen: dict[str, list[Thing]] = field(default_factory=dict)
    _options: dict[tuple[str, str], dict[int, list[str]]] = field(default_factory=dict)
    _personal: set[str] = field(default_factory=set)

    def add(self, outline: Outline, item: int, personal: Iterable[str]) -> None:
        """One look at a screen.  item: of which item; personal: the texts that the item holds and has entered."""
        path, secrets = screen_path(outline.path), {one for one in personal if len(one) > 1}
        self._personal |= secrets
        seen, after = self._seen.setdefault(path, []), -1
        for thing in outline.things:
            if not self._may_be_kept(thing, secrets):
                continue
            inside = "" if any(one in thing.inside for one in secrets) else thing.inside
            bare = Thing(thing.role, thing.name, inside)
            if bare not in seen:
                seen.insert(after + 1, bare)
            after = seen.index(bare)
            if thing.options:
                offered = self._options.setdefault((path, thing.name), {}).setdefault(item, [])
                offered += [one for one in thing.options if one not in offered]

    def screens(self) -> Screens:
        """The screens as they may be kept."""
        return {
            path: tuple(
                Thing(one.role, one.name, one.inside, self._lasting(path, one.name) if one.role == "field" else ())
                for one in things[:_MOST_THINGS]
            )
            for path, things in self._seen.items()
        }

    def _lasting(self, path: str, name: str) -> tuple[str, ...]:
        """The options that every item was offered: what only one has seen may be the people of a household."""
        offered = list(self._options.get((path, name), {}).values())
        if len(offered) == 1:
            return tuple(one for one in offered[0] if one not in self._personal)
        return tuple(one for one in offered[0] if all(one in other for other in offered)) if offered else ()

    def _may_be_kept(self, thing: Thing, secrets: Iterable[str]) -> bool:
        if label_key(thing.name) in self.named:
            return True
        foreign = thing.data or thing.role == "text" or bool(_NUMBER.search(thing.name))
        return not foreign and not any(one in thing.name for one in secrets)
