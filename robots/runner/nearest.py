"""What a name that is gone has become: the nearest thing of the screen, by its words and by what stands around it."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from rapidfuzz import fuzz

from robots.drivers.browser_pages import label_key
from robots.drivers.screen_outline import Thing

_ENOUGH = 50.0
_BESIDE = 25.0
"""For each neighbour that still stands beside it."""
_NEW = 20.0
"""For what was not there before."""
_WEIGHT_OF_PARTS = 0.8

_ROLES = {
    "field": ("field",), "label": ("field", "fact"), "button": ("button",), "link": ("link",),
    "text": ("text", "heading", "fact", "link", "button", "column"), "section": ("heading",), "dialog": ("heading",),
    "frame": ("frame",), "table": ("table", "heading"), "column": ("column",),
    "name": ("heading", "button", "link", "field", "text", "fact"),
}  # fmt: skip
_CALLED = {
    "field": ("field",),
    "click": ("button", "link", "field"),
    "read": ("field", "fact"),
    "table": ("table", "heading"),
}


def roles_of(kind: str, purpose: str) -> tuple[str, ...]:
    """The roles that a name of this kind can stand for; none where it is no visible name (css, a test id)."""
    return (
        _CALLED.get(purpose, ("field", "button", "link", "heading", "text"))
        if kind == "called"
        else _ROLES.get(kind, ())
    )


def of_role(things: Sequence[Thing], roles: Collection[str]) -> list[Thing]:
    """The things of these roles, in the order of the screen."""
    return [one for one in things if one.role in roles]


def nearest_name(
    gone: str, there: Sequence[str], before: Sequence[str] | None, taken: Collection[str] = ()
) -> str | None:
    """The name that ``gone`` has most likely become.

    there: the names on the screen now; before: those of the last good run, None where nothing is known of it;
    taken: names that mean something else (what the step names besides).
    """
    old = [label_key(one) for one in before] if before is not None else None
    other = {label_key(one) for one in taken}
    keys = [label_key(one) for one in there]
    scored = [
        (_score(label_key(gone), keys, number, old), -number, name)
        for number, name in enumerate(there)
        if keys[number] not in other and keys[number] != label_key(gone)
    ]
    best = max(scored, default=None)
    return best[2] if best is not None and best[0] >= _ENOUGH else None


def _score(gone: str, keys: Sequence[str], number: int, old: Sequence[str] | None) -> float:
    key = keys[number]
    likeness = max(
        fuzz.ratio(gone, key), _WEIGHT_OF_PARTS * fuzz.partial_ratio(gone, key) if min(len(gone), len(key)) > 1 else 0
    )
    if old is None or gone not in old:
        return likeness
    if key in old:
        return 0.0  # it was there beside the one that is gone: it is something else
    place = old.index(gone)
    before, after = _around(old, place), _around(keys, number)
    return likeness + _NEW + _BESIDE * sum(one == other for one, other in zip(before, after, strict=True))


def _around(names: Sequence[str], number: int) -> tuple[str, str]:
    return names[number - 1] if number else "", names[number + 1] if number + 1 < len(names) else ""
