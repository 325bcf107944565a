"""The values that the steps of the last rehearsal (or of a run that left failures) saved, for a rehearsal from a later step.

They hold what the items hold, so one file a scenario is kept (``var/recorded``), sealed as the ledger is, and each one
replaces the last.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path

from robots.errors import ScenarioFault, SystemFailure
from robots.files import write_atomically
from robots.ledger.items import digest_of
from robots.ledger.seal import Sealer
from robots.runner.beside import Beside, Go
from robots.runner.session import Session
from robots.scenario.model import Scenario
from robots.step import Step
from robots.values import Row, Unsure, Value, from_json, to_json

_MOST_BYTES = 20 * 1024 * 1024
_MOST_ITEMS = 1000
_SCREEN = frozenset({
    "browser.open", "browser.login", "browser.fill", "browser.fill_form", "browser.click", "browser.select",
    "browser.check", "browser.uncheck", "browser.within", "browser.answer", "browser.press", "browser.expect",
    "browser.wait", "browser.read", "browser.read_table", "browser.upload",
})  # fmt: skip
"""Before the step that is begun with, these are done again: they bring the screen to its place and commit nothing."""
_HARMLESS = frozenset({
    "data.check", "flow.if", "flow.for_each", "flow.try", "flow.call", "flow.reject", "flow.skip", "flow.stop",
})  # fmt: skip
_MEND = "banken run --rehearse で一度はじめから行うと、値が記録されます。"


@dataclass(slots=True)
class Recorded:
    """Saved values by name: of ``prepare``, and of each item by the digest of its values."""

    inputs: Value
    prepare: dict[str, Value] = field(default_factory=dict)
    items: dict[str, dict[str, Value]] = field(default_factory=dict)


def place_of(var: Path, scenario: str) -> Path:
    """Where a scenario's recorded values are kept."""
    return var / "recorded" / f"{scenario.replace('/', '__')}.sealed"


def keep_recorded(var: Path, scenario: str, recorded: Recorded, sealer: Sealer) -> bool:
    """Keeps the values in place of the last ones; False where they are too many to be kept."""
    packed = {
        "inputs": recorded.inputs,
        "prepare": {name: _packed(one) for name, one in recorded.prepare.items()},
        "items": {key: {name: _packed(one) for name, one in saved.items()} for key, saved in recorded.items.items()},
    }
    data = json.dumps(packed, ensure_ascii=False).encode()
    if len(data) > _MOST_BYTES:
        place_of(var, scenario).unlink(missing_ok=True)  # older ones would pass for the last
        return False
    write_atomically(place_of(var, scenario), sealer.seal(data).encode("ascii"), private=True)
    return True


def read_recorded(var: Path, scenario: str, inputs: Mapping[str, object], sealer: Sealer) -> Recorded:
    """Raises: ScenarioFault where nothing is recorded, or it was recorded with other input values."""
    try:
        raw = json.loads(sealer.open(place_of(var, scenario).read_text(encoding="ascii")))
        items = {key: _values(one) for key, one in raw["items"].items()}
        found = Recorded(raw["inputs"], _values(raw["prepare"]), items)
    except (OSError, ValueError, KeyError, SystemFailure) as error:
        raise ScenarioFault("前の実行・リハーサルで記録された値がありません。", mend=_MEND) from error
    if found.inputs != to_json(dict(inputs)):
        raise ScenarioFault("前の実行・リハーサルとは入力値（--input）が違います。", mend=_MEND)
    return found


def item_key(item: object) -> str:
    """What an item's recorded values are found by: other values make it another item."""
    return digest_of(_packed(item))


class Recording:
    """See Beside: notes what the steps save."""

    def __init__(self, scenario: Scenario, inputs: Mapping[str, object]) -> None:
        self._scenario = scenario
        self._item: object = None
        self._saved: dict[str, Value] = {}
        self.recorded = Recorded(to_json(dict(inputs)))

    def step(self, step: Step, session: Session, go: Go) -> object:
        value = go(step)
        if step.save_as is None or session.scenario is not self._scenario:
            return value
        if step.path.startswith("prepare"):
            self.recorded.prepare[step.save_as] = value
        elif step.path.startswith("each") and len(self.recorded.items) < _MOST_ITEMS:
            if session.on_screen is not self._item:
                self._item = session.on_screen
                self._saved = self.recorded.items.setdefault(item_key(session.names.get("item")), {})
            self._saved[step.save_as] = value
        return value


