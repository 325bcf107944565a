"""A throw-away town with one approved scenario, for measuring the whole path: YAML, gate, ledger, run."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import date
from pathlib import Path

from loguru import logger

from robots.cli.common import registered
from robots.cli.run import cleared, inputs_of
from robots.ledger.items import Item, Outcome
from robots.registry.approve import approve, request_of
from robots.registry.load import Loaded, load_register
from robots.runner.order import Order, Parts, Watch
from robots.runner.report import Report
from robots.runner.run import run_scenario
from robots.scenario.problem import Problems
from robots.settings import open_home
from robots.wiring import wired

SCENARIO = "bench/measured"
_REGISTER = """\
organization: 練習市
departments: {bench: {name: 計測課}}
people:
  a: {name: 作る人, department: bench, roles: [author]}
  b: {name: 副担当, department: bench, roles: [author]}
  c: {name: 承認する人, department: bench, roles: [approver]}
scenarios:
  bench/measured:
    name: 計測
    owner: a
    deputy: b
    runs_on: ["*"]
    stop: Ctrl-C
    data: none
    baseline: {minutes_per_item: 1, measured: 2026-04-01, how: 計測のため}
"""


class Silent:
    """A Watch that nobody looks at."""

    def reading(self, done: int, total: int) -> None:
        """Nothing to show."""

    def begun(self, run: str, total: int) -> None:
        """Nothing to show."""

    def item(self, item: Item, outcome: Outcome) -> None:
        """Nothing to show."""

    def stop_wanted(self) -> bool:
        return False


@contextmanager
def bench_town(scenario_yaml: str, samples: Mapping[str, str]) -> Iterator[Parts]:
    """The parts of a fresh town whose only scenario is ``scenario_yaml``, approved.  samples: its sample/ files."""
    with tempfile.TemporaryDirectory() as root:
        folder = Path(root) / "scenarios" / SCENARIO
        folder.mkdir(parents=True)
        (folder / "scenario.yaml").write_text(scenario_yaml, encoding="utf-8")
        (folder / "sample").mkdir()
        for name, text in samples.items():
            (folder / "sample" / name).write_text(text, encoding="utf-8")
        (Path(root) / "registry.yaml").write_text(_REGISTER, encoding="utf-8")
        places = {"BANKEN_AUDIT_HEADS": "heads", "BANKEN_VAULT_KEY": "vault.key"}
        own = {name: str(Path(root, place)) for name, place in places.items()}
        home = open_home(Path(root), {**own, "BANKEN_VAULT": "file"})
        loaded = load_register(home)
        assert isinstance(loaded, Loaded), str(loaded)
        request = request_of(home, loaded, SCENARIO)
        assert not isinstance(request, Problems), str(request)
        approve(home, loaded, request, by="c", on=date(2026, 4, 1), until=date(2099, 3, 31))
        logger.remove()  # the run's log has a file of its own
        with wired(home) as parts:
            yield parts


def run_once(parts: Parts, watch: Watch, **given: str) -> Report:
    """Runs the scenario through the gate and the ledger, as ``banken run`` does."""
    approved = cleared(parts.home, registered(parts.home), SCENARIO)
    report = run_scenario(Order(approved, inputs_of(approved, given), "bench"), parts, watch)
    assert report.state == "ended", report.message
    return report
