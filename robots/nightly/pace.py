"""How long a run will take, from those that went before.  Pure.

Each earlier run is carried out once more in thought, with the number of items that is expected now: its own seconds an
item, its own seconds besides, and its own surplus or lack of items over what was to be expected then.  The median of
these is what is expected, the ninth of ten is what it takes on a slow night, and the longest is what must be reckoned with.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import combinations
from statistics import median

from robots.ledger.paces import Past

ENOUGH = 3
"""Earlier runs that it takes to say anything from them."""
SAME_DAY = 4
"""Earlier runs on one day of the week that it takes to say that this day has more or less to do than the others (after
a week-end there is more)."""
ASSUMED_ITEM, ASSUMED_BESIDES = 30.0, 60.0
"""Seconds an item and besides, where nothing is known; a slow night is taken to need twice as long."""
_RECENT = 40
_TREND = 8
"""Below so many runs no direction is read from them: the median alone counts."""
_DIFFERS = 0.15
_MARGIN = 1.1
_MOST_SPREAD = 2.0


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
    used = list(past)[-_RECENT:]
    if len(used) < ENOUGH:
        return _assumed(used, left, items_a_turn)
    expected = _expectation(used)
    coming = max(expected(day), 0.0) + left
    each = median([one.on_items / one.items for one in used if one.items] or [0.0])
    again: list[float] = []
    for one in used:
        then = expected(one.day)
        surplus = one.items / then if then > 0 else 1.0
        seconds = one.on_items / one.items if one.items else each
        again.append(one.besides + coming * surplus * seconds)
    again.sort()
    return Length(median(again), _at(again, 0.9), again[-1] * _MARGIN, round(coming), len(used))


def reckoned(lengths: Mapping[str, Length]) -> dict[str, Length]:
    """The same lengths, each at the most as long in proportion as the worst run of any of them: an upset that one
    scenario has had, another will have.  Never more than twice what is expected, where its own runs were never so."""
    spreads = [one.most / one.median for one in lengths.values() if not one.assumed and one.median > 0]
    worst = min(max(spreads, default=1.0), _MOST_SPREAD)
    return {name: replace(one, most=max(one.most, one.median * worst)) for name, one in lengths.items()}


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
class _Expectation:
    """Items by day: a straight line, times what the day of the week makes of it."""

    origin: date
    base: float
    slope: float
    weekdays: Mapping[int, float]

    def __call__(self, day: date) -> float:
        return (self.base + self.slope * (day - self.origin).days) * self.weekdays.get(day.weekday(), 1.0)


def _expectation(used: Sequence[Past]) -> _Expectation:
    plain = _line(used, {})
    return _line(used, _weekdays(used, plain))


def _line(used: Sequence[Past], weekdays: Mapping[int, float]) -> _Expectation:
    """Theil–Sen: the median of the slopes between any two, so that a few odd nights don't turn it."""
    origin = used[-1].day
    points = [((one.day - origin).days, one.items / weekdays.get(one.day.weekday(), 1.0)) for one in used]
    pairs = combinations(points, 2)
    slopes = [(late[1] - early[1]) / (late[0] - early[0]) for early, late in pairs if late[0] > early[0]]
    slope = median(slopes) if len(used) >= _TREND and slopes else 0.0
    return _Expectation(origin, median(count - slope * at for at, count in points), slope, weekdays)


def _weekdays(used: Sequence[Past], plain: _Expectation) -> dict[int, float]:
    """The days of the week that surely have more or less to do than the others, and how many times as much."""
    shares: dict[int, list[float]] = {}
    for one in used:
        then = plain(one.day)
        if then > 0:
            shares.setdefault(one.day.weekday(), []).append(one.items / then)
    found: dict[int, float] = {}
    for weekday, own in shares.items():
        others = sorted(share for other, some in shares.items() if other != weekday for share in some)
        if len(own) < SAME_DAY or len(others) < SAME_DAY:
            continue
        ordered, usual = sorted(own), median(others)
        apart = ordered[1] > _at(others, 0.75) or ordered[-2] < _at(others, 0.25)  # all of them, but one
        if apart and usual > 0 and abs(median(own) / usual - 1) > _DIFFERS:
            found[weekday] = median(own) / usual
    return found


def _at(ordered: Sequence[float], share: float) -> float:
    """A quantile, between the two nearest."""
    place = share * (len(ordered) - 1)
    low = int(place)
    high = min(low + 1, len(ordered) - 1)
    return ordered[low] + (ordered[high] - ordered[low]) * (place - low)
