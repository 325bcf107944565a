"""JSON Schema of scenario.yaml for editors: what may stand where, in both languages, from the step kinds and models.

It helps while somebody types (names, explanations, examples) and marks what has the wrong shape.  Whether a scenario
is right is for ``banken check`` to say: it knows more, and says it better.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Annotated, Any

from robots.all_steps import STEPS, Steps
from robots.params import Params
from robots.scenario.model import ScenarioFile, StepOptions, Uses
from robots.scenario.names import JAPANESE
from robots.scenario.rules import PATHS
from robots.scenario.schema_values import ANYTHING, PLAIN, SCALAR, Schema, any_of, takes_nothing, value_schema
from robots.scenario.shape import Parameter, Shape, models_in, parameter_list, parameters
from robots.scenario.source import Data
from robots.step import StepKind

DRAFT = "https://json-schema.org/draft/2020-12/schema"
_SECTIONS = ("prepare", "each", "finish")


@dataclass(frozen=True, slots=True)
class Known:
    """Names that an editor may propose; an empty tuple proposes none."""

    sites: tuple[str, ...] = ()
    credentials: tuple[str, ...] = ()
    folders: tuple[str, ...] = ()
    forms: tuple[str, ...] = ()
    """Short names of the forms of ``uses``."""
    form_files: tuple[str, ...] = ()
    people: tuple[str, ...] = ()

    def proposals(self, model: type[Params], parameter: Parameter, key: str) -> list[str]:
        """What may stand at a parameter of the model that is spelt ``key``."""
        japanese = key == parameter.ja
        named = {
            "site": self.sites,
            "credential": self.credentials,
            "credentials": self.credentials,
            "form": self.forms,
            "forms": self.form_files if model is Uses else self.forms,
            "owner": self.people,
            "deputy": self.people,
        }
        if parameter.english in named:
            return list(named[parameter.english])
        if parameter.english == "url":
            return [f"${{{JAPANESE['sites'] if japanese else 'sites'}.{one}}}/" for one in self.sites]
        if parameter.english in PATHS:
            return [f"${{{JAPANESE['folders'] if japanese else 'folders'}.{one}}}/" for one in self.folders]
        return []


def known_names(data: Data, files: Iterable[str]) -> Known:
    """The names that a scenario's file (as plain data, right or wrong) and its folder hold."""
    top = parts_of(data, ScenarioFile)
    uses = top.get("uses", {})
    found = parts_of(uses, Uses)
    forms = _texts(found.get("forms"))
    return Known(
        sites=_keys(found.get("sites")),
        credentials=_texts(found.get("credentials")),
        folders=_keys(found.get("folders")),
        forms=tuple(one.rpartition("/")[2].removesuffix(".yaml") for one in forms),
        form_files=tuple(sorted(one for one in files if one.startswith("forms/") and one.endswith(".yaml"))),
    )


def parts_of(data: Data, model: type[Params]) -> dict[str, Data]:
    """A mapping of the file by its English keys; empty where it is none."""
    names = parameters(model)
    return {names[key].english: value for key, value in data.items() if key in names} if isinstance(data, dict) else {}


def _keys(data: Data | None) -> tuple[str, ...]:
    return tuple(data) if isinstance(data, dict) else ()


def _texts(data: Data | None) -> tuple[str, ...]:
    return tuple(one for one in data if isinstance(one, str)) if isinstance(data, list) else ()


def scenario_schema(steps: Steps = STEPS, known: Known | None = None) -> Schema:
    """The schema of scenario.yaml; with ``known``, proposing one scenario's own names."""
    writer = _Writer(steps, known or Known())
    writer.mapping(ScenarioFile, "")
    for section in _SECTIONS:
        writer.add_step(section)
    top = writer.defs.pop(_name(ScenarioFile, ""))
    head = {"$schema": DRAFT, "title": "シナリオ（scenario.yaml）", "description": _ABOUT}
    return {**head, **top, "allOf": [*top["allOf"], *_whole()], "$defs": writer.defs}


def mapping_schema(model: type[Params], title: str, known: Known) -> Schema:
    """The schema of another file of the town that is one declared mapping (registry.yaml)."""
    writer = _Writer(Steps(()), known)
    writer.mapping(model, "")
    return {"$schema": DRAFT, "title": title, **writer.defs.pop(_name(model, "")), "$defs": writer.defs}


_NO_STEP = "手順の名前を一つ書いてください（Ctrl + Space で候補が出ます）。"
"""What the editor's language server says instead of missing the name of the first step of all."""
_ABOUT = "手順の一覧は banken steps、間違いの直し方は banken check で見られます。"


def _whole() -> list[Schema]:
    """What concerns several keys of the file: some steps, and items where there are steps for each of them."""
    each, items = _has(_keys_of(ScenarioFile, "each")), _has(_keys_of(ScenarioFile, "items"))
    some = {"anyOf": [one for section in _SECTIONS for one in _has(_keys_of(ScenarioFile, section))["anyOf"]]}
    together = [{"anyOf": [{"not": each}, items]}, {"anyOf": [{"not": items}, each]}]
    return [some, *together]


def _has(keys: Iterable[str]) -> Schema:
    return {"anyOf": [{"required": [key]} for key in keys]}


def _keys_of(model: type[Params], english: str) -> list[str]:
    one = parameters(model)[english]
    return [key for key in (one.ja, one.english) if key]


def _name(model: type[Params], section: str) -> str:
    name = f"{model.__module__.removeprefix('robots.')}.{model.__qualname__}"
    return f"{name}.{section}" if section else name


