"""The plan of a night against what then happened: 50 nights of a town's scenarios through the real scheduler.

    python -m bench.plan [--json] [--nights 50] [--scenarios 24] [--history 40] [--seed 1]

Before each night the plan is made from the runs so far.  Then the night is lived by robots.nightly.service.Night over a
real ledger and an injected clock; what a run takes is drawn: numbers of items grow or shrink, are higher on Mondays,
vary by 6 %, seconds an item by 4 %, the rest of a run by 15 %, and one run in fifty is upset and takes up to half as long
again.  Some of the deadlines are tight, so that overruns happen.  Told: by how much the end of each run and of each night
missed the plan (relative to the time from its turn to its end), the overruns that happened, those of them that had not
been announced, and announcements after which all went well.
"""

from __future__ import annotations

import argparse
import math
import random
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path
from uuid import uuid4

from bench.told import tell
from robots.clock import JST
from robots.ledger.firings import beat, claim, firings_between, get_firing, settle
from robots.ledger.leases import Busy, Holder, Lease, release, take
from robots.ledger.paces import Past
from robots.ledger.store import Ledger, open_ledger
from robots.nightly.children import Child
from robots.nightly.pace import length_of, reckoned
from robots.nightly.plan import Told, Work, forecast
from robots.nightly.service import Night
from robots.processes import this_process
from robots.settings import Home, open_home

FIRST = date(2026, 6, 1)
_ROOM = 4
_LOGINS = 3
_HEAD = f"""\
organization: 練習市
departments: {{yoru: {{name: 計測課}}}}
people:
  a: {{name: 作る人, department: yoru, roles: [author]}}
  b: {{name: 副担当, department: yoru, roles: [author]}}
resources: {{{", ".join(f"login{number}: {{holders: 1}}" for number in range(_LOGINS))}}}
scenarios:
"""
_ENTRY = """\
  {id}:
    name: 計測
    owner: a
    deputy: b
    runs_on: ["*"]
    stop: Ctrl-C
    data: none
    schedule: {{on: 毎日, at: "{at}", finish_by: "{by}", priority: {priority}, resources: [{resources}], after: [{after}]}}
    baseline: {{minutes_per_item: 1, measured: 2026-04-01, how: 計測のため}}
"""


@dataclass
class Kind:
    """One scenario: how much it has to do, and when it may."""

    id: str
    items: float
    growth: float
    monday: float
    each: float
    besides: float
    at: int
    by: float
    """Hours after noon."""
    priority: int
    resources: tuple[str, ...]
    after: tuple[str, ...]
    past: list[Past] = field(default_factory=list)

    def expects(self, night: int) -> float:
        """The items of a night before the dice are cast."""
        monday = (FIRST + timedelta(days=night)).weekday() == 0
        return self.items * math.exp(self.growth * night) * (self.monday if monday else 1)

    def draw(self, dice: random.Random, night: int) -> Past:
        """What its run of a night will have to do, and how long that takes."""
        day = FIRST + timedelta(days=night)
        count = max(round(self.expects(night) * math.exp(dice.gauss(0, 0.06))), 1)
        upset = 1 + dice.uniform(0.1, 0.5) if dice.random() < 0.02 else 1
        each = self.each * math.exp(dice.gauss(0, 0.04)) * upset
        return Past(day, count, count * each, self.besides * math.exp(dice.gauss(0, 0.15)))

    def entry(self) -> str:
        by = (datetime(2026, 1, 1, 12, tzinfo=JST) + timedelta(hours=self.by)).strftime("%H:%M")
        resources, after = ", ".join(self.resources), ", ".join(self.after)
        return _ENTRY.format(
            id=self.id, at=f"{12 + self.at}:00", by=by, priority=self.priority, resources=resources, after=after
        )


