"""banken registry strays: the robots that have got loose, or will."""

from __future__ import annotations

from dataclasses import asdict
from itertools import groupby
from pathlib import Path
from typing import Annotated

import typer

from robots.cli.common import AsJson, Code, Stop, here, out, quickly_registered, quickly_written, say, show_json
from robots.clock import today
from robots.registry.index import open_index
from robots.registry.survey import Town, states_of_all
from robots.wiring import records


def strays(
    folders: Annotated[
        list[Path] | None,
        typer.Option("--folder", help="シナリオに見えるファイルを探すフォルダ（共有フォルダなど。いくつでも）"),
    ] = None,
    roster: Annotated[
        Path | None, typer.Option("--roster", help="職員の一覧か人事異動の一覧（CSV）。いなくなった人を調べる")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """野良ロボット（所有者・登録・承認・端末・止め方のどれかが欠けたもの）を探す。"""
    from robots.ledger.approvals import ApprovalMemory
    from robots.ledger.histories import history
    from robots.registry.lookalikes import scan  # all step kinds: a second that `registry list` need not wait for
    from robots.registry.roster import people_who_left
    from robots.registry.strays import KINDS, Facts
    from robots.registry.strays import strays as find_strays
    from robots.settings import SCENARIO_NAME

    for folder in folders or []:
        if not folder.is_dir():
            say(f"--folder「{folder}」はフォルダではありません。つながっているか、名前が正しいかを確かめてください。")
            raise Stop(Code.USAGE)
    home, day = here(), today()
    with open_index(home) as index, records(home) as (ledger, _):
        loaded = quickly_registered(home, index)
        verdicts = states_of_all(
            Town(home, day, ApprovalMemory(ledger).all_known()), quickly_written(home, index), index
        )
        past = history(ledger)
    there = [file.parent for file in home.scenarios.rglob(SCENARIO_NAME)]
    elsewhere, shut = scan([home.scenarios, *(folders or [])], [*there, home.var])
    found = find_strays(
        Facts(
            today=day,
            register=loaded.register,
            folders=frozenset(one.relative_to(home.scenarios).as_posix() for one in there),
            verdicts=verdicts,
            history=past,
            left={} if roster is None else people_who_left(roster, loaded.register, day),
            elsewhere=elsewhere,
            stray_days=home.settings.stray_days,
        )
    )
    if as_json:
        show_json({"strays": [asdict(one) for one in found], "unread": [str(one) for one in shut]})
    else:
        for kind, some in groupby(found, key=lambda one: one.kind):
            out.print(f"■ {KINDS[kind]}", markup=False)
            for one in some:
                name = f"「{one.name}」" if one.name else ""
                out.print(f"  {one.subject}{name}: {one.what}。\n      → {one.mend}", markup=False)
        out.print(
            f"見つかった野良ロボットは {len(found)} 件です。" if found else "野良ロボットはありません。", markup=False
        )
    for folder in shut:
        say(f"{folder} は読めないので、調べていません。読む権限のある人が調べてください。")
    if found or shut:
        raise Stop(Code.PROBLEMS)
