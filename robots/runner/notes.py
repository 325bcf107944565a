"""What a run leaves for mending its scenario later: the outlines of its screens, and the values that its steps saved."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from loguru import logger

from robots.ledger.seal import Sealer
from robots.runner.beside import Beside
from robots.runner.keeper import Keeper
from robots.runner.outlines import Kept, keep
from robots.runner.recorded import Recording, keep_recorded
from robots.runner.report import Report
from robots.scenario.model import Scenario


class Notes:
    """Taken while a run goes; kept when it has ended."""

    def __init__(self, scenario: Scenario, inputs: Mapping[str, object], sealer: Sealer) -> None:
        self._sealer = sealer
        self._scenario = scenario
        self._keeper = Keeper(scenario)
        self._recording = Recording(scenario, inputs)

    @property
    def beside(self) -> tuple[Beside, ...]:
        """Who takes the notes."""
        return self._recording, self._keeper

    def keep(self, var: Path, report: Report, *, digest: str, rehearsal: bool) -> None:
        """Keeps the outlines after a good run, the values after a rehearsal or a run that left failures; never raises."""
        left = report.items["failed"] + report.items["in_doubt"]
        good = report.state == "ended" and not left
        worked = self._scenario.items is None or report.items["done"]
        try:
            if good and worked and self._keeper.screens:
                keep(var, report.scenario, Kept(report.run, digest, self._keeper.screens))
            if (rehearsal or left or report.state == "failed") and not keep_recorded(
                var, report.scenario, self._recording.recorded, self._sealer
            ):
                logger.info("{} 値が多いため、途中から始めるための記録は残しません。", report.run)
        except OSError as error:
            logger.warning("{} 次のための記録を残せません: {}", report.run, type(error).__name__)