def kinds_of(count: int, dice: random.Random) -> list[Kind]:
    found: list[Kind] = []
    for number in range(count):
        items, each = dice.uniform(30, 300), dice.uniform(5, 30)
        at = dice.choice((7, 8, 9))
        after = (dice.choice(found).id,) if found and dice.random() < 0.2 else ()
        if after:
            at = max(at, next(one.at for one in found if one.id == after[0]))
        hours = items * each / 3600
        by = at + hours * dice.uniform(1.1, 1.6) + 0.3 if dice.random() < 0.25 and not after else 18.0
        found.append(
            Kind(
                id=f"yoru/s{number:03}",
                items=items,
                growth=dice.uniform(-0.002, 0.006),
                monday=dice.choice((1.0, 1.8)),
                each=each,
                besides=dice.uniform(60, 300),
                at=at,
                by=min(by, 18.0),
                priority=dice.randint(1, 9),
                resources=(f"login{dice.randrange(_LOGINS)}",) if dice.random() < 0.4 else (),
                after=after,
            )
        )
    return found


@dataclass
class Run:
    """A run that goes: under its leases until its end."""

    firing: int
    leases: Sequence[Lease]
    end: datetime
    code: int | None = None

    def ended(self) -> int | None:
        return self.code

    def said(self) -> str:
        return ""


class World:
    """The clock, the ledger, and the runs that go; it is the scheduler's launcher too."""

    def __init__(self, home: Home, ledger: Ledger, kinds: Sequence[Kind]) -> None:
        self.home, self.ledger = home, ledger
        self.kinds = {one.id: one for one in kinds}
        self.drawn: dict[str, Past] = {}
        self.moment = datetime(2026, 1, 1, tzinfo=JST)
        self.going: list[Run] = []
        self.natural: dict[str, datetime] = {}
        self.night = Night(home, ledger, self, clock=lambda: self.moment)

    def start(self, scenario: str, firing: int) -> Child:
        taken: list[Lease] | Busy = []
        wanted = dict.fromkeys(self.kinds[scenario].resources, 1)
        if wanted:
            holder = Holder(uuid4().hex, scenario, self.home.settings.machine, this_process())
            taken = take(self.ledger, wanted, holder, moment=self.moment, seconds=1e6, gone=lambda *_: False)
        assert not isinstance(taken, Busy), "the scheduler begins nothing that has to wait"
        assert claim(self.ledger, firing, machine="elsewhere", process=this_process(), moment=self.moment)
        drawn = self.drawn[scenario]
        end = self.moment + timedelta(seconds=drawn.on_items + drawn.besides)
        self.natural[scenario] = end
        run = Run(firing, taken, end)
        self.going.append(run)
        return run

    def lend(self, scenario: str, firing: int) -> Child:
        raise AssertionError("no run is shared here")

    def live(self, noon: datetime) -> None:
        """One night: from event to event, each looked at in time and once more ten seconds later."""
        events = {noon + timedelta(hours=one.at) for one in self.kinds.values()}
        events |= {noon + timedelta(hours=one.by, seconds=10) for one in self.kinds.values()} | {noon}
        while events:
            moment = min(events)
            events.discard(moment)
            self.moment = max(self.moment, _tick(moment))
            before = {run.firing for run in self.going}
            for _ in range(2):
                self._end()
                self.night.tick()
                self.moment += timedelta(seconds=10)
            events |= {run.end for run in self.going if run.firing not in before}
            events |= {self.moment} if any(run.end <= self.moment for run in self.going) else set()

    def _end(self) -> None:
        """What the runs do, each for itself: beat, stop where they are asked to, end."""
        for run in list(self.going):
            row = get_firing(self.ledger, run.firing)
            assert row is not None
            beat(self.ledger, run.firing, process=this_process(), moment=self.moment)
            asked = row["finish_by"] is not None and self.moment >= datetime.fromisoformat(row["finish_by"])
            if asked or self.moment >= run.end:
                settle(self.ledger, run.firing, "stopped" if asked else "ended", "", while_in=["running"])
                release(self.ledger, run.leases)
                run.code = 0
                self.going.remove(run)


def _tick(moment: datetime) -> datetime:
    """The scheduler looks every ten seconds."""
    seconds = -moment.timestamp() % 10
    return moment + timedelta(seconds=seconds)


@dataclass
class Counts:
    """What is told."""

    runs: int = 0
    errors: list[float] = field(default_factory=list)
    floor: list[float] = field(default_factory=list)
    """By how much one would be wrong about a run's length who knew all but the dice."""
    nights: list[float] = field(default_factory=list)
    overruns: int = 0
    unannounced: int = 0
    announced: int = 0
    needless: int = 0


