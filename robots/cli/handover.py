"""banken registry handover: the April transfers; handover-sheet: what the next person must know, on paper."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from robots.cli.common import AsJson, Code, Stop, here, out, registered, say, show_json, tell, who
from robots.clock import today
from robots.files import write_atomically
from robots.scenario.problem import Problems
from robots.settings import Home
from robots.wiring import records

if TYPE_CHECKING:
    from robots.ledger.store import Ledger
    from robots.registry.load import Loaded


def handover(
    roster: Annotated[
        Path, typer.Option("--roster", help="人事異動の一覧（CSV。職員番号・異動前・異動後・異動日・区分）")
    ],
    grace: Annotated[int, typer.Option("--grace", min=0, help="担当がいなくなってから一時停止までの日数")] = 30,
    apply: Annotated[bool, typer.Option("--apply", help="日が来たものを台帳に書く（省くと予定を示すだけ）")] = False,
    person: Annotated[str, typer.Option("--as", help="行う人（台帳の people の番号。--apply のとき）")] = "",
    sheets: Annotated[Path | None, typer.Option("--sheets", help="かかわるシナリオの引継書を書くフォルダ")] = None,
    as_json: AsJson = False,
) -> None:
    """人事異動の一覧から、所有者のいなくなるシナリオと引継ぎの予定を示す。"""
    from robots.registry.handover import plan  # workbooks: a second that `registry list` need not wait for
    from robots.registry.roster import read_roster

    if apply and not person:
        say("--apply には --as 番号（行う人。台帳の people の番号）も書いてください。")
        raise Stop(Code.USAGE)
    home = here()
    loaded = registered(home)
    if person and person not in loaded.register.people:
        say(f"--as「{person}」は台帳の people にいません。")
        raise Stop(Code.USAGE)
    moves = read_roster(roster)
    plans = plan(loaded.register, moves, grace=grace)
    done: list[str] = []
    written: list[Path] = []
    with records(home) as (ledger, audit):
        if apply:
            from robots.registry.approve import NotAllowed  # all step kinds: only where something is done
            from robots.registry.handing_over import HandingOver

            try:
                done = HandingOver(home, ledger, audit, by=person, user=who()).apply(loaded, plans, moves, today())
            except NotAllowed as refused:
                say(f"できません: {refused}")
                raise Stop(Code.REFUSED) from refused
        if sheets is not None:
            written = _write(home, ledger, sheets, [one.scenario for one in plans])
    if as_json:
        show_json({"plan": [asdict(one) for one in plans], "done": done, "sheets": [str(one) for one in written]})
        return
    for one in plans:
        out.print(f"{one.day}　{one.scenario}「{one.name}」: {one.what}。\n      → {one.mend}", markup=False)
    out.print(
        f"異動にかかわるシナリオは {len(plans)} 件です。" if plans else "異動にかかわるシナリオはありません。",
        markup=False,
    )
    for line in done:
        out.print(f"台帳に書きました: {line}", markup=False)
    for file in written:
        out.print(f"引継書を書きました: {file}", markup=False)
    if plans and not apply:
        out.print("台帳はまだ変わっていません。日が来たら --apply --as 番号 を付けて行ってください。", markup=False)


def handover_sheet(
    scenario: Annotated[str, typer.Argument(help="シナリオの番号")],
    to: Annotated[Path, typer.Option("--out", help="書き出すファイル（.xlsx）")],
) -> None:
    """シナリオの引継書（目的・担当・予定・入力・画面・止め方・失敗したとき・履歴・削減時間）を A4 の Excel に書く。"""
    if to.suffix.lower() != ".xlsx":
        say(f"--out「{to.name}」には書き出せません。拡張子を .xlsx にしてください。")
        raise Stop(Code.USAGE)
    home = here()
    loaded = registered(home)
    with records(home) as (ledger, _):
        made = _sheet(home, loaded, ledger, scenario)
    if isinstance(made, Problems):
        tell(made)
        raise Stop(Code.PROBLEMS)
    write_atomically(to, made)
    out.print(f"書き出しました: {to.resolve()}", markup=False)


def _write(home: Home, ledger: Ledger, folder: Path, scenarios: Iterable[str]) -> list[Path]:
    from robots.registry.handover_sheet import sheet_name  # workbooks: only where one is made

    loaded = registered(home)  # with what was just written
    written = []
    for id in scenarios:
        made = _sheet(home, loaded, ledger, id)
        if isinstance(made, Problems):
            say(f"{id} は直すところがあるので、引継書を作れません。banken check {id} で確かめてください。")
            continue
        write_atomically(folder / sheet_name(id), made)
        written.append(folder / sheet_name(id))
    return written


def _sheet(home: Home, loaded: Loaded, ledger: Ledger, id: str) -> bytes | Problems:
    from robots.registry.approve import entry_of  # all step kinds and workbooks: only where a sheet is made
    from robots.registry.digest import read_folder
    from robots.registry.handover_sheet import handover_sheet as made
    from robots.scenario.validate import read_scenario

    entry_of(loaded, id)
    folder = home.scenarios / id
    scenario = read_scenario(read_folder(folder) if folder.is_dir() else {}, id)
    return scenario if isinstance(scenario, Problems) else made(loaded, scenario, ledger, today())
