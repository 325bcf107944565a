"""A screen against the same screen of the last good run: what has changed without a name being gone.  Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

from robots.drivers.browser_pages import label_key
from robots.drivers.screen_outline import Thing
from robots.runner.nearest import of_role
from robots.values import Row

COLUMN = ("column",)


@dataclass(frozen=True, slots=True)
class Changed:
    """A change that the scenario gets along with: moved (the name stands elsewhere) or column (a new one)."""

    kind: str
    screen: str
    name: str


def options_of(things: Sequence[Thing], label: str) -> tuple[str, ...]:
    """The options of the first field of that label; none where there is no such field."""
    found = (one.options for one in things if one.role == "field" and label_key(one.name) == label_key(label))
    return next(found, ())


def also_called(row: Row, renamed: Mapping[str, str | None]) -> Row:
    """The row with its new columns by their old names too."""
    old = {name: row[now] for name, now in renamed.items() if now is not None and now in row}
    return Row({**row, **old}, origin=row.origin, source=row.source)


def new_columns(before: Sequence[Thing], there: Sequence[Thing]) -> list[str]:
    """The columns that came, where more came than went (else one may be another's new name)."""
    known = [label_key(one.name) for one in of_role(before, COLUMN)]
    new = [one.name for one in of_role(there, COLUMN) if label_key(one.name) not in known]
    left = {label_key(one.name) for one in of_role(there, COLUMN)}
    return new if known and len(new) > sum(key not in left for key in known) else []


def moved_names(before: Sequence[Thing], there: Sequence[Thing]) -> Iterator[str]:
    """Buttons, links and fields that stand in another part of the screen, or in another order, than they did."""
    roles = ("button", "link", "field")
    old = {(one.role, one.name): one for one in of_role(before, roles)}
    new = {(one.role, one.name): one for one in of_role(there, roles) if (one.role, one.name) in old}
    order = [key for key in old if key in new]
    yield from (name for _, name in _out_of_order(order, list(new)))
    yield from (
        one.name for key, one in new.items() if one.inside and old[key].inside and one.inside != old[key].inside
    )


def _out_of_order(before: list[tuple[str, str]], there: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """What is to be taken out so that both say the rest in the same order; as few as can be."""
    matched = SequenceMatcher(None, before, there, autojunk=False).get_matching_blocks()
    kept = {number for block in matched for number in range(block.b, block.b + block.size)}
    return [key for number, key in enumerate(there) if number not in kept]
