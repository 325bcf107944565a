"""banken approve: asks for approval, shows what changed, signs; rejects, suspends, revokes."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Annotated

import typer

from robots.cli.common import Code, Stop, here, out, registered, say, tell, who
from robots.cli.secret import ask_secret
from robots.clock import today
from robots.registry.approve import NotAllowed, Request, entry_of, request_of
from robots.registry.decisions import Decisions, Withdrawal
from robots.registry.differences import difference_of
from robots.registry.keys import key_file, open_key
from robots.registry.load import Loaded
from robots.registry.signature import Signer, trusted_keys
from robots.scenario.problem import Problems
from robots.settings import Home
from robots.wiring import records

_A_YEAR = timedelta(days=365)


@dataclass(frozen=True, slots=True)
class _Case:
    """One scenario before one person."""

    home: Home
    loaded: Loaded
    scenario: str
    person: str
    yes: bool

    @contextmanager
    def decisions(self) -> Iterator[Decisions]:
        """Where a decision is refused, that is said and ends the command."""
        try:
            with records(self.home) as (ledger, audit):
                yield Decisions(self.home, ledger, audit, who())
        except NotAllowed as refused:
            say(f"できません: {refused}")
            raise Stop(Code.REFUSED) from refused


def approve(
    scenario: Annotated[str, typer.Argument(help="シナリオの番号")],
    person: Annotated[str, typer.Option("--as", help="承認する人・求める人・止める人（台帳の people の番号）")],
    until: Annotated[str | None, typer.Option("--until", help="承認の期限（2027-03-31 など）。省くと一年")] = None,
    yes: Annotated[bool, typer.Option("--yes", help="たずねずに行う")] = False,
    request: Annotated[bool, typer.Option("--request", help="承認を求める（作った人が行う）")] = False,
    reject: Annotated[bool, typer.Option("--reject", help="求められた承認を差し戻す")] = False,
    suspend: Annotated[bool, typer.Option("--suspend", help="承認したものを一時停止する")] = False,
    revoke: Annotated[bool, typer.Option("--revoke", help="承認を取り消し、廃止にする")] = False,
    why: Annotated[str | None, typer.Option("--why", help="差し戻す・止める・取り消す理由")] = None,
) -> None:
    """シナリオを承認する（作った人とは別の承認者が行う）。承認を求める・差し戻す・止める・取り消すのもこのコマンド。"""
    if request + reject + suspend + revoke > 1:
        say("--request・--reject・--suspend・--revoke は、どれか一つだけを書いてください。")
        raise Stop(Code.USAGE)
    day = _until(until)
    home = here()
    case = _Case(home, registered(home), scenario, person, yes)
    if request:
        _ask_for(case)
    elif reject:
        _reject(case, _reason(why))
    elif suspend or revoke:
        _withdraw(case, "suspended" if suspend else "retired", _reason(why))
    else:
        _approve(case, day)


def _approve(case: _Case, until: date) -> None:
    request = _request(case)
    with case.decisions() as decisions:
        decisions.check_approver(case.loaded, request, by=case.person, keyed=key_file(case.person).is_file())
        _show(case, request)
        _confirm(case, "この内容を承認しますか")
        signer = _own_key(case)
        approval = decisions.approve(case.loaded, request, by=case.person, on=today(), until=until, signer=signer)
    out.print(f"承認しました（{approval.number} 番、{until} まで、{request.digest[:19]}…）。", markup=False)
    if signer is None:
        out.print("練習市の鍵で署名しました（練習市に触れるだけのシナリオに限って有効です）。", markup=False)
    elif signer.public not in trusted_keys(case.home, case.loaded.register.organization).get(case.person, []):
        say(f"この鍵は、この端末ではまだ信頼されていません。{case.home.trusted_keys} に次の行を加えると動きます。")
        say(f"{case.person} {signer.public} {case.loaded.register.organization}")


def _own_key(case: _Case) -> Signer | None:
    """The person's own key; None where there is none on this machine."""
    place = key_file(case.person)
    return open_key(place, ask_secret(f"{case.person} の鍵の合言葉")) if place.is_file() else None


def _ask_for(case: _Case) -> None:
    request = _request(case)
    _show(case, request)
    _confirm(case, "この内容の承認を求めますか")
    with case.decisions() as decisions:
        decisions.request(case.loaded, request, by=case.person, on=today())
    out.print(f"承認を求めました。承認者は banken approve {case.scenario} --as 承認者 で承認できます。", markup=False)


def _reject(case: _Case, why: str) -> None:
    with case.decisions() as decisions:
        decisions.reject(case.loaded, case.scenario, by=case.person, on=today(), why=why)
    out.print("差し戻しました。", markup=False)


def _withdraw(case: _Case, state: Withdrawal, why: str) -> None:
    what = "一時停止" if state == "suspended" else "廃止"
    _confirm(case, f"{case.scenario} を{what}にしますか（実行中なら、次の対象の前で止まります）")
    with case.decisions() as decisions:
        decisions.withdraw(case.loaded, case.scenario, state, by=case.person, on=today(), why=why)
    out.print(f"{what}にしました。もう一度動かすには、新しい承認が要ります。", markup=False)


def _request(case: _Case) -> Request:
    """The bytes that are shown, and that are signed."""
    request = request_of(case.home, case.loaded, case.scenario)
    if isinstance(request, Problems):
        tell(request)
        raise Stop(Code.PROBLEMS)
    return request


def _show(case: _Case, request: Request) -> None:
    entry = entry_of(case.loaded, case.scenario)
    difference = difference_of(case.home, request, entry.approval)
    out.print(f"{case.scenario}「{request.name}」　{difference.against}", markup=False)
    for section in difference.sections:
        out.print(f"\n■ {section.title}", markup=False)
        for line in section.lines or ["変わっていません"]:
            out.print(f"  {line}", markup=False)
    out.print("", markup=False)


def _confirm(case: _Case, question: str) -> None:
    if not case.yes and not typer.confirm(question):
        raise typer.Abort


def _reason(why: str | None) -> str:
    if why is None or not why.strip():
        say("--why に理由を書いてください（記録に残り、作った人に伝わります）。")
        raise Stop(Code.USAGE)
    return why.strip()


def _until(text: str | None) -> date:
    if text is None:
        return today() + _A_YEAR
    try:
        return date.fromisoformat(text)
    except ValueError:
        say(f"--until「{text}」は日付ではありません。2027-03-31 のように書いてください。")
        raise Stop(Code.USAGE) from None
