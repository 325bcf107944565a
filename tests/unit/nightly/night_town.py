"""What the tests of the night share: a register of schedules, a ledger as new, a clock in hand, and children that a test
lets end."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

from robots.clock import JST
from robots.ledger.firings import claim, firings_between, get_firing, settle
from robots.ledger.store import Ledger
from robots.nightly.children import Child
from robots.nightly.service import Night
from robots.processes import this_process
from robots.settings import Home, open_home
from tests.empty_ledger import empty_ledger

_HEAD = """\
organization: 練習市
resources: {login: {holders: 1}}
departments: {yoru: {name: 夜間課}}
people:
  s1: {name: 担当, department: yoru, roles: [author]}
  s2: {name: 係長, department: yoru, roles: [author]}
scenarios:
"""
_ENTRY = """\
  yoru/%s:
    name: %s
    owner: s1
    deputy: s2
    runs_on: "%s"
    stop: 止める
    data: none
    schedule: %s
    baseline: {minutes_per_item: 8, measured: 2026-05-01, how: 実測}
"""
NIGHTLY = '{on: 毎開庁日, at: "19:00", finish_by: "06:00"}'


@dataclass
class Started:
    """A child that goes until it is told its exit code."""

    code: int | None = None
    words: str = ""

    def ended(self) -> int | None:
        return self.code

    def said(self) -> str:
        return self.words


def register(schedules: Mapping[str, str], *, runs_on: str = "*") -> str:
    """A register of scenarios of these names with these schedules."""
    return _HEAD + "".join(_ENTRY % (name, name, runs_on, schedule) for name, schedule in schedules.items())


def open_town(root: Path, *, parallel: int) -> tuple[Home, Ledger]:
    """A town without a register: robot-1, on which so many may run beside each other, and its ledger."""
    home = open_home(root, {"BANKEN_MACHINE": "robot-1", "BANKEN_VAULT": "file", "BANKEN_PARALLEL": str(parallel)})
    return home, empty_ledger(home.var / "ledger.sqlite")


@dataclass
class Town:
    """A register, a ledger, a clock and a scheduler; ``started`` is what was begun, in order."""

    home: Home
    ledger: Ledger
    moment: datetime = datetime(2026, 12, 1, 18, 0, tzinfo=JST)
    started: list[str] = field(default_factory=list)
    children: dict[int, Started] = field(default_factory=dict)
    nights: list[Night] = field(default_factory=list)

    def schedules(self, schedules: dict[str, str], *, runs_on: str = "*") -> None:
        self.home.register.write_text(register(schedules, runs_on=runs_on), encoding="utf-8")

    def start(self, scenario: str, firing: int) -> Child:
        self.started.append(scenario.removeprefix("yoru/"))
        child = self.children[firing] = Started()
        return child

    def lend(self, scenario: str, firing: int) -> Child:
        raise AssertionError(f"{scenario} is not shared")

    def night(self) -> Night:
        """A scheduler that has seen the register once."""
        night = Night(self.home, self.ledger, self, clock=lambda: self.moment)
        self.nights.append(night)
        night.tick()
        return night

    def at(self, text: str) -> None:
        """Moves the clock (12-02 19:00) and lets every scheduler look."""
        self.moment = datetime.fromisoformat(f"2026-{text}").replace(tzinfo=JST)
        for night in self.nights:
            night.tick()

    def over(self, name: str, state: str = "ended") -> None:
        """The running child of a scenario takes its firing up and ends so."""
        for firing, child in self.children.items():
            row = get_firing(self.ledger, firing)
            if row is not None and row["scenario"] == f"yoru/{name}" and child.code is None:
                assert claim(self.ledger, firing, machine="robot-1", process=this_process(), moment=self.moment)
                settle(self.ledger, firing, state, "", while_in=["running"])
                child.code = 0

    def states(self) -> dict[str, str]:
        """The state of each scenario's latest firing."""
        start = datetime(2020, 1, 1, tzinfo=JST)
        rows = firings_between(self.ledger, start, self.moment + timedelta(days=9))
        return {row["scenario"].removeprefix("yoru/"): row["state"] for row in rows}

    def reason(self, name: str) -> str:
        rows = firings_between(self.ledger, datetime(2020, 1, 1, tzinfo=JST), self.moment)
        return str([row["reason"] for row in rows if row["scenario"] == f"yoru/{name}"][-1])
