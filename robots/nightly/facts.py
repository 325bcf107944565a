"""What the plan of a night needs to know: turns, lengths, approvals and inputs, gathered from register, ledger and disk."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path

import sqlalchemy as sa

from robots.clock import JST
from robots.drivers.forms import scans_in
from robots.errors import BankenError, BusinessError, SystemFailure
from robots.ledger.approvals import ApprovalMemory
from robots.ledger.firings import open_firings
from robots.ledger.paces import Past, paces, ready_items
from robots.ledger.store import Ledger
from robots.nightly.calendar import announced
from robots.nightly.due import Due, dues
from robots.nightly.pace import Length, length_of, reckoned
from robots.nightly.plan import Forecast, Work, forecast
from robots.nightly.rules import Town
from robots.params import Deferred
from robots.registry.gate import Approved, Refused, pass_gate
from robots.registry.load import Loaded
from robots.registry.model import Entry
from robots.registry.schedule import Schedule
from robots.runner.calls import ground_of
from robots.runner.places import Places
from robots.scenario.inputs import input_values
from robots.scenario.problem import Problems
from robots.settings import Home
from robots.step import RunFacts, Step

_READS = {
    "excel.read_table": "book",
    "excel.read_cells": "book",
    "csv.read": "file",
    "form.read": "from_",
    "form.sort": "from_",
}
"""Steps that read what must lie there when a run begins, and the parameter that names it."""
_SCANS = ("form.read", "form.sort")
_HARMLESS = ("data.", "flow.log", "human.")
"""Steps after which what is missing can't have been made by the run itself."""
_NOON = timedelta(hours=12)


def night_of(day: date) -> tuple[datetime, datetime]:
    """The night of a day: from its noon to the next."""
    noon = datetime(day.year, day.month, day.day, tzinfo=JST) + _NOON
    return noon, noon + timedelta(days=1)


def tonight(moment: datetime) -> date:
    """The day whose night it is, or will be: before six in the morning it is still the night of the day before."""
    return (moment.astimezone(JST) - timedelta(hours=6)).date()


def plan_night(home: Home, loaded: Loaded, ledger: Ledger, day: date, moment: datetime) -> Forecast:
    """The plan of a day's night, from ``moment`` on where that has begun.

    Raises: SystemFailure where the ledger or a folder can't be read.
    """
    return _Gathering(home, loaded, ledger, day, moment).forecast()


