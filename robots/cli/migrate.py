"""banken migrate: carries the ledger of a town from its SQLite file over to a PostgreSQL server."""

from __future__ import annotations

from typing import Annotated

import sqlalchemy as sa
import typer

from robots.cli.common import AsJson, Code, Stop, here, out, say, show_json, who
from robots.ledger.audit_verify import verify_audit
from robots.ledger.migrate_to import carry_over
from robots.wiring import records


def migrate(
    to: Annotated[
        str, typer.Option("--to", help="移す先の空のデータベース（postgresql+psycopg://利用者@サーバー/名前）")
    ],
    as_json: AsJson = False,
) -> None:
    """台帳記録を SQLite から PostgreSQL のサーバーへ移す（夜間実行とほかの banken を終えてから）。"""
    home = here()
    try:
        address = sa.make_url(to)
    except sa.exc.ArgumentError:
        say("--to は postgresql+psycopg://利用者@サーバー/名前 の形で書いてください。")
        raise Stop(Code.USAGE) from None
    shown = address.render_as_string(hide_password=True)
    with records(home) as (ledger, audit):
        found = verify_audit(ledger, home.audit_heads, home.settings.machine, alone=not ledger.shared).findings
        if found:
            say(f"監査記録に問題があるため、移しません: {found[0]}。banken audit verify で見られます。")
            raise Stop(Code.PROBLEMS)
        audit.record("migrated", who=who(), detail={"to": shown})
        counts = carry_over(ledger, address)
    if as_json:
        show_json({"to": shown, "rows": counts})
    else:
        out.print(f"{shown} へ {sum(counts.values())} 行を移し、元と同じことを確かめました。", markup=False)
        out.print(
            "banken.toml の database を移した先に書き換えてください。元のファイルはもう使えません。", markup=False
        )
