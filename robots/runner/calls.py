"""The scenarios that a run may call: each approved, in its own folder, with its own names."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from robots.registry.calls import Callee
from robots.runner.overlay import Overlay
from robots.runner.places import Places
from robots.scenario.inputs import input_values
from robots.scenario.model import Scenario
from robots.scenario.names import run_value
from robots.step import RunFacts
from robots.values import Row


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
