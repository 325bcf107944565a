"""A scenario's keys, step names, fixed words and expressions in the other language, by replacing them where they stand.

Nothing is written anew, so comments and layout stay to the byte, and a file that is wholly in one language comes back
from the other byte for byte.  What the language takes in both spellings everywhere and what has no single counterpart
(and／かつ, はい／true) stays as the author wrote it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from robots.all_steps import STEPS, Steps
from robots.params import Params, words_of
from robots.position import Position
from robots.scenario.edits import Edit, edited, lines_of
from robots.scenario.meaning import meaning
from robots.scenario.model import ScenarioFile, StepOptions
from robots.scenario.problem import Findings, Problems
from robots.scenario.shape import Parameter, Shape, parameters
from robots.scenario.source import SCENARIO, Path, Source, read_source
from robots.scenario.translate_expression import Language, renamed_in
from robots.scenario.validate import read_scenario
from robots.settings import SCENARIO_NAME


def translate(files: Mapping[str, bytes], id: str, to: Language, steps: Steps = STEPS) -> bytes | Problems:
    """scenario.yaml in that language; Problems where the scenario has any (what is not understood can't be translated).

    files: the scenario folder's bytes; id: department/name.
    """
    before = read_scenario(files, id, steps)
    if isinstance(before, Problems):
        return before
    source = read_source(SCENARIO_NAME, files[SCENARIO_NAME], Findings(), SCENARIO)
    if source is None:
        raise RuntimeError("a scenario that was read can't be read again")
    made = _Translation(source, lines_of(files[SCENARIO_NAME]), to, steps).made(files[SCENARIO_NAME])
    after = read_scenario({**files, SCENARIO_NAME: made}, id, steps)
    if isinstance(after, Problems) or meaning(after) != meaning(before):
        raise RuntimeError(f"the translation of {id} to {to} would change what it does: {after}")
    return made


def step_in(example: str, to: Language, steps: Steps = STEPS) -> str:
    """One step (as a StepKind's example is written) in that language."""
    lines = example.strip().split("\n")
    content = ("各件:\n  - " + "\n    ".join(lines) + "\n").encode()
    source = read_source(SCENARIO_NAME, content, Findings(), SCENARIO)
    if source is None:
        raise RuntimeError(f"an example can't be read: {example}")
    made = _Translation(source, lines_of(content), to, steps).made(content).decode()
    return "\n".join(line[4:] for line in made.splitlines()[1:])


class _Translation:
    """Walks the file as the compiler does, and notes what is written otherwise in the other language."""

    def __init__(self, source: Source, lines: list[str], to: Language, steps: Steps) -> None:
        self.source = source
        self.lines = lines
        self.to = to
        self.steps = steps
        self.edits: list[Edit] = []

    def made(self, content: bytes) -> bytes:
        self._mapping(ScenarioFile, self.source.data, ())
        return edited(content, self.edits)

    def _mapping(self, model: type[Params], raw: object, path: Path) -> None:
        known = parameters(model)
        if model.free is not None:
            self._value(known[model.free].shape, raw, path)
            return
        for key, value in raw.items() if isinstance(raw, dict) else ():
            parameter = known[key]
            self._word(self.source.key((*path, key)), key, self._spelt(parameter))
            self._word_of(model, parameter, value, (*path, key))
            self._value(parameter.shape, value, (*path, key))

    def _spelt(self, parameter: Parameter) -> str:
        return parameter.english if self.to == "en" else parameter.ja or parameter.english

    def _word_of(self, model: type[Params], parameter: Parameter, value: object, path: Path) -> None:
        """A value that is one of some fixed words."""
        words = words_of(model, parameter.field)
        if words is None:
            return
        turned = words.ja if self.to == "en" else {english: ja for ja, english in words.ja.items()}
        for number, one in enumerate(value) if isinstance(value, list) else ((None, value),):
            if isinstance(one, str):
                at = self.source.at(path if number is None else (*path, number))
                self._word(at, one, turned.get(one, one))

    def _value(self, shape: Shape, raw: object, path: Path) -> None:
        shape = shape.for_value(raw)
        if isinstance(raw, dict) and shape.params:
            self._mapping(shape.params, raw, path)
        elif "block" in shape.marks and isinstance(raw, list):
            for number, step in enumerate(raw):
                self._step(step, (*path, number))
        elif shape.params and shape.params.bare:
            self._value(parameters(shape.params)[shape.params.bare].shape, raw, path)
        elif isinstance(raw, dict | list):
            inner = shape.element or Shape(marks=shape.marks)
            for key, value in raw.items() if isinstance(raw, dict) else enumerate(raw):
                self._value(inner, value, (*path, key))
        elif isinstance(raw, str):
            for one in renamed_in(raw, self.to):
                self._word(self.source.inside(path, raw, one.offset), one.old, one.new)

    def _step(self, raw: Mapping[str, Any], path: Path) -> None:
        options = {key: value for key, value in raw.items() if key not in self.steps.names}
        self._mapping(StepOptions, options, path)
        for key in raw.keys() - options.keys():
            kind = self.steps.names[key]
            self._word(self.source.key((*path, key)), key, kind.name if self.to == "en" else kind.ja)
            if raw[key] != "" or kind.params.bare:
                self._value(Shape(params=kind.params), raw[key], (*path, key))

    def _word(self, at: Position, old: str, new: str) -> None:
        """Notes a word to replace; one that is spelt with escapes means the same and is left as it is."""
        if old == new:
            return
        line, start = self.lines[at.line - 1], at.column - 1
        start += line[start : start + 1] in ("'", '"')
        if line.startswith(old, start):
            self.edits.append(Edit(at.line, start + 1, len(old), new))
