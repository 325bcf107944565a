"""banken vault: credentials of this machine; a value is asked for, never printed and never an argument."""

from __future__ import annotations

from typing import Annotated

import typer

from robots.cli.common import Code, Stop, here, out, say
from robots.cli.japanese import JaCommand, JaGroup
from robots.vault import Credential
from robots.wiring import vault_of

app = typer.Typer(
    cls=JaGroup,
    rich_markup_mode=None,
    help="資格情報（サイトの利用者名とパスワード）を保管する。",
    no_args_is_help=True,
)

Name = Annotated[str, typer.Argument(help="資格情報の名前（シナリオの credentials に書く名前）")]


@app.command("set", cls=JaCommand)
def keep(name: Name) -> None:
    """登録する（利用者名とパスワードをたずねます）。"""
    user = typer.prompt("利用者名")
    password = typer.prompt("パスワード", hide_input=True, confirmation_prompt="もう一度")
    vault_of(here()).keep(name, Credential(user, password))
    out.print(f"資格情報「{name}」を保管しました。", markup=False)


@app.command("list", cls=JaCommand)
def names() -> None:
    """名前の一覧（値は表示しません）。"""
    kept = vault_of(here()).names()
    out.print("\n".join(kept) if kept else "資格情報はまだありません。", markup=False)


@app.command("remove", cls=JaCommand)
def remove(name: Name) -> None:
    """消す。"""
    if not vault_of(here()).remove(name):
        say(f"資格情報「{name}」はありません。")
        raise Stop(Code.PROBLEMS)
    out.print(f"資格情報「{name}」を消しました。", markup=False)
