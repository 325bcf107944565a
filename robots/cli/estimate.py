"""banken estimate: what a scenario may save, before it is built; kept with the register entry when asked."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated

import typer
from rich.table import Table

from robots.cli.common import AsJson, Code, Stop, here, out, registered, say, show_json
from robots.clock import today
from robots.registry.edit import edit_entry
from robots.registry.reporting import estimated
from robots.savings.estimate import Estimate, Outcome, Work, history, positive
from robots.savings.estimate import estimate as estimate_of
from robots.wiring import records


def estimate(
    items: Annotated[str, typer.Option("--items", help="年間の件数")],
    minutes: Annotated[str, typer.Option("--minutes", help="手作業での 1 件あたりの分数")],
    scenario: Annotated[str | None, typer.Argument(help="シナリオの番号（--keep で台帳に残すとき）")] = None,
    fields: Annotated[int, typer.Option("--fields", min=0, help="紙から読み取る項目の数。紙がなければ 0")] = 0,
    check: Annotated[str | None, typer.Option("--check-seconds", help="1 項目の確認にかかる秒数（測ったとき）")] = None,
    build: Annotated[str | None, typer.Option("--build-hours", help="作成にかかる時間（見当がつくとき）")] = None,
    keep: Annotated[bool, typer.Option("--keep", help="見積りを台帳に残し、あとで実績と比べる")] = False,
    as_json: AsJson = False,
) -> None:
    """作る前に、削減時間・回収・幅を見積もる。"""
    work = Work(
        items_per_year=_number("--items", items),
        minutes_per_item=_number("--minutes", minutes),
        fields=fields,
        check_seconds=None if check is None else _number("--check-seconds", check),
        build_hours=None if build is None else _number("--build-hours", build),
    )
    home = here()
    loaded = registered(home)
    if (keep and scenario is None) or (scenario is not None and scenario not in loaded.register.scenarios):
        say(f"シナリオ「{scenario or ''}」は台帳にありません。--keep には、台帳にあるシナリオの番号を付けてください。")
        raise Stop(Code.PROBLEMS if scenario else Code.USAGE)
    with records(home) as (ledger, _):
        made = estimate_of(work, history(ledger))
    if keep and scenario is not None:
        edit_entry(home, scenario, {"estimate": estimated(work, made, today())})
    if as_json:
        show_json(document(made))
        return
    _show(made)
    if keep:
        out.print(
            f"\n台帳（{scenario} の estimate）に残しました。実績との比較は banken savings に出ます。", markup=False
        )


def document(made: Estimate) -> dict[str, object]:
    """The estimate as JSON; hours with two decimals."""
    named = {"low": made.low, "likely": made.likely, "high": made.high}
    return {
        **{name: _plain(outcome) for name, outcome in named.items()},
        "advice": list(made.advice),
        "sources": list(made.sources),
    }


def _plain(outcome: Outcome) -> dict[str, object]:
    hours = {
        "hours_before": outcome.before,
        "hours_after": outcome.after,
        "hours_saved": outcome.net,
        "build": outcome.build,
    }
    return {**{name: float(round(value, 2)) for name, value in hours.items()}, "payback_months": outcome.payback}


def _number(name: str, text: str) -> Decimal:
    number = positive(text)
    if number is None:
        say(f"{name}「{text}」は正の数ではありません。1200 や 7.5 のように書いてください。")
        raise Stop(Code.USAGE)
    return number


def _show(made: Estimate) -> None:
    table = Table("（年あたり・時間）", "控えめ", "見込み", "楽観", box=None)
    outcomes = (made.low, made.likely, made.high)
    for name, values in (
        ("手作業の時間", [f"{one.before:,.1f}" for one in outcomes]),
        ("自動化後の人の時間", [f"{one.after:,.1f}" for one in outcomes]),
        ("削減時間（正味）", [f"{one.net:,.1f}" for one in outcomes]),
        ("作成（はじめに一度）", [f"{one.build:,.1f}" for one in outcomes]),
        ("回収（か月）", ["―" if one.payback is None else str(one.payback) for one in outcomes]),
    ):
        table.add_row(name, *values)
    out.print(table)
    out.print("\n助言", markup=False)
    for line in made.advice:
        out.print(f"  ・{line}", markup=False)
    out.print("見積りのもと", markup=False)
    for line in made.sources:
        out.print(f"  ・{line}", markup=False)
