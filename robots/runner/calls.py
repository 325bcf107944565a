"""The scenarios that a run may call: each approved, in its own folder, with its own names."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from robots.registry.calls import Callee
from robots.runner.overlay import Overlay
from robots.runner.places import Places
from robots.scenario.inputs import input_values
from robots.scenario.model import Scenario, blocks
from robots.scenario.names import run_value
from robots.step import RunFacts, Step
from robots.values import Row

_KEEPS_A_FILE = frozenset({"browser.download", "browser.screenshot", "browser.save_pdf"})
_HARMLESS = frozenset({"flow.if", "flow.for_each", "flow.try", "flow.call", "flow.log", "data.set"})


@dataclass(frozen=True, slots=True)
class Ground:
    """What the steps of one scenario stand on: the scenario, its places, and the names that it begins with."""

    scenario: Scenario
    places: Places
    names: Mapping[str, object]


def ground_of(scenario: Scenario, places: Places, run: RunFacts, inputs: Mapping[str, object]) -> Ground:
    """The ground of a scenario in a run."""
    names: dict[str, object] = {
        "inputs": Row(inputs),
        "folders": Row({name: str(place) for name, place in places.folders.items()}),
        "sites": Row(scenario.uses.sites),
        "run": run_value(run),
    }
    return Ground(scenario, places, names)


def grounds_of(
    callees: Mapping[str, Callee], run: RunFacts, *, var: Path, private: Path, overlay: Overlay | None = None
) -> dict[str, Ground]:
    """The grounds of the called scenarios, by id.

    private: a folder of this run for copies of their approved files; overlay: see Places.  Raises: ScenarioFault for an
    input without a default (which the gate lets through only where it is not used).
    """
    grounds = {}
    for id, callee in callees.items():
        places = Places(
            scenario=callee.folder,
            folders=callee.scenario.uses.folders,
            var=var,
            files=callee.files,
            private=private / id.replace("/", "__"),
            overlay=overlay,
        )
        optional = {name: one.with_values(required=False) for name, one in callee.scenario.inputs.items()}
        inputs = input_values(replace(callee.scenario, inputs=optional), {}, run)
        grounds[id] = ground_of(callee.scenario, places, run, inputs)
    return grounds


def only_moves(step: Step, grounds: Mapping[str, Ground]) -> bool:
    """Whether a step does nothing but bring the screen to its place: in a fresh browser it may be done again."""
    inside = list(_inside(step, grounds))
    return _is_harmless(step, grounds) and any(one.kind.name.startswith("browser.") for one in (step, *inside))


def _is_harmless(step: Step, grounds: Mapping[str, Ground]) -> bool:
    name = step.kind.name
    known = name in _HARMLESS or (name.startswith("browser.") and name not in _KEEPS_A_FILE)
    return known and all(_is_harmless(one, grounds) for one in _children(step, grounds))


def _children(step: Step, grounds: Mapping[str, Ground]) -> Iterator[Step]:
    """The steps that a step holds or calls."""
    for block in blocks(step.raw):
        yield from block
    if step.kind.name == "flow.call" and isinstance(step.raw, dict):
        yield from grounds[str(step.raw["scenario"])].scenario.each


def _inside(step: Step, grounds: Mapping[str, Ground]) -> Iterator[Step]:
    for one in _children(step, grounds):
        yield one
        yield from _inside(one, grounds)