def simulate(nights: int, scenarios: int, history: int, seed: int) -> dict[str, object]:
    """Lives through the nights; returns what is told."""
    began = time.perf_counter()
    dice = random.Random(seed)
    kinds = kinds_of(scenarios, dice)
    counts = Counts()
    for night in range(history):
        for kind in kinds:
            kind.past.append(kind.draw(dice, night))
    with tempfile.TemporaryDirectory() as root:
        (Path(root) / "registry.yaml").write_text(_HEAD + "".join(one.entry() for one in kinds), encoding="utf-8")
        environ = {"MACHINE": "bench", "VAULT": "file", "PARALLEL": str(_ROOM)}
        home = open_home(Path(root), {f"BANKEN_{name}": value for name, value in environ.items()})
        ledger = open_ledger(home.database)
        world = World(home, ledger, kinds)
        for night in range(history, history + nights):
            _night(world, kinds, night, dice, counts)
        ledger.close()
    return {
        "nights": nights,
        "scenarios": scenarios,
        "runs": counts.runs,
        "run_end_error_p50": round(_p(counts.errors, 0.5), 4),
        "run_end_error_p90": round(_p(counts.errors, 0.9), 4),
        "known_truth_error_p90": round(_p(counts.floor, 0.9), 4),
        "night_end_error_p90": round(_p(counts.nights, 0.9), 4),
        "overruns": counts.overruns,
        "overruns_unannounced": counts.unannounced,
        "announced": counts.announced,
        "announced_needlessly": counts.needless,
        "seconds": round(time.perf_counter() - began, 1),
    }


def _night(world: World, kinds: Sequence[Kind], night: int, dice: random.Random, counts: Counts) -> None:
    day = FIRST + timedelta(days=night)
    noon = datetime(day.year, day.month, day.day, 12, tzinfo=JST)
    lengths = reckoned({one.id: length_of(one.past, day) for one in kinds})
    works = [
        Work(
            scenario=one.id,
            name=one.id,
            due=noon + timedelta(hours=one.at),
            finish_by=noon + timedelta(minutes=int(one.by * 60)),
            priority=one.priority,
            length=lengths[one.id],
            resources=one.resources,
            after=one.after,
        )
        for one in kinds
    ]
    told = {one.work.scenario: one for one in forecast(works, holders={}, room=_ROOM).told}
    world.drawn = {one.id: one.draw(dice, night) for one in kinds}
    world.natural.clear()
    world.live(noon)
    rows = {row["scenario"]: row["state"] for row in firings_between(world.ledger, noon, noon + timedelta(hours=24))}
    ends: list[tuple[datetime, datetime]] = []
    for kind in kinds:
        plan, state = told[kind.id], rows[kind.id]
        _judge(plan, state, counts)
        end = world.natural.get(kind.id)
        if end is None:
            continue
        kind.past.append(world.drawn[kind.id])
        counts.runs += 1
        took = world.drawn[kind.id].on_items + world.drawn[kind.id].besides
        counts.floor.append(abs(kind.expects(night) * kind.each + kind.besides - took) / took)
        if plan.end is not None:
            counts.errors.append(abs(plan.end - end) / (end - plan.work.due))
            ends.append((plan.end, end))
    first = noon + timedelta(hours=min(one.at for one in kinds))
    last = max(end for _, end in ends)
    counts.nights.append(abs(max(plan for plan, _ in ends) - last) / (last - first))


def _judge(plan: Told, state: str, counts: Counts) -> None:
    announced = plan.sight != "good"
    overrun = state != "ended"
    counts.announced += announced
    counts.overruns += overrun
    counts.unannounced += overrun and not announced
    counts.needless += announced and not overrun


def _p(values: Sequence[float], share: float) -> float:
    ordered = sorted(values)
    return ordered[min(int(share * len(ordered)), len(ordered) - 1)]


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--nights", type=int, default=50)
    parser.add_argument("--scenarios", type=int, default=12)
    parser.add_argument("--history", type=int, default=40)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    found = simulate(given.nights, given.scenarios, given.history, given.seed)
    tell(found, as_json=given.json)


if __name__ == "__main__":
    main()
