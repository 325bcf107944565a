"""banken settle: a person decides an item in doubt (or sends a rejected or failed one back)."""

from __future__ import annotations

from typing import Annotated

import sqlalchemy as sa
import typer

from robots.cli.common import Code, Stop, here, out, registered, say
from robots.ledger.items import settle_by_person
from robots.wiring import records


def settle(
    item: Annotated[int, typer.Argument(help="対象の番号（banken items で見られます）")],
    person: Annotated[str, typer.Option("--as", help="決めた人（台帳の people の番号）")],
    why: Annotated[str, typer.Option("--why", help="どう確かめたか")],
    done: Annotated[bool, typer.Option("--done", help="業務システムに登録されていた")] = False,
    again: Annotated[bool, typer.Option("--again", help="登録されていなかった。次の実行で登録する")] = False,
) -> None:
    """「不明」の対象を、人が確かめて決める。"""
    if done == again:
        say("--done（登録されていた）か --again（次の実行で登録する）の、どちらか一つを付けてください。")
        raise Stop(Code.USAGE)
    if not why.strip():
        say("--why に、どう確かめたかを書いてください（例: --why 異動履歴の画面で確認）。")
        raise Stop(Code.USAGE)
    home = here()
    people = registered(home).register.people
    if person not in people:
        say(f"「{person}」は台帳の people にいません。いるのは {'、'.join(people) or '（なし）'} です。")
        raise Stop(Code.REFUSED)
    decision = "done" if done else "again"
    with records(home) as (ledger, audit):

        def told(connection: sa.Connection, row: sa.RowMapping) -> None:
            detail = {"item": item, "run": row["run"], "decision": decision}
            audit.record_in(connection, "settled", who=person, subject=row["scenario"], detail=detail)

        row = settle_by_person(ledger, item, decision, person, why, told)
    if row is None:
        say(f"対象 {item} は決められません（番号が違うか、その状態ではありません）。banken items で確かめてください。")
        raise Stop(Code.PROBLEMS)
    out.print(f"対象 {item}（{row['key']}）を「{'完了' if done else '実行待ち'}」にしました。", markup=False)
