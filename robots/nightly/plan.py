"""The plan of a night, before it is dark: in which order what will run, from when until when, and what will not work out.

Pure: facts in, a forecast out.  It lives through the night by the rules of starts.py (first by priority, one run of a
scenario at a time, resources, room on the machine, what follows what) twice: with the lengths that are expected and
with those of a slow night.  On the slow one, each run or one that it waits for may be upset and take its longest.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Literal

from robots.nightly.pace import Length

Sight = Literal["good", "risky", "late", "blocked"]
"""good: ends in time; risky: may not; late: will not; blocked: will not begin at all."""
MOST_TURNS = 50_000


@dataclass(frozen=True, slots=True)
class Work:
    """One turn of one scenario.  machine: the one that will run it ("" : whichever leads)."""

    scenario: str
    name: str
    due: datetime
    finish_by: datetime | None
    priority: int
    length: Length
    resources: Sequence[str] = ()
    after: Sequence[str] = ()
    machine: str = ""
    begun: datetime | None = None
    """When it was begun, where it runs already."""
    only_follows: bool = False
    """It has no time of its own: it begins once all of ``after`` have ended."""
    blocked: str = ""
    """Why it can't run at all (not approved any more, its days not known …)."""
    lacks: Sequence[str] = ()
    """Input that is not there yet."""


@dataclass(slots=True)
class Told:
    """What the plan says of one turn.  Times are JST; none where it will not begin."""

    work: Work
    start: datetime | None = None
    end: datetime | None = None
    slow_end: datetime | None = None
    """When it ends on a slow night (p90)."""
    sight: Sight = "good"
    waits: str = ""
    """What it waits for after its time has come."""
    notes: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Forecast:
    """The plan: what will run, in the order of its beginning, then what will not begin."""

    told: Sequence[Told]
    notes: Sequence[str] = ()
    """Of the night as a whole (days that are not known)."""

    @property
    def announced(self) -> list[Told]:
        """Those that need somebody's eye."""
        return [one for one in self.told if one.sight != "good" or one.work.lacks]


def forecast(works: Sequence[Work], *, holders: Mapping[str, int], room: int, notes: Sequence[str] = ()) -> Forecast:
    """holders: resource → how many may have it at once; room: runs that a machine carries at once."""
    blocked = {id(one): one.blocked for one in works if one.blocked}
    _hold_followers(works, blocked)
    able = [one for one in works if id(one) not in blocked]
    expected = _Night(able, holders, room, [one.length.median for one in able]).live()
    slow = _Night(able, holders, room, [one.length.p90 for one in able]).live()
    risks = _risks(able, slow)
    told = [_told(*each) for each in zip(able, expected, slow, risks, strict=True)]
    told.sort(key=lambda one: (one.start or one.work.due, one.work.priority, one.work.scenario))
    told += [Told(one, sight="blocked", notes=[blocked[id(one)]]) for one in works if id(one) in blocked]
    return Forecast(told, tuple(notes))


def _hold_followers(works: Sequence[Work], blocked: dict[int, str]) -> None:
    """What follows a turn that can't run is held (and what follows that one, too)."""
    names = {one.scenario: one.name for one in works}
    while True:
        dead = {one.scenario for one in works} - {one.scenario for one in works if id(one) not in blocked}
        held = [one for one in works if id(one) not in blocked and dead & set(one.after)]
        if not held:
            return
        for one in held:
            first = next(name for name in one.after if name in dead)
            blocked[id(one)] = f"先行の「{names[first]}」（{first}）が動かないため、始まりません。"


@dataclass(slots=True)
class _Turn:
    """How one turn went, in one life of the night."""

    start: datetime | None = None
    end: datetime | None = None
    """When it would end if nobody stopped it."""
    over: datetime | None = None
    """When it is out of the way: ended, or stopped by its finish_by."""
    waits: str = ""
    missed: bool = False
    held: str = ""
    """Which of those that it follows will not end well."""

    def late(self, work: Work) -> bool:
        return self.missed or (self.end is not None and work.finish_by is not None and self.end > work.finish_by)


