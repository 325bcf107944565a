"""A context for step kinds that touch files and values, with real books and the real expression language."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from pathlib import Path
from typing import cast

import pytest

from robots.drivers.openpyxl_workbook import OpenpyxlWorkbooks
from robots.drivers.workbook import Workbooks
from robots.params import Deferred
from robots.scenario.model import Scenario
from robots.scenario.resolve import resolve
from robots.scenario.validate import read_scenario
from robots.step import RunFacts, StepContext


class FileContext:
    """A StepContext below one folder."""

    def __init__(self, folder: Path, names: Mapping[str, object]) -> None:
        self.folder = folder
        self.names = dict(names)
        self.workbooks: Workbooks = OpenpyxlWorkbooks()
        self.said: list[str] = []
        self.secret = False
        self.timeout = 60.0
        self.run = RunFacts(id="r1", date=date(2026, 4, 1), scenario="a/b", rehearsal=False)

    def file(self, text: str, *, write: bool = False) -> Path:
        if write:
            (self.folder / text).parent.mkdir(parents=True, exist_ok=True)
        return self.folder / text

    def evaluate(self, expression: object, **names: object) -> object:
        return expression.evaluate({**self.names, **names}) if isinstance(expression, Deferred) else expression

    def log(self, message: str) -> None:
        self.said.append(message)


@pytest.fixture
def run_step(tmp_path: Path) -> Callable[..., object]:
    """Runs one step as a scenario has it (its lines under 各件), with the item's values; gives what it saves."""

    def run(step: str, **item: object) -> object:
        text = '名称: x\n対象: {元: "${[]}", キー: "${対象.番号}"}\n各件:\n' + step
        scenario = read_scenario({"scenario.yaml": text.encode()}, "a/b")
        assert isinstance(scenario, Scenario), str(scenario)
        context = FileContext(tmp_path, {"item": item})
        one = scenario.each[0]
        context.timeout = one.timeout or context.timeout
        return one.kind.run(resolve(one, context.names), cast("StepContext", context))

    return run