class _Writer:
    """Collects the definitions that the schema refers to."""

    def __init__(self, steps: Steps, known: Known) -> None:
        self.steps = steps
        self.known = known
        self.defs: dict[str, Schema] = {}

    def mapping(self, model: type[Params], section: str) -> Schema:
        """A reference to a declared mapping; what holds steps is written once a section."""
        own = section if _holds_steps(model) else ""
        name = _name(model, own)
        if name not in self.defs:
            self.defs[name] = {}  # a model may hold itself
            self.defs[name] = self._object(model, own)
        reference: Schema = {"$ref": f"#/$defs/{name}"}
        if model.bare is None or model.free is not None:
            return reference
        alone = parameters(model)[model.bare]
        value = self._value(model, alone, own)
        self._propose(value, model, alone, alone.ja or alone.english)
        return any_of([reference, value])

    def _object(self, model: type[Params], section: str) -> Schema:
        if model.free is not None:
            one = parameters(model)[model.free]
            return {"minProperties": 1, **self._value(model, one, section), "description": one.doc}
        kind: object = "object"
        if not any(field.is_required() for field in model.model_fields.values()) and not hasattr(model, "kinds"):
            kind = ["object", "null"]
        made = {"type": kind, "properties": self._properties(model, section), "additionalProperties": False}
        rules = self.rules(model)
        return {**made, "allOf": rules} if rules else made

    def _properties(self, model: type[Params], section: str) -> Schema:
        return {
            key: self._property(model, one, key, section)
            for one in parameter_list(model)
            for key in (one.ja, one.english)
            if key
        }

    def _property(self, model: type[Params], one: Parameter, key: str, section: str) -> Schema:
        inner = one.english if model is ScenarioFile and one.english in _SECTIONS else section
        title = f"{one.ja}（{one.english}）" if one.ja else one.english
        made = {"title": title, "description": one.doc, **(self._value(model, one, inner) or ANYTHING)}
        self._propose(made, model, one, key)
        return made

    def _propose(self, made: Schema, model: type[Params], one: Parameter, key: str) -> None:
        """Adds what an editor may propose at a parameter that is spelt ``key`` to its schema."""
        proposals = self.known.proposals(model, one, key)
        if proposals:
            place = made["items"] if made.get("type") == "array" else made
            place["examples"] = proposals

    def _value(self, model: type[Params], one: Parameter, section: str) -> Schema:
        field = model.model_fields[one.field]
        annotation: Any = field.annotation
        if field.metadata:
            annotation = Annotated[(annotation, *field.metadata)]
        steps: Schema = {"$ref": f"#/$defs/steps.{section}"}
        made = value_schema(annotation, lambda inner: self.mapping(inner, section), steps)
        if made and not field.is_required() and "block" not in one.shape.marks and takes_nothing(annotation):
            made = made if made in (SCALAR, PLAIN) else any_of([made, {"type": "null"}])
        return made

    def rules(self, model: type[Params]) -> list[Schema]:
        """Each key at most once in either language, the required ones there, exactly one of those that exclude others."""
        found: list[Schema] = []
        for one in parameter_list(model):
            keys = [key for key in (one.ja, one.english) if key]
            if model.model_fields[one.field].is_required():
                found.append({"oneOf": [{"required": [key]} for key in keys]} if len(keys) > 1 else {"required": keys})
            elif len(keys) > 1:
                found.append({"not": {"required": keys}})
        kinds: tuple[str, ...] = getattr(model, "kinds", ())
        if kinds:
            found.append({"oneOf": [{"required": [key]} for kind in kinds for key in _keys_of(model, kind)]})
        return found

    def add_step(self, section: str) -> None:
        """The definitions of one step and of a list of steps in a section."""
        kinds = [kind for kind in self.steps if section in kind.sections]
        names = [name for kind in kinds for name in (kind.ja, kind.name)]
        savers = [name for kind in kinds if kind.saves for name in (kind.ja, kind.name)]
        properties = {name: self._step(kind, section) for kind in kinds for name in (kind.ja, kind.name)}
        save = _has(_keys_of(StepOptions, "save_as"))
        self.defs[f"step.{section}"] = {
            "type": "object",
            "properties": {**properties, **self._properties(StepOptions, section)},
            "additionalProperties": False,
            "allOf": [
                {"oneOf": [{"required": [name], "errorMessage": _NO_STEP} for name in names]},
                {"anyOf": [{"not": save}, _has(savers)]},
                *self.rules(StepOptions),
            ],
        }
        items = {"$ref": f"#/$defs/step.{section}"}
        self.defs[f"steps.{section}"] = {"type": "array", "minItems": 1, "items": items}

    def _step(self, kind: StepKind[Any], section: str) -> Schema:
        """A reference to what stands behind a step's name."""
        own = section if _holds_steps(kind.params) else ""
        name = f"{kind.name}.{own}" if own else kind.name
        example = kind.example.strip()
        self.defs[name] = {
            "title": f"{kind.ja}（{kind.name}）",
            "description": f"{kind.summary}\n\n例:\n{example}",
            "markdownDescription": f"{kind.summary}\n\n```yaml\n- {_indented(example)}\n```",
            **self.mapping(kind.params, section),
        }
        return {"$ref": f"#/$defs/{name}"}


def _indented(example: str) -> str:
    return "\n  ".join(example.split("\n"))


def _holds_steps(model: type[Params]) -> bool:
    return any(_with_block(one.shape, {model}) for one in parameters(model).values())


def _with_block(shape: Shape, seen: set[type[Params]]) -> bool:
    if "block" in shape.marks or any("block" in arm.marks for arm in _arms(shape)):
        return True
    inner = [model for model in models_in(shape) if model not in seen]
    return any(_with_block(one.shape, {*seen, *inner}) for model in inner for one in parameters(model).values())


def _arms(shape: Shape) -> Iterator[Shape]:
    yield shape
    for inner in (*shape.arms, *((shape.element,) if shape.element else ())):
        yield from _arms(inner)