class _Night:
    """One life of the night, moment by moment."""

    def __init__(self, works: Sequence[Work], holders: Mapping[str, int], room: int, seconds: Sequence[float]) -> None:
        self._works, self._holders, self._room, self._seconds = works, holders, room, seconds
        self._turns = [_Turn() for _ in works]
        self._order = sorted(range(len(works)), key=lambda at: (works[at].priority, works[at].due, works[at].scenario))
        self._of: dict[str, list[int]] = {}
        for at, one in enumerate(works):
            self._of.setdefault(one.scenario, []).append(at)
            if one.begun is not None:
                self._begin(at, one.begun, one.begun)

    def live(self) -> list[_Turn]:
        """How each turn goes."""
        moments = {one.due for one in self._works} | {turn.over for turn in self._turns if turn.over is not None}
        for _ in range(MOST_TURNS):
            if not moments:
                break
            moment = min(moments)
            moments.discard(moment)
            moments.update(self._look(moment))
        for at, turn in enumerate(self._turns):
            turn.missed |= turn.start is None and self._works[at].finish_by is not None
        return self._turns

    def _look(self, moment: datetime) -> set[datetime]:
        """Begins what can begin; returns when to look again."""
        going = [
            at for at, turn in enumerate(self._turns) if turn.over is not None and turn.over > moment and turn.start
        ]
        used = Counter(name for at in going for name in self._works[at].resources)
        busy = {self._works[at].scenario for at in going}
        room = Counter(self._works[at].machine for at in going)
        again: set[datetime] = set()
        for at in self._order:
            work, turn = self._works[at], self._turns[at]
            if turn.start is not None or turn.missed or work.due > moment:
                continue
            turn.held = self._held(work, moment)
            if turn.held or (work.finish_by is not None and moment >= work.finish_by):
                turn.missed = True
                continue
            wait = self._waits(at, moment, used, busy, room)
            if wait:
                turn.waits = turn.waits or wait
                continue
            again.add(self._begin(at, moment, moment))
            used.update(work.resources)
            busy.add(work.scenario)
            room[work.machine] += 1
        return again

    def _begin(self, at: int, start: datetime, moment: datetime) -> datetime:
        work, turn = self._works[at], self._turns[at]
        turn.start, turn.end = start, max(start + timedelta(seconds=self._seconds[at]), moment)
        turn.over = min(turn.end, work.finish_by) if work.finish_by is not None else turn.end
        turn.over = max(turn.over, moment + timedelta(milliseconds=1))
        return turn.over

    def _waits(self, at: int, moment: datetime, used: Counter[str], busy: set[str], room: Counter[str]) -> str:
        work = self._works[at]
        for name in work.after:
            if any(not self._is_over(other, moment) for other in self._before(name, work)):
                return f"先行の {name} が終わるのを待つ"
        if work.scenario in busy:
            return "同じシナリオの前の回が終わるのを待つ"
        for name in work.resources:
            if used[name] >= self._holders.get(name, 1):
                others = [one.name for one in self._works if name in one.resources and one.scenario != work.scenario]
                return f"「{name}」が空くのを待つ（{'、'.join(dict.fromkeys(others[:3]))}と取り合い）"
        if room[work.machine] >= self._room:
            return f"端末の空きを待つ（同時に {self._room} 本まで）"
        return ""

    def _held(self, work: Work, moment: datetime) -> str:
        for name in work.after:
            for at in self._before(name, work):
                if self._is_over(at, moment) and self._turns[at].late(self._works[at]):
                    return name
        return ""

    def _before(self, name: str, work: Work) -> list[int]:
        """The turn of what is followed: its latest that was due when this one is."""
        found = [at for at in self._of.get(name, ()) if self._works[at].due <= work.due or work.only_follows]
        return found[-1:]

    def _is_over(self, at: int, moment: datetime) -> bool:
        turn = self._turns[at]
        return turn.missed or (turn.over is not None and turn.over <= moment)


def _risks(works: Sequence[Work], slow: Sequence[_Turn]) -> list[str]:
    """Why each may not end in time though it should; empty where it surely will.

    Everything is slow, and one run is upset: this one, or one that ends between its time and its beginning.
    """
    risks: list[str] = []
    for work, turn in zip(works, slow, strict=True):
        upset = max(
            (
                other.length.most - other.length.p90
                for other, before in zip(works, slow, strict=True)
                if turn.start is not None and before.over is not None and work.due < before.over <= turn.start
            ),
            default=0.0,
        )
        longest = timedelta(seconds=max(work.length.most, work.length.p90 + upset))
        late = turn.late(work) or (
            turn.start is not None and work.finish_by is not None and turn.start + longest > work.finish_by
        )
        risks.append(f"{work.finish_by:%H:%M} までに終わらないおそれがあります。" if late else "")
    return _with_followers(works, risks)


def _with_followers(works: Sequence[Work], risks: list[str]) -> list[str]:
    """What follows one that may not end well may not begin."""
    while True:
        shaky = {work.scenario for work, risk in zip(works, risks, strict=True) if risk}
        new = [at for at, work in enumerate(works) if not risks[at] and shaky & set(work.after)]
        if not new:
            return risks
        for at in new:
            first = next(name for name in works[at].after if name in shaky)
            risks[at] = f"先行の {first} が時間までに終わらず、始まらないおそれがあります。"


def _told(work: Work, expected: _Turn, slow: _Turn, risk: str) -> Told:
    told = Told(work, expected.start, expected.end, slow.end, waits=expected.waits)
    by = work.finish_by.strftime("%H:%M") if work.finish_by is not None else ""
    if expected.held:
        told.sight = "late"
        told.notes.append(f"先行の {expected.held} が時間までに終わらないため、始まらない見込みです。")
    elif expected.missed:
        told.sight = "late"
        told.notes.append(f"{by} までに始められない見込みです。")
    elif expected.late(work):
        told.sight = "late"
        told.notes.append(f"{by} までに終わらない見込みです。途中で止まり、残りは次の回になります。")
    elif risk:
        told.sight = "risky"
        told.notes.append(risk)
    told.notes += work.lacks
    if work.length.assumed:
        told.notes.append(f"{work.length.assumed}しています。")
    return told
