"""Turns that have come become firings: once each, whoever looks, and however often."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from loguru import logger

from robots.errors import BusinessError
from robots.ledger.firings import Mark, NewFiring, all_marks, fire, latest_firing
from robots.ledger.leases import Lease
from robots.ledger.store import Ledger
from robots.nightly.due import LATE, Due, decide, next_due, spread
from robots.nightly.rules import Town
from robots.registry.load import Loaded
from robots.registry.schedule import Schedule

_LONG = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Plan:
    """The schedules of a register: scenario → schedule, with the digest of each as it is written."""

    town: Town
    schedules: Mapping[str, Schedule]
    digests: Mapping[str, str]


def plan_of(loaded: Loaded) -> Plan:
    """The schedules of a register that was read."""
    register = loaded.register
    schedules = {
        scenario: entry.schedule for scenario, entry in register.scenarios.items() if entry.schedule is not None
    }
    digests = {scenario: _digest(loaded.raw_entries[scenario]["schedule"]) for scenario in schedules}
    return Plan(Town(register.open_days, register.fiscal_year_starts), schedules, digests)


def _digest(written: object) -> str:
    text = json.dumps(written, ensure_ascii=False, sort_keys=True)
    return f"sha256:{hashlib.sha256(text.encode()).hexdigest()}"


class Turns:
    """Looks for turns that have come.  One object lives as long as its scheduler leads."""

    def __init__(self, ledger: Ledger, plan: Plan) -> None:
        self._ledger = ledger
        self._plan = plan
        self._marks = all_marks(ledger)
        self._next: dict[str, datetime] = {}
        self.troubles: dict[str, str] = {}
        """Scenarios whose days can't be told, and why."""

    def fire(self, lead: Lease, moment: datetime) -> int:
        """Fires what has come by ``moment`` (JST); returns how many firings are new.

        Raises: NotLeading; SystemFailure where the ledger can't be written, and then nothing was fired.
        """
        come: list[NewFiring] = []
        marks: dict[str, Mark] = {}
        later: dict[str, datetime] = {}
        for scenario, schedule in self._plan.schedules.items():
            mark = self._mark(scenario, moment, marks)
            if schedule.on is None:
                self._follow(scenario, schedule, mark, moment, come, marks)
            elif moment >= self._next.get(scenario, moment):
                try:
                    self._look(scenario, schedule, mark, moment, come, marks)
                    following = next_due(schedule, self._plan.town, moment)
                    later[scenario] = following.at if following is not None else moment + _LONG
                    self.troubles.pop(scenario, None)
                except BusinessError as error:
                    self._trouble(scenario, str(error))
                    later[scenario] = moment + timedelta(hours=1)
        new = fire(self._ledger, lead, _apart(come, moment), marks) if come or marks else 0
        self._marks |= marks
        self._next |= later
        return new

    def _mark(self, scenario: str, moment: datetime, marks: dict[str, Mark]) -> Mark:
        """Up to when all is dealt with; a schedule that is new, or was changed, begins with this moment."""
        mark, digest = self._marks.get(scenario), self._plan.digests[scenario]
        if mark is None or mark.schedule != digest:
            mark = marks[scenario] = Mark(digest, moment)
        return mark

    def _look(
        self,
        scenario: str,
        schedule: Schedule,
        mark: Mark,
        moment: datetime,
        come: list[NewFiring],
        marks: dict[str, Mark],
    ) -> None:
        decision = decide(schedule, self._plan.town, mark.upto, moment)
        if decision.upto is None:
            return
        come += [_firing(scenario, schedule, due) for due in decision.run]
        come += [replace(_firing(scenario, schedule, due), state="missed", reason=why) for due, why in decision.missed]
        marks[scenario] = Mark(mark.schedule, decision.upto)

    def _follow(
        self,
        scenario: str,
        schedule: Schedule,
        mark: Mark,
        moment: datetime,
        come: list[NewFiring],
        marks: dict[str, Mark],
    ) -> None:
        """One that only follows others has its turn when each of those has had a new one that is over."""
        found = [latest_firing(self._ledger, one, after=mark.upto, upto=moment) for one in schedule.after]
        over = [datetime.fromisoformat(row["due"]) for row in found if row is not None and row["ended_at"]]
        if len(over) == len(schedule.after):
            due = max(over)
            come.append(_firing(scenario, schedule, Due(due, schedule.deadline(due))))
            marks[scenario] = Mark(mark.schedule, due)

    def _trouble(self, scenario: str, why: str) -> None:
        if self.troubles.get(scenario) != why:
            logger.warning("{} の予定が分かりません: {}", scenario, why)
        self.troubles[scenario] = why


def _firing(scenario: str, schedule: Schedule, due: Due) -> NewFiring:
    return NewFiring(scenario, due.at, schedule.priority, due.finish_by, reason=due.why)


def _apart(come: list[NewFiring], moment: datetime) -> list[NewFiring]:
    """Those that come late begin one after the other."""
    late = [one for one in come if one.state == "queued" and moment - one.due > LATE]
    late.sort(key=lambda one: (one.priority, one.due, one.scenario))
    starts = dict(zip((id(one) for one in late), spread(len(late), moment), strict=True))
    return [replace(one, not_before=starts[id(one)]) if id(one) in starts else one for one in come]
