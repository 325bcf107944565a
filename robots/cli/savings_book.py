"""banken savings book: minutes that people spent, and yen that was paid or need not be paid any more."""

from __future__ import annotations

from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Annotated

import typer

from robots.cli.common import Code, Stop, here, out, registered, say, who
from robots.clock import today
from robots.ledger.people import COSTS, KINDS, Cost, Minutes, book_cost, book_minutes
from robots.ledger.tallies import TOWN
from robots.registry.load import Loaded
from robots.wiring import records

_LONGEST = 20  # letters of an amount in the ledger


def book(
    scenario: Annotated[str, typer.Argument(help="シナリオの番号。課の共通なら課の名前、全庁の共通なら 全庁")],
    minutes: Annotated[str | None, typer.Option("--minutes", help="かかった分数")] = None,
    cost: Annotated[str | None, typer.Option("--cost", help="かかった（不要になった）金額（円）")] = None,
    kind: Annotated[
        str,
        typer.Option(
            "--kind",
            help="分: review 確認・mending 手直し・authoring 作成・maintenance 保守・training 研修。"
            "円: licence 使用料・contract 委託・equipment 機器・avoided 不要になった費用",
        ),
    ] = "",
    initial: Annotated[bool, typer.Option("--initial", help="初期費用（一度だけの費用）")] = False,
    on: Annotated[str | None, typer.Option("--on", help="いつの分か（2026-04-01 など）。省くと今日")] = None,
    note: Annotated[str, typer.Option("--note", help="内容")] = "",
) -> None:
    """人がかけた時間（正味の削減時間から引かれます）か、費用を記録する。"""
    home = here()
    scope = _scope(registered(home), scenario)
    if (minutes is None) == (cost is None):
        say("--minutes（分）か --cost（円）の、どちらか一つを付けてください。")
        raise Stop(Code.USAGE)
    kinds = KINDS if cost is None else COSTS
    if kind not in kinds:
        say(f"--kind「{kind}」は使えません。使えるのは {'、'.join(kinds)} です。")
        raise Stop(Code.USAGE)
    amount = _amount("--minutes" if cost is None else "--cost", minutes if cost is None else cost)
    if initial and (cost is None or kind == "avoided"):
        say("--initial は、かかった費用（--cost）だけに付けられます。")
        raise Stop(Code.USAGE)
    day = _day(on)
    with records(home) as (ledger, _):
        if cost is None:
            book_minutes(ledger, Minutes(scope, kind, amount, who(), note, on=day))
        else:
            book_cost(ledger, Cost(scope, kind, amount, initial, day or today(), who(), note))
    out.print(f"{scenario} に {amount:,f} {'分' if cost is None else '円'}を記録しました。", markup=False)


def _scope(loaded: Loaded, scenario: str) -> str:
    register = loaded.register
    if scenario in ("全庁", TOWN):
        return TOWN
    if scenario not in register.scenarios and scenario not in register.departments:
        say(f"シナリオ「{scenario}」は台帳にありません。banken registry list で確かめてください。")
        raise Stop(Code.PROBLEMS)
    return scenario


def _amount(name: str, text: str | None) -> Decimal:
    try:
        amount = Decimal((text or "").replace(",", ""))
    except InvalidOperation:
        amount = Decimal(-1)
    if not amount.is_finite() or amount <= 0 or len(f"{amount:f}") > _LONGEST:
        say(f"{name}「{text}」は正の数ではありません。30 や 7.5 のように書いてください。")
        raise Stop(Code.USAGE)
    return amount


def _day(text: str | None) -> date | None:
    if text is None:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        say(f"--on「{text}」は日付ではありません。2026-04-01 のように書いてください。")
        raise Stop(Code.USAGE) from None
