"""Steps that do nothing but move on screens: what a fresh browser may go through again without doing anything twice."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from robots.scenario.model import Scenario, blocks
from robots.step import Step

KEEPS_A_FILE = frozenset({"browser.download", "browser.screenshot", "browser.save_pdf"})
_HARMLESS = frozenset({"flow.if", "flow.for_each", "flow.try", "flow.call", "flow.log", "data.set"})


def only_moves(step: Step, called: Mapping[str, Scenario]) -> bool:
    """Whether a step does nothing but bring the screen to its place.  called: the scenarios that may be called, by id."""
    inside = list(_inside(step, called))
    return is_harmless(step, called) and any(one.kind.name.startswith("browser.") for one in (step, *inside))


def is_harmless(step: Step, called: Mapping[str, Scenario]) -> bool:
    """Whether a step may be done again by another process: it moves on screens, or works something out."""
    name = step.kind.name
    known = name in _HARMLESS or (name.startswith("browser.") and name not in KEEPS_A_FILE)
    return known and all(is_harmless(one, called) for one in _children(step, called))


def _children(step: Step, called: Mapping[str, Scenario]) -> Iterator[Step]:
    """The steps that a step holds or calls."""
    for block in blocks(step.raw):
        yield from block
    if step.kind.name == "flow.call" and isinstance(step.raw, dict):
        yield from called[str(step.raw["scenario"])].each


def _inside(step: Step, called: Mapping[str, Scenario]) -> Iterator[Step]:
    for one in _children(step, called):
        yield one
        yield from _inside(one, called)
