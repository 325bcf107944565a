"""banken plan: tonight, before it is dark."""

from __future__ import annotations

from typing import Annotated

import typer

from robots.cli.common import AsJson, Code, Stop, here, out, registered, say, show_json
from robots.clock import now
from robots.eras import read_date
from robots.errors import BankenError
from robots.nightly.facts import plan_night, tonight
from robots.nightly.words import plan_json, plan_lines
from robots.wiring import records


def plan(
    day: Annotated[str | None, typer.Option("--date", help="この日の夜（正午から翌日の正午まで）。省くと今夜")] = None,
    as_json: AsJson = False,
) -> None:
    """夜になる前に、何がいつ動いていつ終わるか、終わらないもの・動かないもの・入力のないものを見る。"""
    home, moment = here(), now()
    try:
        night = tonight(moment) if day is None else read_date(day)
    except BankenError as error:
        say(f"--date: {error}")
        raise Stop(Code.USAGE) from None
    with records(home) as (ledger, _):
        forecast = plan_night(home, registered(home), ledger, night, moment)
    if as_json:
        show_json(plan_json(night, forecast))
    else:
        for line in plan_lines(night, forecast):
            out.print(line, markup=False)
    if forecast.announced or forecast.notes:
        raise Stop(Code.PROBLEMS)