class Replay:
    """See Beside: before the step that a rehearsal begins with, recorded values take the place of what saved them.

    What brings the screen to its place is done again, and so is what judges the item; what writes is left out, for it
    was done before.  lead: who stands beside the steps from there on.
    """

    def __init__(self, scenario: Scenario, recorded: Recorded, start: Step, lead: Beside | None = None) -> None:
        self._lead = lead
        self._scenario = scenario
        self._recorded = recorded
        steps = list(scenario.steps())
        self._order = {step.path: number for number, step in enumerate(steps)}
        self._start, self._path = self._order[start.path], start.path

    def step(self, step: Step, session: Session, go: Go) -> object:
        number = self._order.get(step.path) if session.scenario.id == self._scenario.id else None
        if number is None or number >= self._start:
            return go(step) if self._lead is None else self._lead.step(step, session, go)
        if self._path.startswith(f"{step.path}."):
            return go(step)  # it holds the step that is begun with
        if step.save_as is not None and "flow.for_each" not in step.path:
            return self._value(step, session)
        return go(step) if step.kind.name in _SCREEN | _HARMLESS or step.save_as is not None else None

    def _value(self, step: Step, session: Session) -> object:
        prepared = step.path.startswith("prepare")
        known = (
            self._recorded.prepare if prepared else self._recorded.items.get(item_key(session.names.get("item")), {})
        )
        if step.save_as not in known:
            what = "" if prepared else "この対象の"
            raise ScenarioFault(f"{what}「{step.save_as}」の値が記録されていません。", mend=_MEND)
        return known[step.save_as]


def step_named(scenario: Scenario, wanted: str) -> Step:
    """A step by its path (each[3]) or the line that it begins on (41).

    Raises: ScenarioFault where there is none, or a rehearsal does not come to it (a commit is never carried out).
    """
    for step in scenario.steps():
        if wanted in (step.path, str(step.position.line)):
            commit = scenario.commit
            beyond = commit is not None and step is not commit and _after(scenario, step, commit)
            if beyond or step.path.startswith("finish"):
                raise ScenarioFault(
                    f"手順「{wanted}」は確定よりあとにあるので、リハーサルはそこから始められません。",
                    mend="確定より前の手順を指定してください。",
                )
            return step
    raise ScenarioFault(
        f"手順「{wanted}」がありません。",
        mend="scenario.yaml の行の番号か、each[3] のような手順の位置を指定してください。",
    )


def _after(scenario: Scenario, step: Step, commit: Step) -> bool:
    steps = list(scenario.steps())
    return steps.index(step) > steps.index(commit)


def _values(raw: Mapping[str, Value]) -> dict[str, Value]:
    return {name: _unpacked(one) for name, one in raw.items()}


def _packed(value: Value) -> Value:
    if isinstance(value, Unsure):
        return {"$unsure": asdict(value)}
    if isinstance(value, Row):
        return {
            "$row": {str(key): _packed(one) for key, one in value.items()},
            "origin": value.origin,
            "source": value.source,
        }
    if isinstance(value, Mapping):
        return {"$plain": {str(key): _packed(one) for key, one in value.items()}}
    if isinstance(value, list | tuple):
        return [_packed(one) for one in value]
    return to_json(value)


def _unpacked(value: Value) -> Value:
    if isinstance(value, list):
        return [_unpacked(one) for one in value]
    if not isinstance(value, dict):
        return value
    if "$unsure" in value:
        given = {**value["$unsure"], "why": tuple(value["$unsure"]["why"])}
        return Unsure(**given)
    if "$row" in value:
        values = {key: _unpacked(one) for key, one in value["$row"].items()}
        return Row(values, origin=value["origin"], source=value["source"])
    if "$plain" in value:
        return {key: _unpacked(one) for key, one in value["$plain"].items()}
    return from_json(value)