class _Gathering:
    def __init__(self, home: Home, loaded: Loaded, ledger: Ledger, day: date, moment: datetime) -> None:
        self._home, self._loaded, self._register, self._ledger = home, loaded, loaded.register, ledger
        self._first, self._until = night_of(day)
        self._moment = moment.astimezone(JST)
        self._town = Town(self._register.open_days, self._register.fiscal_year_starts)
        self._memory = ApprovalMemory(ledger)
        self._notes: list[str] = []

    def forecast(self) -> Forecast:
        register = self._register
        schedules = {id: one.schedule for id, one in register.scenarios.items() if one.schedule is not None}
        turns = self._turns(schedules)
        begun = {row["scenario"]: row for row in open_firings(self._ledger) if self._first <= self._moment}
        scenarios = sorted({*turns, *(id for id in begun if id in schedules)})
        past = paces(self._ledger, scenarios)
        left = ready_items(self._ledger, scenarios)
        works: list[Work] = []
        lengths = reckoned({id: self._length(id, past[id], left.get(id, 0)) for id in scenarios})
        for id in scenarios:
            blocked, lacks = self._looked_at(id, turns[id][0].at if id in turns else self._moment)
            works += self._works(id, schedules[id], turns.get(id, []), begun.get(id), lengths[id], blocked, lacks)
        holders = {name: one.holders for name, one in register.resources.items()}
        if self._until.year > announced(self._moment.date()):
            self._notes.append(f"{self._until.year}年の祝日はまだ官報で公表されていません（計算による見込みです）。")
        return forecast(works, holders=holders, room=self._home.settings.parallel, notes=self._notes)

    def _turns(self, schedules: Mapping[str, Schedule]) -> dict[str, list[Due]]:
        """The turns of the night; of what only follows others, where any of those has one."""
        after = max(self._first, self._moment) - timedelta(milliseconds=1)
        found: dict[str, list[Due]] = {}
        for id, schedule in schedules.items():
            try:
                come = dues(schedule, self._town, after, self._until)
            except BusinessError as error:
                self._notes.append(f"{id} の予定が分かりません: {error.told}")
                continue
            if come:
                found[id] = come
        while new := [
            id for id, one in schedules.items() if id not in found and one.on is None and set(one.after) <= found.keys()
        ]:
            for id in new:
                due = max(found[one][-1].at for one in schedules[id].after)
                found[id] = [Due(due, schedules[id].deadline(due))]
        return found

    def _works(
        self,
        id: str,
        schedule: Schedule,
        turns: Sequence[Due],
        row: sa.RowMapping | None,
        length: Length,
        blocked: str,
        lacks: Sequence[str],
    ) -> Iterator[Work]:
        entry = self._register.scenarios[id]
        work = Work(
            scenario=id,
            name=entry.name,
            due=self._moment,
            finish_by=None,
            priority=schedule.priority,
            length=length,
            resources=tuple(schedule.resources),
            after=tuple(schedule.after),
            machine=self._machine(entry),
            only_follows=schedule.on is None,
            blocked=blocked,
            lacks=tuple(lacks),
        )
        if row is not None:
            by = datetime.fromisoformat(row["finish_by"]) if row["finish_by"] else None
            if row["state"] == "running":
                due, begun = datetime.fromisoformat(row["due"]), datetime.fromisoformat(row["started_at"])
                yield replace(work, due=due, finish_by=by, begun=begun, blocked="")
            else:
                yield replace(work, finish_by=by)
        for one in turns:
            yield replace(work, due=one.at, finish_by=one.finish_by)

    def _length(self, id: str, past: Sequence[Past], left: int) -> Length:
        baseline, schedule = self._register.scenarios[id].baseline, self._register.scenarios[id].schedule
        a_turn = 0.0
        if len(past) == 0 and baseline.items_per_year and schedule is not None:
            year = self._turns_a_year(schedule)
            a_turn = float(baseline.items_per_year) / year if year else 0.0
        return length_of(past, self._first.date(), left=left, items_a_turn=a_turn)

    def _turns_a_year(self, schedule: Schedule) -> int:
        try:
            return len(dues(schedule, self._town, self._first, self._first + timedelta(days=365)))
        except BusinessError:
            return 0

    def _machine(self, entry: Entry) -> str:
        """Which machine will run it: this one where it may, else the first that is named."""
        mine = self._home.settings.machine
        return mine if "*" in entry.runs_on or mine in entry.runs_on else entry.runs_on[0]

    def _looked_at(self, id: str, at: datetime) -> tuple[str, list[str]]:
        """(why it may not run at that time, or empty; the input that is not there yet)."""
        machine = self._machine(self._register.scenarios[id])
        there = self._home.model_copy(update={"settings": self._home.settings.model_copy(update={"machine": machine})})
        try:
            answer = pass_gate(there, self._loaded, id, today=at.date(), rehearsal=False, memory=self._memory)
        except SystemFailure as failure:
            return failure.told, []
        if isinstance(answer, Refused):
            return answer.what, []
        if isinstance(answer, Problems):
            return f"シナリオに {len(answer)} か所の問題があります（banken check {id}）。", []
        if machine != self._home.settings.machine:
            return "", []  # what lies on another machine is not to be seen from here
        return lacking_input(self._home, answer, at.date())


def lacking_input(home: Home, approved: Approved, day: date) -> tuple[str, list[str]]:
    """(what keeps it from beginning at all, or empty; files and folders that it reads first and that are not there or
    empty).  Only what can be told before it runs: names that hold no result of an earlier step."""
    scenario = approved.scenario
    facts = RunFacts("", day, approved.id, False, approved.register.open_days)
    try:
        inputs = input_values(scenario, {}, facts)
        places = Places(
            scenario=approved.folder,
            folders=scenario.uses.folders,
            var=home.var,
            files=approved.files,
            private=home.var / "plan",
        )
    except BankenError as error:
        return error.told, []
    names = ground_of(scenario, places, facts, inputs).names
    return "", list(_missing(scenario.prepare, names, approved.folder))


def _missing(steps: Iterable[Step], names: Mapping[str, object], folder: Path) -> Iterator[str]:
    for step in steps:
        kind = step.kind.name
        if kind not in _READS:
            if (not kind.startswith(_HARMLESS) and not kind.startswith("browser.")) or kind == "browser.download":
                return  # it may make what later steps read
            continue
        text = _named(step, names)
        what = _why_missing(folder / text, scans=kind in _SCANS) if text else ""
        if what:
            yield f"入力の「{Path(text).name}」が{what}（{step.kind.ja}、{step.position.line} 行目）。"


def _named(step: Step, names: Mapping[str, object]) -> str:
    """The file or folder that a step reads; empty where that is not known yet."""
    raw: object = getattr(step.params, _READS[step.kind.name], None)
    if isinstance(raw, Deferred):
        try:
            raw = raw.evaluate(names)
        except (BankenError, KeyError):
            return ""
    return raw if isinstance(raw, str) else ""


def _why_missing(place: Path, *, scans: bool) -> str:
    try:
        if scans:
            if not place.is_dir():
                return "まだありません"
            return "" if scans_in(place) else "空です"
        if not place.is_file():
            return "まだありません"
        return "" if place.stat().st_size else "空です"
    except OSError as error:
        return f"読めません: {error.strerror or error}"
