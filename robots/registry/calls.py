"""Which scenarios a scenario calls (flow.call), and whether it may: registered, sound, no cycle, nothing beyond its own uses."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from robots.registry.call_rules import call_faults
from robots.registry.digest import digest_of, read_folder
from robots.registry.load import Loaded
from robots.registry.model import Entry
from robots.registry.sharing import check_sharing
from robots.scenario.guess import nearest
from robots.scenario.model import Scenario
from robots.scenario.problem import Findings, Problems
from robots.scenario.validate import read_scenario
from robots.settings import SCENARIO_NAME, Home
from robots.step import Step


@dataclass(frozen=True, slots=True)
class Callee:
    """A scenario that is called: the bytes that were hashed, what was read from them, and its entry."""

    id: str
    folder: Path
    files: Mapping[str, bytes]
    scenario: Scenario
    entry: Entry
    raw_entry: Mapping[str, object]
    calls: Mapping[str, str]
    """The digests of those that it calls itself, by id."""

    @property
    def digest(self) -> str:
        return digest_of(self.id, self.files, self.raw_entry, self.calls)


@dataclass(frozen=True, slots=True)
class Links:
    """What a scenario calls, and what is wrong with that, or with sharing its items."""

    callees: Mapping[str, Callee] = field(default_factory=dict)
    """Everything that it reaches, through those that it calls too, by id."""
    digests: Mapping[str, str] = field(default_factory=dict)
    """Of those that it calls itself, by id."""
    problems: Problems | None = None
    read: frozenset[str] = frozenset()
    """The ids whose folders were looked into for all of this, sound or not."""
    unknown: bool = False
    """Whether something is called that is not registered."""


def links_of(home: Home, loaded: Loaded, id: str, scenario: Scenario) -> Links:
    """Reads what a scenario calls, and all that those call; every problem at its line.

    Raises: SystemFailure where a folder can't be read.
    """
    entry = loaded.register.scenarios.get(id)
    share = entry.schedule.share if entry is not None and entry.schedule is not None else None
    if share is None and not calls_in(scenario):
        return Links()
    linking = _Linking(home, loaded)
    findings = Findings()
    digests = linking.calls_of(scenario, (id,), findings)
    if entry is not None and share is not None and not len(findings):
        called = {id: one.scenario for id, one in linking.found.items()}
        check_sharing(scenario, called, entry.runs_on, findings)
    problems = findings.problems() if len(findings) else None
    return Links(linking.found, digests, problems, frozenset(linking.read), linking.unknown)


def calls_in(scenario: Scenario) -> list[tuple[Step, str]]:
    """The steps that call, with the id that each calls."""
    return [
        (step, str(step.raw["scenario"]))
        for step in scenario.steps()
        if step.kind.name == "flow.call" and isinstance(step.raw, dict)
    ]


class _Linking:
    """Follows the calls of one scenario; ``found`` is what was read on the way, ``read`` all that was looked into."""

    def __init__(self, home: Home, loaded: Loaded) -> None:
        self._home = home
        self._loaded = loaded
        self.found: dict[str, Callee] = {}
        self.read: set[str] = set()
        self.unknown = False

    def calls_of(self, caller: Scenario, way: tuple[str, ...], findings: Findings) -> dict[str, str]:
        """The digests of what a scenario calls; way: the ids that led to it, itself last."""
        digests: dict[str, str] = {}
        for step, wanted in calls_in(caller):
            callee = self._read(step, wanted, way, findings)
            if callee is None:
                continue
            digests[wanted] = callee.digest
            reached = {id: one.scenario for id, one in self.found.items()}
            for what, mend in call_faults(caller, step, callee.scenario, reached):
                findings.add(step.position, f"「{wanted}」を呼び出せません。{what}", mend)
        return digests

    def _read(self, step: Step, wanted: str, way: tuple[str, ...], findings: Findings) -> Callee | None:
        if wanted in way:
            round_ = " → ".join([*way[way.index(wanted) :], wanted])
            findings.add(
                step.position, f"呼び出しがめぐっています（{round_}）。", "どれか一つの呼び出しをやめてください。"
            )
            return None
        if wanted in self.found:
            return self.found[wanted]
        entry = self._loaded.register.scenarios.get(wanted)
        if entry is None:
            self.unknown = True
            findings.add(
                step.position,
                f"呼び出すシナリオ「{wanted}」は台帳（registry.yaml）に登録されていません。",
                "番号（課/名前）を確かめるか、台帳に加えて承認を受けてください。",
                nearest(wanted, self._loaded.register.scenarios),
            )
            return None
        self.read.add(wanted)
        folder = self._home.scenarios / wanted
        files = read_folder(folder) if folder.is_dir() else {}
        scenario = read_scenario(files, wanted)
        if isinstance(scenario, Problems):
            _note_unsound(step, wanted, scenario, findings)
            return None
        inner = Findings()
        calls = self.calls_of(scenario, (*way, wanted), inner)
        if len(inner):
            _note_unsound(step, wanted, inner.problems(), findings)
            return None
        callee = Callee(wanted, folder, files, scenario, entry, self._loaded.raw_entries[wanted], calls)
        self.found[wanted] = callee
        return callee


def _note_unsound(step: Step, wanted: str, problems: Problems, findings: Findings) -> None:
    first = next(iter(problems))
    findings.add(
        step.position,
        f"呼び出すシナリオ「{wanted}」に直すところがあります（{first.line} 行目: {first.what}）。",
        f"banken check scenarios/{wanted}/{SCENARIO_NAME} で確かめて、先に直してください。",
    )
