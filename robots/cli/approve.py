"""banken approve: shows what changed since the last approval, then records the new one."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Annotated

import typer

from robots.cli.common import Code, Stop, here, out, registered, say, tell
from robots.clock import today
from robots.registry.approve import approve as record
from robots.registry.approve import request_of
from robots.scenario.problem import Problems

_A_YEAR = timedelta(days=365)


def approve(
    scenario: Annotated[str, typer.Argument(help="シナリオの番号")],
    person: Annotated[str, typer.Option("--as", help="承認する人（台帳の people の番号）")],
    until: Annotated[str | None, typer.Option("--until", help="承認の期限（2027-03-31 など）。省くと一年")] = None,
    yes: Annotated[bool, typer.Option("--yes", help="たずねずに承認する")] = False,
) -> None:
    """シナリオを承認する（作った人とは別の承認者が行う）。"""
    home = here()
    loaded = registered(home)
    request = request_of(home, loaded, scenario)
    if isinstance(request, Problems):
        tell(request)
        raise Stop(Code.PROBLEMS)
    out.print(f"{scenario}「{request.name}」", markup=False)
    for change in request.changes or ["前回の承認から変わっていません"]:
        out.print(f"  {change}", markup=False)
    if not yes and not typer.confirm("この内容を承認しますか"):
        raise typer.Abort
    record(home, loaded, request, by=person, on=today(), until=_until(until))
    out.print(f"承認しました（{request.digest[:19]}…）。", markup=False)


def _until(text: str | None) -> date:
    if text is None:
        return today() + _A_YEAR
    try:
        return date.fromisoformat(text)
    except ValueError:
        say(f"--until「{text}」は日付ではありません。2027-03-31 のように書いてください。")
        raise Stop(Code.USAGE) from None
