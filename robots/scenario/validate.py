"""A scenario's files to a Scenario, or to everything that is wrong with them at once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Set
from pathlib import PurePosixPath

from robots.all_steps import STEPS, Steps
from robots.position import Position
from robots.scenario.compile import Compiler, Scopes
from robots.scenario.forms import check_reading, read_forms
from robots.scenario.inputs import check_inputs
from robots.scenario.model import ItemSource, Scenario, ScenarioFile, Uses
from robots.scenario.problem import Findings, Problems
from robots.scenario.rules import check_commit, check_uses, site_address
from robots.scenario.scope import Declared, Scope
from robots.scenario.shape import Shape, parameters
from robots.scenario.source import SCENARIO, Path, Source, read_source
from robots.scenario.step_parts import SAVE_KEYS
from robots.scenario.where import Where
from robots.settings import SCENARIO_NAME
from robots.step import Step

_TITLE = "シナリオ"
_WITH_STEPS = frozenset({"prepare", "items", "each", "finish"})


def read_scenario(files: Mapping[str, bytes], id: str, steps: Steps = STEPS) -> Scenario | Problems:
    """Reads and checks one scenario.

    files: the folder's bytes by relative path with / (nothing is read from disk, so what runs is what was hashed);
    id: department/name.  Never raises for what the files hold.
    """
    findings = Findings()
    if SCENARIO_NAME not in files:
        findings.add(
            Position(SCENARIO_NAME, 1, 1),
            f"{SCENARIO_NAME} がありません。",
            f"シナリオのフォルダに {SCENARIO_NAME} を作ってください。",
        )
        return findings.problems()
    source = read_source(SCENARIO_NAME, files[SCENARIO_NAME], findings, SCENARIO)
    if source is None:
        return findings.problems()
    if not isinstance(source.data, dict):
        findings.add(
            source.at(()),
            "シナリオになっていません。",
            "「名称: …」「各件:」のように、名前: 値 の並びで書いてください。",
        )
        return findings.problems()
    scenario = _Reading(source, findings, steps, files).scenario(id)
    return findings.problems() if len(findings) or scenario is None else scenario


class _Reading:
    """The sections of one file, in the order in which names come to be."""

    def __init__(self, source: Source, findings: Findings, steps: Steps, files: Mapping[str, bytes]) -> None:
        self.source = source
        self.findings = findings
        self.files = files
        self.compiler = Compiler(source, findings, steps, {})
        top = source.data if isinstance(source.data, dict) else {}
        self.raw: dict[str, object] = {}
        self.paths: dict[str, Path] = {}
        known = parameters(ScenarioFile)
        for key, value in top.items():
            english = known[key].english if key in known else key
            if english in self.raw:
                self.compiler.note_twice(english, key, ())
            self.raw[english] = value
            self.paths[english] = (key,)

    def scenario(self, id: str) -> Scenario | None:
        declared = self._declared()
        scope = Scope(declared)
        prepare, prepared = self._section("prepare", scope)
        scope = scope.with_names(prepared)
        items = self._items(scope)
        each, _ = self._section("each", scope.with_names({"item"}))
        finish, _ = self._section("finish", scope.with_names({"done"}))
        rest = {key: self._value(key, declared) for key in self.raw if key not in _WITH_STEPS}
        sections = {"prepare": prepare, "each": each, "finish": finish, "items": items}
        top = self.compiler.validated(ScenarioFile, {**rest, **sections}, self.source.data, (), _TITLE)
        if top is None:
            return None
        self._check_sections(prepare, each, finish, items)
        check_uses(top.uses, self.paths.get("uses", ()), self.source, self.files.keys(), self.findings)
        check_inputs(top.inputs, self.paths.get("inputs", ()), self.source, self.findings)
        forms = read_forms(top.uses.forms, self.files, self.findings)
        columns = {name: tuple(places) for name, places in self.compiler.columns.items()}
        check_reading(prepare, items, self.paths.get("items", ()), columns, forms, self.source, self.findings)
        return Scenario(id, top.name, top.summary, top.inputs, top.uses, prepare, items, each, finish, columns, forms)

    def _value(self, key: str, declared: Declared) -> object:
        """A part without steps; an expression there knows the run alone (a default may be ${年度(今日())})."""
        scope = Scope(declared, frozenset({"run"}))
        known = parameters(ScenarioFile)
        shape = known[key].shape if key in known else Shape()
        return self.compiler.value(shape, self.raw[key], self.paths[key], Scopes(scope, scope, scope), Where("", key))[
            0
        ]

    def _declared(self) -> Declared:
        uses = self.raw.get("uses")
        known = parameters(Uses)
        parts = (
            {known[key].english: value for key, value in uses.items() if key in known} if isinstance(uses, dict) else {}
        )
        sites, forms = parts.get("sites"), _texts(parts.get("forms"))
        addresses = (
            {site_address(one) for one in sites.values() if isinstance(one, str)} if isinstance(sites, dict) else set()
        )
        return Declared(
            inputs=_keys(self.raw.get("inputs")),
            folders=_keys(parts.get("folders")),
            sites=_keys(sites),
            credentials=_texts(parts.get("credentials")),
            forms={*forms, *(PurePosixPath(one).stem for one in forms)},
            mail={one.lower() for one in _texts(parts.get("mail"))},
            addresses=frozenset(one for one in addresses if one),
            saved=dict(reversed(list(_saved(self.source.data, (), self.source)))),
        )

    def _section(self, name: str, scope: Scope) -> tuple[tuple[Step, ...], frozenset[str]]:
        if name not in self.raw:
            return (), frozenset()
        return self.compiler.block(self.raw[name], self.paths[name], scope, Where(name, name))

    def _items(self, scope: Scope) -> ItemSource | None:
        if "items" not in self.raw:
            return None
        raw, path = self.raw["items"], self.paths["items"]
        if not isinstance(raw, dict):
            self.findings.add(
                self.source.at(path),
                "対象の書き方が違います。",
                "次の行から、元: と キー: を字下げして書いてください。",
            )
            return None
        with_item = scope.with_names({"item"})
        known = parameters(ItemSource)
        compiled: dict[str, object] = {}
        for key, value in raw.items():
            english = known[key].english if key in known else key
            own = scope if english == "from" else with_item
            shape = known[key].shape if key in known else Shape()
            compiled[key] = self.compiler.value(
                shape, value, (*path, key), Scopes(own, own, own), Where("each", "items")
            )[0]
        return self.compiler.validated(ItemSource, compiled, raw, path, "items／対象")

    def _check_sections(
        self, prepare: tuple[Step, ...], each: tuple[Step, ...], finish: tuple[Step, ...], items: ItemSource | None
    ) -> None:
        start = Position(SCENARIO_NAME, 1, 1)
        if "each" in self.raw and "items" not in self.raw:
            self.findings.add(
                self.source.key(self.paths["each"]),
                "「each／各件」があるのに「items／対象」がありません。",
                "対象: の下に 元: ${準備で保存した名前} と キー: を書いてください。",
            )
        if "items" in self.raw and "each" not in self.raw:
            self.findings.add(
                self.source.key(self.paths["items"]),
                "「items／対象」があるのに「each／各件」がありません。",
                "各件: の下に、一件ごとの手順を書いてください。",
            )
        if not self.raw.keys() & {"prepare", "each", "finish"}:
            self.findings.add(
                start, "手順が一つもありません。", "準備:・各件:・後始末: のどれかに手順を書いてください。"
            )
        at = self.source.key(self.paths["items"]) if "items" in self.paths else start
        check_commit(each, items, at, self.findings)
        if items is not None and items.key is not None and "item" not in items.key.names:
            at = self.source.at(self.source.below(self.paths["items"], ("key", "キー")))
            self.findings.add(
                at,
                "キーが、どの対象でも同じ値になります。",
                "${対象.受付番号} のように、対象ごとに違う値にしてください。",
            )


def _keys(raw: object) -> Set[str]:
    """The keys of a mapping, in the author's order."""
    return raw.keys() if isinstance(raw, dict) else frozenset()


def _texts(raw: object) -> Set[str]:
    """The texts of a list, in the author's order."""
    return dict.fromkeys(one for one in raw if isinstance(one, str)).keys() if isinstance(raw, list) else frozenset()


def _saved(raw: object, path: Path, source: Source) -> Iterator[tuple[str, int]]:
    """Every name that a step saves, with its line."""
    if isinstance(raw, dict):
        for key, value in raw.items():
            if key in SAVE_KEYS and isinstance(value, str):
                yield value, source.at((*path, key)).line
            yield from _saved(value, (*path, key), source)
    elif isinstance(raw, list):
        for number, value in enumerate(raw):
            yield from _saved(value, (*path, number), source)
