"""banken audit: looking at the audit log, and checking that nobody has changed it."""

from __future__ import annotations

import json
from typing import Annotated

import sqlalchemy as sa
import typer
from rich.table import Table

from robots.cli.common import AsJson, Code, Stop, err, here, out, say, show_json
from robots.cli.japanese import JaCommand, JaGroup
from robots.clock import shown
from robots.ledger.audit import audit_records
from robots.ledger.audit_verify import verify_audit
from robots.wiring import records

app = typer.Typer(cls=JaGroup, rich_markup_mode=None, help="監査記録を見る・確かめる。", no_args_is_help=True)


@app.command("verify", cls=JaCommand)
def verify(as_json: AsJson = False) -> None:
    """監査記録が、書き換え・削除・書き直しをされていないかを、外の控えと照らして確かめる。"""
    home = here()
    alone = sa.make_url(home.database).get_backend_name() == "sqlite"
    with records(home) as (ledger, _audit), err.status("監査記録を確かめています…") as status:
        verdict = verify_audit(
            ledger,
            home.audit_heads,
            home.settings.machine,
            alone=alone,
            progress=lambda done: status.update(f"監査記録を確かめています… {done:,} 件"),
        )
    if as_json:
        findings = [
            {"kind": one.kind, "first": one.first, "last": one.last, "what": one.what} for one in verdict.findings
        ]
        show_json(
            {
                "records": verdict.records,
                "ok": not findings,
                "findings": findings,
                "notes": list(verdict.notes),
                "heads": [str(file) for file in home.audit_heads],
            }
        )
    else:
        for one in verdict.findings:
            say(one.what)
        for note in verdict.notes:
            say(f"（参考）{note}")
        if not verdict.findings:
            out.print(f"監査記録 {verdict.records:,} 件に、書き換え・削除・書き直しはありません。", markup=False)
    if verdict.findings:
        if not as_json:
            say(
                "監査記録が変えられています。この端末と控えのファイルをそのまま残し、推進室と情報システムの担当に知らせてください。"
            )
        raise Stop(Code.PROBLEMS)


@app.command("show", cls=JaCommand)
def show(
    since: Annotated[str | None, typer.Option("--since", help="この日から（2026-11-22 など）")] = None,
    until: Annotated[str | None, typer.Option("--until", help="この日まで（その日も含む）")] = None,
    action: Annotated[str | None, typer.Option("--action", help="何をしたか（refused・approved など）")] = None,
    person: Annotated[str | None, typer.Option("--who", help="だれが")] = None,
    subject: Annotated[str | None, typer.Option("--subject", help="何について（シナリオの番号など）")] = None,
    as_json: AsJson = False,
) -> None:
    """監査記録を見る（古い順）。"""
    with records(here()) as (ledger, _audit):
        rows = audit_records(ledger, since=since, until=until, action=action, who=person, subject=subject)
    if as_json:
        show_json(rows)
        return
    table = Table("番号", "日時", "だれが", "端末", "何を", "対象", "内容", box=None)
    for row in rows:
        detail = json.dumps(row["detail"], ensure_ascii=False) if row["detail"] else ""
        cells = (row["number"], shown(row["at"]), row["who"], row["machine"], row["action"], row["subject"], detail)
        table.add_row(*(str(cell) for cell in cells))
    out.print(table if rows else "当てはまる監査記録はありません。")
