"""banken run --stepwise and --from: a person at the terminal leads the steps; recorded values stand in for earlier ones."""

from __future__ import annotations

import sys
from collections.abc import Mapping

from robots.cli.common import err, say
from robots.registry.gate import Approved
from robots.runner.beside import Beside
from robots.runner.recorded import Replay, read_recorded, step_named
from robots.runner.stepwise import Stepwise
from robots.settings import Home
from robots.wiring import records


def beside_of(
    home: Home,
    approved: Approved,
    inputs: Mapping[str, object],
    *,
    stepwise: bool,
    start: str | None,
    rehearsal: bool,
) -> tuple[Beside, ...]:
    """Who leads the steps.  Raises: ScenarioFault where a step to begin with, or its recorded values, are not there."""
    lead = Stepwise(say, _typed) if stepwise else None
    if lead is not None and not rehearsal:
        say("登録する実行です。確定の手前で止まり、Enter で登録します。飛ばす・変えると、そのあとは登録しません。")
    if start is None:
        return () if lead is None else (lead,)
    step = step_named(approved.scenario, start)
    with records(home) as (ledger, _audit):
        recorded = read_recorded(home.var, approved.id, inputs, ledger.sealer)
    return (Replay(approved.scenario, recorded, step, lead),)


def _typed(keys: str) -> str | None:
    """What the person types, on stderr beside the steps; None at the end of the input."""
    err.print(f"  [{keys}] ", markup=False, end="")
    line = sys.stdin.readline()
    if not sys.stdin.isatty():
        err.print()
    return line if line else None
