"""How long a run will take, from those that went before.  Pure.

Each earlier run is carried out once more in thought, with the number of items that is expected now: its own seconds an
item, its own seconds besides, and its own surplus or lack of items over what was to be expected then.  The median of
these is what is expected, the ninth of ten is what it takes on a slow night, and the longest is what must be reckoned with.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import combinations
from statistics import median

from robots.ledger.paces import Past

ENOUGH = 3
"""Earlier runs that it takes to say anything from them."""
SAME_DAY = 4
"""Earlier runs on the same day of the week that it takes to look at those alone: after a week-end there is more to do."""
ASSUMED_ITEM, ASSUMED_BESIDES = 30.0, 60.0
"""Seconds an item and besides, where nothing is known; a slow night is taken to need twice as long."""
_RECENT = 20
_MARGIN = 1.1


@dataclass(frozen=True, slots=True)
class Length:
    """How long a run will take, in seconds: as expected (median), on a slow night (p90), and at the most."""

    median: float
    p90: float
    most: float
    items: int
    """Items that are expected."""
    known: int
    """Earlier runs that it rests on."""
    assumed: str = ""
    """What was assumed, where there are too few."""


def length_of(past: Sequence[Past], day: date, *, left: int = 0, items_a_turn: float = 0) -> Length:
    """past: oldest first; day: of the coming run; left: items that wait already, on top of those that will come;
    items_a_turn: what the register expects (its baseline), for where nothing is known."""
    alike = [one for one in past if one.day.weekday() == day.weekday()]
    used = list(alike if len(alike) >= SAME_DAY else past)[-_RECENT:]
    if len(used) < ENOUGH:
        return _assumed(used, left, items_a_turn)
    expected = _trend(used)
    coming = max(expected(day), 0.0) + left
    each = median(one.on_items / one.items for one in used if one.items) if any(one.items for one in used) else 0.0
    again: list[float] = []
    for one in used:
        then = expected(one.day)
        surplus = one.items / then if then > 0 else 1.0
        seconds = one.on_items / one.items if one.items else each
        again.append(one.besides + coming * surplus * seconds)
    again.sort()
    return Length(median(again), _at(again, 0.9), again[-1] * _MARGIN, round(coming), len(used))


def _assumed(used: Sequence[Past], left: int, items_a_turn: float) -> Length:
    count = (median(one.items for one in used) if used else items_a_turn) + left
    worked = sum(one.items for one in used)
    each = sum(one.on_items for one in used) / worked if worked else ASSUMED_ITEM
    besides = median(one.besides for one in used) if used else ASSUMED_BESIDES
    seconds = besides + count * each
    whence = f"実績が {len(used)} 回しかない" if used else "実績がない"
    assumed = f"{whence}ため、{round(count)} 件・1 件 {each:.0f} 秒・そのほか {besides:.0f} 秒と仮定"
    return Length(seconds, 2 * seconds, 2 * seconds * _MARGIN, round(count), len(used), assumed)


@dataclass(frozen=True, slots=True)
class _Line:
    """Items by day, on a straight line."""

    origin: date
    base: float
    slope: float

    def __call__(self, day: date) -> float:
        return self.base + self.slope * (day - self.origin).days


def _trend(used: Sequence[Past]) -> _Line:
    """Theil–Sen: the median of the slopes between any two, so that a few odd nights don't turn it.

    A few runs tell no direction: below eight, the median alone counts.
    """
    origin = used[-1].day
    points = [((one.day - origin).days, float(one.items)) for one in used]
    slopes = [
        (late[1] - early[1]) / (late[0] - early[0]) for early, late in combinations(points, 2) if late[0] > early[0]
    ]
    slope = median(slopes) if len(used) >= 8 and slopes else 0.0
    return _Line(origin, median(count - slope * at for at, count in points), slope)


def _at(ordered: Sequence[float], share: float) -> float:
    """A quantile, between the two nearest."""
    place = share * (len(ordered) - 1)
    low = int(place)
    high = min(low + 1, len(ordered) - 1)
    return ordered[low] + (ordered[high] - ordered[low]) * (place - low)
