"""The looks of a survey (survey.py), which may be had in another process: what is wrong with a scenario, how it stands."""

from __future__ import annotations

from collections.abc import Sequence

from robots.all_steps import STEPS
from robots.errors import SystemFailure
from robots.registry.calls import Links, calls_in, links_of
from robots.registry.digest import read_folder
from robots.registry.gate import Refused, pass_gate
from robots.registry.index import open_index
from robots.registry.load import Loaded
from robots.registry.survey import Found, Place, Town
from robots.scenario.model import Scenario
from robots.scenario.problem import Problems
from robots.scenario.validate import read_scenario
from robots.settings import SCENARIO_NAME, Home

_CALL = (b"flow.call", STEPS.names["flow.call"].ja.encode(), b"\\")
"""What a scenario that calls another has in its text, unless it is written with a backslash."""


def problems(town: Town, places: Sequence[Place]) -> list[Found]:
    """A look at each folder for what is wrong with it."""
    loaded: Loaded | Problems | None = None
    found = []
    for place in places:
        try:
            model = read_scenario(read_folder(place.folder), place.id)
            reached: tuple[str, ...] | None = None
            lasting = True
            wrong = model if isinstance(model, Problems) else None
            if isinstance(model, Scenario) and (place.shared or calls_in(model)):
                loaded = loaded or _register_of(town.home)
                links = links_of(town.home, loaded, place.id, model) if isinstance(loaded, Loaded) else None
                wrong = links.problems if links is not None else None
                reached = tuple(sorted(links.read)) if links is not None else ()
                lasting = links is not None and not links.unknown
            values = [(one.path, one.line, one.column, one.what, one.mend, one.guess) for one in wrong or ()]
            found.append(Found(values, reached, lasting=lasting))
        except SystemFailure as failure:
            found.append(Found(None, None, (failure.what, failure.mend)))
    return found


def standings(town: Town, places: Sequence[Place]) -> list[Found]:
    """A look at each folder for whether the gate would let it through."""
    loaded = _register_of(town.home)
    if isinstance(loaded, Problems):
        changed = ("台帳（registry.yaml）が、見ているあいだに変わりました。", "もう一度実行してください。")
        return [Found(None, None, changed) for _ in places]
    found = []
    for place in places:
        try:
            answer = pass_gate(town.home, loaded, place.id, today=town.today, rehearsal=False, memory=town.memory)
            if isinstance(answer, Problems):
                stands: tuple[str, ...] = ("problems", f"書き方に問題 {len(answer)} か所", f"banken check {place.id}")
            elif isinstance(answer, Refused):
                stands = ("changed" if answer.tampered else "refused", answer.what, answer.mend)
            else:
                stands = ("ok", "実行できます")
            links = _links(town.home, loaded, place)
            reached = None if links is None else tuple(sorted(links.read))
            found.append(Found(stands, reached, lasting=links is None or not links.unknown))
        except SystemFailure as failure:
            found.append(Found(("refused", failure.what, failure.mend), None, lasting=False))
    return found


def _register_of(home: Home) -> Loaded | Problems:
    """The register, of which the index mostly knows what is in it: to read it takes as long as hundreds of scenarios."""
    with open_index(home) as index:
        return index.register(home.register.read_bytes())


def _links(home: Home, loaded: Loaded, place: Place) -> Links | None:
    """What a scenario calls; None where it calls none."""
    file = place.folder / SCENARIO_NAME
    text = file.read_bytes() if file.is_file() else b""
    if not any(sign in text for sign in _CALL):
        return None
    model = read_scenario(read_folder(place.folder), place.id)
    if not isinstance(model, Scenario) or not calls_in(model):
        return None
    return links_of(home, loaded, place.id, model)
