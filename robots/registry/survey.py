"""A look at many scenarios: what is wrong with each, and whether it may run; what the index knows is not looked at again."""

from __future__ import annotations

import hashlib
import json
import multiprocessing
import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cache
from itertools import chain
from pathlib import Path
from typing import Any, Literal

from robots.errors import SystemFailure
from robots.ledger.known import Known, Remembered
from robots.registry.index import Answer, Index, Written
from robots.scenario.problem import Problem, Problems
from robots.settings import Home

MANY = 300
"""Folders that are worth a second process: it takes a second to start."""


@dataclass(frozen=True, slots=True)
class Place:
    """A scenario's folder and its id; shared: whether the register has its items shared among processes."""

    id: str
    folder: Path
    shared: bool = False


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether a scenario may run now.  code: ok, problems (its files have some), changed (what is there is not what was
    approved), or refused for another reason."""

    code: str
    what: str
    mend: str = ""


@dataclass(frozen=True, slots=True)
class Found:
    """What a look at one folder gave: its answer as plain data, and the ids that were read for it (None: calls none)."""

    value: Any
    reached: tuple[str, ...] | None
    failure: tuple[str, str] | None = None
    lasting: bool = True
    """Whether the bytes alone decide it, so that it may be kept."""


@dataclass(frozen=True, slots=True)
class Town:
    """What a look needs, ready to be handed to another process; the register is read where it is needed."""

    home: Home
    today: date
    memory: Remembered = field(default_factory=Remembered)


Kind = Literal["problems", "state"]


def problems_of_all(town: Town, index: Index, places: Sequence[Place]) -> dict[Path, tuple[Problem, ...]]:
    """What is wrong with each scenario and with those that it calls; paths are below its folder.

    Raises: SystemFailure where a folder can't be read.
    """
    content = _register(town.home)
    written = index.written(content) if content else Problems(())
    entries = written.entries if isinstance(written, Written) else {}
    shared = {id: str(entry["runs_on"]) for id, entry in entries.items() if _is_shared(entry)}
    places = [replace(place, shared=place.id in shared) for place in places]
    found = _Survey(town, index, "problems", lambda id: f"{id in entries} {shared.get(id)}").of(places)
    return {place: tuple(Problem(*one) for one in value) for place, value in found.items()}


def _is_shared(entry: Mapping[str, object]) -> bool:
    schedule = entry.get("schedule")
    return isinstance(schedule, Mapping) and not {"share", "手分け"}.isdisjoint(schedule)


def states_of_all(town: Town, written: Written, index: Index) -> dict[str, Verdict]:
    """How every scenario of the register stands at the gate today, by id.

    Raises: SystemFailure where the trusted keys can't be read.
    """
    home = town.home
    keys = home.trusted_keys.read_bytes() if home.trusted_keys.is_file() else b""
    always = _sha(json.dumps([_sha(keys), home.settings.machine, written.organization]).encode())
    today, nothing = str(town.today), Known()

    def facts(id: str) -> str:
        sha, dates = written.prints.get(id, ("", ()))
        past = "".join("=" if day == today else ">" if day > today else "<" for day in dates)
        known = town.memory.known(id)
        return f"{always} {sha} {past} {'' if known == nothing else _sha(repr(known).encode())}"

    scenarios = home.scenarios
    places = [Place(id, scenarios / id) for id in written.entries]
    found = _Survey(town, index, "state", facts).of(places)
    return {place.id: Verdict(*found[place.folder]) for place in places}


@dataclass(frozen=True, slots=True)
class _Survey:
    """The answers of one kind: those that the index has for these very bytes, and a look at the rest.

    facts: what else an answer rests on, by the id of the scenario and of each that it calls.
    """

    town: Town
    index: Index
    kind: Kind
    facts: Callable[[str], str]

    def of(self, places: Sequence[Place]) -> dict[Path, Any]:
        known, before = self.index.answers(self.kind), _register(self.town.home)
        values: dict[Path, Any] = {}
        pending: list[Place] = []
        read = cache(json.loads)  # most answers are the same: that all is well
        for place in places:
            kept = known.get(str(place.folder))
            if kept is not None and kept.key == self._key(place, kept.reached):
                values[place.folder] = read(kept.value)
            else:
                pending.append(place)
        fresh: dict[str, Answer] = {}
        for place, one in zip(pending, _looked(self.town, pending, self.kind), strict=True):
            if one.failure is not None:
                raise SystemFailure(one.failure[0], mend=one.failure[1])
            values[place.folder] = one.value
            if one.lasting and self._at_rest(place, one.reached):
                fresh[str(place.folder)] = Answer(one.reached, self._key(place, one.reached), json.dumps(one.value))
        if _register(self.town.home) == before:
            self.index.keep(self.kind, fresh, gone=self._gone(known, places))
        return values

    def _key(self, place: Place, reached: tuple[str, ...] | None) -> str:
        parts = [place.id, self.index.fingerprint(place.folder), self.facts(place.id)]
        for id in reached or ():
            parts += [id, self.index.fingerprint(self._folder(id)), self.facts(id)]
        return _sha("\0".join(parts).encode())

    def _gone(self, known: Iterable[str], places: Sequence[Place]) -> list[str]:
        asked = {str(place.folder) for place in places}
        return [place for place in known if place not in asked and not Path(place).is_dir()]

    def _at_rest(self, place: Place, reached: tuple[str, ...] | None) -> bool:
        """Whether nothing of it changed while it was looked at."""
        folders = [place.folder, *map(self._folder, reached or ())]
        before = list(map(self.index.fingerprint, folders))
        return before == list(map(self.index.again, folders))

    def _folder(self, id: str) -> Path:
        return self.town.home.scenarios / id


def _looked(town: Town, places: Sequence[Place], kind: Kind) -> list[Found]:
    """A look at each, in as many processes as the machine has cores where there are many."""
    if not places:
        return []
    from robots.registry import looks  # all step kinds: a second, where nothing has changed for nothing

    look = {"problems": looks.problems, "state": looks.standings}[kind]
    cores = os.cpu_count() or 1
    if len(places) < MANY or cores == 1:
        return look(town, places)
    size = -(-len(places) // cores)
    parts = [places[start : start + size] for start in range(0, len(places), size)]
    with ProcessPoolExecutor(len(parts), multiprocessing.get_context("spawn")) as pool:
        return list(chain.from_iterable(pool.map(look, [town] * len(parts), parts)))


def _register(home: Home) -> bytes:
    return home.register.read_bytes() if home.register.is_file() else b""


def _sha(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
