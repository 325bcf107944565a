"""Reading registry.yaml: the same care for its author as for a scenario's."""

from __future__ import annotations

import gc
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import cast

from pydantic import ValidationError

from robots.registry.model import Register
from robots.registry.schedule import check_schedules
from robots.scenario.guess import nearest
from robots.scenario.problem import Findings, Problems
from robots.scenario.pydantic_words import note_errors
from robots.scenario.source import Bounds, Source, read_source
from robots.settings import REGISTER_NAME, Home

_BOUNDS = Bounds(
    64 * 1024 * 1024,
    2_000_000,
    "台帳を部署ごとに分けることを、推進室に相談してください。",
    "organization: と departments: を書いてください。",
)  # ten thousand entries with their approvals are about 12 MB


@dataclass(frozen=True, slots=True)
class Loaded:
    """A register that was read: the model, and each scenario's entry as it is written (for its digest)."""

    register: Register
    raw_entries: Mapping[str, Mapping[str, object]]


def load_register(home: Home) -> Loaded | Problems:
    """Reads and checks the register of a town; all problems at once."""
    return read_register(home.register.read_bytes())


def read_register(content: bytes) -> Loaded | Problems:
    """The same from bytes."""
    with uncollected():
        return _read(content)


@contextmanager
def uncollected() -> Iterator[None]:
    """No search for garbage meanwhile: a register is a million objects and none of it is, so looking costs a sixth."""
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was:
            gc.enable()


def _read(content: bytes) -> Loaded | Problems:
    findings = Findings()
    source = read_source(REGISTER_NAME, content, findings, _BOUNDS)
    if source is None:
        return findings.problems()
    try:
        register = Register.model_validate(source.data)
    except ValidationError as error:
        note_errors(error, Register, source.data, (), source, findings, "台帳")
        return findings.problems()
    _check_references(register, source, findings)
    check_schedules(register, source, findings)
    if len(findings):
        return findings.problems()
    data = cast("Mapping[str, Mapping[str, Mapping[str, object]]]", source.data)
    return Loaded(register, data.get("scenarios") or {})


def _check_references(register: Register, source: Source, findings: Findings) -> None:
    """People, departments and ids that an entry names must be there."""
    for scenario, entry in register.scenarios.items():
        place = ("scenarios", scenario)
        department, _, name = scenario.partition("/")
        if not department or not name or "/" in name or "\\" in scenario or ".." in scenario:
            findings.add(
                source.key(place), f"シナリオの番号「{scenario}」の形が違います。", "「課/名前」の形で書いてください。"
            )
        elif department not in register.departments:
            known = "、".join(register.departments)
            findings.add(
                source.key(place),
                f"課「{department}」が departments にありません。",
                f"departments に加えるか、シナリオの番号を直してください。ある課は {known} です。",
                nearest(department, register.departments),
            )
        for role in ("owner", "deputy"):
            person = getattr(entry, role)
            if person not in register.people:
                findings.add(
                    source.at((*place, role)),
                    f"{'所有者' if role == 'owner' else '副担当'}「{person}」が people にありません。",
                    "people に職員を加えるか、番号を直してください。",
                    nearest(person, register.people),
                )
        if entry.owner == entry.deputy:
            findings.add(
                source.at((*place, "deputy")),
                "所有者と副担当が同じ人です。",
                "異動に備えて、別の人を副担当にしてください。",
            )
