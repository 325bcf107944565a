"""banken run: runs a registered scenario, or rehearses it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated

import typer

from robots.cli.common import AsJson, Code, Stop, here, registered, say, tell, who
from robots.cli.progress import carry_out, share_in
from robots.cli.stepwise import beside_of
from robots.clock import today
from robots.errors import BusinessError, SystemFailure
from robots.ledger.firings import get_firing
from robots.ledger.known import Remembered
from robots.ledger.runs import get_run
from robots.registry.door import admit
from robots.registry.gate import Approved, Refused, pass_gate
from robots.registry.load import Loaded
from robots.runner.order import Order
from robots.scenario.inputs import input_values
from robots.scenario.problem import Problems
from robots.settings import Home
from robots.step import RunFacts
from robots.values import from_json
from robots.wiring import records, wired


def run(
    scenario: Annotated[str, typer.Argument(help="シナリオの番号（例: shimin/jutogai-jusho）")],
    given: Annotated[list[str] | None, typer.Option("--input", help="入力値（名前=値）。何度でも書けます")] = None,
    rehearse: Annotated[bool, typer.Option("--rehearse", help="登録せずに、登録予定.xlsx だけを作る")] = False,
    headed: Annotated[bool, typer.Option("--headed", help="ブラウザを画面に出す")] = False,
    limit: Annotated[int | None, typer.Option("--limit", min=1, help="この件数だけ行う")] = None,
    stepwise: Annotated[bool, typer.Option("--stepwise", help="一手順ずつ、人が見ながら行う")] = False,
    start: Annotated[
        str | None,
        typer.Option("--from", help="この手順（行の番号か each[3]）から。前の値は記録から取る（--rehearse と使う）"),
    ] = None,
    wait: Annotated[
        float, typer.Option("--wait", min=0, help="資源（ログインなど）がほかの実行に使われているとき、待つ分数")
    ] = 0.0,
    firing: Annotated[int | None, typer.Option("--firing", hidden=True)] = None,
    hand: Annotated[bool, typer.Option("--hand", hidden=True)] = False,
    as_json: AsJson = False,
) -> None:
    """シナリオを実行する（台帳で承認されたものだけ）。"""
    home = here()
    if start is not None and not rehearse:
        say("--from はリハーサル（--rehearse）と一緒に使います。登録する実行は、いつもはじめから確かめながら行います。")
        raise Stop(Code.USAGE)
    approved = cleared(home, registered(home), scenario, rehearsal=rehearse)
    if hand and firing is not None:
        _lend(home, approved, firing)
        return
    values = inputs_of(approved, pairs(given or []), rehearsal=rehearse)
    beside = beside_of(home, approved, values, stepwise=stepwise, start=start, rehearsal=rehearse)
    with wired(home) as parts:
        order = Order(
            approved,
            values,
            who() if firing is None else "nightly",
            rehearsal=rehearse,
            headed=headed,
            limit=limit,
            beside=beside,
            firing=firing,
            wait=wait * 60,
        )
        raise Stop(carry_out(order, parts, as_json=as_json, bar=not stepwise))


def _lend(home: Home, approved: Approved, firing: int) -> None:
    """Comes to the run of a firing that another process has begun, under the very same approval."""
    with wired(home) as parts:
        begun = get_firing(parts.ledger, firing)
        run = get_run(parts.ledger, begun["run"]) if begun is not None and begun["run"] is not None else None
        schedule = approved.entry.schedule
        if run is None or schedule is None or schedule.share is None:
            say("この回には、手分けする実行がありません。")
            raise Stop(Code.USAGE)
        if run["digest"] != approved.digest:
            say("実行が始まったあとで新しい承認がありました。この実行には加わりません。")
            raise Stop(Code.REFUSED)
        inputs = {name: from_json(value) for name, value in run["inputs"].items()}
        share_in(Order(approved, inputs, "nightly", firing=firing), parts, run["id"])


def cleared(home: Home, loaded: Loaded, scenario: str, *, rehearsal: bool = False) -> Approved:
    """The scenario past the gate; a refusal or problems are said and end the command."""
    try:
        with records(home) as (ledger, audit):
            answer = admit(
                home,
                loaded,
                scenario,
                today=today(),
                rehearsal=rehearsal,
                ledger=ledger,
                audit=audit,
                who=who(),
            )
    except SystemFailure:
        # The records can't be opened: nothing runs, and what would be refused anyway is told as the refusal that it is.
        answer = pass_gate(home, loaded, scenario, today=today(), rehearsal=rehearsal, memory=Remembered())
        if not isinstance(answer, Refused):
            raise
    if isinstance(answer, Refused):
        say(f"実行できません: {answer}")
        raise Stop(Code.REFUSED)
    if isinstance(answer, Problems):
        tell(answer)
        raise Stop(Code.PROBLEMS)
    return answer


def inputs_of(approved: Approved, given: Mapping[str, str], *, rehearsal: bool = False) -> dict[str, object]:
    """The scenario's input values: what was given, else the defaults."""
    facts = RunFacts("", today(), approved.id, rehearsal, approved.register.open_days)
    return input_values(approved.scenario, given, facts)


def pairs(given: list[str]) -> dict[str, str]:
    """--input name=value, read."""
    found: dict[str, str] = {}
    for text in given:
        name, equals, value = text.partition("=")
        if not equals or not name.strip():
            raise BusinessError(
                f"--input「{text}」の形が違います。", mend="--input 年度=2026 のように、名前=値 で書いてください。"
            )
        found[name.strip()] = value
    return found
