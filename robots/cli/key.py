"""banken key: an approver's own key."""

from __future__ import annotations

from typing import Annotated

import typer

from robots.cli.common import out
from robots.cli.japanese import JaCommand, JaGroup
from robots.cli.secret import ask_secret
from robots.registry.keys import key_file, make_key
from robots.settings import default_trusted_keys

app = typer.Typer(cls=JaGroup, rich_markup_mode=None, help="承認者の鍵を作る。", no_args_is_help=True)


@app.callback()
def key() -> None:
    """承認者の鍵を作る。"""


@app.command("new", cls=JaCommand)
def new(
    person: Annotated[str, typer.Option("--as", help="承認者の番号（台帳の people の番号）")],
) -> None:
    """鍵を作る（合言葉をたずねます）。公開してよい方の鍵を示す。"""
    place = key_file(person)
    signer = make_key(place, ask_secret(f"{person} の鍵の合言葉（8 文字以上）", twice=True))
    out.print(f"鍵を作りました: {place}（合言葉がないと使えません。ほかの人に渡さないでください）", markup=False)
    out.print(f"台帳の people の {person} に書く: key: {signer.public}", markup=False)
    out.print(
        f"ロボットを動かす端末ごとに、管理者が {default_trusted_keys()} に次の行を加えると、承認が効きます。",
        markup=False,
    )
    out.print(f"{person} {signer.public}", markup=False, soft_wrap=True)
